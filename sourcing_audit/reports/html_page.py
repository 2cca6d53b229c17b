"""`report.html`: one offline page without script, for reading, printing and handing on."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

from sourcing_audit.escape import one_line
from sourcing_audit.reports import exports, marks, method, provenance, wording
from sourcing_audit.reports.gaps import gaps
from sourcing_audit.reports.interface import ReportFormat
from sourcing_audit.reports.quantities import NARROW_SPACE, count, share
from sourcing_audit.reports.tables import ROWS

if TYPE_CHECKING:
    from jinja2 import Template

    from sourcing_audit.report import Report

_DATA_LIMIT: Final = 160
_ADVICE_LIMIT: Final = 400
_TEXT_LIMIT: Final = 4000
_COMMAND: Final = re.compile(r"`([^`]+)`")
_GROUPED: Final = re.compile(r"(?<=\d),(?=\d{3}\b)| (?=%)")


class HtmlFormat(ReportFormat):
    """Writes the report as a page that loads nothing and runs nothing."""

    @property
    def name(self) -> str:
        """The format as a user asks for it."""
        return "html"

    @property
    def filename(self) -> str:
        """The file's name in the output folder."""
        return "report.html"

    def render(self, report: Report) -> bytes:
        """Return the page."""
        verdicts = [(marks.STATUS[entry.status], entry.items) for entry in report.statuses] + [
            (marks.QUARANTINED, report.totals.quarantined)
        ]
        outcomes = {entry.outcome: entry.items for entry in report.outcomes}
        page = _template().render(
            report=report,
            total=report.totals.items_in,
            status=marks.DATASET[report.dataset_status],
            status_marks=marks.STATUS,
            outcome_marks=marks.OUTCOME,
            outcomes=[(mark, outcomes.get(key, 0)) for key, mark in marks.OUTCOME.items()],
            verdicts=verdicts,
            gaps=[gap for gap in gaps(report) if gap.items],
            opted_out=method.opted_out(report),
            none_found=exports.none_found(report.asked),
            consent_notes=method.consent_notes(report),
            consulted=method.consulted(report),
            sections=method.sections(report),
            evidence=provenance.evidence(report),
            ancestry=provenance.ancestry(report),
            origin_notes=provenance.origin_notes(report),
            wording=wording,
            breakdown=method.breakdown,
            rows=ROWS,
        )
        return (page.rstrip() + "\n").encode()


@cache
def _template() -> Template:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("sourcing_audit.reports", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"advice": _advice, "data": _data, "n": _number, "prose": _prose}
    environment.globals |= {"pct": _share, "css": _css()}
    return environment.get_template("report.html.j2")


def _finalize(value: Any) -> Any:
    """Make every string that a template places harmless before Jinja escapes it."""
    is_data = isinstance(value, str) and not hasattr(value, "__html__")
    return one_line(value, _TEXT_LIMIT) if is_data else value


def _data(value: str, limit: int = _DATA_LIMIT) -> Any:
    """Place outside text on one line and in a direction of its own."""
    from markupsafe import Markup

    return Markup("<bdi>{}</bdi>").format(one_line(value, limit))


def _advice(value: str) -> Any:
    """Place advice from the rules, with its `commands` set as code."""
    from markupsafe import Markup, escape

    return Markup(_COMMAND.sub(r"<code>\1</code>", str(escape(one_line(value, _ADVICE_LIMIT)))))  # noqa: S704


def _number(value: int) -> Any:
    from markupsafe import Markup

    return Markup(count(value, NARROW_SPACE))  # noqa: S704 (digits and spaces)


def _share(part: int, whole: int) -> Any:
    from markupsafe import Markup

    return Markup(share(part, whole).replace(" %", f"{NARROW_SPACE}%"))  # noqa: S704 (as above)


def _prose(value: str) -> Any:
    """Group the numbers of a worded sentence as in the page's tables."""
    from markupsafe import Markup, escape

    return Markup(_GROUPED.sub(NARROW_SPACE, str(escape(one_line(value, _TEXT_LIMIT)))))  # noqa: S704


def _css() -> Any:
    from markupsafe import Markup

    sheet = resources.files("sourcing_audit.reports").joinpath("templates", "report.css")
    return Markup(sheet.read_text(encoding="utf-8"))  # noqa: S704 (a file of this package)
