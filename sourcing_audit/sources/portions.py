"""Which items are judged together: neighbouring shards, or neighbouring rows of a large one."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from sourcing_audit.sources.interface import STRIDE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import ibis.expr.types as ir

    from sourcing_audit.model import ShardInfo

_MOST_RANGES = 4_096
"""Ranges that a shard is cut into; how many rows it has may be a damaged file's own word."""


class Part(NamedTuple):
    """Some of a dataset's items, by their places."""

    shards: range
    """Places of shards."""
    rows: range | None
    """Numbers of rows of the only shard; None for all rows."""


def parts(shards: Sequence[ShardInfo], most: int) -> list[Part]:
    """Cut a dataset into parts of up to so many records, in order; each is in one of them."""
    found: list[Part] = []
    start = held = 0

    def finish(end: int) -> None:
        if start < end:
            found.append(Part(range(start, end), None))

    for number, shard in enumerate(shards):
        records = shard.items + shard.quarantined
        if records > most:
            finish(number)
            found += (Part(range(number, number + 1), rows) for rows in _ranges(records, most))
            start, held = number + 1, 0
            continue
        if held and held + records > most:
            finish(number)
            start, held = number, 0
        held += records
    finish(len(shards))
    return found


def within(tables: Iterable[ir.Table], rows: range | None) -> Iterator[ir.Table]:
    """Tables with `row`, of these rows only; engines skip the parts of a file that have none."""
    for table in tables:
        if rows is None:
            yield table
        else:
            yield table.filter(table["row"] >= rows.start, table["row"] < rows.stop)


def _ranges(records: int, most: int) -> list[range]:
    """Numbers of rows, from 1 on, in ranges of about the same length.

    The last has no end: rows that nobody counted (empty lines) may make later ones' numbers higher.
    """
    count = min(-(-records // most), _MOST_RANGES)
    starts = [1 + records * n // count for n in range(count)]
    return [range(a, b) for a, b in pairwise([*starts, STRIDE])]
