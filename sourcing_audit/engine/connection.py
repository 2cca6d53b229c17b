"""A connection to DuckDB behind Ibis, with a private folder and names that nothing else has."""

from __future__ import annotations

import shutil
import weakref
from contextlib import contextmanager
from functools import cache, partial
from itertools import count
from typing import IO, TYPE_CHECKING, Any, Self

import ibis
import ibis.expr.operations as ops

from sourcing_audit.engine import leftovers, sql
from sourcing_audit.engine.compiling import compiled
from sourcing_audit.engine.starting import guarded

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import ibis.expr.types as ir
    import pyarrow as pa
    from ibis.backends.sql.datatypes import SqlglotType
    from ibis.expr.datatypes import DataType


class Connection:
    """Runs the engine's own SQL; owns a private folder until closed."""

    def __init__(self, backend: ibis.backends.duckdb.Backend, workdir: Path) -> None:
        """Wrap a connected backend; use `Engine.duckdb` instead."""
        self._backend = backend
        self._numbers = count()
        self._scopes: list[list[str]] = [[]]
        """The tables of each scope, the innermost last; those of the first end with the engine."""
        self.workdir = workdir
        # Also when nobody closes it, as in a notebook.
        self._remove = weakref.finalize(self, _removed, workdir, leftovers.hold(workdir))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """End the connection and remove the work folder."""
        self._backend.disconnect()
        self._remove()

    def view(self, query: str) -> ir.Table:
        """A lazy table over a query in the engine's own SQL."""
        name = self._fresh()
        with guarded():
            self._backend.raw_sql(f"CREATE TEMP VIEW {name} AS {query}")
            return self._table(name)

    def compiled(self, expr: ir.Table, *, merged: bool | None = None) -> str:
        """An expression in the engine's own SQL.

        Args:
            expr: the table.
            merged: whether Ibis may merge selections into one another. That takes long, and
                repeats a column wherever it is used; without, each is computed once. By default
                only where there is an order, which an engine needn't keep beyond its selection.

        """
        if merged is None:
            merged = bool(expr.op().find(ops.Sort))
        return compiled(expr, partial(self._compile, merged=merged), merged)

    def _compile(self, expr: ir.Table, *, merged: bool) -> str:
        before = ibis.options.sql.fuse_selects
        ibis.options.sql.fuse_selects = merged
        try:
            query: str = self._backend.compile(expr)
        finally:
            ibis.options.sql.fuse_selects = before
        return query

    def rows(self, query: str, *, columns: int | None = None) -> list[tuple[Any, ...]]:
        """The rows of a small query in the engine's own SQL, cut to its first columns."""
        with guarded():
            found: list[tuple[Any, ...]] = self._backend.raw_sql(query).fetchall()
        return found if columns is None else [row[:columns] for row in found]

    def new_folder(self) -> Path:
        """A new folder inside the work folder."""
        folder = self.workdir / self._fresh()
        folder.mkdir()
        return folder

    def _table(self, name: str) -> ir.Table:
        # Not Ibis' own `table`, which calls methods that DuckDB 2 dropped or deprecates.
        mapper = self._backend.compiler.type_mapper
        found = self._backend.con.execute(f"DESCRIBE {sql.name(name)}").fetchall()
        columns = {column: _type(mapper, kind) for column, kind, *_ in found}
        return ops.DatabaseTable(name, schema=columns, source=self._backend).to_expr()

    def _fresh(self) -> str:
        return f"sa_{next(self._numbers)}"

    @contextmanager
    def _registered(self, name: str, data: pa.RecordBatchReader | pa.Table) -> Iterator[None]:
        self._backend.con.register(name, data)
        try:
            yield
        finally:
            self._backend.con.unregister(name)


def _removed(workdir: Path, held: IO[bytes] | None) -> None:
    shutil.rmtree(workdir, ignore_errors=True)
    if held is not None:
        held.close()


@cache
def _type(mapper: type[SqlglotType], kind: str) -> DataType:
    """The type of a column, by the engine's name for it; there are few, and reading one is slow."""
    found: DataType = mapper.from_string(kind)
    return found
