"""Queries that are built and compiled once, and then run on one set of tables after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis.expr.operations as ops

from sourcing_audit.engine import keeping
from sourcing_audit.engine.told import told

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    import ibis
    import ibis.expr.types as ir

    from sourcing_audit.engine.duck import Engine


class Queries:
    """What is asked of many tables of the same columns, in the same way each time.

    To build and to compile an expression takes longer than to run it on a small table. Here an
    expression is built on stand-ins for its tables; what it was compiled to is kept, and run with
    the tables' own names in their stead. Where all that it depends on can be told (`told`), it is
    kept for later processes as well; so nothing that comes from a manifest or a registry may be
    among it, but for the columns that there are.
    """

    def __init__(self, engine: Engine) -> None:
        """Keep queries for one engine."""
        self._engine = engine
        self._own: dict[Hashable, str] = {}

    def table(
        self, name: str, build: Callable[..., ir.Table], *by: Hashable, **tables: ir.Table
    ) -> ir.Table:
        """Compute what a function makes of tables, and keep the result.

        Args:
            name: of the query; its results are called so too.
            build: takes stand-ins for the tables, by name; mustn't use any other table.
            by: what the expression depends on beside the tables' columns, if that can't be told
                of `build`; kept for this engine only.
            tables: the tables to ask.

        """
        if self._engine.spreads:
            return self._engine.materialise(build(**tables), name)
        return self._engine.computed(self._query(name, build, by, tables), name)

    def view(
        self, name: str, build: Callable[..., ir.Table], *by: Hashable, **tables: ir.Table
    ) -> ir.Table:
        """As `table`, but computed whenever it is read."""
        if self._engine.spreads:
            return self._engine.named(build(**tables))
        return self._engine.view(self._query(name, build, by, tables))

    def _query(
        self,
        name: str,
        build: Callable[..., ir.Table],
        by: tuple[Hashable, ...],
        tables: dict[str, ir.Table],
    ) -> str:
        schemas = tuple((given, table.schema()) for given, table in tables.items())
        known = told(name, build, by, schemas)
        key = (name, by, schemas) if known is None else known
        if key not in self._own:
            query = None if known is None else keeping.recalled(known)
            if query is None:
                query = self._compiled(name, build, schemas)
                if known is not None:
                    keeping.keep(known, query)
            self._own[key] = query
        return self._engine.on_tables(
            self._own[key], {_slot(given): table for given, table in tables.items()}
        )

    def _compiled(
        self,
        name: str,
        build: Callable[..., ir.Table],
        schemas: tuple[tuple[str, ibis.Schema], ...],
    ) -> str:
        expr = build(**{n: self._engine.stand_in(_slot(n), kinds) for n, kinds in schemas})
        op = expr.op()
        used = {table.name for table in op.find(ops.DatabaseTable)}
        if strange := used - {_slot(given) for given, _ in schemas}:
            raise ValueError(f"query {name} uses tables it isn't given: {sorted(strange)}")
        if op.find(ops.InMemoryTable):
            raise ValueError(f"query {name} holds rows of its own")
        return self._engine.compiled(expr, merged=False)


def _slot(given: str) -> str:
    # No table of the engine is called so.
    return f"given {given}"
