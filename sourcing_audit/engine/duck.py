"""DuckDB behind Ibis: tables in and out, and every engine failure as an error a user can act on."""

from __future__ import annotations

import shutil
import weakref
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any, ClassVar, Self

import duckdb
import ibis
import ibis.expr.operations as ops

from sourcing_audit.engine import coded, sql
from sourcing_audit.engine.compiling import compiled
from sourcing_audit.engine.served import file_system
from sourcing_audit.engine.starting import connected, guarded

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    import ibis.expr.types as ir
    import pyarrow as pa

    from sourcing_audit.engine.served import Served


@dataclass(frozen=True)
class CsvScan:
    """A CSV file opened for one reading, and where the engine notes what it rejects."""

    table: ir.Table
    rejects: str


class Engine:
    """Runs Ibis expressions; owns a private folder for spilled and parsed data until closed."""

    spreads: ClassVar[bool] = False
    """Whether items are worked on by many machines: all at once, and not unit by unit."""

    portion_items = 5_000_000
    """Items that are judged at a time, unless a single shard has more."""

    def __init__(self, backend: ibis.backends.duckdb.Backend, workdir: Path) -> None:
        """Wrap a connected backend; use `Engine.duckdb` instead."""
        self._backend = backend
        self._numbers = count()
        self._scoped: list[str] = []
        self.workdir = workdir
        # Also when nobody closes it, as in a notebook.
        self._remove = weakref.finalize(self, shutil.rmtree, workdir, ignore_errors=True)

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

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """End the connection and remove the work folder."""
        self._backend.disconnect()
        self._remove()

    # Tables in

    def read_parquet(self, paths: Sequence[Path]) -> ir.Table:
        """A lazy table over our own Parquet files, all of one schema."""
        return self.view(f"SELECT * FROM {sql.read_parquet(paths)}")

    def read_numbered(self, paths: Sequence[Path]) -> ir.Table:
        """As `read_parquet`, with `row`, which counts from 1 in each file."""
        source = sql.read_parquet(paths)
        return self.view(f"SELECT *, file_row_number + 1 AS row FROM {source}")

    def scan_parquet(self, paths: Sequence[Path | str], columns: Mapping[str, str]) -> ir.Table:
        """A lazy table over foreign Parquet files that have the same columns of the same types.

        Args:
            paths: the files, in order; or what `serving` gives for one.
            columns: for each column to read, the name that it gets.

        Returns:
            `file` (0-based index into `paths`), `path`, `row` (1-based) and the columns as text;
            lists and structs as JSON.

        """
        source = sql.read_parquet(paths)
        kinds = dict(self.rows(f"DESCRIBE SELECT * FROM {source}", columns=2))
        reads = [
            f"{sql.as_text(old, kinds[old])} AS {sql.name(new)}" for old, new in columns.items()
        ]
        position = "file_index::BIGINT AS file, filename AS path, file_row_number + 1 AS row"
        return self.view(f"SELECT {', '.join([position, *reads])} FROM {source}")

    @contextmanager
    def serving(self, file: Served) -> Iterator[str]:
        """A path by which the engine reads a file that isn't on this disk, while the context lasts.

        Only the parts that a query needs are asked for.
        """
        scheme = f"served-{self._fresh().replace('_', '-')}"
        self._backend.con.register_filesystem(file_system(scheme, file))
        try:
            yield f"{scheme}://file"
        finally:
            self._backend.con.unregister_filesystem(scheme)

    def from_arrow(self, name: str, reader: pa.RecordBatchReader | pa.Table) -> ir.Table:
        """Stream Arrow data into a new table of the engine; `name` only helps to read plans."""
        stream, table = self._fresh(), f"{name}_{self._fresh()}"
        with guarded(), self._registered(stream, reader):
            self._backend.raw_sql(f"CREATE TEMP TABLE {sql.name(table)} AS SELECT * FROM {stream}")
            self._scoped.append(table)
            return self._table(table)

    def view(self, query: str) -> ir.Table:
        """A lazy table over a query in the engine's own SQL."""
        name = self._fresh()
        with guarded():
            self._backend.raw_sql(f"CREATE TEMP VIEW {name} AS {query}")
            return self._table(name)

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

    def json_records(self, lines: ir.Table, keys: Sequence[str]) -> ir.Table:
        """JSON texts as records.

        Args:
            lines: `row`, `line`, `reason`, `detail`, `excerpt`; a line with a reason is passed on.
            keys: those to read; they become the columns `c0`, `c1`, … as text.

        Returns:
            The columns of `lines` without `line`, a reason given to what is no JSON object, and
            the values.

        """
        return self.view(sql.json_records(self.compiled(lines), keys))

    def json_keys(self, lines: ir.Table, limit: int) -> list[str]:
        """The keys of JSON objects, the most frequent ones up to a limit."""
        return [row[0] for row in self.rows(sql.json_keys(self.compiled(lines), limit))]

    def scan_csv(
        self, path: Path, *, delimiter: str, width: int, compression: str | None, longest: int
    ) -> CsvScan:
        """A CSV file with a header as a table that can be read once.

        Args:
            path: the file, in UTF-8.
            delimiter: one character.
            width: the number of columns; they become `c0`, `c1`, …
            compression: `gz`, `zst` or None.
            longest: bytes that a record may have.

        """
        rejects = self._fresh()
        source = sql.read_csv(
            path,
            delimiter=delimiter,
            width=width,
            compression=compression,
            longest=longest,
            rejects=rejects,
        )
        return CsvScan(self.view(f"SELECT * FROM {source}"), rejects)

    def csv_rejects(self, scan: CsvScan, width: int) -> ir.Table | None:
        """After a scan was read: its bad records, or None if there are none.

        Returns:
            `row` (1-based), `reason`, `detail`, `excerpt` and `several_lines`.

        """
        if not self.rows(f"FROM {scan.rejects} LIMIT 1"):
            return None
        with guarded():
            self._backend.raw_sql(sql.csv_rejects(scan.rejects, width))
            return self._table(f"{scan.rejects}_found")

    def number_csv(self, accepted: Path, rejected: ir.Table) -> ir.Table:
        """A scanned CSV's accepted records with `row`, their number among all records.

        Args:
            accepted: what was read, as Parquet in file order.
            rejected: as `csv_rejects` gives them.

        """
        return self.view(sql.number_csv(accepted, self.compiled(rejected)))

    @contextmanager
    def stream(
        self, reader: pa.RecordBatchReader, columns: Sequence[str] = ()
    ) -> Iterator[ir.Table]:
        """A table that can be read once, while the context lasts, without being kept.

        Args:
            reader: the data.
            columns: those to read as text; lists and structs as JSON. The others stay as they are.

        """
        stream = self._fresh()
        with self._registered(stream, reader):
            kinds = self.rows(f"DESCRIBE SELECT * FROM {stream}", columns=2)
            reads = [
                f"{sql.as_text(column, kind)} AS {sql.name(column)}"
                if column in columns
                else sql.name(column)
                for column, kind in kinds
            ]
            yield self.view(f"SELECT {', '.join(reads)} FROM {stream}")

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
            self._scoped.append(table)
            return self._table(table)

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
        order_by: str,
        columns: Sequence[str],
        lookups: Mapping[str, ir.Table],
    ) -> None:
        """Write rows that hold numbers, in order, as what the numbers stand for.

        Args:
            rows: some of their columns are numbers.
            path: the Parquet file.
            order_by: a column of the rows.
            columns: those to write: of the rows, or of one of the tables.
            lookups: by column of the rows the table that has a row for each such number, which
                count from 0 and stand in its column of the same name.

        Raises:
            SourcingAuditError: the engine failed or the file can't be written.

        """
        named = {
            number: self.arrow(table.order_by(number).drop(number))
            for number, table in lookups.items()
        }
        decoder = coded.Decoder(columns, named)
        wanted = [*(name for name in columns if name in rows.columns), *lookups]
        ordered = rows.order_by(order_by).select(*wanted)
        with guarded():
            coded.write(self._result(ordered).to_arrow_reader(coded.ROW_GROUP), decoder, path)

    @contextmanager
    def scope(self) -> Iterator[None]:
        """Drop what is materialised inside when the context ends, but for what `keep` was told."""
        outer, self._scoped = self._scoped, []
        try:
            yield
        finally:
            inner, self._scoped = self._scoped, outer
            for table in inner:
                self._backend.con.execute(f"DROP TABLE IF EXISTS {sql.name(table)}")

    def keep(self, table: ir.Table) -> ir.Table:
        """Let a materialised table outlive the scope it was made in."""
        self._scoped = [name for name in self._scoped if name != table.get_name()]
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
        # Not Ibis' own `table`: see `_result`.
        parse = self._backend.compiler.type_mapper.from_string
        found = self._backend.con.execute(f"DESCRIBE {sql.name(name)}").fetchall()
        columns = {column: parse(kind) for column, kind, *_ in found}
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
