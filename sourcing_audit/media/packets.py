"""Where a file's XMP packets are: found by their tags, or by the container where it hides them."""

from __future__ import annotations

import hashlib
import re
import struct
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from mmap import mmap

MOST = 512
"""Packets of one file that are read."""
LONGEST = 8 * 2**20
"""Bytes of one packet."""
_UNCLOSED = 64 * 2**10
"""Bytes of one without an end: nobody can parse it, but what it was about shows."""
_ROOM = 64 * 2**20
"""Bytes of all packets."""


class TooManyError(Exception):
    """There are more packets than are read."""


_TAG = "<(?:[A-Za-z][A-Za-z0-9_.-]{0,15}:)?(?:xmpmeta|xapmeta|RDF)(?=[ \\t\\r\\n>/])"
_BYTES = re.compile(_TAG.encode())
_PNG_TEXT = b"XML:com.adobe.xmp\x00"
_PNG_PROFILE = b"Raw profile type xmp\x00"
_HEX = re.compile(rb"\s*xmp\s+\d+\s+([0-9A-Fa-f\s]*)")
_EXTENSION = b"http://ns.adobe.com/xmp/extension/\x00"
_EXTENSION_HEAD = len(_EXTENSION) + 32 + 8
_PDF_METADATA = re.compile(rb"/Type\s*/Metadata\b")
_PDF_STREAM = re.compile(rb"stream\r?\n")
_PDF_DICTIONARY = 1024
_SOS, _EOI, _APP1 = 0xDA, 0xD9, 0xE1


def all_of(data: mmap | bytes, kind: str) -> Iterator[bytes]:
    """Every packet, each once; of one whose end is missing, its beginning.

    Raises:
        TooManyError: there are more than are read; those before were given.

    """
    seen: set[bytes] = set()
    room = _ROOM
    for number, packet in enumerate(_every(data, kind)):
        room -= len(packet)
        if number == MOST or room < 0:
            raise TooManyError
        digest = hashlib.sha256(packet).digest()
        if digest not in seen:
            seen.add(digest)
            yield packet


def _every(data: mmap | bytes, kind: str) -> Iterator[bytes]:
    yield from _plain(data)
    yield from _wide(data)
    hidden = {"png": _png, "jpeg": _jpeg, "pdf": _pdf}.get(kind)
    if hidden is not None:
        for text in hidden(data):
            yield from _plain(text)
            yield from _wide(text)


def _plain(data: mmap | bytes) -> Iterator[bytes]:
    """Packets that stand in the file as they are, as nearly all do."""
    at = 0
    while (match := _BYTES.search(data, at)) is not None:
        name = match[0][1:]
        end = data.find(b"</" + name + b">", match.end(), match.start() + LONGEST)
        if end < 0:
            yield data[match.start() : match.start() + _UNCLOSED]
            at = match.end()
            continue
        at = end + len(name) + 3
        yield data[match.start() : at]


def _wide(data: mmap | bytes) -> Iterator[bytes]:
    """Packets in UTF-16, as UTF-8."""
    for encoding in ("utf-16-le", "utf-16-be"):
        closing = "meta>".encode(encoding)
        at = data.find("<x:xmpmeta".encode(encoding))
        while at >= 0:
            end = data.find(closing, at, at + LONGEST)
            end = at + LONGEST if end < 0 else end + len(closing)
            text = data[at:end].decode(encoding, "replace")
            yield text.encode("utf-8", "replace")
            at = data.find("<x:xmpmeta".encode(encoding), end)


def _png(data: mmap | bytes) -> Iterator[bytes]:
    """Compressed international text, and the hexadecimal profiles that ImageMagick writes."""
    at = 8
    while at + 12 <= len(data):
        size = struct.unpack_from(">I", data, at)[0]
        body = at + 8
        if data[at + 4 : at + 8] == b"iTXt" and data[body : body + 18] == _PNG_TEXT:
            compressed = data[body + 18 : body + 19] == b"\x01"
            text = data[body + 20 : body + min(size, LONGEST)]
            # The language and the translated keyword end with a NUL each.
            text = text.split(b"\x00", 2)[-1]
            if compressed:
                yield _inflated(text)
        elif data[body : body + len(_PNG_PROFILE)] == _PNG_PROFILE:
            text = data[body + len(_PNG_PROFILE) : body + min(size, LONGEST)]
            written = _HEX.match(_inflated(text[1:]) if data[at + 4 : body] == b"zTXt" else text)
            digits = b"".join(written[1].split()) if written else b""
            yield bytes.fromhex(digits[: len(digits) & ~1].decode())
        at = body + size + 4


def _jpeg(data: mmap | bytes) -> Iterator[bytes]:
    """Extended XMP: one packet in several segments."""
    parts: dict[bytes, dict[int, bytes]] = {}
    at, room = 2, LONGEST
    while at + 4 <= len(data) and data[at] == 0xFF:  # noqa: PLR2004
        marker = data[at + 1]
        if marker in {_SOS, _EOI}:
            break
        if marker == 0xFF or 0xD0 <= marker <= 0xD8 or marker == 0x01:  # noqa: PLR2004
            at += 1 if marker == 0xFF else 2  # noqa: PLR2004
            continue
        size = struct.unpack_from(">H", data, at + 2)[0]
        segment = data[at + 4 : at + 2 + size]
        if marker == _APP1 and segment.startswith(_EXTENSION) and len(segment) <= room:
            guid = segment[len(_EXTENSION) : len(_EXTENSION) + 32]
            offset = int.from_bytes(segment[_EXTENSION_HEAD - 4 : _EXTENSION_HEAD], "big")
            parts.setdefault(guid, {})[offset] = segment[_EXTENSION_HEAD:]
            room -= len(segment)
        at += 2 + size
    for pieces in parts.values():
        yield b"".join(pieces[offset] for offset in sorted(pieces))


def _pdf(data: mmap | bytes) -> Iterator[bytes]:
    """Metadata streams that are compressed."""
    for found, match in enumerate(_PDF_METADATA.finditer(data)):
        if found == MOST:
            raise TooManyError
        dictionary = data[max(0, match.start() - _PDF_DICTIONARY) : match.end() + _PDF_DICTIONARY]
        stream = _PDF_STREAM.search(data, match.end(), match.end() + _PDF_DICTIONARY)
        if stream is not None and b"FlateDecode" in dictionary:
            yield _inflated(data[stream.end() : stream.end() + LONGEST])


def _inflated(compressed: bytes) -> bytes:
    """As much as can be had; damaged data ends where the damage is."""
    try:
        return zlib.decompressobj().decompress(compressed, LONGEST)
    except zlib.error:
        return b""
