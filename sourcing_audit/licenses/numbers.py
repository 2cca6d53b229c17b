"""Values that differ only in long numbers: a photographer's number, a page's id.

No rule tells one number of five or more digits from another of that length: the first two digits
may make it look like a year's or a percent-encoded sign, the rest is never looked at. So such
values share one answer. A number that a rule spells out is left as it is.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_LONG = re.compile(r"(?<![0-9])([0-9]{2})([0-9]{3,})(?![0-9])")
_MANY = re.compile(r"[0-9]{5}")
_SPELT_OUT = re.compile(r"[0-9]{5,}")
_REFERENCE = "&#"
"""A character's number, in markup."""
_FILLER = "7"


class Numbers:
    """Replaces the digits that can't matter."""

    def __init__(self, texts: Iterable[str]) -> None:
        """`texts` is all that the rules compare values with."""
        spelt_out = {number for text in texts for number in _SPELT_OUT.findall(text)}
        self._known = re.compile("|".join(sorted(spelt_out))) if spelt_out else None

    def template(self, value: str) -> str:
        """`value`, or the value that stands for all that differ from it only in such digits."""
        if _MANY.search(value) is None or _REFERENCE in value:
            return value
        if self._known and self._known.search(value):
            return value
        return _LONG.sub(_filled, value)


def _filled(number: re.Match[str]) -> str:
    return number[1] + _FILLER * len(number[2])
