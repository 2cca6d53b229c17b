"""Shards that the engine can't scan in place, each parsed once into its work folder."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass, replace
from shutil import copyfileobj
from typing import IO, TYPE_CHECKING

import ibis
import pyarrow as pa
import pyarrow.parquet as pq
from ibis import _

from sourcing_audit import schema
from sourcing_audit.errors import InputError
from sourcing_audit.schema import ITEM_TEXT_FIELDS
from sourcing_audit.sources import (
    columnar,
    delimited,
    embedded,
    excerpts,
    jsonl,
    streams,
    strict_csv,
)
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
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import ibis.expr.types as ir

    from sourcing_audit.engine import Engine
    from sourcing_audit.sources.canonical import Projection
    from sourcing_audit.sources.delimited import Survey

_MOST_KEYS = 10_000

_SPOOLED, _UNIFIED, _DRAFT = ".csv", ".lf.csv", ".draft"
"""Suffixes of files that are needed only while a CSV is parsed."""

_IN_PIECES = frozenset({Format.PARQUET, Format.ARROW})
"""Formats that are read from more than one place of the file at once."""

_WHY = ("reason", "detail", "excerpt")


@dataclass(frozen=True)
class Parsed:
    """A shard in the work folder."""

    path: Path
    """Parquet with `shard`, `number` and the projection's values, and if the shard isn't
    faultless also `row`, `reason`, `detail` and `excerpt`."""
    faultless: bool
    """Every record is an item, in order."""


def items(engine: Engine, shards: Sequence[Parsed], names: Sequence[str]) -> list[ir.Table]:
    """The items of parsed shards, in any order."""
    found = []
    for view in _views(engine, shards):
        parsed = engine.spread(view)
        good = parsed.filter(_.reason.isnull()) if "reason" in parsed.columns else parsed
        fields = {name: good[name] if name in names else nothing() for name in ITEM_TEXT_FIELDS}
        position = good.number.cast("int64") * STRIDE + good.row
        found.append(good.select("shard", "row", pos=position, **fields).select(*schema.ITEMS))
    return found


def quarantined(engine: Engine, shards: Sequence[Parsed], dataset: str) -> list[ir.Table]:
    """The records of parsed shards that could not be read, in any order."""
    return [
        parsed.filter(_.reason.notnull())
        .mutate(dataset=ibis.literal(dataset))
        .select(*schema.QUARANTINE)
        for parsed in _views(engine, shards)
        if "reason" in parsed.columns
    ]


def counts(engine: Engine, shards: Sequence[Parsed]) -> dict[int, tuple[int, int]]:
    """For each parsed shard's number, how many items and quarantined records it has."""
    found = {}
    for parsed in _views(engine, shards):
        bad = _.reason.count() if "reason" in parsed.columns else ibis.literal(0)
        table = parsed.group_by("number").aggregate(records=_.count(), bad=bad)
        for row in engine.arrow(table).to_pylist():
            found[row["number"]] = (row["records"] - row["bad"], row["bad"])
    return found


def _views(engine: Engine, shards: Sequence[Parsed]) -> Iterator[ir.Table]:
    faultless = [parsed.path for parsed in shards if parsed.faultless]
    checked = [parsed.path for parsed in shards if not parsed.faultless]
    if faultless:
        yield engine.read_numbered(faultless)
    if checked:
        yield engine.read_parquet(checked)


def open_shard(engine: Engine, shard: Shard) -> Opened:
    """Find a shard's columns.

    Raises:
        UnreadableError: the file can't be read at all.

    """
    remote = shard.remote
    if remote is not None and shard.format in _IN_PIECES and not remote.in_pieces:
        remote.copied(engine.new_folder())
    match shard.format:
        case Format.PARQUET | Format.ARROW | Format.HUB:
            shape, rows = columnar.shape(shard)
            media = embedded.columns(shard, shape)
            if shard.format is Format.PARQUET and columnar.scannable(shape.names):
                types = tuple(map(str, shape.types)) if remote is None else ()
                return Opened(
                    shard, tuple(shape.names), None, types, rows, media, served=remote is not None
                )
            return Opened(shard, delimited.unique(shape.names), media=media)
        case Format.JSONL:
            try:
                with streams.opened(shard) as stream, engine.stream(_json_reader(stream)) as lines:
                    return Opened(shard, tuple(engine.json_keys(lines, _MOST_KEYS)))
            except InputError as error:
                raise _unreadable(shard, error) from error
        case Format.CSV | Format.TSV:
            with streams.opened(shard) as stream:
                tab = shard.format is Format.TSV
                dialect = delimited.dialect(stream, "\t" if tab else ",")
            return Opened(shard, dialect.columns, dialect)


