"""Text and Arrow shards, each parsed once into canonical Parquet in the engine's work folder."""

from __future__ import annotations

from dataclasses import replace
from shutil import copyfileobj
from typing import IO, TYPE_CHECKING

import ibis
import pyarrow as pa
import pyarrow.parquet as pq
from ibis import _

from sourcing_audit import schema
from sourcing_audit.errors import InputError
from sourcing_audit.schema import ITEM_TEXT_FIELDS
from sourcing_audit.sources import columnar, delimited, jsonl, streams, strict_csv
from sourcing_audit.sources.canonical import nothing
from sourcing_audit.sources.interface import (
    MAX_RECORD,
    STRIDE,
    Dialect,
    Format,
    Opened,
    Shard,
    UnreadableError,
)
from sourcing_audit.sources.template import match

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import ibis.expr.types as ir

    from sourcing_audit.engine import Engine
    from sourcing_audit.sources.canonical import Projection

_MOST_KEYS = 10_000

_WHY = ("reason", "detail", "excerpt")

COLUMNS = ("shard", "base", "row", *_WHY)
"""The columns of a parsed file, beside those of its projection."""


def tables(
    engine: Engine, paths: Sequence[Path], names: Sequence[str], dataset: str
) -> tuple[ir.Table, ir.Table]:
    """Items and quarantined records of parsed shards."""
    parsed = engine.read_parquet(paths)
    good, bad = parsed.filter(_.reason.isnull()), parsed.filter(_.reason.notnull())
    fields = {name: good[name] if name in names else nothing() for name in ITEM_TEXT_FIELDS}
    items = good.select("shard", "row", pos=_.base + _.row, **fields)
    quarantine = bad.select(
        "shard", "row", "reason", "detail", "excerpt", dataset=ibis.literal(dataset)
    )
    return items.select(*schema.ITEMS), quarantine.select(*schema.QUARANTINE)


def counts(engine: Engine, paths: Sequence[Path]) -> dict[int, tuple[int, int]]:
    """For each parsed shard's number, how many items and quarantined records it has."""
    parsed = engine.read_parquet(paths)
    found = parsed.group_by("base").aggregate(all=_.count(), bad=_.reason.count())
    return {
        row["base"] // STRIDE: (row["all"] - row["bad"], row["bad"])
        for row in engine.arrow(found).to_pylist()
    }


def open_shard(engine: Engine, shard: Shard) -> Opened:
    """Find a shard's columns.

    Raises:
        UnreadableError: the file can't be read at all.

    """
    match shard.format:
        case Format.PARQUET | Format.ARROW:
            shape, rows = columnar.shape(shard)
            if shard.format is Format.PARQUET and columnar.scannable(shape.names):
                return Opened(shard, tuple(shape.names), None, tuple(map(str, shape.types)), rows)
            return Opened(shard, delimited.unique(shape.names))
        case Format.JSONL:
            try:
                with streams.opened(shard) as stream, engine.stream(_json_reader(stream)) as lines:
                    return Opened(shard, tuple(engine.json_keys(lines, _MOST_KEYS)))
            except InputError as error:
                raise UnreadableError("file_unreadable", error.message) from error
        case Format.CSV | Format.TSV:
            with streams.opened(shard) as stream:
                tab = shard.format is Format.TSV
                dialect = delimited.dialect(stream, "\t" if tab else ",")
            return Opened(shard, dialect.columns, dialect)


def parse(engine: Engine, opened: Opened, projection: Projection, base: int, target: Path) -> None:
    """Write a shard's items and its quarantined records to one Parquet file.

    Args:
        engine: does the work.
        opened: the shard.
        projection: what is made of the columns.
        base: added to a row's number to give its position in the dataset.
        target: the file; it has `COLUMNS` and the projection's values, and for a quarantined
            record the reason.

    Raises:
        UnreadableError: the file turns out to be damaged.

    """
    writer = _Writer(engine, opened, projection, base, target)
    try:
        match opened.shard.format:
            case Format.PARQUET | Format.ARROW:
                writer.columnar()
            case Format.JSONL:
                writer.jsonl()
            case Format.CSV | Format.TSV:
                writer.csv()
    except InputError as error:
        raise UnreadableError("file_unreadable", error.message) from error


