"""Consent registries: every format becomes one table of canonical records."""

from __future__ import annotations

import shutil
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import ibis

from sourcing_audit import schema
from sourcing_audit.errors import RegistryError
from sourcing_audit.model import RegistryInfo
from sourcing_audit.registries.canonical import CanonicalReader
from sourcing_audit.registries.interface import HEAD, Export, RegistryReader
from sourcing_audit.registries.linked.dpv import DpvReader
from sourcing_audit.registries.linked.odrl import OdrlReader
from sourcing_audit.registries.linked.tdmai import TdmaiReader
from sourcing_audit.registries.lists.bigcode import BigCodeReader
from sourcing_audit.registries.lists.mapped import MappedReader
from sourcing_audit.registries.lists.spawning import SpawningReader
from sourcing_audit.registries.normalise import (
    ASKED,
    KEYS,
    declarant,
    refuse_unusable_subjects,
    with_keys,
    without_public_suffixes,
)
from sourcing_audit.registries.record import apart
from sourcing_audit.registries.remote import address_in, called_as_given, copied
from sourcing_audit.registries.shared import Checked
from sourcing_audit.registries.web.ai_txt import AiTxtReader
from sourcing_audit.registries.web.headers import HeadersReader
from sourcing_audit.registries.web.robots.reader import RobotsReader
from sourcing_audit.registries.web.rsl import RslReader
from sourcing_audit.registries.web.tdmrep import TdmrepReader
from sourcing_audit.sources.remote import shown
from sourcing_audit.state import key, made_by

if TYPE_CHECKING:
    from collections.abc import Sequence

    import ibis.expr.types as ir

    from sourcing_audit.engine import Engine
    from sourcing_audit.rules.consent import ConsentRules
    from sourcing_audit.state import State

__all__ = ["READERS", "Export", "Kept", "Registries", "RegistryReader", "load", "parse"]

READERS: dict[str, RegistryReader] = {
    reader.name: reader
    for reader in (
        AiTxtReader(),
        BigCodeReader(),
        DpvReader(),
        RobotsReader(),
        RslReader(),
        TdmaiReader(),
        SpawningReader(),
        HeadersReader(),
        MappedReader(),
        TdmrepReader(),
        OdrlReader(),
        CanonicalReader(),
    )
}
"""By format; a file given without one goes to the first reader that recognises it."""


@dataclass(frozen=True)
class Registries:
    """All consent records of an audit."""

    records: ir.Table
    """Columns of `schema.RECORDS` and of `normalise.with_keys`, with `record_no` (unique, in the
    order given), `registry_no` and `row`."""
    exports: tuple[RegistryInfo, ...]


def parse(spec: str) -> Export:
    """Read `[FORMAT:]PATH` as `--registry` takes it.

    Raises:
        RegistryError: unknown format, no such file, or a folder where files are read.

    """
    elsewhere = address_in(spec)
    if elsewhere is not None:
        raise RegistryError(
            f"{shown(elsewhere[1])}: an address is read by an audit only",
            fix="download the export, and give the file",
        )
    prefix, colon, rest = spec.partition(":")
    given = colon and not Path(spec).exists()
    if given and prefix not in READERS:
        if not prefix.isalpha() or len(prefix) == 1:
            raise RegistryError(f"{spec}: no such file", fix="check the path")
        raise RegistryError(
            f"{spec}: {prefix} is not a registry format",
            fix=f"known are {', '.join(sorted(READERS))}",
        )
    path = Path(rest if given else spec)
    if not path.exists():
        raise RegistryError(f"{path}: no such file", fix="check the path")
    reader = READERS[prefix] if given else _recognised(path)
    if path.is_dir() and not reader.folders:
        raise RegistryError(
            f"{path}: is a folder, and {reader.name} exports are files",
            fix="give a file, or put the FORMAT: of a folder first",
        )
    stem = path.resolve().name.lstrip(".").split(".")[0]
    return Export(name=stem or "registry", path=path, format=reader.name)


def _export(engine: Engine, spec: str) -> Export:
    elsewhere = address_in(spec)
    if elsewhere is None:
        return parse(spec)
    format_, address = elsewhere
    path, name = copied(engine, address)
    return replace(parse(f"{format_}{path}"), address=name)


_LISTS = ("", ".txt", ".lst", ".list")
"""Endings of files that may well be lists with one entry on each line."""


def _recognised(path: Path) -> RegistryReader:
    head = b""
    if path.is_file():
        with path.open("rb") as file:
            head = file.read(HEAD)
    found = (reader for reader in READERS.values() if reader.recognises(path, head))
    reader = next(found, None)
    if reader is None:
        listed = path.is_file() and path.suffix.lower() in _LISTS
        fitting = [reader.name for reader in READERS.values() if reader.lists or not listed]
        *others, last = (f"{name}:" for name in sorted(fitting))
        raise RegistryError(
            f"{path}: it can't be told what kind of {'list' if listed else 'registry'} this is",
            fix=f"put its format first: {', '.join(others)} or {last}",
        )
    return reader


