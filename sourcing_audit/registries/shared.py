"""Canonical records apart from what they share, and which of their fields it pays to share."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Self

import ibis

from sourcing_audit import schema
from sourcing_audit.combinations import same_in_all
from sourcing_audit.engine import Queries

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    import ibis.expr.types as ir

    from sourcing_audit.engine import Engine

_FEW = 1000
_FEWER = 20
"""There should be that many times fewer combinations than records, but a few are always welcome."""

_LONGEST_WORD = 200
"""Characters of a value that is written into queries instead of being looked up."""


@dataclass(frozen=True)
class Checked:
    """Canonical records, apart from the terms that they share."""

    rows: ir.Table
    """`row`, `seq`, `terms_no`, and the fields that differ from record to record."""
    terms: ir.Table
    """By `terms_no`: the fields that many records have in common."""
    constants: Mapping[str, ir.Value]
    """Those of these fields that all records have in common."""

    @classmethod
    def of(cls, engine: Engine, rows: ir.Table, terms: ir.Table) -> Self:
        """Put rows and terms together."""
        constants = {
            name: ibis.literal(value, type=terms[name].type())
            for name, value in same_in_all(engine, terms.drop("terms_no")).items()
            if _can_be_written(value)
        }
        return cls(rows, terms, constants)

    def whole(self) -> ir.Table:
        """`row`, `seq`, columns of `schema.RECORDS`, and what else the rows have."""
        table = self.rows
        differing = self.terms.drop(*self.constants)
        if len(differing.columns) > 1:
            table = table.inner_join(differing, "terms_no")
        table = table.mutate(**self.constants)
        table = table.mutate(statement_id=ibis.coalesce(table.statement_id, table.record_id))
        return table.relocate("row", "seq", *schema.RECORDS)

    def fields(self, *names: str) -> ir.Table:
        """Some columns of `whole`, but for `statement_id`: without building all the others."""
        shared = [n for n in names if n in self.terms.columns and n not in self.constants]
        table = self.rows.select("terms_no", *(n for n in names if n in self.rows.columns))
        if shared:
            table = table.inner_join(self.terms.select("terms_no", *shared), "terms_no")
        constants = {name: self.constants[name] for name in names if name in self.constants}
        return table.mutate(**constants).select(*names)


def _can_be_written(value: object) -> bool:
    """Whether a value can stand in a query as one of its type; the engine narrows whole numbers."""
    if isinstance(value, str):
        return len(value) <= _LONGEST_WORD and value.isprintable()
    return isinstance(value, bool) or not isinstance(value, int)


def read_singly(
    engine: Engine,
    raw: ir.Table,
    given: Sequence[str],
    always: Collection[str],
    never: Collection[str],
) -> frozenset[str]:
    """The fields that are read row by row: those with so many values that sharing doesn't pay.

    Args:
        engine: what counts them, about.
        raw: the records.
        given: its fields.
        always: those that are shared in any case.
        never: those that aren't.

    """
    free = tuple(name for name in given if name not in {*always, *never})
    together = tuple(name for name in given if name in always)
    values = Queries(engine).view("values", partial(_values, together, free), raw=raw)
    counts = engine.arrow(values).to_pylist()[0]
    room = max(1, max(_FEW, counts["rows"] // _FEWER) // max(1, counts["always"]))
    single = set(never)
    for name in sorted(free, key=lambda name: counts[name]):
        room //= max(1, counts[name])
        if not room:
            single.add(name)
    return frozenset(single)


def _values(together: Sequence[str], free: Sequence[str], raw: ir.Table) -> ir.Table:
    """About how many values each free field has, and those that are always shared, together."""
    found = {name: raw[name].approx_nunique() for name in free}
    found["rows"] = raw.count()
    found["always"] = ibis.struct({name: raw[name] for name in together}).approx_nunique()
    return raw.aggregate(**found)
