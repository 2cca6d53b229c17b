"""The page that `report.html` and `report.pdf` are made of: templates filled from a report."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache, partial
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

from sourcing_audit.escape import one_line
from sourcing_audit.reports import (
    charts,
    comparison,
    endings,
    exports,
    gating,
    marks,
    method,
    provenance,
    waiving,
    wording,
    work_list,
)
from sourcing_audit.reports.environment import environment
from sourcing_audit.reports.gaps import gaps
from sourcing_audit.reports.quantities import NARROW_SPACE, NO_VALUE, count, share

if TYPE_CHECKING:
    from jinja2 import Environment

    from sourcing_audit.report import Report

_DATA_LIMIT: Final = 160
_ADVICE_LIMIT: Final = 400
_HEADER_LIMIT: Final = 60
_TEXT_LIMIT: Final = 4000
_COMMAND: Final = re.compile(r"`([^`]+)`")
_GROUPED: Final = re.compile(r"(?<=\d),(?=\d{3}\b)| (?=%)")


def fill(report: Report, *, rows: int, lines: int, paper: bool) -> str:
    """Return the page as HTML.

    `rows` is the most rows of a table and `lines` the most groups of items alike. On `paper`
    nothing runs, links are page numbers, and each chart brings its own colours.
    """
    sheets = ("report.css", "paper.css") if paper else ("report.css",)
    style = "".join(_file(name) for name in sheets)
    script = _file("report.js")
    page = (
        _environment()
        .get_template("report.html.j2")
        .render(
            report=report,
            total=report.totals.items_in,
            rows=rows,
            lines=work_list.lines(report, lines),
            lines_shown=work_list.shown(report, lines),
            paper=paper,
            css=_trusted(style),
            script=_trusted(script),
            chart_css=_trusted(_file("chart-on-paper.css")) if paper else "",
            policy=_policy(style, script),
            pct=partial(_share, report),
            **_marks(report),
            **_charts(report),
            **_sections(report),
        )
    )
    return page.rstrip() + "\n"


def _marks(report: Report) -> dict[str, Any]:
    outcomes = {entry.outcome: entry.items for entry in report.outcomes}
    return {
        "status": marks.DATASET[report.dataset_status],
        "status_marks": marks.STATUS,
        "outcome_marks": marks.OUTCOME,
        "outcomes": [(mark, outcomes.get(key, 0)) for key, mark in marks.OUTCOME.items()],
    }


def _charts(report: Report) -> dict[str, Any]:
    total = report.totals.items_in
    return {
        "by_status": charts.statuses(report),
        "by_class": charts.classes(report),
        "by_host": charts.sources("chart-host", "Items by host", report.hosts, total),
        "by_creator": charts.sources("chart-creator", "Items by creator", report.creators, total),
        "weeks": charts.weeks(report),
    }


def _sections(report: Report) -> dict[str, Any]:
    changes = report.changes
    return {
        "gaps": [gap for gap in gaps(report) if gap.items],
        "opted_out": method.opted_out(report),
        "none_found": exports.none_found(report.asked),
        "consent_notes": method.consent_notes(report),
        "ending_in_all": endings.in_all(report),
        "consulted": method.consulted(report),
        "sections": method.sections(report),
        "evidence": provenance.evidence(report),
        "ancestry": provenance.ancestry(report),
        "origin_notes": provenance.origin_notes(report),
        "not_compared": comparison.NOT_COMPARED,
        "answer": comparison.answer(changes) if changes else "",
        "change_counts": comparison.counts(changes) if changes else [],
        "change_sections": comparison.sections(report, changes) if changes else [],
        "gate_verdict": gating.verdict(report.gate) if report.gate else "",
        "gate_limits": gating.limits(report, report.gate) if report.gate else None,
        "returned": gating.returned(report),
        "trend": gating.trend(report),
        "drift": gating.drift(report) if report.trend else "",
        "waived": waiving.waived(report),
        "waiver_alarm": waiving.alarm(report),
        "still_counted": waiving.STILL_COUNTED,
        "repeat": method.repeat(report),
        "wording": wording,
        "breakdown": method.breakdown,
    }


@cache
def _environment() -> Environment:
    found = environment("sourcing_audit.reports", limit=_TEXT_LIMIT)
    found.filters |= {
        "advice": _advice,
        "data": _data,
        "n": _number,
        "prose": _prose,
        "short": _short,
    }
    return found


def _policy(style: str, script: str) -> str:
    """Allow this style sheet and this script by their digests, and nothing else."""
    return (
        f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}';"
        " base-uri 'none'; form-action 'none'"
    )


def _digest(source: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()}"


def _data(value: str, limit: int = _DATA_LIMIT) -> Any:
    """Place outside text on one line and in a direction of its own."""
    from markupsafe import Markup

    return Markup("<bdi>{}</bdi>").format(one_line(value, limit))


def _short(value: str) -> str:
    return one_line(value, _HEADER_LIMIT)


def _advice(value: str) -> Any:
    """Place advice from the rules, with its `commands` set as code."""
    from markupsafe import escape

    text = _GROUPED.sub(NARROW_SPACE, str(escape(one_line(value, _ADVICE_LIMIT))))
    return _trusted(_COMMAND.sub(r"<code>\1</code>", text))


def _number(value: int) -> Any:
    return _trusted(count(value, NARROW_SPACE))


def _share(report: Report, part: int, whole: int) -> Any:
    """The share of a whole; none where it would hide unread files."""
    if report.totals.unreadable_files and part >= whole:
        return NO_VALUE
    return _trusted(share(part, whole).replace(" %", f"{NARROW_SPACE}%"))


def _prose(value: str) -> Any:
    """Group the numbers of a worded sentence as in the page's tables."""
    from markupsafe import escape

    return _trusted(_GROUPED.sub(NARROW_SPACE, str(escape(one_line(value, _TEXT_LIMIT)))))


@cache
def _file(name: str) -> str:
    template = resources.files("sourcing_audit.reports").joinpath("templates", name)
    return template.read_text(encoding="utf-8")


def _trusted(markup: str) -> Any:
    """Mark what was escaped, consists of digits or is a file of this package as markup."""
    from markupsafe import Markup

    return Markup(markup)  # noqa: S704 (see above)
