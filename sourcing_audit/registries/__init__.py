"""Consent registries: every format becomes one table of canonical records."""

from __future__ import annotations

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
    refuse_unusable_subjects,
    with_keys,
    without_public_suffixes,
)
from sourcing_audit.registries.record import checked
from sourcing_audit.registries.web.ai_txt import AiTxtReader
from sourcing_audit.registries.web.headers import HeadersReader
from sourcing_audit.registries.web.robots.reader import RobotsReader
from sourcing_audit.registries.web.rsl import RslReader
from sourcing_audit.registries.web.tdmrep import TdmrepReader

if TYPE_CHECKING:
    from collections.abc import Sequence

    import ibis.expr.types as ir

    from sourcing_audit.engine import Engine
    from sourcing_audit.rules.consent import ConsentRules

__all__ = ["READERS", "Export", "Registries", "RegistryReader", "load", "parse"]

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
    prefix, colon, rest = spec.partition(":")
    given = colon and not Path(spec).exists()
    if given and prefix not in READERS:
        if not prefix.isalpha() or len(prefix) == 1:
            raise RegistryError(f"{spec}: no such file", fix="check the path given to --registry")
        raise RegistryError(
            f"{spec}: {prefix} is not a registry format", fix=f"known are {', '.join(READERS)}"
        )
    path = Path(rest if given else spec)
    if not path.exists():
        raise RegistryError(f"{path}: no such file", fix="check the path given to --registry")
    reader = READERS[prefix] if given else _recognised(path)
    if path.is_dir() and not reader.folders:
        raise RegistryError(
            f"{path}: is a folder, and {reader.name} exports are files",
            fix="give a file, or put the FORMAT: of a folder first",
        )
    stem = path.resolve().name.lstrip(".").split(".")[0]
    return Export(name=stem or "registry", path=path, format=reader.name)


def _recognised(path: Path) -> RegistryReader:
    head = b""
    if path.is_file():
        with path.open("rb") as file:
            head = file.read(HEAD)
    found = (reader for reader in READERS.values() if reader.recognises(path, head))
    reader = next(found, None)
    if reader is None:
        raise RegistryError(
            f"{path}: it can't be told what kind of registry this is",
            fix=f"put its format first: one of {', '.join(READERS)}, and a colon",
        )
    return reader


def load(engine: Engine, specs: Sequence[str], rules: ConsentRules) -> Registries:
    """Read, check and number the records of every export.

    Raises:
        RegistryError: naming file, row and column.

    """
    tables = []
    before = 0
    exports = _told_apart([parse(spec) for spec in specs])
    for number, export in enumerate(exports):
        raw = READERS[export.format].read(engine, export, rules)
        table = engine.named(checked(engine, raw, rules, export))
        keyed = engine.named(with_keys(engine, table, rules))
        numbered = keyed.mutate(registry_no=ibis.literal(number), record_no=keyed.seq + before)
        table = engine.stored(numbered.drop("seq"))
        refuse_unusable_subjects(engine, table, rules, export)
        tables.append(without_public_suffixes(engine, table, rules))
        before += _size(engine, tables[-1])
    if not tables:
        return Registries(records=_none(engine, rules), exports=())
    records = tables[0] if len(tables) == 1 else ibis.union(*tables)
    _refuse_shared_ids(engine, records, exports)
    return Registries(records=records, exports=_describe(engine, records, exports))


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
    engine: Engine, records: ir.Table, exports: Sequence[Export]
) -> tuple[RegistryInfo, ...]:
    grouped = records.group_by("registry_no").aggregate(
        n=records.count(), snapshot_at=records.snapshot_at.max()
    )
    by_number = {row["registry_no"]: row for row in engine.arrow(grouped).to_pylist()}
    return tuple(
        RegistryInfo(
            name=export.name,
            path=str(export.path),
            format=export.format,
            sha256=READERS[export.format].fingerprint(export),
            records=by_number.get(number, {}).get("n", 0),
            snapshot_at=by_number.get(number, {}).get("snapshot_at"),
        )
        for number, export in enumerate(exports)
    )
