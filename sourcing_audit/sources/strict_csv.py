"""CSV read record by record with exact numbers: for files that the engine can't be trusted with."""

from __future__ import annotations

import csv
from contextlib import closing, contextmanager
from typing import IO, TYPE_CHECKING

import pyarrow as pa

from sourcing_audit.sources.delimited import Lines, TooLongError
from sourcing_audit.sources.excerpts import excerpt
from sourcing_audit.sources.interface import EXCERPT, Dialect

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sourcing_audit.sources.interface import Mask

_BATCH = 50_000
_REREAD_LIMIT = 16 * 2**20
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
    lines = Lines(stream, longest)
    with _field_limit(longest), closing(lines):
        rows: list[Row] = []
        for row in _rows(lines, dialect, wanted, longest):
            rows.append(row)
            if len(rows) == _BATCH:
                yield _batch(rows, shape)
                rows = []
        if rows:
            yield _batch(rows, shape)


def raw_records(stream: IO[bytes], dialect: Dialect, mask: Mask, longest: int) -> Iterator[bytes]:
    """The bytes of the records that a mask chooses."""
    with _field_limit(longest), closing(Lines(stream, longest)) as lines:
        for number, *_ in _rows(lines, dialect, [], longest):
            if mask[number - 1]:
                yield "".join(lines.taken).encode("utf-8", "surrogateescape")


def _rows(lines: Lines, dialect: Dialect, wanted: Sequence[int], longest: int) -> Iterator[Row]:
    reader = csv.reader(lines, delimiter=dialect.delimiter, strict=True)
    number = reread = 0
    width = len(dialect.columns)
    # The header is a record like any other, with the number 0.
    for values, problem in iter(lambda: _next(reader, lines, longest), None):
        if problem and len(lines.taken) > 1 and reread < _REREAD_LIMIT:
            # An open quote swallows the records that follow; only its own line is bad.
            reread += sum(map(len, lines.taken))
            lines.put_back()
        if not values and not problem:
            continue
        if number:
            reason, detail = problem or _check(values, lines, width) or (None, None)
            if reason is None:
                yield number, [values[i] or None for i in wanted], None, None, None
            else:
                yield number, None, reason, detail, _excerpt(lines)
        number += 1


def _next(
    reader: Iterator[list[str]], lines: Lines, longest: int
) -> tuple[list[str], tuple[str, str] | None] | None:
    """The next record's values, or what is wrong with it; None at the end."""
    lines.begin()
    try:
        return next(reader), None
    except StopIteration:
        return None
    except TooLongError:
        return [], ("record_too_large", f"expected at most {longest} characters")
    except csv.Error:
        return [], ("bad_quoting", "expected quotes around a whole value, doubled inside it")


def _check(values: Sequence[str], lines: Lines, width: int) -> tuple[str, str] | None:
    if len(values) != width:
        reason = "columns_missing" if len(values) < width else "columns_extra"
        return reason, f"expected {width} columns, found {len(values)}"
    return None if _decodable(lines.taken) else ("undecodable", "expected UTF-8")


def _excerpt(lines: Lines) -> str:
    return excerpt("".join(lines.taken)[: EXCERPT * 2].encode("utf-8", "surrogateescape"))


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
