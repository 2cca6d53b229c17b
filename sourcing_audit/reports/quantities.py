"""Counts and shares in words that never round a rest away."""

from __future__ import annotations

from typing import Final

COMMA: Final = ","
NO_VALUE: Final = "—"
NARROW_SPACE: Final = "\u202f"
"""The narrow no-break space: groups digits in HTML without suggesting a decimal mark."""

_TENTHS: Final = 1000
"""Tenths of a per cent in the whole."""


def count(number: int, separator: str = COMMA) -> str:
    """Group the digits of `number`."""
    return f"{number:,}".replace(COMMA, separator)


def share(part: int, whole: int) -> str:
    """Say what share `part` is of `whole`, as `0 %` or `100 %` only when exactly so."""
    if whole <= 0:
        return NO_VALUE
    if part <= 0:
        return "0 %"
    if part >= whole:
        return "100 %"
    tenths = (2 * _TENTHS * part + whole) // (2 * whole)
    if tenths == 0:
        return "under 0.1 %"
    if tenths == _TENTHS:
        return "over 99.9 %"
    return f"{tenths // 10}.{tenths % 10} %"


def ratio(part: int, whole: int) -> float:
    """The share as a number from 0 to 1, for the length of a bar."""
    return min(max(part / whole, 0.0), 1.0) if whole > 0 else 0.0


def plural(number: int, noun: str) -> str:
    """Count a noun whose plural ends in -s."""
    return f"{count(number)} {noun}" if number == 1 else f"{count(number)} {noun}s"
