"""JSON objects from archives that strangers wrote: one to a line, in a list, or just one."""

from __future__ import annotations

import json
import lzma
import zlib
from itertools import chain
from typing import IO, TYPE_CHECKING, Any

from sourcing_audit.errors import RegistryError
from sourcing_audit.sources import formats, streams
from sourcing_audit.sources.interface import Format, Shard, UnreadableError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

MAX_LINE = 16 * 2**20
MAX_DOCUMENT = 64 * 2**20

_FIX = "export the file again; a signal that can't be read might be a refusal"


def json_records(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Every object of a file, with its 1-based number.

    Raises:
        RegistryError: naming file and record.

    """
    shard = Shard(str(path), path, Format.JSONL, formats.COMPRESSIONS.get(path.suffix.lower()))
    try:
        with streams.opened(shard) as stream:
            for number, value in enumerate(_values(stream, path), start=1):
                if not isinstance(value, dict):
                    raise RegistryError(f"{path}: record {number} is no JSON object", fix=_FIX)
                yield number, value
    except (UnreadableError, OSError, EOFError, ValueError, zlib.error, lzma.LZMAError) as error:
        raise RegistryError(f"{path}: can't be read: {error}", fix=_FIX) from error


def loads(text: bytes | str) -> Any:
    """Parse JSON.

    Raises:
        ValueError: it isn't JSON, or is nested deeper than anything real.

    """
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError("nested too deep") from error


def _values(stream: IO[bytes], path: Path) -> Iterator[Any]:
    """Each value; a document that isn't one to a line is read as a whole."""
    lines = _lines(stream, path)
    first = next(lines, None)
    if first is None:
        return
    if first[1].lstrip().startswith(b"{"):
        try:
            value = loads(first[1])
        except ValueError:
            pass
        else:
            yield value
            yield from (_parsed(line, path, number) for number, line in lines)
            return
    whole = _parsed(_joined(chain([first], lines), path), path, first[0])
    yield from whole if isinstance(whole, list) else [whole]


def _lines(stream: IO[bytes], path: Path) -> Iterator[tuple[int, bytes]]:
    """Lines that aren't blank, with their numbers in the file."""
    number = 0
    while line := stream.readline(MAX_LINE + 1):
        number += 1
        if len(line) > MAX_LINE:
            raise RegistryError(
                f"{path}: line {number} is longer than {MAX_LINE:,} bytes", fix=_FIX
            )
        if line.strip():
            yield number, line


def _joined(lines: Iterable[tuple[int, bytes]], path: Path) -> bytes:
    parts, size = [], 0
    for _, line in lines:
        parts.append(line)
        size += len(line)
        if size > MAX_DOCUMENT:
            limit = f"{MAX_DOCUMENT:,}"
            raise RegistryError(
                f"{path}: is neither JSON lines nor a document of at most {limit} bytes", fix=_FIX
            )
    return b"".join(parts)


def _parsed(text: bytes, path: Path, number: int) -> Any:
    try:
        return loads(text)
    except ValueError as error:
        raise RegistryError(f"{path}: no JSON from line {number}: {error}", fix=_FIX) from error
