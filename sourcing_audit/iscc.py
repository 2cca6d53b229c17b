"""Content codes (ISCC, ISO 24138): what units a code is made of. Nothing is computed here.

A unit is a header of four numbers in groups of four bits (main type, sub type, version, length)
and a body of bits. A composite code packs the first 64 bits of several units behind one header.
"""

from __future__ import annotations

import base64
import re
from typing import NamedTuple

META, SEMANTIC, CONTENT, DATA, INSTANCE, COMPOSITE, ID, FLAKE = range(8)
"""Main types."""

NO_SUBTYPE = 0
WIDE = 7
"""The sub type of composites that hold 128 bits of data and instance each."""

MAX_LENGTH = 200
"""Characters of a code that is read; seven units of 256 bits would have more, and aren't in use."""

_CODE = re.compile(r"[A-Z2-7]+")
_OPTIONAL = ((META, 4), (SEMANTIC, 2), (CONTENT, 1))
"""Units that a composite may hold, in their order, with the bit of its length that says so."""
_SUBTYPES = {META: 1, SEMANTIC: 6, CONTENT: 5, DATA: 1, INSTANCE: 1, COMPOSITE: 8, ID: 8, FLAKE: 1}
"""How many sub types a main type has."""


class Unit(NamedTuple):
    """One unit of a code."""

    main: int
    sub: int
    version: int
    body: bytes


def units(text: str) -> tuple[Unit, ...] | None:
    """The units of a code, or None where it isn't one as a whole.

    Args:
        text: in base32 (RFC 4648), capitals, without `ISCC:` and hyphens.

    """
    if len(text) > MAX_LENGTH or not _CODE.fullmatch(text):
        return None
    try:
        rest = base64.b32decode(text + "=" * (-len(text) % 8))
    except ValueError:
        return None
    found: list[Unit] = []
    while rest:
        read = _next(rest)
        if read is None:
            return None
        one, rest = read
        found += one
    return tuple(found) or None


def _next(data: bytes) -> tuple[list[Unit], bytes] | None:
    header = _header(data)
    if header is None:
        return None
    main, sub, version, length, size = header
    body = data[size:]
    if main == COMPOSITE:
        found = _composite(sub, version, length, body)
        return None if found is None else (found, b"")
    octets = length + 8 if main == ID else 4 * (length + 1)
    if len(body) < octets or sub >= _SUBTYPES[main] or version > 1:
        return None
    return [Unit(main, sub, version, body[:octets])], body[octets:]


def _header(data: bytes) -> tuple[int, int, int, int, int] | None:
    """Main type, sub type, version, length, and how many octets the header has."""
    bits = int.from_bytes(data[:8].ljust(8, b"\0"))
    numbers, at = [], 0
    for _ in range(4):
        for prefix, (mark, width, base) in enumerate(((0, 3, 0), (2, 6, 8), (6, 9, 72))):
            marks = prefix + 1
            if (bits >> (64 - at - marks)) & ((1 << marks) - 1) == mark:
                at += marks + width
                numbers.append(base + ((bits >> (64 - at)) & ((1 << width) - 1)))
                break
        else:
            return None
    main, sub, version, length = numbers
    size = (at + 7) // 8
    return None if main > FLAKE or size > len(data) else (main, sub, version, length, size)


def _composite(sub: int, version: int, length: int, body: bytes) -> list[Unit] | None:
    if sub == WIDE:
        if len(body) != 32:  # noqa: PLR2004 - octets of two units of 128 bits
            return None
        ends = ((DATA, body[:16]), (INSTANCE, body[16:]))
        return [Unit(main, NO_SUBTYPE, version, bits) for main, bits in ends]
    held = [main for main, bit in _OPTIONAL if length & bit] + [DATA, INSTANCE]
    if length > 7 or version > 0 or len(body) != 8 * len(held):  # noqa: PLR2004 - three bits
        return None
    return [
        Unit(main, sub if main in {SEMANTIC, CONTENT} else NO_SUBTYPE, version, body[at : at + 8])
        for main, at in zip(held, range(0, len(body), 8), strict=True)
    ]