def load(
    engine: Engine, specs: Sequence[str], rules: ConsentRules, kept: Kept | None = None
) -> Registries:
    """Read, check and number the records of every export.

    Args:
        engine: what holds them.
        specs: `[FORMAT:]PATH`.
        rules: the consent rules.
        kept: where checked exports are kept for the next audit; the records are the same.

    Raises:
        RegistryError: naming file, row and column.
        OutputError: what is to be kept can't be written.

    """
    tables = []
    fingerprints = []
    before = 0
    exports = _told_apart([_export(engine, spec) for spec in specs])
    for number, export in enumerate(exports):
        fingerprints.append(READERS[export.format].fingerprint(export))
        found = _checked(engine, export, rules, kept, fingerprints[-1])
        whole = found.whole()
        numbered = whole.mutate(
            registry_no=ibis.literal(number),
            record_no=whole.seq + before,
            declarant=declarant(whole),
        )
        table = engine.named(numbered.drop("seq", "terms_no"))
        tables.append(without_public_suffixes(engine, table, rules))
        before += _size(engine, found.rows)
    if not tables:
        return Registries(records=_none(engine, rules), exports=())
    records = tables[0] if len(tables) == 1 else ibis.union(*tables)
    _refuse_shared_ids(engine, records, exports)
    return Registries(records, _describe(engine, records, exports, fingerprints))


_KEPT = "registries"
_ROWS, _TERMS = _FILES = ("rows.parquet", "terms.parquet")


@dataclass(frozen=True)
class Kept:
    """Checked exports, kept so that an audit of the same one needn't read it again."""

    state: State
    rules: str
    """The digest of the rules by which records are checked."""

    def key(self, export: Export, fingerprint: str) -> str:
        """The key of all that an export's records follow from.

        Args:
            export: its name stands in records, and that of its file may tell a host.
            fingerprint: the SHA-256 of all that is read of it.

        """
        named = (export.format, export.name, export.path.name, fingerprint)
        return key(made_by(), [*schema.RECORDS.items()], self.rules, named)


def _checked(
    engine: Engine, export: Export, rules: ConsentRules, kept: Kept | None, fingerprint: str
) -> Checked:
    """The checked records of one export with their keys: those that were kept, or its own."""
    folder = engine.new_folder()
    known = None if kept is None else kept.key(export, fingerprint)
    if kept is None or known is None or not kept.state.recall(_KEPT, known, folder):
        # What it took to read the records is in the files then.
        with called_as_given(export), engine.scope():
            _read(engine, export, rules, folder)
            # It is read more than once: what was checked has to be what is kept.
            if READERS[export.format].fingerprint(export) != fingerprint:
                raise RegistryError(
                    f"{export.path}: changed while it was read", fix="try again when it is complete"
                )
        if kept is not None and known is not None:
            with kept.state.remember(_KEPT, known) as new:
                for name in _FILES:
                    shutil.copyfile(folder / name, new / name)
    rows, terms = (engine.read_parquet([folder / name]) for name in _FILES)
    return Checked.of(engine, rows, engine.materialise(terms, "terms"))


def _read(engine: Engine, export: Export, rules: ConsentRules, folder: Path) -> None:
    raw = READERS[export.format].read(engine, export, rules)
    found = apart(engine, raw, rules, export)
    keyed = with_keys(engine, engine.named(found.whole()), rules)
    rows = keyed.select(*found.rows.columns, *KEYS)
    engine.write_parquet(rows, folder / _ROWS, compression="snappy")
    engine.write_parquet(found.terms, folder / _TERMS, compression="snappy")
    kept = replace(found, rows=engine.read_parquet([folder / _ROWS]))
    refuse_unusable_subjects(engine, kept.fields(*ASKED), rules, export)


def _told_apart(exports: Sequence[Export]) -> list[Export]:
    """Number exports of one name, but canonical ones: these may continue one registry."""
    seen: Counter[str] = Counter()
    told = []
    for export in exports:
        seen[export.name] += 1
        again = export.format != CanonicalReader.name and seen[export.name] > 1
        told.append(replace(export, name=f"{export.name}-{seen[export.name]}") if again else export)
    return told


def _size(engine: Engine, table: ir.Table) -> int:
    size: int = engine.arrow(table.aggregate(n=table.count()))["n"][0].as_py()
    return size


def _none(engine: Engine, rules: ConsentRules) -> ir.Table:
    import pyarrow as pa

    fields = ibis.schema({"row": "int64", "seq": "int64", **schema.RECORDS}).to_pyarrow()
    empty = engine.from_arrow("no_records", pa.Table.from_batches([], fields))
    keyed = with_keys(engine, empty, rules)
    return keyed.mutate(registry_no=ibis.literal(0), record_no=keyed.seq).drop("seq")


def _refuse_shared_ids(engine: Engine, records: ir.Table, exports: Sequence[Export]) -> None:
    """Two exports may continue one registry, but not reuse its record ids."""
    if len(exports) == 1:
        return
    grouped = records.group_by(["registry_id", "record_id"]).aggregate(
        n=records.count(), first=records.registry_no.min(), last=records.registry_no.max()
    )
    twice = grouped.filter(grouped.n > 1).order_by(["registry_id", "record_id"]).limit(1)
    for found in engine.arrow(twice).to_pylist():
        raise RegistryError(
            f"{exports[found['first']].path} and {exports[found['last']].path} both hold the "
            f"record {found['record_id']!r} of registry {found['registry_id']!r}",
            fix="give each export once, or set registry_id where they are different registries",
        )


def _describe(
    engine: Engine, records: ir.Table, exports: Sequence[Export], fingerprints: Sequence[str]
) -> tuple[RegistryInfo, ...]:
    grouped = records.group_by("registry_no").aggregate(
        n=records.count(), snapshot_at=records.snapshot_at.max()
    )
    by_number = {row["registry_no"]: row for row in engine.arrow(grouped).to_pylist()}
    return tuple(
        RegistryInfo(
            name=export.name,
            path=export.address or str(export.path),
            format=export.format,
            sha256=fingerprints[number],
            records=by_number.get(number, {}).get("n", 0),
            snapshot_at=by_number.get(number, {}).get("snapshot_at"),
        )
        for number, export in enumerate(exports)
    )
