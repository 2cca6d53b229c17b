"""Spark for what is as large as the items; DuckDB for what is small or has to be parsed."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING, Self

import ibis.expr.operations as ops

from sourcing_audit.engine import cluster, sql
from sourcing_audit.engine.duck import Engine

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    import ibis.expr.types as ir
    import pyarrow as pa

_ALIKE = re.compile(r"VARCHAR|BOOLEAN|DATE|U?(?:TINYINT|SMALLINT|INTEGER|BIGINT)")
"""DuckDB's types whose values Spark writes as the same text."""


class SparkEngine(Engine):
    """Runs an expression on Spark as soon as one of its tables is there.

    Tables come there by `spread` and `scan_parquet`. A table of DuckDB that meets one of them is
    handed over, once, as Parquet in the work folder, which therefore all workers must see.
    """

    _cluster: cluster.Cluster

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
        engine = cls.duckdb(memory_limit=memory_limit, temp_directory=temp_directory)
        try:
            engine._cluster = cluster.Cluster.connect(master)
        except BaseException:
            Engine.close(engine)
            raise
        engine._handed_over = {}
        engine._files = {}
        return engine

    _handed_over: dict[str, ir.Table]
    """Tables on Spark, by the name that they have in DuckDB."""
    _files: dict[str, tuple[Sequence[Path], bool]]
    """The Parquet files behind tables of DuckDB, and whether their rows are numbered."""

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

    def scan_parquet(self, paths: Sequence[Path], columns: Mapping[str, str]) -> ir.Table:
        """See `Engine`; what Spark would write otherwise as text is made text by DuckDB."""
        kinds = dict(self.rows(f"DESCRIBE SELECT * FROM {sql.read_parquet(paths)}", columns=2))
        if all(_ALIKE.fullmatch(kinds[name]) for name in columns):
            return self._cluster.scan(paths, columns)
        return self.spread(super().scan_parquet(paths, columns))

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

    def batches(self, expr: ir.Table, size: int = 100_000) -> Iterator[pa.RecordBatch]:
        """See `Engine`; through files, so that no more than a batch is held here."""
        there = self._there(expr)
        if there is None:
            yield from super().batches(expr, size)
            return
        folder = self._written(there)
        yield from cluster.batches(folder, there.schema(), size)
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
        """A table of DuckDB on Spark: by its own files where Spark can read them."""
        schema = expr.schema()
        unsigned = [name for name, kind in schema.items() if kind.is_uint64()]
        table = expr.op()
        if isinstance(table, ops.DatabaseTable) and table.name in self._files and not unsigned:
            paths, numbered = self._files[table.name]
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
