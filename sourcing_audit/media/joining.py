"""An audit's media: whether they are read, and what that adds to items and to consent records."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import ibis

from sourcing_audit import keys, schema
from sourcing_audit.errors import ConfigError
from sourcing_audit.media import local
from sourcing_audit.media.collecting import Collected, Collector
from sourcing_audit.media.processes import Processes
from sourcing_audit.media.statements import FIELDS, REGISTRY
from sourcing_audit.model import MediaChoice, RegistryInfo
from sourcing_audit.registries import Export, Registries
from sourcing_audit.registries.normalise import with_keys
from sourcing_audit.registries.record import checked
from sourcing_audit.sources.interface import STRIDE

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    import ibis.expr.types as ir

    from sourcing_audit.engine import Engine
    from sourcing_audit.media.collecting import Progress
    from sourcing_audit.rules.consent import ConsentRules
    from sourcing_audit.sources.interface import MediaShard

INSTALL = "pip install 'sourcing-audit[media]'"
_PATH = "media_path"
_EXPORT = Export(name=REGISTRY, path=Path("media files of the dataset"), format=REGISTRY)


@dataclass(frozen=True)
class Media:
    """What reading the items' files added to them, and what the files say."""

    extend: Callable[[ir.Table], ir.Table]
    """Adds the columns of `schema.MEDIA` to any of the dataset's items."""
    columns: frozenset[str]
    """The columns of items that aren't NULL throughout."""
    registries: Registries | None
    """None where no file says anything."""
    from_files: bool = False
    """Whether files were read; they may change without the manifest."""


def installed() -> bool:
    """Whether the libraries are there that read media files."""
    return all(find_spec(name) is not None for name in ("c2pa", "PIL"))


def read(
    engine: Engine,
    items: ir.Table,
    columns: Collection[str],
    shards: Sequence[MediaShard],
    rules: ConsentRules,
    choice: MediaChoice,
    progress: Progress,
) -> Media:
    """Read the media files that items have, each distinct one once.

    Args:
        engine: holds the tables.
        items: columns of `schema.ITEMS`.
        columns: those that the manifest fills.
        shards: where files are among the items' own columns.
        rules: what the files' signals mean.
        choice: whether to read them.
        progress: is told how many files were read.

    Raises:
        ConfigError: they have to be read, and the extra isn't installed.

    """
    if choice is MediaChoice.ON and not installed():
        raise ConfigError("reading media files needs the extra media", fix=INSTALL)
    nothing = {name: ibis.null(kind) for name, kind in schema.MEDIA.items()}
    known = frozenset(columns)
    if _PATH not in columns and not shards:
        return Media(lambda some: some.mutate(**nothing), known, None)
    if choice is MediaChoice.OFF or not installed():
        return Media(
            lambda some: some.mutate(
                **(nothing | {"media_finding": _unread(some, columns, shards)})
            ),
            known | {"media_finding"},
            None,
        )
    # What lies elsewhere would have to be fetched as a whole: only where that is asked for.
    there = [one for one in shards if one.shard.is_here or choice is MediaChoice.ON]
    away = [one for one in shards if one not in there]
    paths = None
    if _PATH in columns:
        paths = items.filter(items[_PATH].notnull()).select("shard", _PATH).distinct()
    with Processes() as processes:
        found = Collector(engine, processes, rules, progress).collect(paths, there)
    joined = engine.materialise(_joined(engine, items, found, away), "media_of_items")
    seen = {"sha256", *schema.MEDIA}
    return Media(
        lambda some: _with_media(some, joined),
        known | seen,
        _registries(engine, joined, found, rules),
        from_files=True,
    )


