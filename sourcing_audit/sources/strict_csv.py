"""CSV read record by record with exact numbers: for files that the engine can't be trusted with."""

from __future__ import annotations

import csv
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

import pyarrow as pa

from sourcing_audit.sources.delimited import Lines, TooLongError
from sourcing_audit.sources.interface import EXCERPT, Dialect

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_BATCH = 50_000
_REREAD_LIMIT = 64 * 2**20
"""Characters that are read again after open quotes, lest a hostile file takes for ever."""

Row = tuple[int, list[str | None] | None, str | None, str | None, str | None]


def schema(count: int) -> pa.Schema:
    """The columns of `records` for a number of values."""
    names = ["row", "reason", "detail", "excerpt", *(f"c{i}" for i in range(count))]
    return pa.schema([(name, pa.int64() if name == "row" else pa.string()) for name in names])


def records(
    stream: IO[bytes], dialect: Dialect, wanted: Sequence[int], longest: int
) -> Iterator[pa.RecordBatch]:
    """Every record with its number, blank lines being none.

    Args:
        stream: at its beginning.
        dialect: as found.
        wanted: the positions of the columns to give, as `c0`, `c1`, …
        longest: characters that a record may have.

    """
    shape = schema(len(wanted))
    with _field_limit(longest):
        rows: list[Row] = []
        for row in _rows(stream, dialect, wanted, longest):
            rows.append(row)
            if len(rows) == _BATCH:
                yield _batch(rows, shape)
                rows = []
        if rows:
            yield _batch(rows, shape)


def _rows(
    stream: IO[bytes], dialect: Dialect, wanted: Sequence[int], longest: int
) -> Iterator[Row]:
    lines = Lines(stream, longest)
    reader = csv.reader(lines, delimiter=dialect.delimiter, strict=True)
    width = len(dialect.columns)
    number = reread = 0
    header_seen = False
    while True:
        lines.begin()
        reason = detail = None
        values: list[str] = []
        try:
            values = next(reader)
        except StopIteration:
            return
        except TooLongError:
            reason, detail = "record_too_large", f"expected at most {longest} bytes"
        except csv.Error:
            reason, detail = (
                "bad_quoting",
                "expected quotes around a whole value, doubled inside it",
            )
        if reason and len(lines.taken) > 1 and reread < _REREAD_LIMIT:
            # An open quote swallows the records that follow; only its own line is bad.
            reason, detail = "bad_quoting", "expected a closing quote"
            reread += sum(map(len, lines.taken))
            lines.put_back()
        if not reason and not values:
            continue
        if not header_seen:
            header_seen = True
            continue
        number += 1
        raw = "".join(lines.taken) if reason or len(values) != width else ""
        if not reason and len(values) != width:
            reason = "columns_missing" if len(values) < width else "columns_extra"
            detail = f"expected {width} columns, found {len(values)}"
        if not reason and not _decodable(lines.taken):
            raw = "".join(lines.taken)
            reason, detail = "undecodable", "expected UTF-8"
        if reason:
            excerpt = raw[: EXCERPT * 2].encode("utf-8", "surrogateescape")
            yield number, None, reason, detail, excerpt.decode("utf-8", "replace").strip()[:EXCERPT]
        else:
            yield number, [values[i] or None for i in wanted], None, None, None


def _decodable(lines: Sequence[str]) -> bool:
    try:
        for line in lines:
            if not line.isascii():
                line.encode()
    except UnicodeEncodeError:
        return False
    return True


def _batch(rows: Sequence[Row], shape: pa.Schema) -> pa.RecordBatch:
    count = len(shape) - 4
    columns: list[list[str | None]] = [
        [values[i] if values else None for _, values, *_ in rows] for i in range(count)
    ]
    numbers, _, reasons, details, excerpts = zip(*rows, strict=True)
    arrays = [numbers, reasons, details, excerpts, *columns]
    return pa.record_batch(
        [pa.array(values, field.type) for values, field in zip(arrays, shape, strict=True)],
        schema=shape,
    )


@contextmanager
def _field_limit(longest: int) -> Iterator[None]:
    # The csv module has one limit for the whole process.
    before = csv.field_size_limit(longest + 1)
    try:
        yield
    finally:
        csv.field_size_limit(before)
