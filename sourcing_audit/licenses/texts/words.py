"""Whether a text looks as if it spoke of licences: the words of `text-words.csv`."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_TOKEN = re.compile(r"[^\W_]+\+?[^\W_]*")
_UNSPACED = re.compile(r"[\u1100-\u11ff\u2e80-\ud7ff\uf900-\ufaff]")
"""Chinese, Japanese and Korean, where a word stands inside others."""
_CACHED_WORDS = 65_536
_LONGEST_TOKEN = 100
_WINDOW = 80
"""Words: about a paragraph."""
_DISTINCT = 2
"""Different words of licences in one window that make it worth an approximate comparison."""


def tokens(text: str) -> list[str]:
    """The words of `text` in lower case, as ScanCode cuts them."""
    return _TOKEN.findall(text.lower())


class Words:
    """The words that licence texts use."""

    def __init__(self, words: Iterable[str]) -> None:
        """Prepare single words, beginnings (`licen*`) and sequences (`open source`)."""
        self.listed = tuple(words)
        single = [word for word in self.listed if " " not in word]
        self._whole = frozenset(word for word in single if not word.endswith("*"))
        self._stems = tuple(word[:-1] for word in single if word.endswith("*"))
        self._inside = tuple(word.rstrip("*") for word in single if _UNSPACED.match(word))
        several = (re.escape(word).replace(r"\*", r"\w*") for word in self.listed if " " in word)
        self._several = re.compile(rf"\b(?:{'|'.join(several)})\b")
        self._is_word = lru_cache(_CACHED_WORDS)(self._check)

    def looks(self, text: str) -> bool:
        """Whether one word of licences occurs."""
        return self.among(tokens(text))

    def among(self, found: list[str]) -> bool:
        """Whether one word of licences is among the words of a text."""
        return any(map(self._is_word, found)) or bool(self._several.search(" ".join(found)))

    def dense(self, text: str) -> bool:
        """Whether several different words of licences stand near each other."""
        seen: dict[str, int] = {}
        for position, word in self._positions(tokens(text)):
            seen[word] = position
            if len(seen) >= _DISTINCT:
                seen = {other: at for other, at in seen.items() if position - at <= _WINDOW}
                if len(seen) >= _DISTINCT:
                    return True
        return False

    def _positions(self, found: list[str]) -> Iterator[tuple[int, str]]:
        for position, word in enumerate(found):
            if self._is_word(word):
                yield position, word
            elif position:
                pair = f"{found[position - 1]} {word}"
                if self._several.fullmatch(pair):
                    yield position, pair

    def _check(self, word: str) -> bool:
        word = word[:_LONGEST_TOKEN]
        if word in self._whole or word.startswith(self._stems):
            return True
        return bool(_UNSPACED.search(word)) and any(part in word for part in self._inside)
