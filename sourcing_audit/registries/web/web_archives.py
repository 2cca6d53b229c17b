"""WARC archives (ISO 28500): what hosts answered, one record after another."""

from __future__ import annotations

import gzip
import http.client
import io
import re
import zlib
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, cast
from urllib.parse import urlsplit

from sourcing_audit.errors import RegistryError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from email.message import Message
    from pathlib import Path

MAX_FIELDS = 65_536
"""Octets of the named fields of a record."""

MAX_HEADERS = 262_144
"""Octets of a response's headers, beside its body."""

_GZIP = b"\x1f\x8b"
_STATUS = re.compile(rb"HTTP/[\d.]+[ \t]+(\d{3})")
_CHUNK = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,8})[^\r\n]*\r?\n")
_TEXT = re.compile(rb"[\x00-\x08\x0e-\x1f]")
_DECODED = ("", "identity")
_DEFLATED = ("gzip", "x-gzip", "deflate")


@dataclass(frozen=True)
class Response:
    """What a host answered."""

    url: str
    status: int
    """Of HTTP; 0 where the record holds none."""
    date: str | None
    """As `WARC-Date` has it."""
    headers: tuple[tuple[str, str], ...]
    body: bytes
    """Decoded from its transfer and content encodings."""
    cut: bool
    """The body is longer than what was asked for or archived, or in an unknown encoding."""


def responses(path: Path, limit: int, paths: Collection[str] | None = None) -> Iterator[Response]:
    """Every HTTP answer of an archive, in its order.

    Args:
        path: a WARC file, compressed or not.
        limit: how many octets of a body are read.
        paths: only answers to requests for these paths; None: all.

    Raises:
        RegistryError: the archive is damaged.

    """
    try:
        with path.open("rb") as raw:
            compressed = raw.read(2) == _GZIP
        with cast("IO[bytes]", gzip.open(path)) if compressed else path.open("rb") as stream:
            while fields := _fields(stream):
                size = _size(fields)
                wanted = _is_answer(fields, paths)
                content = _read(stream, min(size, limit + MAX_HEADERS) if wanted else 0)
                _skip(stream, size - len(content))
                if wanted:
                    yield _response(fields, content, limit, whole=len(content) == size)
    except (OSError, EOFError, zlib.error, ValueError) as error:
        raise RegistryError(
            f"{path}: can't be read as WARC: {str(error)[:300]}",
            fix="fetch the archive again; what is missing might hold a refusal",
        ) from error


def _fields(stream: IO[bytes]) -> dict[str, str]:
    """The named fields of the next record; nothing at the end of the archive."""
    line = stream.readline(MAX_FIELDS)
    while line in {b"\r\n", b"\n"}:
        line = stream.readline(MAX_FIELDS)
    if not line:
        return {}
    if not line.startswith(b"WARC/"):
        raise ValueError(f"a record begins with {line[:40]!r}")
    found: dict[str, str] = {}
    size = 0
    while (line := stream.readline(MAX_FIELDS)) not in {b"\r\n", b"\n"}:
        size += len(line)
        if not line.endswith(b"\n") or size > MAX_FIELDS:
            raise ValueError("it ends in the middle of a record, or the record has no end")
        name, _, value = line.decode("utf-8", "replace").partition(":")
        found.setdefault(name.strip().lower(), value.strip())
    return found


def _size(fields: dict[str, str]) -> int:
    given = fields.get("content-length", "")
    if not given.isascii() or not given.isdigit():
        raise ValueError(f"a record's Content-Length is {given[:40]!r}")
    return int(given)


def _is_answer(fields: dict[str, str], paths: Collection[str] | None) -> bool:
    if fields.get("warc-type") != "response":
        return False
    if paths is None:
        return True
    try:
        parts = urlsplit(_url(fields))
    except ValueError:
        return False
    return not parts.query and parts.path in paths


def _url(fields: dict[str, str]) -> str:
    return fields.get("warc-target-uri", "").strip("<> ")


def _read(stream: IO[bytes], size: int) -> bytes:
    content = stream.read(size)
    if len(content) < size:
        raise EOFError("it ends in the middle of a record")
    return content


def _skip(stream: IO[bytes], size: int) -> None:
    while size > 0:
        size -= len(_read(stream, min(size, 2**20)))


def _response(fields: dict[str, str], content: bytes, limit: int, *, whole: bool) -> Response:
    status = _STATUS.match(content)
    headers = _headers(content)
    end = re.search(rb"\r?\n\r?\n", content)
    body, read = _decoded(content[end.end() :] if end else b"", headers, limit)
    return Response(
        url=_url(fields),
        status=int(status[1]) if status else 0,
        date=fields.get("warc-date"),
        headers=tuple(headers.items()) if headers else (),
        body=body[:limit],
        cut=not whole or not read or len(body) > limit or "warc-truncated" in fields,
    )


def _headers(content: bytes) -> Message | None:
    stream = io.BytesIO(content[:MAX_HEADERS])
    stream.readline()
    try:
        return http.client.parse_headers(stream)
    except http.client.HTTPException:
        return None


def _decoded(body: bytes, headers: Message | None, limit: int) -> tuple[bytes, bool]:
    """The body as the host meant it, and whether it could be decoded.

    Archives often keep the headers and store the body decoded already.
    """
    if headers is None:
        return body, False
    if "chunked" in headers.get("Transfer-Encoding", "").lower():
        body = _unchunked(body)
    encoding = headers.get("Content-Encoding", "").strip().lower()
    if encoding in _DEFLATED:
        return _inflated(body, limit)
    return body, encoding in _DECODED or _TEXT.search(body) is None


def _unchunked(body: bytes) -> bytes:
    """Put the chunks together; a body that isn't in chunks stays as it is."""
    parts: list[bytes] = []
    position = 0
    while chunk := _CHUNK.match(body, position):
        size = int(chunk[1], 16)
        if size == 0:
            return b"".join(parts)
        parts.append(body[chunk.end() : chunk.end() + size])
        position = chunk.end() + size
        position += 2 if body[position : position + 2] == b"\r\n" else 1
    return body if position < len(body) or not parts else b"".join(parts)


def _inflated(body: bytes, limit: int) -> tuple[bytes, bool]:
    if _TEXT.search(body[:64]) is None:
        return body, True
    for window in (47, -15):
        try:
            return zlib.decompressobj(window).decompress(body, limit + 1), True
        except zlib.error:
            continue
    return body, False
