"""Parquet and Arrow files: their columns, and rows in batches where no engine scan is possible."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from sourcing_audit.sources.interface import Format, Shard, UnreadableError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_BATCH = 65_536
_ENGINE_COLUMNS = frozenset({"filename", "file_index", "file_row_number"})
"""Columns that the engine adds; a file with its own of that name can't be scanned in place."""


def shape(shard: Shard) -> tuple[pa.Schema, int | None]:
    """A file's columns and, where its footer says so, its number of rows.

    Raises:
        UnreadableError: it isn't of its format, or cut short.

    """
    if shard.stream is not None:
        return shard.stream.schema, None
    with _guarded(shard):
        if shard.format is Format.PARQUET:
            with _parquet(shard) as file:
                return file.schema_arrow, file.metadata.num_rows
        with _arrow(shard) as (schema, _):
            return schema, None


def scannable(names: Sequence[str]) -> bool:
    """Whether each column's name means one column to the engine."""
    folded = {name.casefold() for name in names}
    return "" not in folded and len(folded) == len(names) and folded.isdisjoint(_ENGINE_COLUMNS)


@contextmanager
def reader(shard: Shard, columns: Sequence[int]) -> Iterator[pa.RecordBatchReader]:
    """Some columns, by position, as `c0`, `c1`, … and `row` counted from 1.

    Raises:
        UnreadableError: the file is damaged.

    """
    with _guarded(shard):
        if shard.stream is not None:
            yield _numbered(shard.stream.schema, shard.stream.batches(columns), columns)
        elif shard.format is Format.PARQUET:
            with _parquet(shard) as file:
                # Nested columns make leaf positions differ from those of columns.
                names = [file.schema_arrow.names[at] for at in columns]
                parts = file.iter_batches(_BATCH, columns=names)
                yield _numbered(file.schema_arrow, parts, columns)
        else:
            with _arrow(shard) as (schema, parts):
                yield _numbered(schema, parts, columns)


def _numbered(
    schema: pa.Schema, parts: Iterator[pa.RecordBatch], columns: Sequence[int]
) -> pa.RecordBatchReader:
    fields = [schema.field(at) for at in columns]
    renamed = pa.schema(
        [("row", pa.int64()), *((f"c{i}", field.type) for i, field in enumerate(fields))]
    )

    def numbered() -> Iterator[pa.RecordBatch]:
        before = 0
        for part in parts:
            rows = pa.array(np.arange(before + 1, before + 1 + part.num_rows, dtype=np.int64))
            before += part.num_rows
            found = [part.column(_position(part.schema, schema, at)) for at in columns]
            batch = pa.record_batch([rows, *found], schema=renamed)
            # The engine trusts Arrow data blindly; damaged data would make it crash.
            batch.validate(full=True)
            yield batch

    return pa.RecordBatchReader.from_batches(renamed, numbered())


def _position(part: pa.Schema, whole: pa.Schema, at: int) -> int:
    """Where a column of the whole stands in a part, names being possibly alike."""
    name = whole.names[at]
    position: int = part.get_all_field_indices(name)[whole.names[:at].count(name)]
    return position


@contextmanager
def batches(
    shard: Shard, columns: Sequence[str] | None = None, rows: int = _BATCH
) -> Iterator[Iterator[pa.RecordBatch]]:
    """All columns, streamed, or those of some names; of Parquet so many rows at a time.

    Raises:
        UnreadableError: the file is damaged.

    """
    with _guarded(shard):
        if shard.stream is not None:
            names = shard.stream.schema.names
            at = range(len(names)) if columns is None else [names.index(one) for one in columns]
            yield shard.stream.batches(at)
        elif shard.format is Format.PARQUET:
            with _parquet(shard) as file:
                yield file.iter_batches(rows, columns=None if columns is None else [*columns])
        else:
            with _arrow(shard) as (_, parts):
                yield parts if columns is None else (part.select([*columns]) for part in parts)


def codec(shard: Shard) -> str:
    """The compression of a Parquet file's data.

    Raises:
        UnreadableError: the file is damaged.

    """
    if shard.stream is not None:
        return "zstd"
    with _guarded(shard), _parquet(shard) as file:
        if not file.metadata.num_row_groups or not file.metadata.num_columns:
            return "zstd"
        name: str = file.metadata.row_group(0).column(0).compression
        return {"UNCOMPRESSED": "none"}.get(name, name.lower())


def _path(shard: Shard) -> Path | None:
    """Where the file lies on this disk, itself or a copy."""
    return shard.path if shard.remote is None else shard.remote.copy


def _parquet(shard: Shard) -> pq.ParquetFile:
    if (path := _path(shard)) is not None:
        return pq.ParquetFile(path)
    return pq.ParquetFile(_pieces(shard), pre_buffer=True)


@contextmanager
def _arrow(shard: Shard) -> Iterator[tuple[pa.Schema, Iterator[pa.RecordBatch]]]:
    """An Arrow file of either kind, IPC file or stream."""
    with _mapped(shard) as source:
        magic = source.read(6)
        source.seek(0)
        if magic == b"ARROW1":
            file = pa.ipc.open_file(source)
            yield file.schema, (file.get_batch(i) for i in range(file.num_record_batches))
        else:
            stream = pa.ipc.open_stream(source)
            yield stream.schema, iter(stream)


def _mapped(shard: Shard) -> pa.NativeFile:
    if (path := _path(shard)) is not None:
        return pa.memory_map(str(path))
    return _pieces(shard)


def _pieces(shard: Shard) -> pa.NativeFile:
    if shard.remote is None:
        raise UnreadableError("file_unreadable", "there is no such file")
    return pa.PythonFile(shard.remote.open(), "r")


@contextmanager
def _guarded(shard: Shard) -> Iterator[None]:
    try:
        yield
    except (pa.ArrowException, OSError, ValueError) as error:
        raise UnreadableError(
            "file_unreadable", f"expected {shard.format.value.capitalize()} data: {error}"
        ) from error
