"""Streams over a remote file: in pieces, from its beginning, and with its digest."""

from __future__ import annotations

import hashlib
import io
import time
from contextlib import suppress
from typing import IO, TYPE_CHECKING, Any, cast

from sourcing_audit.sources.remote.problems import CutShortError, problem_of

if TYPE_CHECKING:
    from sourcing_audit.sources.remote.files import RemoteFile

TRIES, TRIES_OF_STORES = 4, 2
"""How often a piece is asked for; the libraries of stores ask several times by themselves."""
WAIT = 0.5
"""Seconds before the second try; twice as many before each one after it."""
BLOCK = 8 * 2**20
"""Bytes that are read ahead."""
LARGEST = 4 * BLOCK
"""Bytes that are asked for at once; a longer piece might not arrive in time."""


def in_pieces(file: RemoteFile, size: int) -> IO[bytes]:
    """The bytes from any position, unbuffered."""
    return cast("IO[bytes]", _Pieces(file, size))


def flowing(file: RemoteFile) -> IO[bytes]:
    """The bytes from the beginning, unbuffered."""
    return cast("IO[bytes]", _Flow(file))


def digesting(file: RemoteFile, source: IO[bytes]) -> IO[bytes]:
    """The bytes of an unbuffered source; the file is told their digest when they end."""
    return cast("IO[bytes]", io.BufferedReader(_Digesting(file, source), BLOCK))


class _Pieces(io.RawIOBase):
    """Any part of a file, each piece asked for on its own."""

    def __init__(self, file: RemoteFile, size: int) -> None:
        self._file = file
        self._size = size
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = max(base + offset, 0)
        return self._position

    def readinto(self, buffer: object) -> int:
        view = memoryview(cast("bytearray", buffer))
        first, last = self._position, min(self._position + len(view), self._size)
        for start in range(first, last, LARGEST):
            end = min(start + LARGEST, last)
            view[start - first : end - first] = self._file.fetch(start, end)
            self._position = end
        return max(last - first, 0)


class _Flow(io.RawIOBase):
    """A file from its beginning, where its server gives no pieces; taken up again if it breaks."""

    def __init__(self, file: RemoteFile) -> None:
        self._file = file
        self._position = 0
        self._handle: Any = None
        self._broken = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(cast("bytearray", buffer))
        while True:
            if self._handle is None:
                self._handle = self._file.flow(self._position)
            try:
                data = self._handle.read(len(view))
                if not data and self._position < (self._file.size or 0):
                    raise CutShortError  # noqa: TRY301 - like any other break
            except Exception as error:  # noqa: BLE001 - stores raise whatever their transport does
                self._take_up(error)
                continue
            view[: len(data)] = data
            self._position += len(data)
            return len(data)

    def close(self) -> None:
        if self._handle is not None:
            with suppress(Exception):
                self._handle.close()
        self._handle = None
        super().close()

    def _take_up(self, error: Exception) -> None:
        problem = problem_of(error)
        self._broken += 1
        if not problem.passing or self._broken == TRIES:
            self._file.fail("file_unreadable", problem.text, problem.fix)
        with suppress(Exception):
            self._handle.close()
        self._handle = None
        time.sleep(WAIT * 2 ** (self._broken - 1))


class _Digesting(io.RawIOBase):
    """Passes bytes on and takes their digest."""

    def __init__(self, file: RemoteFile, source: IO[bytes]) -> None:
        self._file = file
        self._source = source
        self._digest = hashlib.sha256()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(cast("bytearray", buffer))
        data = self._source.read(len(view))
        if data:
            view[: len(data)] = data
            self._digest.update(data)
        else:
            self._file.read_to_the_end(self._digest.hexdigest())
        return len(data)

    def close(self) -> None:
        self._source.close()
        super().close()
