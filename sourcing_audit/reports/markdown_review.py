"""What a reviewer goes through, in Markdown: groups of items alike, changes, waivers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sourcing_audit.reports import comparison, gating, waiving, work_list
from sourcing_audit.reports.quantities import NO_VALUE
from sourcing_audit.reports.tables import bullets, table, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sourcing_audit.report import Report

_GROUPS: Final = 20


def groups(report: Report) -> Iterator[str]:
    """Write the work list; nothing where no item has a verdict."""
    lines = work_list.lines(report, _GROUPS)
    if not lines:
        return
    yield "## Items to go through"
    yield "Items of one host that are alike in all that a finding says."
    yield table(
        ["Verdict", "Licence", "Why", "Host", "First of them", "Items"],
        [
            (
                f"{line.outcome.symbol} {line.mark.word}",
                line.license,
                line.why or NO_VALUE,
                line.host or NO_VALUE,
                line.first,
                line.items,
            )
            for line in lines
        ],
    )
    if more := work_list.shown(report, _GROUPS):
        yield more


def changes(report: Report) -> Iterator[str]:
    """Write what changed since an earlier audit, or what it takes to know."""
    yield "## Changes since an earlier audit"
    if report.changes is None:
        yield comparison.NOT_COMPARED
        return
    yield text(comparison.answer(report.changes))
    yield bullets(comparison.counts(report.changes))
    for section in comparison.sections(report, report.changes):
        yield f"### {section.title}"
        yield table(section.header, section.rows)


def gate(report: Report) -> Iterator[str]:
    """Write whether the dataset passed, what came back, and how it went so far."""
    if report.gate or report.returned:
        yield "## Gate"
    if alarm := gating.returned(report):
        yield f"**✗ {text(alarm)}**"
    if report.gate:
        yield text(gating.verdict(report.gate))
        section = gating.limits(report, report.gate)
        yield table(section.header, section.rows)
    if trend := gating.trend(report):
        yield "## Trend"
        yield text(gating.drift(report))
        yield table(trend.header, trend.rows)


def waivers(report: Report) -> Iterator[str]:
    """Write who answers for what; nothing where no finding is waived."""
    entries = waiving.waived(report)
    if not entries:
        return
    yield "## Waivers"
    if alarm := waiving.alarm(report):
        yield f"**✗ {text(alarm)}**"
    yield waiving.STILL_COUNTED
    yield table(
        ["Finding", "Applies to", "Why", "Comment", "Owner", "Approved by", "Expires", "Items"],
        [
            (
                entry.code,
                entry.applies_to,
                entry.why,
                entry.comment or NO_VALUE,
                entry.owner,
                entry.approved_by,
                ", ".join(filter(None, (entry.expires, entry.left))),
                entry.items,
            )
            for entry in entries
        ],
    )
