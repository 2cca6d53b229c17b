"""Facts about where a dataset's items are from, and how many there are."""

from __future__ import annotations

import contextlib
import ipaddress
import re
from collections import Counter
from functools import cache
from pathlib import PurePath
from typing import TYPE_CHECKING, Final

from sourcing_audit.disclosures.answers import Answer, Table, unread
from sourcing_audit.reports.quantities import count, plural
from sourcing_audit.reports.tables import ROWS
from sourcing_audit.reports.wording import of_items, share_of

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList

    from sourcing_audit.report import Report

_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]+:", re.IGNORECASE)

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
            ("Input", "Format", "Items", "Quarantined", "SHA-256 or version"),
            tuple(
                (
                    _bare(one.name),
                    one.format,
                    "not readable" if one.unreadable else one.items,
                    one.quarantined,
                    one.sha256 or one.version or "none (stream)",
                )
                for one in found[:_NAMED]
            ),
        ),
    )


def items(report: Report) -> Answer:
    """How many items there are."""
    totals = report.totals
    least = "at least " if totals.unreadable_files else ""
    return Answer((f"Number of data points: {least}{count(totals.items_in)}.", *unread(report)))


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
    return _listed(report, "host", _by_host(report))


def domains(report: Report) -> Answer:
    """The same by registrable domain name; by host where not every host is in the report."""
    found = _by_host(report)
    if found is None:
        return hosts(report)
    counted: Counter[str] = Counter()
    for host, items in found:
        counted[_domain(host)] += items
    return _listed(report, "domain name", _in_order(counted))


def _listed(report: Report, noun: str, found: list[tuple[str, int]] | None) -> Answer:
    """A table by items; of hosts that aren't all known, those that the report names."""
    tenth = 0 if found is None else -(-len(found) // _TENTH)
    known = [(one.name, one.items) for one in report.hosts] if found is None else found
    if not known:
        return Answer(("No host is on record: the items have no address that could be read.",))
    shown = known[: min(max(tenth, _NAMED), ROWS)]
    said = [_MORE_HOSTS] if found is None else [_how_many(len(found), noun, tenth)]
    if len(shown) < tenth:
        said.append(_MORE_HOSTS)
    said.append(f"Listed here: {count(len(shown))}, by number of items and not by size.")
    if report.coverage.without_source:
        without = of_items(report.coverage.without_source, report.totals)
        said.append(f"No source is on record for {without}.")
    return Answer(
        tuple(said),
        Table(
            (noun.capitalize(), "Items", "Share"),
            tuple((name, items, share_of(items, report.totals)) for name, items in shown),
        ),
    )


def _how_many(number: int, noun: str, tenth: int) -> str:
    twentieth = min(-(-number // _TWENTIETH), _MOST_FOR_SMALL)
    parts = f"a tenth is {count(tenth)}, a twentieth {count(twentieth)}"
    return f"{noun.capitalize()}s on record: {count(number)}; {parts}."


def _domain(host: str) -> str:
    """The registrable domain of a host; the host itself where it has none."""
    name = host.partition(":")[0]
    with contextlib.suppress(ValueError):
        return str(ipaddress.ip_address(name))
    return _suffixes().privatesuffix(name) or host


@cache
def _suffixes() -> PublicSuffixList:
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList()


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


def _by_host(report: Report) -> list[tuple[str, int]] | None:
    """Every host with its items, the most first; None where the report doesn't hold them all."""
    if not report.groups or len(report.groups) < report.groups_in_all:
        return None
    counted: Counter[str] = Counter()
    for group in report.groups:
        if group.host is not None:
            counted[group.host] += group.items
    return _in_order(counted)


def _in_order(counted: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counted.items(), key=lambda entry: (-entry[1], entry[0]))


def _bare(name: str) -> str:
    """An input's address, or the name of a local file: where it lay is nobody else's business."""
    return name if _ADDRESS.match(name) else PurePath(name).name or name


def _cut_off(number: int, noun: str) -> list[str]:
    if number <= _NAMED:
        return []
    return [f"The first {_NAMED} are named; {plural(number - _NAMED, f'more {noun}')} there."]
