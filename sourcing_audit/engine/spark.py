"""Spark for what is as large as the items; DuckDB for what is small or has to be parsed."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Self

import ibis.expr.operations as ops

from sourcing_audit.engine import sql
from sourcing_audit.engine.cluster import Cluster, batches
from sourcing_audit.engine.duck import Engine
from sourcing_audit.engine.starting import connected

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    import ibis.backends.duckdb
    import ibis.expr.types as ir
    import pyarrow as pa

_ALIKE = re.compile(r"VARCHAR|BOOLEAN|DATE|U?(?:TINYINT|SMALLINT|INTEGER|BIGINT)")
"""DuckDB's types whose values Spark writes as the same text."""


class SparkEngine(Engine):
    """Runs an expression on Spark as soon as one of its tables is there.

    Tables come there by `spread`. A table of DuckDB that meets one of them is
    handed over, once, as Parquet in the work folder, which therefore all workers must see.
    """

    spreads = True
    portion_items = sys.maxsize

    def __init__(
        self, backend: ibis.backends.duckdb.Backend, workdir: Path, running: Cluster
    ) -> None:
        """Wrap both; use `SparkEngine.spark` instead."""
        super().__init__(backend, workdir)
        self._cluster = running
        self._handed_over: dict[str, ir.Table] = {}
        """Tables on Spark, by the name that they have in DuckDB."""
        self._files: dict[str, tuple[Sequence[Path], bool]] = {}
        """Our own Parquet files behind tables of DuckDB, and whether their rows are numbered."""
        self._scans: dict[str, tuple[Sequence[Path], Mapping[str, str]]] = {}
        """Those of others, and the columns that are read."""

    @classmethod
    def spark(
        cls,
        *,
        master: str | None = None,
        memory_limit: str | None = None,
        temp_directory: Path | None = None,
    ) -> Self:
        """Spark, and an embedded DuckDB beside it.

        Args:
            master: where Spark runs, e.g. `local[4]` or `spark://host:7077`; by default the
                application that runs already, or what Spark's own settings say.
            memory_limit: of DuckDB, e.g. `4GB`.
            temp_directory: where the work folder is made; on a cluster, one that all workers see.

        Raises:
            SourcingAuditError: one of them does not start.

        """
        running = Cluster.connect(master)
        try:
            return cls(*connected(memory_limit, temp_directory), running)
        except BaseException:
            running.close()
            raise

    def close(self) -> None:
        """End both."""
        self._cluster.close()
        super().close()

    # Tables in

    def read_parquet(self, paths: Sequence[Path]) -> ir.Table:
        """See `Engine`."""
        return self._of_files(super().read_parquet(paths), paths, numbered=False)

    def read_numbered(self, paths: Sequence[Path]) -> ir.Table:
        """See `Engine`."""
        return self._of_files(super().read_numbered(paths), paths, numbered=True)

    def scan_parquet(self, paths: Sequence[Path | str], columns: Mapping[str, str]) -> ir.Table:
        """See `Engine`."""
        table = super().scan_parquet(paths, columns)
        kinds = dict(self.rows(f"DESCRIBE SELECT * FROM {sql.read_parquet(paths)}", columns=2))
        here = [path for path in paths if isinstance(path, Path)]
        if len(here) == len(paths) and all(_ALIKE.fullmatch(kinds[name]) for name in columns):
            self._scans[table.get_name()] = (here, columns)
        return table

    def named(self, expr: ir.Table) -> ir.Table:
        """See `Engine`."""
        there = self._there(expr)
        return super().named(expr) if there is None else self._cluster.named(there)

    def spread(self, expr: ir.Table) -> ir.Table:
        """See `Engine`."""
        if self._there(expr) is not None:
            return expr
        return self._hand_over(expr)

    # Tables out

    def materialise(self, expr: ir.Table, name: str) -> ir.Table:
        """See `Engine`; on Spark, in files."""
        there = self._there(expr)
        if there is None:
            return super().materialise(expr, name)
        folder = self._written(there)
        return self._cluster.read(sorted(folder.iterdir()), there.schema(), numbered=False)

    def stored(self, expr: ir.Table) -> ir.Table:
        """See `Engine`."""
        return super().stored(expr) if self._there(expr) is None else self.materialise(expr, "")

    def write_parquet(self, expr: ir.Table, path: Path, *, compression: str = "zstd") -> None:
        """See `Engine`; a table on Spark becomes a folder of files."""
        there = self._there(expr)
        if there is None:
            super().write_parquet(expr, path, compression=compression)
        else:
            self._cluster.write(there, path, compression)

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
        """See `Engine`; a table on Spark becomes a folder of files."""
        if self._there(rows) is None:
            super().write_coded(
                rows,
                path,
                order_by=order_by,
                columns=columns,
                lookups=lookups,
                repeating=repeating,
                sought=sought,
            )
            return
        for number, lookup in lookups.items():
            found = lookup.rename({f"of_{number}": number})
            # Every number is there; were one not, its row would have no verdict, and not be lost.
            rows = rows.left_join(found, rows[number] == found[f"of_{number}"])
        self.write_parquet(rows.order_by(order_by).select(*columns), path)

    def keep(self, table: ir.Table) -> ir.Table:
        """See `Engine`; what is on Spark stays until the end."""
        return super().keep(table) if self._there(table) is None else table

    def batches(self, expr: ir.Table, size: int = 100_000) -> Iterator[pa.RecordBatch]:
        """See `Engine`; through files, so that no more than a batch is held here."""
        there = self._there(expr)
        if there is None:
            yield from super().batches(expr, size)
            return
        folder = self._written(there)
        yield from batches(folder, there.schema(), size)
        shutil.rmtree(folder)

    def arrow(self, expr: ir.Table) -> pa.Table:
        """See `Engine`."""
        there = self._there(expr)
        return super().arrow(expr) if there is None else self._cluster.arrow(there)

    def _written(self, there: ir.Table) -> Path:
        folder = self.new_folder() / "table"
        self._cluster.write(there, folder, "snappy")
        return folder

    def _of_files(self, table: ir.Table, paths: Sequence[Path], *, numbered: bool) -> ir.Table:
        self._files[table.get_name()] = (paths, numbered)
        return table

    def _there(self, expr: ir.Table) -> ir.Table | None:
        """The expression over tables on Spark only; None if it has none."""
        tables = expr.op().find(ops.DatabaseTable)
        if not any(self._cluster.holds(table) for table in tables):
            return None
        here = [table for table in tables if not self._cluster.holds(table)]
        if not here:
            return expr
        moved = {table: self._moved(table).op() for table in here}
        return expr.op().replace(moved).to_expr()

    def _moved(self, table: ops.DatabaseTable) -> ir.Table:
        if table.name not in self._handed_over:
            self._handed_over[table.name] = self._hand_over(table.to_expr())
        return self._handed_over[table.name]

    def _hand_over(self, expr: ir.Table) -> ir.Table:
        """A table of DuckDB on Spark: from where its rows lie, if Spark reads them alike."""
        schema, table = expr.schema(), expr.op()
        unsigned = [name for name, kind in schema.items() if kind.is_uint64()]
        name = table.name if isinstance(table, ops.DatabaseTable) else ""
        if name in self._scans:
            return self._cluster.scan(*self._scans[name])
        if name in self._files and not unsigned:
            paths, numbered = self._files[name]
            return self._cluster.read(paths, schema, numbered=numbered)
        path = self.new_folder() / "table.parquet"
        Engine.write_parquet(self, self._signed(expr, unsigned), path, compression="snappy")
        return self._cluster.read([path], schema, numbered=False)

    def _signed(self, expr: ir.Table, unsigned: Sequence[str]) -> ir.Table:
        """The table with the signed numbers of the same bits, as `SparkSql` has them."""
        if not unsigned:
            return expr
        name = self.named(expr).get_name()
        new = ", ".join(f"{sql.signed(column)} AS {sql.name(column)}" for column in unsigned)
        return self.view(f"SELECT * REPLACE ({new}) FROM {sql.name(name)}")
