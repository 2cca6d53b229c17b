"""Any manifest as one canonical items table, and what could not be read with its reason."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import ibis
import pyarrow as pa

from sourcing_audit import schema
from sourcing_audit.errors import InputError, NothingToAuditError
from sourcing_audit.model import ShardInfo
from sourcing_audit.rules.cards import CardRules
from sourcing_audit.sources import again, discover, in_place, parse, remote, streams
from sourcing_audit.sources.canonical import Canonical
from sourcing_audit.sources.interface import (
    STRIDE,
    Ingested,
    MediaShard,
    Opened,
    Portion,
    Progress,
    Shard,
    UnreadableError,
)
from sourcing_audit.sources.mapping import build
from sourcing_audit.sources.portions import parts, within

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import ibis.expr.types as ir

    from sourcing_audit.engine import Engine
    from sourcing_audit.rules import RuleStore
    from sourcing_audit.sources.canonical import Projection
    from sourcing_audit.sources.cards import Card
    from sourcing_audit.sources.mapping import Mapper

_TYPES = [pa.int64() if name == "row" else pa.string() for name in schema.QUARANTINE]
_FIXES = {
    "file_empty": "give a file with a header and records",
    "file_unreadable": "check that the file is whole and of the format that its name says",
    "file_changed": "audit it again when nobody writes to it",
    "undecodable": "save the file as UTF-8",
    "digest_mismatch": "get the file that its description means, or describe this one",
    "bad_quoting": "write the header as one line, with quotes in pairs",
}


def ingest(
    engine: Engine,
    inputs: Sequence[str],
    *,
    dataset: str,
    store: RuleStore,
    mapping: Mapping[str, str] | None = None,
    mapping_origin: str = "flag",
    progress: Progress | None = None,
) -> Ingested:
    """Read a dataset's inputs as canonical items.

    Args:
        engine: holds the tables; they last until it is closed.
        inputs: files, folders, patterns, or `hf:org/name@revision`.
        dataset: the dataset's name.
        store: holds the layouts and usual column names.
        mapping: canonical field to template, as the user gave it.
        mapping_origin: `flag` or `config`, for what the user gave.
        progress: is told the stage, how many files are done and how many there are.

    Raises:
        InputError: no input can be read, or no column is recognised.
        ConfigError: the mapping names an unknown field or column.
        NothingToAuditError: there are no records.

    """
    shards = discover.shards(inputs, CardRules(store))
    reading = _Reading(engine, shards, progress or (lambda _stage, _done, _total: None))
    reading.fingerprint()
    reading.open()
    media = reading.media()
    where = shards[0].name if len(shards) == 1 else dataset
    mapper = build(
        reading.columns(),
        mapping or {},
        origin=mapping_origin,
        store=store,
        where=where,
        media={name for one in media for name in one.columns},
    )
    projection = Canonical(mapper)
    reading.read(projection)
    return _ingested(reading, mapper, projection, dataset, where)


def read_again(
    engine: Engine,
    infos: Sequence[ShardInfo],
    fields: Mapping[str, str],
    *,
    store: RuleStore,
) -> ir.Table:
    """The items of a dataset that was audited, with some canonical fields only.

    Args:
        engine: holds the table; it lasts until it is closed.
        infos: the dataset's shards, as the audit recorded them; unreadable ones are left out.
        fields: at least one canonical field to the template that the audit filled it by.
        store: holds the layouts and usual column names.

    Returns:
        Columns of `schema.ITEMS`; NULL in every text column that isn't among `fields`.

    Raises:
        InputError: an input is gone, has changed since, or can't be read again.
        ConfigError: a recorded template can't be read.

    """
    whole = [info for info in infos if not info.unreadable]
    shards = [again.reopened(engine, info) for info in whole]
    for shard, info in zip(shards, whole, strict=True):
        again.require_unchanged(shard, info)
    reading = _Reading(engine, shards, lambda _stage, _done, _total: None)
    reading.recognise(whole)
    reading.open()
    mapper = build(
        reading.columns(),
        {name: fields.get(name, "") for name in schema.ITEM_TEXT_FIELDS},
        origin="config",
        store=store,
        where=whole[0].name,
        media={name for one in reading.media() for name in one.columns},
    )
    projection = Canonical(mapper)
    reading.read(projection)
    for number, failure in reading.failures.items():
        raise InputError(f"{whole[number].name}: can't be read again: {failure.detail}")
    items = reading.items(projection, range(len(shards)))
    if any(remote.is_address(info.name) for info in whole):
        return _named(engine, items, whole)
    return items


def _named(engine: Engine, items: ir.Table, infos: Sequence[ShardInfo]) -> ir.Table:
    """Items whose shards have the names that the audit knew them by; a copy is called otherwise."""
    numbers = pa.array(range(len(infos)), pa.int64())
    names = pa.array([info.name for info in infos], pa.string())
    known = engine.from_arrow("names", pa.table({"shard_no": numbers, "shard_name": names}))
    joined = items.inner_join(known, [items.pos // STRIDE == known.shard_no])
    return joined.mutate(shard=joined.shard_name).select(*items.columns)


def _ingested(
    reading: _Reading, mapper: Mapper, projection: Projection, dataset: str, where: str
) -> Ingested:
    shards, infos = reading.shards, reading.counted()
    if not any(info.items or info.quarantined for info in infos) and not reading.failures:
        raise NothingToAuditError(f"{where}: there are columns but no records")
    portions = tuple(
        Portion(number, *part, reading.items(projection, *part))
        for number, part in enumerate(parts(infos, reading.engine.portion_items))
    )
    everything = range(len(shards))

    def recheck() -> Ingested | None:
        if not reading.find_damage(projection):
            return None
        return _ingested(reading, mapper, projection, dataset, where)

    return Ingested(
        items=reading.items(projection, everything) if len(portions) > 1 else portions[0].items,
        portions=portions,
        quarantine=reading.quarantine(dataset),
        recheck=recheck,
        changed=reading.changed,
        shards=infos,
        mapping=mapper.describe(),
        unused_columns=mapper.unused,
        cards=_cards(shards),
        media=reading.media(),
    )


def _cards(shards: Sequence[Shard]) -> tuple[Card, ...]:
    """The documents of all shards; one that doesn't speak of each of them declares nothing."""
    everywhere = frozenset.intersection(*(frozenset(shard.cards) for shard in shards))
    every = dict.fromkeys(card for shard in shards for card in shard.cards)
    return tuple(card if card in everywhere else _of_some(card) for card in every)


