"""Exports that aren't canonical tables: lists, JSON documents and tables with columns of their own.

Everything is bounded, and what can't be read is an error that names file and line.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sourcing_audit.errors import InputError, RegistryError
from sourcing_audit.sources import formats
from sourcing_audit.sources.table import read_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from sourcing_audit.engine import Engine

LARGEST = 256 * 2**20
"""Bytes of a JSON document, which has to be read as a whole."""

LONGEST = 64 * 2**10
"""Bytes of a line in a list."""

EXCERPT = 500
"""Characters of a signal that are kept as evidence."""

Entry = tuple[int, "Mapping[str, Any]"]
"""Its 1-based number in the export, and its columns or members."""


def is_list(path: Path) -> bool:
    """Whether the file is neither a table nor JSON: a list with one entry on each line."""
    return formats.kind(path) is None and path.suffix.lower() not in {".json", ".jsonld"}


def lines(path: Path) -> Iterator[tuple[int, str]]:
    """The lines of a list with their numbers; blank ones and comments (`#`) left out.

    Raises:
        RegistryError: a line is too long, or no UTF-8.

    """
    with path.open("rb") as stream:
        number = 0
        while line := stream.readline(LONGEST + 1):
            number += 1
            if len(line) > LONGEST:
                raise RegistryError(
                    f"{path}: line {number} is longer than {LONGEST:,} bytes",
                    fix="put one entry on each line",
                )
            text = _decoded(path, line, number).strip()
            if text and not text.startswith("#"):
                yield number, text


def _decoded(path: Path, line: bytes, number: int) -> str:
    try:
        text = line.decode("utf-8-sig" if number == 1 else "utf-8")
    except UnicodeDecodeError as error:
        raise RegistryError(
            f"{path}: line {number}: expected UTF-8, found byte 0x{line[error.start]:02x}",
            fix="save the file as UTF-8",
        ) from error
    if "\0" in text:
        raise RegistryError(f"{path}: line {number}: is no text", fix="check the file")
    return text


def document(path: Path, *, repeated: bool = False) -> Any:
    """A JSON document.

    Args:
        path: the file.
        repeated: members of the same name become a list, as published examples of JSON-LD want
            it; otherwise the last one counts.

    Raises:
        RegistryError: it is too large, too deep, no UTF-8 or no JSON.

    """
    if path.stat().st_size > LARGEST:
        raise RegistryError(
            f"{path}: is larger than {LARGEST // 2**20} MB", fix="export it as JSONL, or in parts"
        )
    try:
        content = path.read_bytes().decode("utf-8-sig")
        return json.loads(content, object_pairs_hook=_gathered if repeated else None)
    except UnicodeDecodeError as error:
        raise RegistryError(f"{path}: is no UTF-8", fix="save the file as UTF-8") from error
    except RecursionError:
        raise RegistryError(
            f"{path}: is nested too deeply", fix="check that it is a registry export"
        ) from None
    except ValueError as error:
        raise RegistryError(f"{path}: is no JSON: {error}", fix="export the file again") from error


def _gathered(members: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in members:
        if name in found:
            earlier = found[name] if isinstance(found[name], list) else [found[name]]
            found[name] = [*earlier, *(value if isinstance(value, list) else [value])]
        else:
            found[name] = value
    return found


def entries(engine: Engine, path: Path, *, inside: str) -> Iterator[Entry]:
    """The entries of a table, or of a JSON document that is a list of objects.

    Args:
        engine: reads tables.
        path: CSV, TSV, JSONL, Parquet or JSON.
        inside: the member of a document under which the list may stand.

    Raises:
        RegistryError: it is another kind of document, or can't be read.

    """
    if formats.kind(path) is None:
        yield from _objects(path, inside)
        return
    try:
        table = read_table(engine, path)
    except InputError as error:
        raise RegistryError(error.message, fix=error.fix) from error
    for batch in engine.batches(table.order_by("row")):
        for row in batch.to_pylist():
            number = row.pop("row")
            listed = parsed(row.get(inside))
            if isinstance(listed, list):
                for one in _checked(path, listed):
                    yield number, one
            else:
                yield number, row


def _objects(path: Path, inside: str) -> Iterator[Entry]:
    found = document(path)
    answers = found if isinstance(found, list) else [found]
    number = 0
    for answer in _checked(path, answers):
        listed = answer.get(inside)
        for one in _checked(path, listed) if isinstance(listed, list) else [answer]:
            number += 1
            yield number, one


def _checked(path: Path, found: list[Any]) -> list[dict[str, Any]]:
    for number, one in enumerate(found, start=1):
        if not isinstance(one, dict):
            raise RegistryError(
                f"{path}: entry {number} is no object: {str(one)[:80]!r}",
                fix="check that the FORMAT: before the path is the right one",
            )
    return found


def parsed(value: Any) -> Any:
    """A value of a table's column, where lists stand as JSON text."""
    if isinstance(value, str) and value.lstrip().startswith("["):
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return value
    return value


def member(entry: Mapping[str, Any], *names: str) -> Any:
    """The first member that is there under one of its names, however its case and dashes are."""
    plain = {plain_name(str(name)): value for name, value in entry.items()}
    wanted = (plain.get(plain_name(name)) for name in names)
    return next((value for value in wanted if value is not None), None)


@lru_cache(maxsize=10_000)
def plain_name(name: str) -> str:
    """A member's name without case, dashes and spaces."""
    return name.casefold().replace("_", "").replace("-", "").replace(" ", "")