class _Writer:
    """One shard on its way into the work folder."""

    def __init__(
        self, engine: Engine, opened: Opened, projection: Projection, base: int, target: Path
    ) -> None:
        self._engine = engine
        self._shard = opened.shard
        self._dialect = opened.dialect
        self._projection = projection
        self._base = base
        self._target = target
        own = {column: match(column, opened.columns) for column in projection.columns}
        self._own = {wanted: name for wanted, name in own.items() if name is not None}
        """For each input column that is read, the shard's own spelling of it."""
        self._at = [opened.columns.index(name) for name in self._own.values()]

    def columnar(self) -> None:
        with (
            columnar.reader(self._shard, self._at) as reader,
            self._engine.stream(reader, reader.schema.names[1:]) as table,
        ):
            self._write(table)

    def jsonl(self) -> None:
        with (
            streams.opened(self._shard) as stream,
            self._engine.stream(_json_reader(stream)) as lines,
        ):
            self._write(self._engine.json_records(lines, list(self._own.values())))

    def csv(self) -> None:
        if self._dialect is None:
            raise UnreadableError("file_unreadable", "expected a header")
        shard = self._spooled()
        with streams.opened(shard) as stream:
            survey = delimited.survey(stream)
        if not survey.regular or not self._fast_csv(shard, self._dialect, survey):
            self._strict_csv(shard, self._dialect)

    def _fast_csv(self, shard: Shard, dialect: Dialect, survey: delimited.Survey) -> bool:
        """Let the engine read the file; False if what it read can't be relied on."""
        width = len(dialect.columns)
        scan = self._engine.scan_csv(
            shard.path,
            delimiter=dialect.delimiter,
            width=width,
            compression=shard.compression,
            longest=MAX_RECORD,
        )
        draft = self._target.with_suffix(".draft")
        values = self._values(scan.table, [f"c{at}" for at in self._at])
        try:
            self._engine.write_parquet(scan.table.select(**values), draft)
        except InputError:
            return False
        rejected = self._engine.csv_rejects(scan, width)
        bad = self._engine.arrow(rejected.count().as_table()).column(0)[0].as_py()
        accepted = pq.read_metadata(draft).num_rows
        # Of what the engine rejects it numbers blank lines too.
        if 1 + accepted + bad != survey.records or (bad and survey.blank):
            return False
        self._save(ibis.union(self._good(draft, rejected), self._bad(rejected)))
        draft.unlink()
        return True

    def _good(self, draft: Path, rejected: ir.Table) -> ir.Table:
        numbered = self._engine.number_csv(draft, rejected)
        return numbered.select(
            "row", **dict.fromkeys(_WHY, nothing()), **{n: numbered[n] for n in self._names}
        )

    def _bad(self, rejected: ir.Table) -> ir.Table:
        return rejected.select("row", *_WHY, **dict.fromkeys(self._names, nothing()))

    def _strict_csv(self, shard: Shard, dialect: Dialect) -> None:
        with streams.opened(shard) as stream:
            found = strict_csv.records(stream, dialect, self._at, MAX_RECORD)
            reader = pa.RecordBatchReader.from_batches(strict_csv.schema(len(self._at)), found)
            with self._engine.stream(reader) as table:
                self._write(table)

    def _spooled(self) -> Shard:
        """The shard as a file that the engine can read itself."""
        if not streams.needs_spool(self._shard):
            return self._shard
        path = self._target.with_suffix(".csv")
        with streams.opened(self._shard) as stream, path.open("wb") as file:
            copyfileobj(stream, file, streams.BLOCK)
        return replace(self._shard, path=path, compression=None)

    @property
    def _names(self) -> tuple[str, ...]:
        return self._projection.names

    def _values(self, table: ir.Table, columns: Sequence[str]) -> dict[str, ir.StringValue]:
        physical = dict(zip(self._own, columns, strict=True))
        return self._projection.values(table, physical, self._shard.split)

    def _write(self, table: ir.Table) -> None:
        """Write a table that has `row`, the read columns and, where records can be bad, why."""
        why = {name: table[name] if name in table.columns else nothing() for name in _WHY}
        values = self._values(table, [f"c{i}" for i in range(len(self._at))])
        self._save(table.select("row", **why, **values))

    def _save(self, table: ir.Table) -> None:
        table = table.mutate(
            shard=ibis.literal(self._shard.name), base=ibis.literal(self._base, "int64")
        )
        self._engine.write_parquet(table.select(*COLUMNS, *self._names), self._target)


def _json_reader(stream: IO[bytes]) -> pa.RecordBatchReader:
    return pa.RecordBatchReader.from_batches(jsonl.SCHEMA, jsonl.records(stream))
