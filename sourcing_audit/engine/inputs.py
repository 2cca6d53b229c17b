"""Files of others as tables: scanned where they lie, with what can't be read noted."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sourcing_audit.engine import sql
from sourcing_audit.engine.connection import Connection
from sourcing_audit.engine.served import file_system
from sourcing_audit.engine.starting import guarded

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


class Inputs(Connection):
    """Reads what isn't ours: Parquet, CSV, JSON and streams of any schema."""

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
