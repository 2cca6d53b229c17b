"""JSON lines: records cut out of the byte stream exactly, parsed by the engine."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

import numpy as np
import pyarrow as pa

from sourcing_audit.sources.excerpts import excerpt
from sourcing_audit.sources.interface import MAX_RECORD
from sourcing_audit.sources.streams import BLOCK

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sourcing_audit.sources.interface import Mask, Positions

SCHEMA = pa.schema(
    [
        pa.field("row", pa.int64()),
        pa.field("line", pa.string()),
        pa.field("reason", pa.string()),
        pa.field("detail", pa.string()),
        pa.field("excerpt", pa.string()),
    ]
)

_NEWLINE = 0x0A
_BLANKS = np.zeros(256, dtype=bool)
_BLANKS[list(b" \t\r\n")] = True


def records(stream: IO[bytes]) -> Iterator[pa.RecordBatch]:
    """Every record with its number; blank lines are none.

    `line` is NULL, and `reason` says why, for a record that is no text or too long.
    """
    row = 0
    for block in _blocks(stream):
        starts, ends, filled = _lines(block)
        count = int(filled.sum())
        if count:
            rows = pa.array(np.arange(row + 1, row + 1 + count, dtype=np.int64))
            yield pa.record_batch([rows, *_values(block, starts, ends, filled)], schema=SCHEMA)
        row += count


def raw_records(stream: IO[bytes]) -> Iterator[tuple[bytes, Positions, Positions]]:
    """Blocks, and where in them each record starts and ends."""
    for block in _blocks(stream):
        starts, ends, filled = _lines(block)
        yield block, starts[filled], ends[filled]


def _blocks(stream: IO[bytes]) -> Iterator[bytes]:
    """Blocks that end with a newline; of a record that is too long only the beginning is kept."""
    carried = b""
    while block := stream.read(BLOCK):
        cut = block.rfind(b"\n") + 1
        if cut:
            yield carried + block[:cut]
            carried = block[cut:]
        elif len(carried) <= MAX_RECORD:
            carried += block
    if carried:
        yield carried + b"\n"


def _lines(block: bytes) -> tuple[Positions, Positions, Mask]:
    """Where each line starts and ends, and whether it holds anything."""
    data = np.frombuffer(block, dtype=np.uint8)
    ends = np.flatnonzero(data == _NEWLINE) + 1
    starts = np.concatenate((np.zeros(1, dtype=ends.dtype), ends[:-1]))
    filled = np.ones(len(ends), dtype=bool)
    # Only a line that begins with white space can be blank.
    for i in np.flatnonzero(_BLANKS[data[starts]]):
        filled[i] = bool(block[starts[i] : ends[i]].strip(b" \t\r\n"))
    return starts, ends, filled


def _values(block: bytes, starts: Positions, ends: Positions, filled: Mask) -> list[pa.Array]:
    offsets = pa.py_buffer(np.append(starts, ends[-1]).astype(np.int32).tobytes())
    values = pa.py_buffer(block)
    lines = pa.StringArray.from_buffers(len(ends), offsets, values)
    bad = _bad(lines, block, starts, ends)
    if bad:
        # The bytes of a bad line stay where they are; a null keeps them from being looked at.
        valid = pa.array([i not in bad for i in range(len(ends))]).buffers()[1]
        lines = pa.StringArray.from_buffers(len(ends), offsets, values, valid)
    problems = [
        _sparse(len(ends), {i: found[part] for i, found in bad.items()}) for part in range(3)
    ]
    columns = [lines, *problems]
    return columns if filled.all() else [column.filter(pa.array(filled)) for column in columns]


def _bad(
    lines: pa.StringArray, block: bytes, starts: Positions, ends: Positions
) -> dict[int, tuple[str, str, str]]:
    """Reason, detail and excerpt of the lines that can't be given to the engine."""
    found = {
        int(i): (
            "record_too_large",
            f"expected at most {MAX_RECORD} bytes",
            excerpt(block[starts[i] : ends[i]]),
        )
        for i in np.flatnonzero(ends - starts > MAX_RECORD)
    }
    try:
        lines.validate(full=True)
    except pa.ArrowInvalid:
        for i, (start, end) in enumerate(zip(starts, ends, strict=True)):
            line = block[start:end]
            try:
                line.decode()
            except UnicodeDecodeError as error:
                detail = f"expected UTF-8, found byte 0x{line[error.start]:02x}"
                found.setdefault(i, ("undecodable", detail, excerpt(line)))
    return found


def _sparse(length: int, values: dict[int, str]) -> pa.StringArray:
    if not values:
        return pa.nulls(length, pa.string())
    return pa.array([values.get(i) for i in range(length)], pa.string())
