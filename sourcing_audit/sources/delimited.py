"""CSV and TSV: what separates the columns, how many records there are, and a strict reader.

The engine reads clean files fast. Whether it read a file right is checked against `survey`, which
counts records on its own; where the two disagree `records` reads again, slower and exact.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

import numpy as np

from sourcing_audit.sources.interface import Dialect, UnreadableError
from sourcing_audit.sources.streams import BLOCK

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import numpy.typing as npt

    from sourcing_audit.sources.interface import Mask, Positions

_HEAD = 2**20
_SAMPLE = 20
_DELIMITERS = ",;\t|"
_MOST_STRAYS = 1000
"""With more quotes out of place the engine's reader takes time that grows with their square."""

_QUOTE, _LF, _CR = 0x22, 0x0A, 0x0D


@dataclass(frozen=True)
class Survey:
    """What counting found."""

    records: int
    """Records that aren't blank, the header counted."""
    blank: int
    regular: bool
    """No lone carriage return outside quotes, no quote left open, hardly any out of place."""
    mixed: bool
    """Outside quotes, some lines end with a carriage return before the newline, some don't."""


def dialect(stream: IO[bytes], preferred: str) -> Dialect:
    """Find the delimiter and the column names.

    Args:
        stream: at its beginning.
        preferred: the delimiter that the file's name promises.

    Raises:
        UnreadableError: the file is empty, or its header can't be read.

    """
    block = stream.read(_HEAD)
    if not block.strip():
        raise UnreadableError("file_empty", "expected a header")
    complete = len(block) < _HEAD
    head, separator, _ = (block, b"", b"") if complete else block.rpartition(b"\n")
    try:
        text = (head + separator).decode()
    except UnicodeDecodeError as error:
        text = head[: error.start].decode().rpartition("\n")[0]
        if not text:
            raise UnreadableError(
                "undecodable", f"expected a header in UTF-8, found byte 0x{head[error.start]:02x}"
            ) from error
    order = preferred + _DELIMITERS.replace(preferred, "")
    samples = {delimiter: _sample(text, delimiter) for delimiter in order}
    best = max(order, key=lambda delimiter: _fitness(samples[delimiter]))
    if not samples[best]:
        raise UnreadableError("bad_quoting", "expected a header of less than 1 MiB, well quoted")
    header = tuple(samples[best][0])
    return Dialect(best, header, unique(header), "\r\n" if "\r\n" in text else "\n")


def _sample(text: str, delimiter: str) -> list[list[str]]:
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True):
            if row:
                rows.append(row)
            if len(rows) == _SAMPLE:
                break
    except csv.Error:
        pass
    return rows


def _fitness(rows: Sequence[Sequence[str]]) -> tuple[float, int]:
    """How well a delimiter explains the sample: consistent widths first, then many columns."""
    if not rows:
        return (-1, 0)
    width = len(rows[0])
    return (sum(len(row) == width for row in rows) / len(rows) if width > 1 else 0, width)


def unique(names: Iterable[str]) -> tuple[str, ...]:
    """Column names of which no two are alike, even without regard to case."""
    names = [name.strip() for name in names]
    taken = {name.casefold() for name in names}
    seen: Counter[str] = Counter()
    found = []
    for position, name in enumerate(names, start=1):
        plain = name or f"column_{position}"
        seen[plain.casefold()] += 1
        fresh = plain
        while seen[plain.casefold()] > 1 and fresh.casefold() in taken:
            fresh = f"{plain}_{seen[plain.casefold()]}"
            seen[plain.casefold()] += fresh.casefold() in taken
        taken.add(fresh.casefold())
        found.append(fresh)
    return tuple(found)


def survey(stream: IO[bytes], delimiter: str) -> Survey:
    """Count a CSV's records by its newlines outside quotes."""
    beside = _marks(delimiter)
    records = blank = bare = paired = lone = strays = 0
    inside = False
    position = line_start = 0
    for block in _blocks(stream):
        data = np.frombuffer(block, dtype=np.uint8)
        quotes = np.flatnonzero(data == _QUOTE) if b'"' in block else np.zeros(0, dtype=np.intp)
        ends = _outside(np.flatnonzero(data == _LF), quotes, inside=inside)
        returned = np.zeros(len(ends), dtype=bool)
        if b"\r" in block:
            returned = (data[ends - 1] == _CR) & (ends > 0)
            returns = _outside(np.flatnonzero(data == _CR), quotes, inside=inside)
            lone += len(returns) - int(returned.sum())
        paired += int(returned.sum())
        bare += len(ends) - int(returned.sum())
        if len(ends):
            starts = np.concatenate((np.array([line_start - position]), ends[:-1] + 1))
            empty = int((ends - returned == starts).sum())
            blank += empty
            records += len(ends) - empty
            line_start = position + int(ends[-1]) + 1
        strays += _strays(data, quotes, beside, inside=inside)
        inside ^= bool(len(quotes) % 2)
        position += len(block)
    records += position > line_start
    regular = not (inside or lone or strays > _MOST_STRAYS)
    return Survey(records, blank, regular, mixed=bool(bare and paired))


