"""Files as streams of bytes: decompressed, as UTF-8 without a byte order mark; and their digest."""

from __future__ import annotations

import bz2
import codecs
import gzip
import hashlib
import io
import lzma
import zlib
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

import pyarrow as pa

from sourcing_audit.errors import InputError
from sourcing_audit.sources.interface import Shard, UnreadableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

BLOCK = 8 * 2**20

_OPENERS: dict[str | None, Callable[..., object]] = {
    "gz": gzip.open,
    "bz2": bz2.open,
    "xz": lzma.open,
}


def sha256(path: Path) -> str:
    """The SHA-256 of a file.

    Raises:
        InputError: the file can't be read.

    """
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise InputError(f"{path}: can't be read: {error.strerror}") from error


@contextmanager
def opened(shard: Shard) -> Iterator[IO[bytes]]:
    """The shard's text as UTF-8 bytes (undecodable ones kept), without its byte order mark.

    Raises:
        UnreadableError: on opening, or when the compressed data turns out to be damaged.

    """
    try:
        with _decompressed(shard) as raw:
            buffered = io.BufferedReader(cast("io.RawIOBase", raw), BLOCK)
            head = buffered.peek(4)[:4]
            if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
                yield io.BufferedReader(_Transcoded(buffered), BLOCK)
                return
            if head.startswith(codecs.BOM_UTF8):
                buffered.read(len(codecs.BOM_UTF8))
            yield buffered
    except (OSError, EOFError, zlib.error, lzma.LZMAError, pa.ArrowException) as error:
        raise UnreadableError("file_unreadable", f"can't be read: {error}") from error


def needs_spool(shard: Shard) -> bool:
    """Whether an engine can't read the shard's bytes itself."""
    if shard.remote is not None or shard.compression in {"bz2", "xz"}:
        return True
    with _decompressed(shard) as raw:
        return raw.read(2).startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))


@contextmanager
def _decompressed(shard: Shard) -> Iterator[IO[bytes]]:
    if shard.remote is None:
        with _unpacked(shard.path, shard.compression) as raw:
            yield raw
    else:
        with shard.remote.stream() as source, _unpacked(source, shard.compression) as raw:
            yield raw


def _unpacked(source: Path | IO[bytes], compression: str | None) -> IO[bytes]:
    if compression in _OPENERS:
        return cast("IO[bytes]", _OPENERS[compression](source))
    if isinstance(source, Path):
        if compression == "zst":
            return cast("IO[bytes]", pa.input_stream(str(source), compression="zstd"))
        return source.open("rb", buffering=0)
    if compression == "zst":
        return cast("IO[bytes]", pa.CompressedInputStream(pa.PythonFile(source, "r"), "zstd"))
    return source


class _Transcoded(io.RawIOBase):
    """UTF-16 read as UTF-8; what can't be decoded stays undecodable."""

    def __init__(self, source: IO[bytes]) -> None:
        self._source = source
        self._decoder = codecs.getincrementaldecoder("utf-16")("surrogatepass")
        self._ready = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(cast("bytearray", buffer))
        while not self._ready:
            block = self._source.read(BLOCK)
            decoded = self._decoder.decode(block, final=not block)
            self._ready = decoded.encode("utf-8", "surrogatepass")
            if not block:
                break
        size = min(len(view), len(self._ready))
        view[:size] = self._ready[:size]
        self._ready = self._ready[size:]
        return size
