"""Canonical records as a file that the canonical reader reads again as the same records."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import ibis

from sourcing_audit import schema
from sourcing_audit.errors import OutputError
from sourcing_audit.files import replacing_file
from sourcing_audit.registries.canonical import guarded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import ibis.expr.types as ir

    from sourcing_audit.engine import Engine

Row = dict[str, Any]

_TO_QUOTE = re.compile(r'[",\r\n]')


def refuse_target(source: Path, target: Path) -> None:
    """Raise where a target can't be written without harm.

    Raises:
        OutputError: its format isn't known, or it is (part of) the export itself.

    """
    if target.suffix.lower() not in _WRITERS:
        raise OutputError(
            f"{target}: not a format to convert to", fix=f"end the name in {', '.join(_WRITERS)}"
        )
    if target.is_dir():
        raise OutputError(f"{target}: is a folder", fix="give a file")
    here, there = source.resolve(), target.resolve()
    if here == there or (source.is_dir() and there.is_relative_to(here)):
        raise OutputError(f"{target}: would overwrite the export", fix="give another name")


def write(engine: Engine, records: ir.Table, target: Path) -> int:
    """Write the records in their order, by the target's ending; return how many there are.

    The file takes its place only when it is complete.

    Raises:
        OutputError: the target can't be written.

    """
    ordered = records.order_by("record_no").select(*schema.RECORDS)
    with replacing_file(target) as temporary:
        _WRITERS[target.suffix.lower()](engine, ordered, temporary)
    return int(engine.arrow(records.aggregate(n=records.count()))["n"][0].as_py())


def _parquet(engine: Engine, records: ir.Table, path: Path) -> None:
    engine.write_parquet(records, path)


def _csv(engine: Engine, records: ir.Table, path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        filled = _filled(engine, records)
        stream.write(f"{','.join(filled)}\n")
        for row in _rows(engine, records):
            stream.write(f"{','.join(_cell(row[name]) for name in filled)}\n")


def _cell(value: str | None) -> str:
    """A cell of CSV; Python's own writer leaves a carriage return unquoted."""
    text = "" if value is None else guarded(value)
    return '"' + text.replace('"', '""') + '"' if _TO_QUOTE.search(text) else text


def _jsonl(engine: Engine, records: ir.Table, path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        for row in _rows(engine, records):
            stated = {name: value for name, value in row.items() if value is not None}
            stream.write(f"{json.dumps(stated, ensure_ascii=False)}\n")


def _filled(engine: Engine, records: ir.Table) -> list[str]:
    """The columns that hold anything, and those that an export must have."""
    counted = {name: records[name].count() for name in schema.RECORDS}
    counts = engine.arrow(records.aggregate(**counted)).to_pylist()[0]
    required = {"record_id", "subject_kind", "subject_value", "decision"}
    return [name for name, count in counts.items() if count or name in required]


def _rows(engine: Engine, records: ir.Table) -> Iterator[Row]:
    """Records with their values as the canonical format writes them."""
    texts = {name: _text(records[name], kind) for name, kind in schema.RECORDS.items()}
    for batch in engine.batches(records.select(**texts)):
        yield from batch.to_pylist()


def _text(value: ir.Value, kind: str) -> ir.Value:
    match kind.removeprefix("!"):
        case "timestamp":
            return value.strftime("%Y-%m-%dT%H:%M:%S.%fZ").re_replace(r"\.000000Z$", "Z")
        case "boolean":
            return ibis.cases((value, "true"), (~value, "false"))
        case "string":
            return value.nullif("")
        case _:
            return value.cast("string")


_WRITERS: dict[str, Callable[[Engine, ir.Table, Path], None]] = {
    ".csv": _csv,
    ".parquet": _parquet,
    ".jsonl": _jsonl,
}