def one_style(stream: IO[bytes]) -> Iterator[bytes]:
    """A CSV without the carriage returns that stand before newlines outside quotes."""
    inside = False
    for block in _blocks(stream):
        data = np.frombuffer(block, dtype=np.uint8)
        quotes = np.flatnonzero(data == _QUOTE)
        before = _outside(np.flatnonzero(data == _LF), quotes, inside=inside) - 1
        yield np.delete(data, before[(before >= 0) & (data[before] == _CR)]).tobytes()
        inside ^= bool(len(quotes) % 2)


def _blocks(stream: IO[bytes]) -> Iterator[bytes]:
    """Blocks that don't part a carriage return from its newline."""
    while block := stream.read(BLOCK):
        while block.endswith(b"\r") and (more := stream.read(1)):
            block += more
        yield block


def _marks(delimiter: str) -> Mask:
    """For each byte, whether a quote may stand beside it on its outer side."""
    marks = np.zeros(256, dtype=bool)
    marks[[_QUOTE, _LF, _CR, ord(delimiter)]] = True
    return marks


def _strays(data: npt.NDArray[np.uint8], quotes: Positions, beside: Mask, *, inside: bool) -> int:
    """How many quotes neither open nor close a value; those at a block's edge aren't looked at."""
    opening, closing = quotes[int(inside) :: 2], quotes[1 - int(inside) :: 2]
    before = opening[opening > 0] - 1
    after = closing[closing < len(data) - 1] + 1
    return int((~beside[data[before]]).sum() + (~beside[data[after]]).sum())


def raw_records(stream: IO[bytes]) -> Iterator[tuple[bytes, Positions, Positions]]:
    """Blocks of a regular CSV, and where in them each record that isn't blank starts and ends.

    The header is the first record.
    """
    block = b""
    while more := stream.read(BLOCK):
        block += more
        data = np.frombuffer(block, dtype=np.uint8)
        quotes = np.flatnonzero(data == _QUOTE)
        ends = _outside(np.flatnonzero(data == _LF), quotes, inside=False) + 1
        if len(ends):
            yield block, *_filled(block, ends)
            block = block[ends[-1] :]
    if block:
        block += b"\n"
        yield block, *_filled(block, np.array([len(block)]))


def _filled(block: bytes, ends: Positions) -> tuple[Positions, Positions]:
    starts = np.concatenate((np.zeros(1, dtype=ends.dtype), ends[:-1]))
    short = np.flatnonzero(ends - starts <= len(b"\r\n"))
    blank = [i for i in short if not block[starts[i] : ends[i]].strip(b"\r\n")]
    return np.delete(starts, blank), np.delete(ends, blank)


def _outside(positions: Positions, quotes: Positions, *, inside: bool) -> Positions:
    """The positions that an even number of quotes precedes."""
    if not len(quotes):
        return positions[:0] if inside else positions
    outside: Positions = positions[(np.searchsorted(quotes, positions) + inside) % 2 == 0]
    return outside


class Lines:
    """Physical lines for the csv module, which can be put back."""

    def __init__(self, stream: IO[bytes], longest: int) -> None:
        """Read UTF-8; undecodable bytes become surrogates."""
        self._text = io.TextIOWrapper(stream, "utf-8", "surrogateescape", newline="")
        self._longest = longest
        self._again: list[str] = []
        self.taken: list[str] = []
        """The lines of the record that is being read."""
        self._size = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._again.pop() if self._again else self._text.readline(self._longest + 1)
        if not line:
            raise StopIteration
        self.taken.append(line)
        self._size += len(line)
        if self._size > self._longest:
            if not line.endswith(("\n", "\r")):
                self._skip_line()
            raise TooLongError
        return line

    def close(self) -> None:
        """Leave the stream to whoever opened it, who may have closed it already."""
        with suppress(ValueError):
            self._text.detach()

    def begin(self) -> None:
        """Start a record."""
        self.taken.clear()
        self._size = 0

    def put_back(self) -> None:
        """Give all lines of the record but its first another chance."""
        self._again.extend(reversed(self.taken[1:]))
        del self.taken[1:]

    def _skip_line(self) -> None:
        self.taken[-1] += "\n"
        rest = " "
        while rest and not rest.endswith(("\n", "\r")):
            rest = self._text.readline(self._longest + 1)


class TooLongError(Exception):
    """A record is longer than allowed."""