def parse(
    engine: Engine, opened: Opened, projection: Projection, number: int, target: Path
) -> Parsed:
    """Write a shard's items and its quarantined records to one Parquet file.

    Args:
        engine: does the work.
        opened: the shard.
        projection: what is made of the columns.
        number: the shard's place in the dataset.
        target: the file to write.

    Raises:
        UnreadableError: the file turns out to be damaged.

    """
    writer = _Writer(engine, opened, projection, number, target)
    try:
        match opened.shard.format:
            case Format.PARQUET if opened.served:
                parsed = writer.served()
            case Format.PARQUET | Format.ARROW | Format.HUB:
                parsed = writer.columnar()
            case Format.JSONL:
                parsed = writer.jsonl()
            case Format.CSV | Format.TSV:
                parsed = writer.csv()
    except InputError as error:
        raise _unreadable(opened.shard, error) from error
    if opened.shard.remote is not None:
        opened.shard.remote.require_unchanged()
    return parsed


def _unreadable(shard: Shard, error: InputError) -> UnreadableError:
    """Why a shard can't be read; where its store failed, the engine's own words don't matter."""
    if shard.remote is not None:
        if shard.remote.problem is not None:
            return shard.remote.problem
        try:
            shard.remote.require_unchanged()
        except UnreadableError as changed:
            return changed
    return UnreadableError("file_unreadable", error.message)