def _of_some(card: Card) -> Card:
    problem = "speaks of some of the files only, so its licence wasn't taken for all items"
    return replace(
        card, declared=(), links=(), license_text=None, problems=(*card.problems, problem)
    )


def _stamp(path: Path) -> tuple[int, ...]:
    """What changes with a file: size, moment and identity; nothing where it is gone."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return ()
    return found.st_size, found.st_mtime_ns, found.st_ino


class _Reading:
    """The shards of one dataset: which are open, which are parsed, and which have failed."""

    def __init__(self, engine: Engine, shards: Sequence[Shard], progress: Progress) -> None:
        self.engine = engine
        self.shards = shards
        self._progress = progress
        self._infos: list[ShardInfo] = []
        self._stamps: dict[int, tuple[int, ...]] = {}
        self._opened: dict[int, Opened] = {}
        self._parsed: dict[int, parse.Parsed] = {}
        self.failures: dict[int, UnreadableError] = {}

    def fingerprint(self) -> None:
        """Take each shard's size and digest."""
        for number, shard in enumerate(self.shards):
            self._progress("taking digests", number, len(self.shards))
            kind = ".".join(filter(None, (shard.format.value, shard.compression)))
            size = digest = version = None
            if shard.remote is not None:
                size, version = shard.remote.size, shard.remote.version
            elif shard.is_here:
                self._stamps[number] = _stamp(shard.path)
                size, digest = self._stamps[number][0], streams.sha256(shard.path)
            self._infos.append(ShardInfo(shard.name, kind, size, digest, version=version))
            if shard.sha256 not in (None, digest):
                self.failures[number] = UnreadableError(
                    "digest_mismatch", f"expected the SHA-256 {shard.sha256}, found {digest}"
                )

    def changed(self) -> str | None:
        """The name of a file on this disk that isn't as it was when its digest was taken."""
        for number, stamp in self._stamps.items():
            if _stamp(self.shards[number].path) != stamp:
                return self.shards[number].name
        return None

    def recognise(self, infos: Sequence[ShardInfo]) -> None:
        """Take what is known of each shard from an earlier reading."""
        self._infos = list(infos)

    def open(self) -> None:
        """Find each shard's columns.

        Raises:
            InputError: no shard can be read.

        """
        for number, (shard, info) in enumerate(zip(self.shards, self._infos, strict=True)):
            self._progress("opening files", number, len(self.shards))
            if number in self.failures:
                continue
            if info.size == 0:
                self.failures[number] = UnreadableError("file_empty", "the file has no content")
                continue
            try:
                self._opened[number] = parse.open_shard(self.engine, shard)
            except UnreadableError as error:
                self.failures[number] = error
        self._require_readable()

    def columns(self) -> list[str]:
        """All columns; shards that spell one differently only by case have the same column."""
        found: dict[str, str] = {}
        for opened in self._opened.values():
            own = set(opened.columns)
            for name in opened.columns:
                known = found.setdefault(name.casefold(), name)
                if known != name and known in own:
                    found[name] = name
        return list(dict.fromkeys(found.values()))

    def media(self) -> tuple[MediaShard, ...]:
        """The shards whose columns hold media files."""
        return tuple(
            MediaShard(number, opened.shard, opened.media)
            for number, opened in self._opened.items()
            if opened.media
        )

    def read(self, projection: Projection) -> None:
        """Parse what the engine can't scan in place.

        Raises:
            InputError: no shard can be read.

        """
        pending = {number: opened for number, opened in self._opened.items() if not opened.types}
        folder = self.engine.new_folder()
        for done, (number, opened) in enumerate(pending.items()):
            self._progress("reading files", done, len(pending))
            target = folder / f"{number}.parquet"
            try:
                parsed = parse.parse(self.engine, opened, projection, number, target)
                self._parsed[number] = parsed
            except UnreadableError as error:
                self.failures[number] = error
        self._require_readable()

    def find_damage(self, projection: Projection) -> bool:
        """Whether shards that are scanned in place are damaged; they have failed from now on.

        Raises:
            InputError: no shard can be read.

        """
        found = in_place.damaged(self.engine, self._native(), projection)
        for number, problem in found.items():
            self.failures[number] = UnreadableError("file_unreadable", problem)
        self._require_readable()
        return bool(found)

    def items(self, projection: Projection, numbers: range, rows: range | None = None) -> ir.Table:
        """The items of some shards; `rows` are the numbers of those that are wanted of each."""
        native = {n: opened for n, opened in self._native().items() if n in numbers}
        parsed = [parsed for n, parsed in self._parsed.items() if n in numbers]
        found = [
            *in_place.items(self.engine, native, projection),
            *parse.items(self.engine, parsed, projection.names),
        ]
        return schema.check(ibis.union(*within(found, rows)), schema.ITEMS, "items")

    def quarantine(self, dataset: str) -> ir.Table:
        """The records and files that could not be read."""
        found = parse.quarantined(self.engine, list(self._parsed.values()), dataset)
        return schema.check(
            ibis.union(self._failed(dataset), *found), schema.QUARANTINE, "quarantine"
        )

    def counted(self) -> tuple[ShardInfo, ...]:
        """The shards with their numbers of items and of quarantined records."""
        counts = {number: (opened.rows or 0, 0) for number, opened in self._native().items()}
        counts |= parse.counts(self.engine, list(self._parsed.values()))
        nothing = (0, 0)
        return tuple(
            replace(
                info,
                sha256=info.sha256 if shard.remote is None else shard.remote.sha256,
                items=items,
                quarantined=quarantined,
                unreadable=number in self.failures,
            )
            for number, (info, shard) in enumerate(zip(self._infos, self.shards, strict=True))
            for items, quarantined in [counts.get(number, nothing)]
        )

    def _native(self) -> dict[int, Opened]:
        return {
            number: opened
            for number, opened in self._opened.items()
            if opened.types and number not in self.failures
        }

    def _failed(self, dataset: str) -> ir.Table:
        rows = [
            [dataset, self.shards[number].name, None, error.reason, error.detail, None]
            for number, error in sorted(self.failures.items())
        ]
        columns = [pa.array([row[i] for row in rows], kind) for i, kind in enumerate(_TYPES)]
        table = pa.table(columns, names=list(schema.QUARANTINE))
        return self.engine.from_arrow(f"unreadable_{dataset}", table)

    def _require_readable(self) -> None:
        if len(self.failures) == len(self.shards):
            number, error = min(self.failures.items(), key=lambda failure: failure[0])
            raise InputError(
                f"{self.shards[number].name}: {error.detail}",
                fix=error.fix or _FIXES.get(error.reason, _FIXES["file_unreadable"]),
            )
