"""Whether a report's own numbers agree: items in = verdicts + quarantined, and all that adds up."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sourcing_audit import results
from sourcing_audit.model import DatasetStatus, Outcome, Status
from sourcing_audit.verdict import RANKED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sourcing_audit.evidence.statement import Tables
    from sourcing_audit.report import Report

_ROUNDED = 1e-6
"""Shares are given with six digits."""


def faults(report: Report, tables: Tables) -> list[str]:
    """Every sum in a report that doesn't come out, in words; none if all do."""
    return [
        *_totals(report, tables),
        *_parts(report),
        *_at_most(report),
        *_shares(report),
        *_status(report),
    ]


def _totals(report: Report, tables: Tables) -> Iterator[str]:
    totals, inputs = report.totals, report.dataset.inputs
    yield from _same("items in", totals.items_in, totals.verdicts + totals.quarantined)
    yield from _same("verdicts by input", sum(one.items for one in inputs), totals.verdicts)
    yield from _same(
        "quarantined records by input", sum(one.quarantined for one in inputs), totals.quarantined
    )
    yield from _same(
        "quarantined records by reason",
        sum(row.records for row in report.quarantine),
        totals.quarantined,
    )
    unreadable = sum(one.unreadable for one in inputs)
    yield from _same("unreadable files", unreadable, totals.unreadable_files)
    expected = {
        results.FINDINGS: totals.verdicts,
        results.QUARANTINE: totals.quarantined + totals.unreadable_files,
        results.GROUPS: report.groups_in_all,
    }
    for name, rows in expected.items():
        yield from _same(f"rows of {name}", tables.rows(name), rows)


def _parts(report: Report) -> Iterator[str]:
    """Counts that are complete, so that they come to all verdicts."""
    verdicts = report.totals.verdicts
    yield from _same("statuses", [row.status for row in report.statuses], list(Status))
    yield from _same("outcomes", [row.outcome for row in report.outcomes], list(Outcome))
    yield from _same("verdicts by status", sum(row.items for row in report.statuses), verdicts)
    yield from _same("verdicts by outcome", sum(row.items for row in report.outcomes), verdicts)
    for row in report.statuses:
        evidence = sum(row.by_license_evidence.values())
        yield from _same(f"{row.status} by licence evidence", evidence, row.items)
    if len(report.groups) == report.groups_in_all:
        grouped = sum(group.items for group in report.groups)
        yield from _same("items of all groups", grouped, verdicts)
    if len(report.licenses) == report.license_expressions:
        counted = sum(row.items for row in report.licenses)
        yield from _same("items of all licences", counted, verdicts)
    for source in (*report.hosts, *report.creators):
        yield from _same(
            f"items of {source.name} by outcome", sum(source.outcomes.values()), source.items
        )


def _at_most(report: Report) -> Iterator[str]:
    """Counts of some of the items."""
    grouped: Counter[str] = Counter()
    for group in report.groups:
        grouped[group.status] += group.items
    statuses = {row.status: row.items for row in report.statuses}
    for status, items in grouped.items():
        yield from _within(
            f"items of groups that are {status}", items, statuses.get(Status(status), 0)
        )
    verdicts = report.totals.verdicts
    counts = {
        **{f"items with {row.code}": row.items for row in report.reasons},
        **{f"items with {row.code}": row.items for row in report.obligations},
        **{f"items of {row.expression}": row.items for row in report.licenses},
        "items of the licences": sum(row.items for row in report.licenses),
        "items by consent status": sum(row.items for row in report.consent.counts),
        "items of the hosts": sum(row.items for row in report.hosts),
        "items of the creators": sum(row.items for row in report.creators),
    }
    for what, items in counts.items():
        yield from _within(what, items, verdicts)
    yield from _within("groups", len(report.groups), report.groups_in_all)


def _shares(report: Report) -> Iterator[str]:
    whole = report.totals.items_in
    given = [
        *((row.status, row.items, row.share) for row in report.statuses),
        *((row.outcome, row.items, row.share) for row in report.outcomes),
        *((row.code, row.items, row.share) for row in report.reasons),
        *((row.expression, row.items, row.share) for row in report.licenses),
    ]
    for what, items, share in given:
        expected = items / whole if whole else 0.0
        if abs(share - expected) > _ROUNDED:
            yield f"the share of {what} is {share}, and {items} of {whole} are {expected:.6f}"


def _status(report: Report) -> Iterator[str]:
    """The dataset's status, from the counts alone: never better than its worst item."""
    items = {str(row.status): row.items for row in report.statuses}
    conditional = sum(row.items for row in report.outcomes if row.outcome is Outcome.CONDITIONAL)
    ranked = sum(items.get(str(status), 0) for status in RANKED)
    if items.get(Status.OPTED_OUT):
        expected = DatasetStatus.CONTAINS_OPTED_OUT
    elif not ranked:
        expected = DatasetStatus.NOT_ESTABLISHED
    elif ranked < report.totals.items_in or report.totals.unreadable_files:
        expected = DatasetStatus.PARTLY_ESTABLISHED
    elif conditional:
        expected = DatasetStatus.ESTABLISHED_WITH_OBLIGATIONS
    else:
        expected = DatasetStatus.ESTABLISHED
    if report.dataset_status != expected:
        yield f"the dataset's status is {report.dataset_status}, and its counts make it {expected}"


def _same(what: str, found: object, expected: object) -> Iterator[str]:
    if found != expected:
        yield f"{what}: {found}, and not {expected}"


def _within(what: str, found: int, most: int) -> Iterator[str]:
    if not 0 <= found <= most:
        yield f"{what}: {found}, of {most}"
