"""Parquet shards that the engine scans where they lie."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from sourcing_audit.errors import InputError
from sourcing_audit.schema import ITEM_TEXT_FIELDS
from sourcing_audit.sources.canonical import nothing
from sourcing_audit.sources.interface import STRIDE, Opened
from sourcing_audit.sources.template import match

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from sourcing_audit.engine import Engine
    from sourcing_audit.sources.canonical import Projection

Shards = Mapping[int, Opened]
"""Open shards by their number."""


def damaged(engine: Engine, shards: Shards, projection: Projection) -> dict[int, str]:
    """The shards whose data can't be read although their footer can, each with what is wrong.

    Reads every mapped column once.
    """
    found: dict[int, str] = {}
    for run in _runs(shards, projection):
        if _failure(engine, shards, run, projection) is not None:
            failures = {n: _failure(engine, shards, [n], projection) for n in run}
            found |= {n: failure for n, failure in failures.items() if failure is not None}
    return found


def items(engine: Engine, shards: Shards, projection: Projection) -> list[ir.Table]:
    """The items, one table for each run of shards that have the same columns."""
    tables = []
    for run in _runs(shards, projection):
        first = shards[run[0]]
        table = engine.spread(_scan(engine, shards, run, projection))
        physical = {wanted: f"c{i}" for i, wanted in enumerate(_columns(first, projection))}
        values = projection.values(table, physical, first.shard.split)
        fields = {name: values.get(name, nothing()) for name in ITEM_TEXT_FIELDS}
        row = table["row"]
        position = (table["file"] + run[0]) * STRIDE + row
        tables.append(table.select(pos=position, shard=table["path"], row=row, **fields))
    return tables


def _runs(shards: Shards, projection: Projection) -> list[list[int]]:
    """Neighbouring shards that have the mapped columns, of the same types."""

    def alike(place: tuple[int, int]) -> tuple[object, ...]:
        at, number = place
        opened = shards[number]
        kinds = dict(zip(opened.columns, opened.types, strict=True))
        columns = [
            (wanted, own, kinds[own]) for wanted, own in _columns(opened, projection).items()
        ]
        # Only numbers without a gap give the position of each file in the run.
        return (number - at, opened.shard.split, *columns)

    return [[number for _, number in run] for _, run in groupby(enumerate(sorted(shards)), alike)]


def _columns(opened: Opened, projection: Projection) -> dict[str, str]:
    """For each column that is read, the shard's own spelling of it."""
    found = {wanted: match(wanted, opened.columns) for wanted in projection.columns}
    return {wanted: own for wanted, own in found.items() if own is not None}


def _scan(engine: Engine, shards: Shards, run: Sequence[int], projection: Projection) -> ir.Table:
    columns = _columns(shards[run[0]], projection)
    return engine.scan_parquet(
        [shards[number].shard.path for number in run],
        {own: f"c{i}" for i, own in enumerate(columns.values())},
    )


def _failure(
    engine: Engine, shards: Shards, run: Sequence[int], projection: Projection
) -> str | None:
    try:
        table = _scan(engine, shards, run, projection)
        values = [table[name] for name in table.columns if name.startswith("c")]
        engine.arrow(table.aggregate([table.count(), *(value.length().max() for value in values)]))
    except InputError as error:
        return error.message
    return None
