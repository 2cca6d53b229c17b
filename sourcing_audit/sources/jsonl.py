"""JSON lines: records cut out of the byte stream exactly, parsed by the engine."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

import numpy as np
import pyarrow as pa

from sourcing_audit.sources.interface import EXCERPT, MAX_RECORD
from sourcing_audit.sources.streams import BLOCK

if TYPE_CHECKING:
    from collections.abc import Iterator

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
        batch = _batch(block, row)
        row += batch.num_rows
        if batch.num_rows:
            yield batch


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


def _batch(block: bytes, before: int) -> pa.RecordBatch:
    data = np.frombuffer(block, dtype=np.uint8)
    ends = np.flatnonzero(data == _NEWLINE) + 1
    starts = np.concatenate((np.zeros(1, dtype=ends.dtype), ends[:-1]))
    # Only a line that begins with white space can be blank.
    suspects = np.flatnonzero(_BLANKS[data[starts]])
    blank = [i for i in suspects if not block[starts[i] : ends[i]].strip(b" \t\r\n")]
    offsets = np.concatenate((starts, ends[-1:])).astype(np.int32)
    lines = pa.StringArray.from_buffers(
        len(ends), pa.py_buffer(offsets.tobytes()), pa.py_buffer(block)
    )
    bad = _bad(lines, block, starts, ends)
    if bad:
        good = np.ones(len(ends), dtype=bool)
        good[list(bad)] = False
        # Slots of undecodable lines stay in the values; nulls keep them from being looked at.
        lines = pa.StringArray.from_buffers(
            len(ends),
            pa.py_buffer(offsets.tobytes()),
            pa.py_buffer(block),
            pa.array(good).buffers()[1],
        )
    columns = [
        lines,
        *(_sparse(len(ends), {i: found[part] for i, found in bad.items()}) for part in range(3)),
    ]
    if blank:
        keep = np.ones(len(ends), dtype=bool)
        keep[blank] = False
        columns = [column.filter(pa.array(keep)) for column in columns]
    count = len(columns[0])
    rows = pa.array(np.arange(before + 1, before + 1 + count, dtype=np.int64))
    return pa.record_batch([rows, *columns], schema=SCHEMA)


def _bad(
    lines: pa.StringArray, block: bytes, starts: np.ndarray, ends: np.ndarray
) -> dict[int, tuple[str, str, str]]:
    """Reason, detail and excerpt of the lines that can't be given to the engine."""
    found = {
        int(i): (
            "record_too_large",
            f"expected at most {MAX_RECORD} bytes",
            _excerpt(block[starts[i] : ends[i]]),
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
                found.setdefault(i, ("undecodable", detail, _excerpt(line)))
    return found


def _excerpt(line: bytes) -> str:
    return line[: EXCERPT * 4].decode("utf-8", "replace").strip()[:EXCERPT]


def _sparse(length: int, values: dict[int, str]) -> pa.StringArray:
    if not values:
        return pa.nulls(length, pa.string())
    return pa.array([values.get(i) for i in range(length)], pa.string())
