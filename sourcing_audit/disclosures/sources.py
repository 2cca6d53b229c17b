"""Facts about where a dataset's items are from, and how many there are."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from sourcing_audit.disclosures.answers import Answer, Table, unread
from sourcing_audit.reports.quantities import count, plural
from sourcing_audit.reports.tables import ROWS
from sourcing_audit.reports.wording import of_items, share_of

if TYPE_CHECKING:
    from sourcing_audit.report import Report

_NAMED: Final = 20
"""The most inputs, datasets and hosts that a form names; the rest is counted."""

_TENTH: Final = 10
_TWENTIETH: Final = 20
_MOST_FOR_SMALL: Final = 1_000
"""The EU template asks small and medium-sized providers for no more domain names."""
_MORE_HOSTS: Final = "The audit's own tables hold every host; here are those with the most items."


def inputs(report: Report) -> Answer:
    """The dataset and the files that it was read from."""
    found = report.dataset.inputs
    return Answer(
        (
            f"Dataset: {report.dataset.name}, read from {plural(len(found), 'input')}.",
            *_cut_off(len(found), "input"),
        ),
        Table(
            ("Input", "Format", "Items", "SHA-256 or version"),
            tuple(
                (
                    one.name,
                    one.format,
                    "not readable" if one.unreadable else one.items,
                    one.sha256 or one.version or "none (stream)",
                )
                for one in found[:_NAMED]
            ),
        ),
    )


def items(report: Report) -> Answer:
    """How many items there are."""
    totals = report.totals
    read = plural(totals.items_in, "record")
    return Answer((f"Number of data points: {read} were read as items.", *unread(report)))


def columns(report: Report) -> Answer:
    """What each record says, as far as the audit read it."""
    mapped = report.dataset.mapping
    if not mapped:
        return Answer(("No column of the records was recognised.",))
    said = [f"Read of each record: {', '.join(one.field for one in mapped)}."]
    if others := report.dataset.unused_columns:
        said.append(f"There, and not read by the audit: {', '.join(others[:_NAMED])}.")
        said += _cut_off(len(others), "column")
    return Answer(tuple(said))


def upstream(report: Report) -> Answer:
    """The datasets that this one was made from."""
    found = report.lineage
    if not found:
        return Answer(("No dataset that this one was made from is on record.",))
    return Answer(
        (
            f"Made from other datasets, as far as that is on record: {count(len(found))} named.",
            *_cut_off(len(found), "dataset"),
        ),
        Table(
            ("Dataset", "Its licence", "Items"),
            tuple((one.dataset, one.expression, one.items) for one in found[:_NAMED]),
        ),
    )


def hosts(report: Report) -> Answer:
    """The hosts with the most items: the first tenth of them where every host is known."""
    found, whole = _by_host(report)
    if not found:
        return Answer(("No host is on record: the items have no address that could be read.",))
    tenth = -(-len(found) // _TENTH) if whole else 0
    shown = found[: min(max(tenth, _NAMED), ROWS)]
    said = [_how_many(len(found), tenth) if whole else _MORE_HOSTS]
    if len(shown) < tenth:
        said.append(_MORE_HOSTS)
    said.append(f"Listed here: {count(len(shown))}, by number of items and not by size.")
    if report.coverage.without_source:
        without = of_items(report.coverage.without_source, report.totals)
        said.append(f"No source is on record for {without}.")
    return Answer(
        tuple(said),
        Table(
            ("Host", "Items", "Share"),
            tuple((name, items, share_of(items, report.totals)) for name, items in shown),
        ),
    )


def _how_many(number: int, tenth: int) -> str:
    twentieth = min(-(-number // _TWENTIETH), _MOST_FOR_SMALL)
    parts = f"a tenth is {count(tenth)}, a twentieth {count(twentieth)}"
    return f"Hosts on record: {count(number)}; {parts}."


def owners(report: Report) -> Answer:
    """Whether creators are on record; people's names aren't repeated in public forms."""
    missing = report.coverage.without_creator
    known = report.totals.verdicts - missing
    return Answer(
        (
            (
                f"A creator is on record for {of_items(known, report.totals)}. Names aren't"
                " repeated here; the report of the audit holds the most frequent."
            ),
        )
    )


def _by_host(report: Report) -> tuple[list[tuple[str, int]], bool]:
    """Hosts with their items, the most first, and whether these are all hosts there are."""
    if report.groups and len(report.groups) == report.groups_in_all:
        counted: Counter[str] = Counter()
        for group in report.groups:
            if group.host is not None:
                counted[group.host] += group.items
        return sorted(counted.items(), key=lambda entry: (-entry[1], entry[0])), True
    return [(one.name, one.items) for one in report.hosts], False


def _cut_off(number: int, noun: str) -> list[str]:
    if number <= _NAMED:
        return []
    return [f"The first {_NAMED} are named; {plural(number - _NAMED, f'more {noun}')} there."]
