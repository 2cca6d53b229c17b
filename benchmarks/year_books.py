"""The books of the year: what each dataset holds in each week, and what must be known of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from year_plan import SILENCE, Verdict, kinds

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping, Sequence

    from year_plan import Answer, Party
    from year_works import Manifest, Row

RULE = ("© DACS, 2014", "CC-BY-NC-ND-4.0")
"""The notice that a rule of the reviewer's own reads from some week on, and as what."""

_MOVED = 3
"""Rows that come, that go and that are relicensed when a manifest changes."""


@dataclass(frozen=True)
class Week:
    """What a dataset holds: item ids in their order, and which of them were relicensed."""

    present: tuple[str, ...]
    relicensed: frozenset[str]


@dataclass(frozen=True)
class Expected:
    """What an audit must find changed since the last one of the dataset that was finished."""

    added: int
    gone: int
    changed: int
    kinds: dict[str, int]
    causes: dict[str, int]


@dataclass
class Book:
    """One dataset in all weeks."""

    manifest: Manifest
    parties: Sequence[Party]
    base: Mapping[str, tuple[str, bool]]
    """By item id what an audit without registries concluded: licence, and whether established."""
    rules_from: int
    weeks: list[Week]
    _party: dict[str, Party] = field(init=False)

    @property
    def name(self) -> str:
        """The dataset's."""
        return self.manifest.kind.name

    def __post_init__(self) -> None:
        self._party = {
            item_id: party
            for party in self.parties
            for dataset, item_id in party.works
            if dataset == self.name
        }

    def verdict(self, item_id: str, week: int) -> Verdict:
        """What must be known of an item."""
        answer, (license_, licensed) = self._answer(item_id, week), self._licence(item_id, week)
        return Verdict(answer.status, license_, licensed, answer.announced)

    def _answer(self, item_id: str, week: int) -> Answer:
        party = self._party.get(item_id)
        return SILENCE if party is None else party.answer(week)

    def _licence(self, item_id: str, week: int) -> tuple[str, bool]:
        kind = self.manifest.kind
        if item_id in self.weeks[week].relicensed:
            return kind.license_then, kind.established_then
        if week >= self.rules_from and self.manifest.rows[item_id].get("copyright") == RULE[0]:
            return RULE[1], False
        return self.base[item_id]

    def verdicts(self, week: int) -> dict[str, Verdict]:
        """Of all items of a week."""
        return {each: self.verdict(each, week) for each in self.weeks[week].present}

    def changed_rows(self, week: int) -> dict[str, Row]:
        """What rows of a week hold that the published ones don't."""
        told = dict(self.manifest.kind.relicensed)
        return {each: dict(told) for each in self.weeks[week].relicensed}

    def expected(self, then: int, now: int) -> Expected:
        """What must have changed from one week to another."""
        old, new = self.verdicts(then), self.verdicts(now)
        both = [each for each in new if each in old]
        moved = [each for each in both if old[each] != new[each]]
        return Expected(
            added=len(new) - len(both),
            gone=len(old) - len(both),
            changed=len(moved),
            kinds=dict(Counter(kind for each in moved for kind in kinds(old[each], new[each]))),
            causes=dict(Counter(c for each in moved for c in self._causes(each, then, now))),
        )

    def _causes(self, item_id: str, then: int, now: int) -> set[str]:
        """Why an item changed, as docs/changes.md has it: what is seen, or alone can be why."""
        was, is_now = (self._answer(item_id, week) for week in (then, now))
        found = set()
        if (item_id in self.weeks[now].relicensed) != (item_id in self.weeks[then].relicensed):
            found.add("declaration")
        if was.record != is_now.record:
            found.add("record")
        rules = then < self.rules_from <= now
        ended = was != is_now and is_now.status == "expired"
        if not found and ended:
            found.add("as_of")
        reread = self._licence(item_id, then) != self._licence(item_id, now)
        if rules and reread and "declaration" not in found:
            # Why the registries' answer is another isn't seen, with the rules being others too.
            found |= {"rules"} if found or was.status == is_now.status else {"rules", "unclear"}
        return found or self._remaining(item_id, then, now, rules=rules)

    def _remaining(self, item_id: str, then: int, now: int, *, rules: bool) -> set[str]:
        """The only thing that can have had a part; every week, exports and date are others."""
        party = self._party.get(item_id)
        possible = {"rules"} if rules else set()
        if self.weeks[then] != self.weeks[now]:
            possible.add("inputs")
        if party is not None and party.said(then) != party.said(now):
            possible.add("registries")
        if party is not None and party.has_a_moment(then, now):
            possible.add("as_of")
        return possible if len(possible) == 1 else {"unclear"}


def plan(manifest: Manifest, weeks: int, rng: random.Random, *, every: int) -> list[Week]:
    """What a manifest holds week by week; some rows come later, some go, some are relicensed."""
    ids = list(manifest.rows)
    rng.shuffle(ids)
    late = ids[: _MOVED * (weeks // every + 1)]
    order = list(manifest.rows)
    present, relicensed = set(order) - set(late), set()
    found = []
    for week in range(weeks):
        if week and week % every == 0:
            arriving = [late.pop() for _ in range(_MOVED)]
            going = rng.sample(sorted(present), 2 * _MOVED)
            relicensed |= set(going[_MOVED:])
            present = (present | set(arriving)) - set(going[:_MOVED])
        here = tuple(each for each in order if each in present)
        found.append(Week(here, frozenset(relicensed & present)))
    return found
