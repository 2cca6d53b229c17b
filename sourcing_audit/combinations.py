"""Rows that share most of their values: what follows from these is worked out once for all."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Self

import ibis

from sourcing_audit.engine import Queries

if TYPE_CHECKING:
    from collections.abc import Sequence

    import ibis.expr.types as ir

    from sourcing_audit.engine import Engine

MOST = 10_000
"""Combinations that are looked at for what is the same in all of them."""


@dataclass(frozen=True)
class Combinations:
    """The distinct combinations of values in some columns of a table, numbered."""

    table: ir.Table
    """The columns, and `number`."""
    number: str
    """The name of the column that numbers them, in no particular order."""
    differing: tuple[str, ...]
    """The columns that don't hold the same in all of them."""

    @classmethod
    def of(cls, engine: Engine, table: ir.Table, columns: Sequence[str], number: str) -> Self:
        """Find the combinations in `columns` of a table."""
        distinct = partial(_distinct, tuple(columns), number)
        found = Queries(engine).table("combinations", distinct, table=table)
        same = same_in_all(engine, found.drop(number))
        return cls(found, number, tuple(name for name in columns if name not in same))

    def onto(self, table: ir.Table) -> ir.Table:
        """Give each row of the table, or of one made of it, the number of its combination."""
        return numbered(self.differing, self.number, table, self.table)


def numbered(
    differing: Sequence[str], number: str, table: ir.Table, combinations: ir.Table
) -> ir.Table:
    """As `Combinations.onto`, of what it has."""
    if not differing:
        return table.mutate(**{number: ibis.literal(0, "int64")})
    keys = {f"shared_{name}": combinations[name] for name in differing}
    known = combinations.select(number, **keys)
    same = [table[name].identical_to(known[f"shared_{name}"]) for name in differing]
    return table.inner_join(known, same).drop(*keys)


def _distinct(columns: Sequence[str], number: str, table: ir.Table) -> ir.Table:
    return table.select(*columns).distinct().mutate(**{number: ibis.row_number()})


def same_in_all(engine: Engine, table: ir.Table) -> dict[str, object]:
    """The columns of a small table that hold one value throughout, with that value."""
    sample = engine.arrow(table.limit(MOST + 1))
    if not 0 < sample.num_rows <= MOST:
        return {}
    distinct = {name: sample[name].unique().to_pylist() for name in sample.column_names}
    return {name: values[0] for name, values in distinct.items() if len(values) == 1}
