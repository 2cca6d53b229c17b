"""Report formats: each renders the same `Report` into one file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sourcing_audit.reports.disclosure import DisclosureFormat
from sourcing_audit.reports.html_page import HtmlFormat
from sourcing_audit.reports.interface import ReportFormat
from sourcing_audit.reports.json_file import JsonFormat
from sourcing_audit.reports.markdown import MarkdownFormat
from sourcing_audit.reports.wording import disclose, sentence

if TYPE_CHECKING:
    from sourcing_audit.report import Report

FORMATS: Final[tuple[ReportFormat, ...]] = (
    JsonFormat(),
    MarkdownFormat(),
    HtmlFormat(),
    DisclosureFormat(),
)
"""Every format, in the order in which files are written."""

__all__ = ["FORMATS", "ReportFormat", "disclose", "render_all", "sentence"]


def render_all(report: Report) -> dict[str, bytes]:
    """Render `report` in every format, by file name."""
    return {form.filename: form.render(report) for form in FORMATS}
