"""Nearest known values for an unresolved one: for a person to look at, never applied."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING

from sourcing_audit.licenses.text import key

if TYPE_CHECKING:
    from collections.abc import Mapping

_PREFIX = 4
_MIN_WORD = 3
_LIMIT = 3
_MAX_WORDS = 12
_MAX_CANDIDATES = 40


class Suggestions:
    """Labels that share words, or the beginnings of words, with a text."""

    def __init__(self, labels: Mapping[str, frozenset[str]]) -> None:
        """`labels` are the values to suggest, each with its tokens."""
        self._labels = labels

    def near(self, text: str) -> tuple[str, ...]:
        """At most three labels, the nearest first; none for long texts."""
        words = key(text).split()
        if len(words) > _MAX_WORDS:
            return ()
        stems = {
            word[:_PREFIX] for word in words if len(word) >= _MIN_WORD and not word.isdecimal()
        }
        candidates = sorted({label for stem in stems for label in self._index.get(stem, ())})
        scored = [
            (len(stems & self._stems[label]) / len(stems | self._stems[label]), label)
            for label in candidates[:_MAX_CANDIDATES]
        ]
        return tuple(label for _, label in sorted(scored, key=lambda s: (-s[0], s[1]))[:_LIMIT])

    @cached_property
    def _stems(self) -> dict[str, frozenset[str]]:
        return {
            label: frozenset(word[:_PREFIX] for word in words)
            for label, words in self._labels.items()
        }

    @cached_property
    def _index(self) -> dict[str, list[str]]:
        index = defaultdict(list)
        for label, stems in self._stems.items():
            for stem in stems:
                index[stem].append(label)
        return dict(index)
