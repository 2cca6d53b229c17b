"""`report.pdf`: the page on paper, tagged for screen readers (PDF/UA-1)."""

from __future__ import annotations

import hashlib
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final, NoReturn

from sourcing_audit.errors import ConfigError
from sourcing_audit.reports.interface import ReportFormat
from sourcing_audit.reports.page import fill

if TYPE_CHECKING:
    from sourcing_audit.report import Report

_ROWS: Final = 25
_LINES: Final = 50
"""Less than on the page: who goes through hundreds of groups does so on a screen."""


class PdfFormat(ReportFormat):
    """Writes the report as A4 pages."""

    @property
    def name(self) -> str:
        """The format as a user asks for it."""
        return "pdf"

    @property
    def filename(self) -> str:
        """The file's name in the output folder."""
        return "report.pdf"

    def check(self) -> None:
        """See that WeasyPrint is installed, with the libraries that it needs.

        Raises:
            ConfigError: it isn't.

        """
        _weasyprint()

    def render(self, report: Report) -> bytes:
        """Return the pages: the same report gives the same bytes with the same fonts installed.

        Raises:
            ConfigError: WeasyPrint isn't installed or finds no libraries of its own.

        """
        html = _weasyprint().HTML(
            string=fill(report, rows=_ROWS, lines=_LINES, paper=True), url_fetcher=_refuse
        )
        content: bytes = html.write_pdf(
            pdf_variant="pdf/ua-1",
            pdf_identifier=hashlib.sha256(report.model_dump_json().encode()).digest()[:16],
        )
        return content


def _weasyprint() -> Any:
    if find_spec("weasyprint") is None:
        raise ConfigError(
            "PDF needs WeasyPrint, which isn't installed",
            fix="Install it with `pip install 'sourcing-audit[pdf]'`.",
        )
    try:
        import weasyprint
    except OSError as error:
        raise ConfigError(
            f"WeasyPrint doesn't find Pango: {error}",
            fix="Install Pango, e.g. `apt-get install libpango-1.0-0 libpangoft2-1.0-0`.",
        ) from error
    return weasyprint


def _refuse(url: str, *_: Any, **__: Any) -> NoReturn:
    """Fetch nothing: the page holds all it needs."""
    raise ValueError(f"the report loads nothing, so not {url}")
