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
from sourcing_audit.sources import canonical, columnar, delimited, jsonl, streams, strict_csv
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
    from sourcing_audit.sources.mapping import Mapper

_MOST_KEYS = 10_000

COLUMNS = ("shard", "base", "row", "reason", "detail", "excerpt")
"""The columns of a parsed file, beside the canonical fields."""


def parsed_fields(mapper: Mapper) -> list[str]:
    """The canonical fields that parsed files have; every shard may come from a split."""
    return sorted({"split", *(mapped.field for mapped in mapper.fields)})


def tables(
    engine: Engine, paths: Sequence[Path], mapper: Mapper, dataset: str
) -> tuple[ir.Table, ir.Table]:
    """Items and quarantined records of parsed shards."""
    parsed = engine.read_parquet(paths)
    good, bad = parsed.filter(_.reason.isnull()), parsed.filter(_.reason.notnull())
    filled = parsed_fields(mapper)
    fields = {name: good[name] if name in filled else _nothing() for name in ITEM_TEXT_FIELDS}
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
            with streams.opened(shard) as stream, engine.stream(_json_reader(stream)) as lines:
                return Opened(shard, tuple(engine.json_keys(lines, _MOST_KEYS)))
        case Format.CSV | Format.TSV:
            with streams.opened(shard) as stream:
                tab = shard.format is Format.TSV
                dialect = delimited.dialect(stream, "\t" if tab else ",")
            return Opened(shard, dialect.columns, dialect)


def parse(engine: Engine, opened: Opened, mapper: Mapper, base: int, target: Path) -> None:
    """Write a shard's items and its quarantined records to one Parquet file.

    Args:
        engine: does the work.
        opened: the shard.
        mapper: how canonical fields are filled.
        base: added to a row's number to give its position in the dataset.
        target: the file; it has `COLUMNS` and the mapped fields, and for a quarantined record
            the reason.

    Raises:
        UnreadableError: the file turns out to be damaged.

    """
    writer = _Writer(engine, opened, mapper, base, target)
    match opened.shard.format:
        case Format.PARQUET | Format.ARROW:
            writer.columnar()
        case Format.JSONL:
            writer.jsonl()
        case Format.CSV | Format.TSV:
            writer.csv()


class _Writer:
    """One shard on its way into the work folder."""

    def __init__(
        self, engine: Engine, opened: Opened, mapper: Mapper, base: int, target: Path
    ) -> None:
        self._engine = engine
        self._shard = opened.shard
        self._opened = opened
        self._mapper = mapper
        self._base = base
        self._target = target
        found = {column: match(column, opened.columns) for column in mapper.used}
        self._columns = {wanted: name for wanted, name in found.items() if name is not None}
        """For each input column that is read, the shard's own spelling of it."""

    def columnar(self) -> None:
        at = [self._opened.columns.index(name) for name in self._columns.values()]
        with columnar.reader(self._shard, at) as reader:
            with self._engine.stream(reader, reader.schema.names[1:]) as table:
                self._write(table)

    def jsonl(self) -> None:
        with streams.opened(self._shard) as stream:
            with self._engine.stream(_json_reader(stream)) as lines:
                self._write(self._engine.json_records(lines, list(self._columns.values())))

    def csv(self) -> None:
        with streams.opened(self._shard) as stream:
            survey = delimited.survey(stream)
        if not survey.regular or not self._fast_csv(survey):
            self._strict_csv()

    def _fast_csv(self, survey: delimited.Survey) -> bool:
        """Let the engine read the file; False if what it read can't be relied on."""
        dialect = self._dialect()
        width = len(dialect.columns)
        shard = self._spooled()
        scan = self._engine.scan_csv(
            shard.path,
            delimiter=dialect.delimiter,
            width=width,
            compression=shard.compression,
            longest=MAX_RECORD,
        )
        draft = self._target.with_suffix(".draft")
        at = [dialect.columns.index(name) for name in self._columns.values()]
        try:
            self._engine.write_parquet(
                scan.table.select(**self._fields(scan.table, [f"c{i}" for i in at])), draft
            )
        except InputError:
            return False
        rejects = self._engine.csv_rejects(scan, width)
        rejected = int(self._engine.arrow(rejects.count().as_table()).column(0)[0].as_py())
        accepted = pq.read_metadata(draft).num_rows
        if 1 + accepted + rejected != survey.records or (rejected and survey.blank):
            return False
        self._number(draft, rejects)
        draft.unlink()
        return True

    def _number(self, draft: Path, rejects: ir.Table) -> None:
        """Give each accepted record its number: those before it, rejected ones included."""
        numbered = self._engine.number_csv(draft, rejects)
        bad = rejects.select(
            "row", "reason", "detail", "excerpt", **dict.fromkeys(self._names(), _nothing())
        )
        good = numbered.select(
            "row", *self._names(), **dict.fromkeys(("reason", "detail", "excerpt"), _nothing())
        )
        self._save(ibis.union(good, bad.select(good.columns)))

    def _strict_csv(self) -> None:
        dialect = self._dialect()
        at = [dialect.columns.index(name) for name in self._columns.values()]
        with streams.opened(self._shard) as stream:
            found = strict_csv.records(stream, dialect, at, MAX_RECORD)
            reader = pa.RecordBatchReader.from_batches(strict_csv.schema(len(at)), found)
            with self._engine.stream(reader) as table:
                self._write(table)

    def _dialect(self) -> Dialect:
        if self._opened.dialect is None:
            raise UnreadableError("file_unreadable", "expected a header")
        return self._opened.dialect

    def _spooled(self) -> Shard:
        """The shard as a file that the engine can read itself."""
        if not streams.needs_spool(self._shard):
            return self._shard
        path = self._target.with_suffix(".csv")
        with streams.opened(self._shard) as stream, path.open("wb") as file:
            copyfileobj(stream, file, streams.BLOCK)
        return replace(self._shard, path=path, compression=None)

    def _names(self) -> list[str]:
        return parsed_fields(self._mapper)

    def _fields(self, table: ir.Table, columns: list[str]) -> dict[str, ir.StringValue]:
        physical = dict(zip(self._columns, columns, strict=True))
        values = canonical.fields(table, self._mapper, physical, self._shard.split)
        return {name: values[name] for name in self._names()}

    def _write(self, table: ir.Table) -> None:
        """Write a table that has `row`, the read columns and, where records can be bad, why."""
        extra = {
            name: table[name] if name in table.columns else _nothing()
            for name in ("reason", "detail", "excerpt")
        }
        columns = [f"c{i}" for i in range(len(self._columns))]
        self._save(table.select("row", **extra, **self._fields(table, columns)))

    def _save(self, table: ir.Table) -> None:
        table = table.mutate(
            shard=ibis.literal(self._shard.name), base=ibis.literal(self._base, "int64")
        )
        self._engine.write_parquet(table.select(*COLUMNS, *self._names()), self._target)


def _nothing() -> ir.StringValue:
    value: ir.StringValue = ibis.null("string")
    return value


def _json_reader(stream: IO[bytes]) -> pa.RecordBatchReader:
    return pa.RecordBatchReader.from_batches(jsonl.SCHEMA, jsonl.records(stream))
