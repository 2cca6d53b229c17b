"""Media files inside a table: the columns of Parquet and Arrow that hold their bytes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from sourcing_audit import filetypes
from sourcing_audit.sources import columnar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sourcing_audit.sources.interface import MediaShard, Shard

_ROWS = 32
"""Media are large: so many rows are held at a time."""
_SHORTEST = 100
"""Bytes that a value has to have to be taken for a file; digests and the like are shorter."""
_BYTES, _PATH = "bytes", "path"


@dataclass(frozen=True)
class File:
    """One media file of a row: its bytes, or else the path where they should be."""

    content: bytes | None
    path: str | None


def columns(shard: Shard, schema: pa.Schema) -> tuple[str, ...]:
    """The columns that hold media files.

    Hugging Face's image, audio and video columns are known by their type. A column of plain bytes
    is one if a value among its first is recognised; for that, the file must be on this disk.

    Raises:
        UnreadableError: the file is damaged.

    """
    fields = [field for field in schema if schema.names.count(field.name) == 1]
    typed = [field.name for field in fields if _holds_files(field.type)]
    plain = [field.name for field in fields if _is_binary(field.type)]
    if not plain or not shard.is_here:
        return tuple(typed)
    with columnar.batches(shard, plain, _ROWS) as parts:
        first = next(parts, None)
    if first is None:
        return tuple(typed)
    head = first.slice(0, _ROWS)
    found = [
        name
        for name in plain
        if any(_is_media(value) for value in head.column(name).to_pylist() if value)
    ]
    return tuple(name for name in schema.names if name in {*typed, *found})


def files(media: MediaShard) -> Iterator[tuple[int, list[File]]]:
    """The files of each row that has any, with its 1-based number.

    Raises:
        UnreadableError: the shard is damaged.

    """
    row = 0
    with columnar.batches(media.shard, media.columns, _ROWS) as parts:
        for part in parts:
            for start in range(0, part.num_rows, _ROWS):
                some = part.slice(start, _ROWS)
                some.validate(full=True)
                values = [some.column(name).to_pylist() for name in media.columns]
                for of_row in zip(*values, strict=True):
                    row += 1
                    found = [file for value in of_row for file in _files(value)]
                    if found:
                        yield row, found


def _is_media(content: bytes) -> bool:
    if len(content) < _SHORTEST:
        return False
    return filetypes.of(content[: filetypes.HEAD]) not in {None, filetypes.TEXT}


def _files(value: Any) -> Iterator[File]:
    match value:
        case bytes():
            yield File(value, None)
        case list():
            for each in value:
                yield from _files(each)
        case dict() if value.get(_BYTES) is not None or value.get(_PATH):
            yield File(value.get(_BYTES), value.get(_PATH))


def _holds_files(kind: pa.DataType) -> bool:
    """A struct of bytes and path, or a list of such."""
    if _is_list(kind):
        return _holds_files(kind.value_type)
    if not pa.types.is_struct(kind):
        return False
    fields = {kind.field(at).name: kind.field(at).type for at in range(kind.num_fields)}
    return (
        fields.keys() == {_BYTES, _PATH} and _is_binary(fields[_BYTES]) and _is_text(fields[_PATH])
    )


def _is_list(kind: pa.DataType) -> bool:
    types = pa.types
    return any(is_(kind) for is_ in (types.is_list, types.is_large_list, types.is_fixed_size_list))


def _is_binary(kind: pa.DataType) -> bool:
    types = pa.types
    return any(is_(kind) for is_ in (types.is_binary, types.is_large_binary, types.is_binary_view))


def _is_text(kind: pa.DataType) -> bool:
    types = pa.types
    known = (types.is_string, types.is_large_string, types.is_string_view, types.is_null)
    return any(is_(kind) for is_ in known)
