"""How hashes are cut into bands so that near ones are found by equality joins.

Two hashes that differ in at most `d` bits agree in most of each: if they are cut into bands with
radii whose sum, counting one more for each band, exceeds `d`, then some band differs in at most
its radius. So a band of one side is joined with every variant of the other's within that radius.
"""

from __future__ import annotations

from itertools import combinations
from math import comb
from typing import NamedTuple

WORD = 64
"""Bits of a word; longer hashes are several words."""

MOST_PER_WORD = 16


class Band(NamedTuple):
    """Some adjacent bits of one word."""

    word: int
    shift: int
    """How far its lowest bit is from the word's."""
    width: int
    radius: int

    @property
    def variants(self) -> int:
        """How many values are within the radius of one."""
        return sum(comb(self.width, flipped) for flipped in range(self.radius + 1))

    def masks(self) -> list[int]:
        """What a value is combined with (exclusive or) to give each of its variants."""
        return [
            sum(1 << bit for bit in bits)
            for flipped in range(self.radius + 1)
            for bits in combinations(range(self.width), flipped)
        ]


def plan(words: int, distance: int, left: int, right: int) -> tuple[Band, ...]:
    """The bands that cost least.

    Args:
        words: of which a hash has so many.
        distance: bits in which two hashes may differ.
        left: how many hashes there are that stay as they are.
        right: how many there are whose variants are made.

    """
    choices = [_cut(words, distance, each) for each in range(1, MOST_PER_WORD + 1)]
    return min(choices, key=lambda bands: _cost(bands, left, right))


def _cut(words: int, distance: int, per_word: int) -> tuple[Band, ...]:
    bands = words * per_word
    base, more = divmod(distance + 1, bands)
    found = []
    for nth in range(bands):
        word, at = divmod(nth, per_word)
        low, high = WORD * at // per_word, WORD * (at + 1) // per_word
        radius = base - 1 + (nth < more)
        if radius >= 0:
            found.append(Band(word, low, high - low, min(radius, high - low)))
    return tuple(found)


def _cost(bands: tuple[Band, ...], left: int, right: int) -> float:
    """Rows made and rows compared, where bits are as if thrown."""
    cost = 0.0
    for band in bands:
        compared = left * right * band.variants / float(1 << band.width)
        cost += left + right * band.variants + compared
    return cost
