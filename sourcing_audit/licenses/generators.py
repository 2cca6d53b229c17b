"""Items that a model made: the terms of its output hold for them, and they are told apart."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from sourcing_audit.licenses.expression import UNKNOWN, Tree

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sourcing_audit.licenses.catalog import LicenseRules
    from sourcing_audit.rules.licenses import GeneratorRow

TERMS = "generator_terms"
NOT_KNOWN = "generator_unknown"

_CACHED = 65_536
_BETWEEN = re.compile(r"[;,|&+\n]|\band\b")
_TOKEN = re.compile(r"[^\W\d_]+|\d+")
_HUMAN = frozenset({"human", "person", "people", "no", "n", "false", "f", "0"})
_NOBODY_SAID = frozenset({"", "unknown", "none", "null", "nan", "n a", "na"})


@dataclass(frozen=True, slots=True)
class Making:
    """Whether a model made an item, and what its terms add."""

    generated: bool | None
    """None where nobody said."""
    trees: tuple[Tree, ...] = ()
    reasons: tuple[str, ...] = ()


class Generators:
    """Recognises generators by the words of their names."""

    def __init__(self, rules: LicenseRules, rows: Iterable[GeneratorRow]) -> None:
        """Index the names by their first word."""
        self._names: dict[str, list[tuple[tuple[str, ...], Tree | None]]] = {}
        for row in rows:
            tree = rules.parse(row.target) if row.target else None
            for name in (row.id, *row.names):
                words = _words(name)
                if words:
                    self._names.setdefault(words[0], []).append((words, tree))
        self.of = lru_cache(_CACHED)(self._of)

    def _of(self, value: str | None) -> Making:
        """What `value`, the cell of a manifest's `generator` column, means."""
        words = _words(value or "")
        plain = " ".join(words)
        if plain in _NOBODY_SAID:
            return Making(None)
        if plain in _HUMAN:
            return Making(generated=False)
        each = [self._named(_words(part)) for part in _BETWEEN.split((value or "").casefold())]
        trees = tuple(dict.fromkeys(tree for found in each for tree in found if tree is not None))
        if not all(each):
            return Making(generated=True, trees=(*trees, UNKNOWN), reasons=(NOT_KNOWN,))
        return Making(generated=True, trees=trees, reasons=(TERMS,) if trees else ())

    def _named(self, words: tuple[str, ...]) -> list[Tree | None]:
        """Every generator named in `words`; of names that overlap, the longest."""
        found: list[Tree | None] = []
        at = 0
        while at < len(words):
            here = [
                (len(name), tree)
                for name, tree in self._names.get(words[at], ())
                if words[at : at + len(name)] == name
            ]
            if here:
                longest, tree = max(here, key=lambda match: match[0])
                found.append(tree)
                at += longest
            else:
                at += 1
        return found


def _words(text: str) -> tuple[str, ...]:
    return tuple(_TOKEN.findall(text.casefold()))
