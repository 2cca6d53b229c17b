"""Who speaks about which works, and what each of them has to say, from which week on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from year_plan import (
    Party,
    agrees,
    consents,
    is_approved,
    is_named,
    refuses,
    refuses_for_a_while,
    renews,
    revokes,
    revokes_and_grants_again,
    revokes_with_notice,
)
from year_works import bare

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

    from year_works import Work

Story = Callable[..., None]
"""Takes a party, the week in which it begins to speak, and a `random.Random`."""

_STORIES: tuple[Story, ...] = (
    refuses,
    consents,
    revokes,
    renews,
    refuses_for_a_while,
    is_approved,
    agrees,
    revokes_with_notice,
    revokes_and_grants_again,
)
_OF_MANY: dict[str, Story] = {
    "host": refuses,
    "domain": refuses_for_a_while,
    "creator_name": is_named,
}
_MOST = 40
"""Items that one party may speak about."""


@dataclass
class Casting:
    """Makes parties out of works, none of which two parties speak about."""

    works: Sequence[Work]
    rng: random.Random
    parties: list[Party] = field(default_factory=list)
    _taken: set[tuple[str, str]] = field(default_factory=set)

    def week(self, week: int, stories: int) -> None:
        """Let so many parties about one address begin to speak for each dataset, and some more."""
        for dataset in sorted({work.dataset for work in self.works}):
            urls = [("url", work.url) for work in self.works if work.dataset == dataset]
            for number in range(stories):
                story = _STORIES[(week * stories + number) % len(_STORIES)]
                self._cast(urls, story, week)
        self._cast(self._values("creator_id"), _STORIES[week % len(_STORIES)], week)
        kind = tuple(_OF_MANY)[week % len(_OF_MANY)]
        self._cast(self._values(kind), _OF_MANY[kind], week)

    def _values(self, kind: str) -> list[tuple[str, str]]:
        if kind == "host":
            return [(kind, host) for work in self.works for host in sorted(work.hosts)]
        if kind == "domain":
            # What begins with `www.` is somebody's own domain, and nobody's public suffix.
            own = (w.url.rpartition("://")[2].partition("/")[0] for w in self.works)
            return [(kind, host.removeprefix("www.")) for host in own if host.startswith("www.")]
        if kind == "creator_id":
            return [(kind, value) for value in self._plain_ids()]
        return [(kind, getattr(work, kind)) for work in self.works if getattr(work, kind)]

    def _plain_ids(self) -> list[str]:
        """Ids that are written in one way only: a refusal reaches other ways, a grant doesn't."""
        ways: dict[str, set[str]] = {}
        for work in self.works:
            ways.setdefault(bare(work.creator_id), set()).add(work.creator_id)
        return sorted(way for found in ways.values() if len(found) == 1 for way in found if way)

    def _cast(
        self,
        values: Sequence[tuple[str, str]],
        story: Story,
        week: int,
    ) -> None:
        for _ in range(50):
            if not values:
                return
            kind, value = self.rng.choice(values)
            reached = {
                (work.dataset, work.item_id) for work in self.works if _reaches(kind, value, work)
            }
            if len(reached) <= _MOST and not reached & self._taken:
                self._taken |= reached
                party = Party(kind, value, frozenset(reached), len(self.parties) + 1)
                story(party, week, self.rng)
                self.parties.append(party)
                return


def _reaches(kind: str, value: str, work: Work) -> bool:
    if kind == "host":
        return value in work.hosts
    if kind == "domain":
        return any(host == value or host.endswith(f".{value}") for host in work.hosts)
    if kind == "creator_id":
        return bare(value) == bare(work.creator_id)
    return bool(value) and value == getattr(work, kind)
