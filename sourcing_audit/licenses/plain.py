"""Whether unread text beside a licence is harmless: names, numbers, and words that limit nothing.

No list of limiting words is ever complete. So whatever isn't known to be plain counts as if it
might take back or limit what stands beside it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sourcing_audit.licenses.text import NOISE

if TYPE_CHECKING:
    from collections.abc import Collection

_WORD = re.compile(r"[^\W\d_]+")
_SAID = re.compile(r"[^\W\d_]+|\d+|[^\w\s'\u2019]")
_UNSPACED = re.compile(r"[\u1100-\u11ff\u2e80-\ud7ff\uf900-\ufaff]")
_CREDITING = frozenset(
    {"av", "by", "da", "di", "door", "from", "par", "por", "przez", "via", "von", "\xa9", "\u2117"}
)
"""What stands before the name of somebody who is credited."""
_ANOTHER = re.compile(
    r"\b(?:and|plus|with|und|et|e|en|y|i)\b[^.;]{1,60}\b(?:licen[cs]|lizenz|terms)|\+ ?file\b"
)
"""`... and the X licence`, `... + file LICENSE`: one more, which isn't known."""
_WITHIN_NAMES = frozenset(".-&")
_LONGEST_NAME = 3
_LONGEST_ACRONYM = 4


class PlainWords:
    """The words of `plain.csv`."""

    def __init__(self, words: Collection[str], crediting: Collection[str] = ()) -> None:
        """Take the words; those that change no licence's name are plain, too.

        Those that are `crediting` may be part of a name: `British Museum`.
        """
        self._crediting = frozenset(crediting)
        self._words = frozenset(words) | NOISE | _CREDITING
        unspaced = (word for word in self._words if _UNSPACED.search(word))
        self._unspaced = sorted(unspaced, key=lambda word: (-len(word), word))

    def leave_doubt(self, rest: str, raw: str) -> bool:
        """Whether folded text that no rule understood, part of `raw`, holds more than is plain.

        Names are told by their capitals, or by the preposition before them.
        """
        if _ANOTHER.search(rest):
            return True
        words = {word for word in _WORD.findall(rest) if word not in self._words}
        words = {word for word in words if not self._spelt_of(word)}
        return bool(words) and not words <= _names(raw, words | self._crediting)

    def _spelt_of(self, word: str) -> bool:
        """Whether Chinese, Japanese or Korean without spaces consists of plain words."""
        if not _UNSPACED.search(word):
            return False
        for plain in self._unspaced:
            word = word.replace(plain, " ")
        return not word.strip()


def _names(raw: str, possible: Collection[str]) -> set[str]:
    """What of `possible` is likely a name: credited, or two words in a row with capitals."""
    mixed = raw != raw.upper()
    found: set[str] = set()
    row: list[str] = []
    credited = 0
    for word in _SAID.findall(raw):
        folded = word.casefold()
        if folded in _CREDITING and not (word.isalpha() and word.isupper()):
            row, credited = [], _LONGEST_NAME
        elif word.isdecimal():
            row = []
        elif not word[0].isalpha():
            if word not in _WITHIN_NAMES:
                row, credited = [], 0
        elif credited:
            found.add(folded)
            credited -= 1
        elif mixed and word[0].isupper() and folded in possible and not _shouted(word):
            row.append(word)
            if len(row) > 1 and not all(map(str.isupper, row)):
                found.update(each.casefold() for each in row)
        else:
            row = []
    return found


def _shouted(word: str) -> bool:
    """A word in capitals that is too long for an acronym: `NEGOTIABLE`."""
    return len(word) > _LONGEST_ACRONYM and word.isupper()