class _Writer:
    """One shard on its way into the work folder."""

    def __init__(
        self, engine: Engine, opened: Opened, projection: Projection, number: int, target: Path
    ) -> None:
        self._engine = engine
        self._shard = opened.shard
        self._dialect = opened.dialect
        self._projection = projection
        self._number = number
        self._target = target
        own = {column: match(column, opened.columns) for column in projection.columns}
        self._own = {wanted: name for wanted, name in own.items() if name is not None}
        """For each input column that is read, the shard's own spelling of it."""
        self._at = [opened.columns.index(name) for name in self._own.values()]

    def columnar(self) -> Parsed:
        with (
            columnar.reader(self._shard, self._at) as reader,
            self._engine.stream(reader, reader.schema.names) as table,
        ):
            columns = [f"c{i}" for i in range(len(self._at))]
            return self._save(table.select(**self._values(table, columns)), faultless=True)

    def served(self) -> Parsed:
        """Let the engine take the columns from where they lie, once and for all."""
        if self._shard.remote is None:
            return self.columnar()
        columns = {name: f"c{i}" for i, name in enumerate(self._own.values())}
        copy = self._shard.remote.copy
        serving = self._engine.serving(self._shard.remote) if copy is None else nullcontext(copy)
        with serving as path:
            table = self._engine.scan_parquet([path], columns)
            return self._save(
                table.select(**self._values(table, [*columns.values()])), faultless=True
            )

    def jsonl(self) -> Parsed:
        with (
            streams.opened(self._shard) as stream,
            self._engine.stream(_json_reader(stream)) as lines,
        ):
            return self._checked(self._engine.json_records(lines, list(self._own.values())))

    def csv(self) -> Parsed:
        if self._dialect is None:
            raise UnreadableError("file_unreadable", "expected a header")
        shard = self._spooled()
        with streams.opened(shard) as stream:
            survey = delimited.survey(stream, self._dialect.delimiter)
        fast = None
        if survey.regular:
            uniform = self._unified(shard) if survey.mixed else shard
            fast = self._fast_csv(uniform, self._dialect, survey)
        parsed = fast or self._strict_csv(shard, self._dialect)
        for suffix in (_SPOOLED, _UNIFIED, _DRAFT):
            self._target.with_suffix(suffix).unlink(missing_ok=True)
        return parsed

    def _fast_csv(self, shard: Shard, dialect: Dialect, survey: Survey) -> Parsed | None:
        """Let the engine read the file; None if what it read can't be relied on."""
        width = len(dialect.columns)
        scan = self._engine.scan_csv(
            shard.path,
            delimiter=dialect.delimiter,
            width=width,
            compression=shard.compression,
            longest=MAX_RECORD,
        )
        values = self._values(scan.table, [f"c{at}" for at in self._at])
        try:
            drafted = self._save(scan.table.select(**values), faultless=True)
        except InputError:
            return None
        accepted = pq.read_metadata(drafted.path).num_rows
        rejected = self._engine.csv_rejects(scan, width)
        if rejected is None:
            return drafted if 1 + accepted == survey.records else None
        swallowing = (rejected.reason == "bad_quoting") & rejected.several_lines
        totals = rejected.aggregate(bad=rejected.count(), swallowing=swallowing.any())
        bad, swallowed = self._engine.arrow(totals).to_pylist()[0].values()
        # Where it rejects records the engine numbers blank lines too, and takes all that an open
        # quote swallows for one record.
        if 1 + accepted + bad != survey.records or survey.blank or swallowed:
            return None
        draft = drafted.path.rename(self._target.with_suffix(_DRAFT))
        every = ibis.union(self._good(draft, rejected), self._bad(shard, rejected))
        return self._save(every, faultless=False)

    def _good(self, draft: Path, rejected: ir.Table) -> ir.Table:
        numbered = self._engine.number_csv(draft, rejected)
        return numbered.select(
            "row", **dict.fromkeys(_WHY, nothing()), **{n: numbered[n] for n in self._names}
        )

    def _bad(self, shard: Shard, rejected: ir.Table) -> ir.Table:
        told = excerpts.as_they_stand(self._engine, shard, rejected)
        return told.select("row", *_WHY, **dict.fromkeys(self._names, nothing()))

    def _strict_csv(self, shard: Shard, dialect: Dialect) -> Parsed:
        with streams.opened(shard) as stream:
            found = strict_csv.records(stream, dialect, self._at, MAX_RECORD)
            reader = pa.RecordBatchReader.from_batches(strict_csv.schema(len(self._at)), found)
            with self._engine.stream(reader) as table:
                return self._checked(table)

    def _spooled(self) -> Shard:
        """The shard as a file that the engine can read itself."""
        if not streams.needs_spool(self._shard):
            return self._shard
        path = self._target.with_suffix(_SPOOLED)
        with streams.opened(self._shard) as stream, path.open("wb") as file:
            copyfileobj(stream, file, streams.BLOCK)
        return replace(self._shard, path=path, compression=None, remote=None)

    def _unified(self, shard: Shard) -> Shard:
        """The shard with one newline style, which is all that the engine understands."""
        path = self._target.with_suffix(_UNIFIED)
        with streams.opened(shard) as stream, path.open("wb") as file:
            file.writelines(delimited.one_style(stream))
        return replace(shard, path=path, compression=None)

    @property
    def _names(self) -> tuple[str, ...]:
        return self._projection.names

    def _values(self, table: ir.Table, columns: Sequence[str]) -> dict[str, ir.StringValue]:
        physical = dict(zip(self._own, columns, strict=True))
        return self._projection.values(table, physical, self._shard.split)

    def _checked(self, table: ir.Table) -> Parsed:
        """Write a table that has `row`, the read columns and what is wrong with each record."""
        values = self._values(table, [f"c{i}" for i in range(len(self._at))])
        return self._save(table.select("row", *_WHY, **values), faultless=False)

    def _save(self, table: ir.Table, *, faultless: bool) -> Parsed:
        named = table.mutate(
            shard=ibis.literal(self._shard.name), number=ibis.literal(self._number, "int32")
        )
        self._engine.write_parquet(named, self._target, compression="snappy")
        return Parsed(self._target, faultless)


def _json_reader(stream: IO[bytes]) -> pa.RecordBatchReader:
    return pa.RecordBatchReader.from_batches(jsonl.SCHEMA, jsonl.records(stream))
