"""Report formats: each renders the same `Report` into one file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sourcing_audit.errors import ConfigError
from sourcing_audit.reports.disclosure import DisclosureFormat
from sourcing_audit.reports.html_page import HtmlFormat
from sourcing_audit.reports.interface import ReportFormat
from sourcing_audit.reports.json_file import JsonFormat
from sourcing_audit.reports.markdown import MarkdownFormat
from sourcing_audit.reports.pdf_page import PdfFormat
from sourcing_audit.reports.standards import STANDARDS
from sourcing_audit.reports.wording import disclose, sentence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sourcing_audit.report import Report

FORMATS: Final[tuple[ReportFormat, ...]] = (
    JsonFormat(),
    MarkdownFormat(),
    HtmlFormat(),
    DisclosureFormat(),
    PdfFormat(),
    *STANDARDS,
)
"""Every format, in the order in which files are written."""

ALWAYS: Final = "json"
"""The format that is always written: its file marks a folder as an audit's."""

USUAL: Final = (ALWAYS, "md", "html", "disclosure")
"""The formats that are written where none is asked for."""

__all__ = [
    "ALWAYS",
    "FORMATS",
    "USUAL",
    "ReportFormat",
    "choose",
    "disclose",
    "render_all",
    "sentence",
]


def choose(names: Sequence[str]) -> tuple[ReportFormat, ...]:
    """The formats of these names, each once and in the order of `FORMATS`; the usual ones for none.

    Raises:
        ConfigError: a name is no format's, or what a format needs isn't installed.

    """
    wanted = set(names or USUAL)
    known = [form.name for form in FORMATS]
    for name in names:
        if name not in known:
            raise ConfigError(
                f"format {name!r}: is none that reports are written in",
                fix=f"use {', '.join(known)}",
            )
    chosen = tuple(form for form in FORMATS if form.name in wanted)
    for form in chosen:
        form.check()
    return chosen


def render_all(report: Report, names: Sequence[str] = ()) -> dict[str, bytes]:
    """Render `report` in these formats and JSON, by file name; in the usual ones for none.

    Raises:
        ConfigError: as for `choose`.

    """
    wanted = [ALWAYS, *names] if names else []
    return {form.filename: form.render(report) for form in choose(wanted)}
