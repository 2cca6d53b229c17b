"""Phrase rules: what prose says about rights, and which words make the rest untrustworthy."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from sourcing_audit.licenses.expression import Tree
    from sourcing_audit.rules.licenses import PhraseRow

_CODE = re.compile(
    r"[{}=<>$\\%`]|//|\(\)|::|\(['\"]|['\"]\)|['\"] ?[:,] ?['\"]|n['\u2019\u02bc\xb4]t\b"
)
"""Signs of program text or markup, where a licence's name is data; or `not`, as in `don't`."""
_WORD = re.compile(r"\(c\)|[^\W_]+|[©℗]")
_UNSPACED = re.compile(r"[\u1100-\u11ff\u2e80-\ud7ff\uf900-\ufaff]")
"""Chinese, Japanese and Korean, where a word that guards stands inside others."""
_UNREADABLE = re.compile(
    r"[^\W\d_\x00-\u024f\u0400-\u052f\u1100-\u11ff\u1e00-\u1eff\u2c60-\u2c7f\u2e80-\ud7ff\uf900-\ufaff]"
)
"""Letters of scripts for which there are no guarding words."""
_CACHED_WORDS = 65_536


@dataclass(slots=True)
class Reading:
    """What the phrase rules found in a text."""

    found: list[tuple[PhraseRow, Tree | None]] = field(default_factory=list)
    rest: str = ""
    """The text without what the rules matched."""


class Phrases:
    """The rules of `phrases.toml` and the words of `guards.csv`."""

    def __init__(
        self,
        rows: Iterable[tuple[PhraseRow, Tree | None]],
        guard_words: Collection[str],
        guard_stems: tuple[str, ...],
    ) -> None:
        """Index the rules, each with its target's tree, by their keywords."""
        self._by_keyword: dict[str, list[tuple[int, PhraseRow, Tree | None]]] = defaultdict(list)
        for index, (row, tree) in enumerate(rows):
            for word in row.keywords:
                self._by_keyword[word].append((index, row, tree))
        self._keywords_inside = tuple(word for word in self._by_keyword if _UNSPACED.match(word))
        self._guard_words = guard_words
        self._guards_inside = tuple(word for word in guard_words if _UNSPACED.match(word))
        self._guard_stems = guard_stems
        self._guards = lru_cache(_CACHED_WORDS)(self._is_guard)

    def read(self, text: str) -> Reading:
        """Apply the rules in their order, each to what the ones before left."""
        words = set(_WORD.findall(text))
        if not text.isascii() and _UNSPACED.search(text):
            words.update(word for word in self._keywords_inside if word in text)
        reading = Reading(rest=text)
        present = self._by_keyword.keys() & words
        if not present:
            return reading
        due = {
            index: (row, tree) for word in present for index, row, tree in self._by_keyword[word]
        }
        for index in sorted(due):
            row, tree = due[index]
            if row.unless and row.unless.search(text):
                continue
            rest, count = row.pattern.subn(" ", reading.rest)
            if count:
                reading.found.append((row, tree))
                reading.rest = rest
        return reading

    def guarded(self, text: str) -> bool:
        """Whether unread text holds a word that may take back or limit what was understood."""
        return bool(_CODE.search(text)) or any(map(self._guards, _WORD.findall(text)))

    def _is_guard(self, word: str) -> bool:
        if word in self._guard_words or word.startswith(self._guard_stems):
            return True
        if word.isascii():
            return False
        if _UNREADABLE.search(word):
            return True
        return bool(_UNSPACED.search(word)) and any(part in word for part in self._guards_inside)