def _unread(
    items: ir.Table, columns: Collection[str], shards: Sequence[MediaShard]
) -> ir.StringValue:
    """The finding that a file is there, or named, and wasn't read."""
    inside = (items.pos // STRIDE).isin([one.number for one in shards])
    named = ibis.literal(value=False)
    if _PATH in columns:
        named = ibis.coalesce(~items[_PATH].re_search(local.ELSEWHERE), False)
    finding: ir.StringValue = ibis.ifelse(
        (inside if shards else ibis.literal(value=False)) | named,
        local.NOT_READ,
        ibis.null("string"),
    )
    return finding


def _joined(
    engine: Engine, items: ir.Table, found: Collected, away: Sequence[MediaShard]
) -> ir.Table:
    """By `pos`: the file that an item has, the SHA-256 of further ones, and what wasn't read."""
    by_row = engine.read_parquet([found.by_row])
    by_path = engine.read_parquet([found.by_path])
    keyed = items.select("pos", "shard", _PATH)
    table = keyed.left_join(
        by_row.rename(row_sha="sha256", row_rest="rest", row_finding="finding"), "pos"
    ).drop("pos_right")
    table = table.left_join(
        by_path.rename(path_sha="sha256", path_rest="rest", path_finding="finding"),
        ["shard", _PATH],
    )
    number, row = table.pos // STRIDE, table.pos % STRIDE
    damaged = [(number == shard) & (row > last) for shard, last in found.cut]
    unread = ibis.or_(*damaged, number.isin([one.number for one in away] or [-1]))
    both = table.row_sha.notnull() & (table.row_sha != table.path_sha)
    rest = ibis.array([table.row_rest, ibis.ifelse(both, table.path_sha, ibis.null("string"))])
    return table.select(
        "pos",
        file_sha256=ibis.coalesce(table.row_sha, table.path_sha),
        media_files=rest.filter(lambda each: each.notnull()).join(" ").nullif(""),
        media_finding=ibis.coalesce(
            ibis.ifelse(unread, local.NOT_READ, ibis.null("string")),
            table.row_finding,
            table.path_finding,
        ),
    ).filter(lambda t: t.file_sha256.notnull() | t.media_finding.notnull())


def _with_media(items: ir.Table, joined: ir.Table) -> ir.Table:
    table = items.left_join(joined, "pos").drop("pos_right")
    declared = keys.digest(table.sha256)
    differs = ibis.coalesce(
        (declared != table.file_sha256) & ~ibis.coalesce(table.media_files, "").contains(declared),
        False,
    )
    second = table.media_files.split(" ")[0]
    return table.mutate(
        sha256=ibis.coalesce(table.file_sha256, table.sha256),
        other_sha256=ibis.ifelse(differs, table.sha256, second),
        hash_differs=differs,
    ).select(*schema.ITEMS, *schema.MEDIA)


def _registries(
    engine: Engine, joined: ir.Table, found: Collected, rules: ConsentRules
) -> Registries | None:
    """What the files say as consent records; None where they are silent."""
    if not found.spoken:
        return None
    spoken = engine.read_parquet([found.statements])
    further = _of_further_files(joined, spoken)
    raw = spoken.union(further.mutate(row=further.row + found.spoken))
    table = checked(engine, engine.materialise(raw, "statements"), rules, _EXPORT)
    keyed = engine.named(with_keys(engine, table, rules))
    numbered = keyed.mutate(registry_no=ibis.literal(0), record_no=keyed.seq).drop("seq")
    return Registries(
        records=engine.materialise(numbered, "media_records"),
        exports=(
            RegistryInfo(
                name=REGISTRY,
                path=str(_EXPORT.path),
                format=REGISTRY,
                sha256=found.digest,
                records=found.spoken,
                snapshot_at=None,
                own=True,
            ),
        ),
    )


def _of_further_files(joined: ir.Table, spoken: ir.Table) -> ir.Table:
    """What is said by files that aren't the first of an item, once for each set of such files.

    A permission for one of several files permits nothing, and is left out.
    """
    sets = joined.filter(joined.media_files.notnull()).select("media_files").distinct()
    members = sets.mutate(member=sets.media_files.split(" ").unnest())
    refusing = spoken.filter(spoken.decision != "allow")
    table = members.inner_join(refusing, members.member == refusing.subject_value)
    whole = table.media_files.hexdigest("sha256")
    table = table.mutate(
        record_id=whole.concat("/", table.record_id),
        subject_kind=ibis.literal("own"),
        subject_value=ibis.literal("media_files ").concat(table.media_files),
        hash_target=ibis.null("string"),
        row=ibis.row_number().over(order_by=["media_files", "row"]) + 1,
    )
    return table.select("row", *FIELDS)
