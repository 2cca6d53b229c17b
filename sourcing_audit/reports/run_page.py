"""What came of the datasets of one run, as Markdown: for a mail, or the page of a CI job."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sourcing_audit.reports import comparison, marks, waiving
from sourcing_audit.reports.quantities import NO_VALUE, count, plural
from sourcing_audit.reports.tables import ROWS, bullets, table, text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sourcing_audit.report import GateCheck, Report

LIMIT: Final = 900_000
"""Bytes; services take a mebibyte and refuse what is larger as a whole."""

_PROBLEM: Final = 1_000
_NOT_AUDITED: Final = "□ not audited"


@dataclass(frozen=True)
class Row:
    """What came of one dataset."""

    dataset: str
    report: Report | None
    """None: it could not be audited."""
    passed: bool
    problem: str = ""

    @property
    def word(self) -> str:
        """Its result with a symbol, so that it can be found at a glance."""
        if self.report is None:
            return _NOT_AUDITED
        return "✓ passed" if self.passed else "✗ did not pass"


def render(rows: Sequence[Row]) -> str:
    """Tell what came of every dataset, the worst first, in at most `LIMIT` bytes.

    What doesn't fit is counted.
    """
    in_order = sorted(rows, key=lambda row: (row.report is not None, row.passed))
    head = "\n\n".join(_head(in_order)) + "\n"
    room = LIMIT - len(head.encode())
    sections: list[str] = []
    for row in in_order:
        section = "\n" + "\n\n".join(_section(row)) + "\n"
        room -= len(section.encode())
        if room < 0:
            break
        sections.append(section)
    rest = len(rows) - len(sections)
    if rest:
        sections.append(f"\n{plural(rest, 'more dataset')}: see the folder of each.\n")
    return head + "".join(sections)


def _head(rows: Sequence[Row]) -> Iterator[str]:
    failed = sum(row.report is None for row in rows)
    passed = sum(row.passed for row in rows)
    yield "# Sourcing audit"
    yield (
        f"**{count(passed)} of {plural(len(rows), 'dataset')} passed**,"
        f" {count(len(rows) - failed - passed)} did not, {count(failed)} could not be audited."
    )
    outcomes = [f"{mark.symbol} {mark.word}" for mark in marks.OUTCOME.values()]
    quarantined = f"{marks.QUARANTINED.symbol} {marks.QUARANTINED.word}"
    header = ["Dataset", "Result", "Items", *outcomes, quarantined]
    yield table(header, [_cells(row) for row in rows[:ROWS]])
    if len(rows) > ROWS:
        yield f"{plural(len(rows) - ROWS, 'more dataset')}, none of them worse than the last row."


def _cells(row: Row) -> Sequence[str | int]:
    if row.report is None:
        return (row.dataset, row.word, *[NO_VALUE] * (2 + len(marks.OUTCOME)))
    totals = row.report.totals
    items = {entry.outcome: entry.items for entry in row.report.outcomes}
    by_outcome = [items.get(outcome, 0) for outcome in marks.OUTCOME]
    return (row.dataset, row.word, totals.items_in, *by_outcome, totals.quarantined)


def _section(row: Row) -> Iterator[str]:
    yield f"## {text(row.dataset)}"
    if row.problem:
        lines = [line.strip() for line in row.problem.splitlines()]
        yield f"**{text('; '.join(lines)[:_PROBLEM])}**"
    report = row.report
    if report is None:
        yield "Nothing is known of its items from this run."
        return
    mark = marks.DATASET[report.dataset_status]
    yield f"**{mark.symbol} {mark.word.capitalize()}.** {text(report.sentence)}"
    if report.returned:
        yield f"**✗ {plural(report.returned, 'item')} came back after a takedown.**"
    if alarm := waiving.alarm(report):
        yield f"**✗ {text(alarm)}**"
    if report.gate is not None:
        checks = [
            (each.code, _allowed(each), each.counted, _kept(each)) for each in report.gate.checks
        ]
        yield table(["Limit on", "Allowed", "Items", "Kept"], checks)
    if report.changes is None:
        yield "There was no earlier audit to compare with."
        return
    yield text(comparison.answer(report.changes))
    kinds = [f"{each.label}: {plural(each.items, 'item')}" for each in report.changes.kinds]
    yield bullets([*comparison.counts(report.changes), *kinds])


def _allowed(check: GateCheck) -> str:
    parts = [] if check.allowed is None else [count(check.allowed)]
    if check.allowed_share is not None:
        parts.append(f"{check.allowed_share:.6g} of items")
    return " and ".join(parts)


def _kept(check: GateCheck) -> str:
    aside = [
        f"{count(number)} {word}"
        for number, word in (
            (check.waived, "waived"),
            (check.in_baseline, "in the baseline"),
            (check.unreadable_files, "unreadable files"),
        )
        if number
    ]
    return ", ".join(["✓ yes" if check.passed else "✗ no", *aside])
