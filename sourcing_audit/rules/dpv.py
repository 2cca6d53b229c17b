"""What a term of the Data Privacy Vocabulary means for a consent record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from sourcing_audit.rules.store import Rule

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sourcing_audit.rules.store import RuleStore

Field = Literal[
    "event",
    "grants",
    "refuses",
    "duration",
    "speaker",
    "person",
    "withdrawal",
    "deletion",
    "compensation",
    "territory",
    "media",
]
"""What a term says something about: a consent's status, the uses that a purpose or processing
permits and those that it refuses, and so on."""


class DpvTerm(Rule):
    """One term, with its usual prefix, and what it says."""

    term: str
    field: Field
    value: str
    source: str


@dataclass(frozen=True)
class DpvTerms:
    """The terms by what they speak about."""

    values: dict[Field, dict[str, str]]

    @classmethod
    def load(cls, store: RuleStore) -> DpvTerms:
        """Read `license_rules/consent/dpv.csv`.

        Raises:
            RulesError: naming file, row and field.

        """
        found: dict[Field, dict[str, str]] = {}
        for row in store.table("consent/dpv.csv", DpvTerm, key=["term", "field"]):
            found.setdefault(row.field, {})[row.term] = row.value
        return cls(found)

    def of(self, field: Field, terms: Iterable[str]) -> list[str]:
        """What the terms say about one thing, without repetition, in order of the rules."""
        wanted = set(terms)
        known = self.values.get(field, {}).items()
        return list(dict.fromkeys(value for term, value in known if term in wanted))

    def knows(self, field: Field, term: str) -> bool:
        """Whether a term says anything about it."""
        return term in self.values.get(field, {})
