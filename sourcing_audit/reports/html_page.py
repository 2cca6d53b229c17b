"""`report.html`: one offline page for reading, printing and handing on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sourcing_audit.reports.interface import ReportFormat
from sourcing_audit.reports.page import fill
from sourcing_audit.reports.tables import ROWS

if TYPE_CHECKING:
    from sourcing_audit.report import Report

MOST_BYTES: Final = 500_000

_FITTINGS: Final = ((ROWS, 200), (25, 60), (10, 20), (4, 8))
"""The most rows of a table, and groups of items alike; smaller ones for names that are long."""


class HtmlFormat(ReportFormat):
    """Writes the report as a page that loads nothing and needs no script."""

    @property
    def name(self) -> str:
        """The format as a user asks for it."""
        return "html"

    @property
    def filename(self) -> str:
        """The file's name in the output folder."""
        return "report.html"

    def render(self, report: Report) -> bytes:
        """Return the page, of at most 500 kB whatever names the report holds."""
        page = b""
        for rows, lines in _FITTINGS:
            page = fill(report, rows=rows, lines=lines, paper=False).encode()
            if len(page) <= MOST_BYTES:
                break
        return page
