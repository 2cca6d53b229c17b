"""Whether a text looks as if it spoke of licences: the words of `text-words.csv`."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sourcing_audit.rules.texts import TextWordRow

_TOKEN = re.compile(r"[^\W_]+\+?[^\W_]*")
UNSPACED = re.compile(r"[\u1100-\u11ff\u2e80-\ud7ff\uf900-\ufaff]")
"""Chinese, Japanese and Korean, where a word stands inside others."""
_CACHED_WORDS = 65_536
_LONGEST_TOKEN = 100
_WINDOW = 80
"""Words: about a paragraph."""
_ENOUGH = 4
"""What the different words in one window must weigh together to be worth a comparison."""


def tokens(text: str) -> list[str]:
    """The words of `text` in lower case, as ScanCode cuts them."""
    return _TOKEN.findall(text.lower())


class Words:
    """The words that licence texts use."""

    def __init__(self, words: Mapping[str, bool]) -> None:
        """Prepare single words, beginnings (`licen*`) and sequences (`open source`).

        Args:
            words: each with whether it tells of a licence by itself, in program text too.

        """
        self.listed = dict(words)
        self._all = _Matcher(self.listed)
        self._telling = _Matcher(word for word, alone in self.listed.items() if alone)

    @classmethod
    def of(cls, rows: Iterable[TextWordRow]) -> Words:
        """The words of the rules."""
        return cls({row.word: row.alone == "yes" for row in rows})

    def looks(self, text: str) -> bool:
        """Whether one of the words occurs."""
        return self._all.among(tokens(text))

    def among(self, found: list[str]) -> bool:
        """Whether one of the words is among those of a text."""
        return self._all.among(found)

    def dense(self, text: str) -> bool:
        """Whether several different words stand near each other, more of the weaker ones."""
        return self._crowded(tokens(text))

    def tells(self, found: list[str]) -> bool:
        """Whether words of program text speak of a licence: one that tells, or several."""
        return self._telling.among(found) or self._crowded(found)

    def _crowded(self, found: list[str]) -> bool:
        seen: dict[str, int] = {}
        for position, word in self._all.positions(found):
            seen[word] = position
            if len(seen) > 1:
                seen = {other: at for other, at in seen.items() if position - at <= _WINDOW}
                weight = sum(2 if self._telling.among(other.split()) else 1 for other in seen)
                if len(seen) > 1 and weight >= _ENOUGH:
                    return True
        return False


class _Matcher:
    """Finds the words of one list."""

    def __init__(self, words: Iterable[str]) -> None:
        listed = tuple(words)
        single = [word for word in listed if " " not in word]
        self._whole = frozenset(word for word in single if not word.endswith("*"))
        self._stems = tuple(word[:-1] for word in single if word.endswith("*"))
        self._inside = tuple(word.rstrip("*") for word in single if UNSPACED.match(word))
        several = [re.escape(word).replace(r"\*", r"\w*") for word in listed if " " in word]
        self._several = re.compile(rf"\b(?:{'|'.join(several)})\b" if several else r"(?!)")
        self._is_word = lru_cache(_CACHED_WORDS)(self._check)

    def among(self, found: list[str]) -> bool:
        return any(map(self._is_word, found)) or bool(self._several.search(" ".join(found)))

    def positions(self, found: list[str]) -> Iterator[tuple[int, str]]:
        """Where the words stand; sequences of two words where their second one does."""
        for position, word in enumerate(found):
            if self._is_word(word):
                yield position, word
            elif position and self._several.fullmatch(f"{found[position - 1]} {word}"):
                yield position, f"{found[position - 1]} {word}"

    def _check(self, word: str) -> bool:
        word = word[:_LONGEST_TOKEN]
        if word in self._whole or word.startswith(self._stems):
            return True
        return bool(UNSPACED.search(word)) and any(part in word for part in self._inside)
