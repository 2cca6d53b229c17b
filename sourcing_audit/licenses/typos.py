"""One misspelt word of a licence's name: corrected only where nothing else can be meant.

80 % of misspellings are one wrong, missing, added or transposed letter (Damerau 1964, CACM 7:3), so
one edit of one word is tried. Words shorter than five letters are acronyms and elements that differ
by less (GPL, LGPL, AGPL; BY, ND): in them only two transposed letters of at least four count. In
digits nothing is corrected, for a version isn't misspelt but another one. A correction is taken
only if it is the only licence at one edit, and permits nothing that a word within two edits, put in
its place, wouldn't. A single word is a person's name as
often as a licence's (Calder, Caldera), so another word must be right.
"""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cached_property, lru_cache
from itertools import combinations
from typing import TYPE_CHECKING

from sourcing_audit.licenses.expression import (
    CLASS_ORDER,
    GRANTS_ORDER,
    class_of,
    grants_of,
    terms_of,
)
from sourcing_audit.licenses.text import tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from sourcing_audit.licenses.catalog import Known

_MIN_WORD = 5
_MIN_ACRONYM = 4
_MIN_WORDS = 2
"""One word or version must be right beside the misspelt one."""
_MAX_WORDS = 12
_EDITS = 2
_CACHED_WORDS = 4_096
_NOISE = ("licence", "licenced", "license", "licensed", "version")
_LETTERS = re.compile(r"[^\W\d_]+")


class Typos:
    """Corrects against the words that names are made of."""

    def __init__(
        self,
        words: Collection[str],
        guards: Callable[[str], bool],
        read: Callable[[str], Known | None],
    ) -> None:
        """`read` is asked what a corrected text names; words that `guards` knows stay."""
        self._words = words
        self._guards = guards
        self._read = read
        self._near = lru_cache(_CACHED_WORDS)(self._within_reach)

    def read(self, text: str) -> Known | None:
        """The licence that `text` names but for one misspelt word."""
        found = tokens(text)
        if len(found) > _MAX_WORDS:
            return None
        strange = [word for word in found if _LETTERS.fullmatch(word) and word not in self._words]
        if (
            len(found) < _MIN_WORDS
            or len(strange) != 1
            or len(strange[0]) < _MIN_ACRONYM
            or self._guards(strange[0])
        ):
            return None
        if any(word in strange[0] for word in _NOISE):
            return None
        near: dict[str, Known] = {}
        for word in self._near(strange[0]):
            known = self._read(re.sub(rf"\b{re.escape(strange[0])}\b", word, text))
            if known:
                near[word] = known
        likely = {known.tree: known for word, known in near.items() if _one_edit(strange[0], word)}
        if len(likely) != 1:
            return None
        found_ = next(iter(likely.values()))
        return found_ if all(_as_strict(found_, known) for known in near.values()) else None

    def _within_reach(self, word: str) -> tuple[str, ...]:
        """The words of names within two edits of `word`."""
        candidates = {each for short in _shortened(word) for each in self._index.get(short, ())}
        return tuple(each for each in sorted(candidates) if _distance(word, each) <= _EDITS)

    @cached_property
    def _index(self) -> dict[str, list[str]]:
        """Words by themselves with up to two letters left out, after Garbe's SymSpell."""
        index = defaultdict(list)
        for word in (*self._words, *_NOISE):
            if len(word) >= _MIN_ACRONYM and _LETTERS.fullmatch(word):
                for short in _shortened(word):
                    index[short].append(word)
        return dict(index)


def _as_strict(left: Known, right: Known) -> bool:
    """Whether `left` permits nothing that `right` doesn't."""
    return (
        CLASS_ORDER[class_of(left.tree)] >= CLASS_ORDER[class_of(right.tree)]
        and GRANTS_ORDER[grants_of(left.tree)] >= GRANTS_ORDER[grants_of(right.tree)]
        and set(terms_of(left.tree)) >= set(terms_of(right.tree))
    )


def _shortened(word: str) -> set[str]:
    least = max(0, len(word) - _EDITS)
    return {
        "".join(kept) for size in range(least, len(word) + 1) for kept in combinations(word, size)
    }


def _one_edit(wrong: str, right: str) -> bool:
    if min(len(wrong), len(right)) < _MIN_WORD:
        return sorted(wrong) == sorted(right) and _distance(wrong, right) == 1
    return _distance(wrong, right) == 1


def _distance(left: str, right: str) -> int:
    """Edits from one word to another, a transposition of neighbours counting as one."""
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, start=1):
        above, before_above = row, before
        row = [i]
        for j, b in enumerate(right, start=1):
            cost = min(above[j] + 1, row[-1] + 1, above[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                cost = min(cost, before_above[j - 2] + 1)
            row.append(cost)
        before = above
    return row[-1]
