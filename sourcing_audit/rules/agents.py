"""The crawlers that signals are addressed to, and what each of them collects content for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from sourcing_audit.rules.store import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sourcing_audit.rules.store import RuleStore

_WORD = r"a-z0-9_\-"


class Agent(Rule):
    """A product token by which a crawler, or what its operator does with content, is addressed."""

    token: str
    operator: str | None = None
    purposes: str
    """Uses of the canonical record, with `|` between them; `any` where nobody says."""
    control_only: bool
    """Never crawls: it only controls what is done with what another crawler fetched."""
    common_word: bool
    """A word of ordinary language too, so that its appearing in a sentence says nothing."""
    source: str


class Refusing(Rule):
    """A word that refuses, where it stands on one line with a crawler's name."""

    word: str
    source: str


class ContentSignal(Rule):
    """A key of `Content-Signal`."""

    key: str
    uses: str | None = None
    """None for a key that permits and refuses nothing."""
    meaning: str
    source: str


@dataclass(frozen=True)
class Crawlers:
    """The known crawlers by name, and what refusing them looks like."""

    agents: tuple[Agent, ...]
    refusing: tuple[str, ...]

    def named(self, value: str) -> Agent | None:
        """The crawler that a `User-agent` value names; None where none is known.

        Names are compared as a whole and without case: a group for `Google` isn't one for
        `Google-Extended`. What follows the name (a version, an address) doesn't count.
        """
        name = value.strip().lower()
        found = self._by_token.get(name)
        if found is None and (head := re.match(rf"[{_WORD}.]+", name)):
            found = self._by_token.get(head[0]) or self._by_token.get(head[0].rstrip("."))
        if found is None and (product := re.match(r"[a-z_\-]+", name)):
            found = self._by_token.get(product[0])
        return found

    def mentioned(self, text: str) -> Iterator[Agent]:
        """The crawlers whose names stand in a text, each once; ordinary words don't count."""
        seen = set()
        for match in self._distinctive.finditer(text.lower()):
            token = match[0]
            if token not in seen:
                seen.add(token)
                yield self._by_token[token]

    def refuses(self, text: str) -> bool:
        """Whether a text holds a word that refuses."""
        return self._refusing.search(text.lower()) is not None

    @cached_property
    def _by_token(self) -> dict[str, Agent]:
        return {agent.token.lower(): agent for agent in self.agents}

    @cached_property
    def _distinctive(self) -> re.Pattern[str]:
        tokens = {agent.token.lower() for agent in self.agents if not agent.common_word}
        return _any_of(tokens)

    @cached_property
    def _refusing(self) -> re.Pattern[str]:
        return _any_of({word.lower() for word in self.refusing})


def _any_of(words: set[str]) -> re.Pattern[str]:
    """Finds words as a whole in a text of lower case, the longest first."""
    by_initial: dict[str, list[str]] = {}
    for word in sorted(words, key=lambda word: (-len(word), word)):
        by_initial.setdefault(word[0], []).append(re.escape(word[1:]))
    branches = (f"{re.escape(one)}(?:{'|'.join(rest)})" for one, rest in by_initial.items())
    return re.compile(rf"(?<![{_WORD}])(?:{'|'.join(branches)})(?![{_WORD}])", re.ASCII)


def crawlers(store: RuleStore) -> Crawlers:
    """Read `license_rules/consent/agents.csv` and `refusing.csv`.

    Raises:
        RulesError: naming file, row and field.

    """
    agents = store.table("consent/agents.csv", Agent, key=["token"])
    refusing = store.table("consent/refusing.csv", Refusing, key=["word"])
    return Crawlers(agents=tuple(agents), refusing=tuple(row.word for row in refusing))


def content_signals(store: RuleStore) -> dict[str, ContentSignal]:
    """Read `license_rules/consent/content-signals.csv`.

    Raises:
        RulesError: naming file, row and field.

    """
    rows = store.table("consent/content-signals.csv", ContentSignal, key=["key"])
    return {row.key: row for row in rows}
