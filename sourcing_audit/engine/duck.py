"""DuckDB behind Ibis: tables in and out, and every engine failure as an error a user can act on."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar, Self

import duckdb
import ibis
import ibis.expr.operations as ops
import pyarrow as pa

from sourcing_audit.engine import coded, sql
from sourcing_audit.engine.inputs import Inputs
from sourcing_audit.engine.starting import connected, guarded

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from pathlib import Path

    import ibis.expr.types as ir


class Engine(Inputs):
    """Runs Ibis expressions; owns a private folder for spilled and parsed data until closed."""

    spreads: ClassVar[bool] = False
    """Whether items are worked on by many machines: all at once, and not unit by unit."""

    portion_items = 5_000_000
    """Records that are judged at a time."""

    @classmethod
    def duckdb(
        cls,
        *,
        memory_limit: str | None = None,
        temp_directory: Path | None = None,
        threads: int | None = None,
    ) -> Self:
        """An embedded DuckDB.

        Args:
            memory_limit: e.g. `4GB`; what does not fit is spilled to the work folder.
            temp_directory: where the work folder is made; the system's choice by default.
            threads: all cores by default.

        Raises:
            SourcingAuditError: a limit is not understood, or the folder can't be written.

        """
        return cls(*connected(memory_limit, temp_directory, threads))

    # Tables in

    def read_parquet(self, paths: Sequence[Path]) -> ir.Table:
        """A lazy table over our own Parquet files, all of one schema."""
        return self.view(f"SELECT * FROM {sql.read_parquet(paths)}")

    def read_numbered(self, paths: Sequence[Path]) -> ir.Table:
        """As `read_parquet`, with `row`, which counts from 1 in each file."""
        source = sql.read_parquet(paths)
        return self.view(f"SELECT *, file_row_number + 1 AS row FROM {source}")

    def from_arrow(self, name: str, reader: pa.RecordBatchReader | pa.Table) -> ir.Table:
        """Stream Arrow data into a new table of the engine; `name` only helps to read plans."""
        stream, table = self._fresh(), f"{name}_{self._fresh()}"
        with guarded(), self._registered(stream, reader):
            self._backend.raw_sql(f"CREATE TEMP TABLE {sql.name(table)} AS SELECT * FROM {stream}")
            self._scopes[-1].append(table)
            return self._table(table)

    def empty(self, columns: Mapping[str, str]) -> ir.Table:
        """A table without rows, whose columns have Ibis' types of these names."""
        fields = ibis.schema(columns).to_pyarrow()
        return self.from_arrow("nothing", pa.Table.from_batches([], fields))

    def stored(self, expr: ir.Table) -> ir.Table:
        """Compute a wide table once and keep it on disk, where each column is read for itself."""
        target = self.new_folder() / "stored.parquet"
        self.write_parquet(expr, target, compression="snappy")
        return self.read_parquet([target])

    def named(self, expr: ir.Table) -> ir.Table:
        """The same lazy table behind a name of its own.

        Ibis merges what is built upon an expression into it, and repeats its columns wherever they
        are used; a name keeps them where they are, so that each is computed once.
        """
        return self.view(self.compiled(expr))

    def spread(self, expr: ir.Table) -> ir.Table:
        """The same table where the items are: what is built upon it runs there."""
        return expr

    # Tables out

    def materialise(self, expr: ir.Table, name: str) -> ir.Table:
        """Compute an expression once and keep the result until the engine is closed.

        Each call makes a new table; `name` only helps to read plans.
        """
        return self.computed(self.compiled(expr), name)

    def computed(self, query: str, name: str) -> ir.Table:
        """As `materialise`, for a query in the engine's own SQL."""
        table = f"{name}_{self._fresh()}"
        with guarded():
            self._backend.raw_sql(f"CREATE TEMP TABLE {sql.name(table)} AS {query}")
            self._scopes[-1].append(table)
            return self._table(table)

    def stand_in(self, name: str, schema: ibis.Schema) -> ir.Table:
        """A table that needn't be there, to build expressions on; see `on_tables`."""
        return ops.DatabaseTable(name, schema=schema, source=self._backend).to_expr()

    def on_tables(self, query: str, tables: Mapping[str, ir.Table]) -> str:
        """A compiled query with tables of the engine instead of stand-ins, by their names."""
        for name, table in tables.items():
            there = table if isinstance(table.op(), ops.DatabaseTable) else self.named(table)
            query = query.replace(sql.name(name), sql.name(there.get_name()))
        return query

    def write_parquet(self, expr: ir.Table, path: Path, *, compression: str = "zstd") -> None:
        """Write a table; an ordered expression gives the same bytes each time.

        Args:
            expr: the table.
            path: the file.
            compression: `zstd` for what is kept, `snappy` for what is soon read again.

        Raises:
            SourcingAuditError: the engine failed or the file can't be written.

        """
        with guarded():
            self._backend.raw_sql(
                f"COPY ({self.compiled(expr)}) TO {sql.text(str(path))} "
                f"(FORMAT parquet, COMPRESSION {compression})"
            )

    def write_coded(
        self,
        rows: ir.Table,
        path: Path,
        *,
        order_by: Sequence[str],
        columns: Sequence[str],
        lookups: Mapping[str, ir.Table],
        repeating: Collection[str] = (),
        sought: Collection[str] = (),
    ) -> None:
        """Write rows that hold numbers, in order, as what the numbers stand for.

        Args:
            rows: some of their columns are numbers.
            path: the Parquet file.
            order_by: columns of the rows, which together tell them apart.
            columns: those to write: of the rows, or of one of the tables.
            lookups: by column of the rows the table that has a row for each such number, which
                count from 0 and stand in its column of the same name.
            repeating: the rows' own columns that have few values.
            sought: columns by which readers look for rows; for these the file says between which
                values they are in each of its groups.

        Raises:
            SourcingAuditError: the engine failed or the file can't be written.

        """
        named = {
            number: self.arrow(table.order_by(number).drop(number))
            for number, table in lookups.items()
        }
        decoder = coded.Decoder(columns, named, repeating)
        wanted = [*(name for name in columns if name in rows.columns), *lookups]
        ordered = rows.order_by(order_by).select(*wanted)
        with guarded():
            reader = self._result(ordered).to_arrow_reader(coded.ROW_GROUP)
            coded.write(reader, decoder, path, sought)

    @contextmanager
    def scope(self) -> Iterator[None]:
        """Drop what is materialised inside when the context ends, but for what `keep` was told."""
        self._scopes.append([])
        try:
            yield
        finally:
            for table in self._scopes.pop():
                self._backend.con.execute(f"DROP TABLE IF EXISTS {sql.name(table)}")

    def keep(self, table: ir.Table) -> ir.Table:
        """Let a materialised table outlive the scope it was made in, until the next one ends."""
        name = table.get_name()
        if len(self._scopes) > 1 and name in self._scopes[-1]:
            self._scopes[-1].remove(name)
            self._scopes[-2].append(name)
        return table

    def batches(self, expr: ir.Table, size: int = 100_000) -> Iterator[pa.RecordBatch]:
        """Stream a table out; finish one stream before anything else is run."""
        with guarded():
            yield from self._result(expr).to_arrow_reader(size)

    def arrow(self, expr: ir.Table) -> pa.Table:
        """A table as a whole; for aggregates and samples."""
        with guarded():
            return self._result(expr).to_arrow_table()

    def _result(self, expr: ir.Table) -> Any:
        # Not Ibis' own `to_pyarrow`: Ibis 12 calls methods that DuckDB 2 dropped or deprecates.
        return self._backend.con.sql(self.compiled(expr))

    def digest(self, expr: ir.Table) -> str:
        """What a table holds, in any order, as a short text; of this version of the engine."""
        query = (
            "SELECT count(*), coalesce(bit_xor(h), 0), coalesce(sum(h), 0) "
            f"FROM (SELECT hash(t) AS h FROM ({self.compiled(expr)}) AS t)"
        )
        found = (duckdb.__version__, *self.rows(query)[0])
        return ":".join(map(str, found))
