"""The vocabularies of Really Simple Licensing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from sourcing_audit.rules.store import Rule

if TYPE_CHECKING:
    from sourcing_audit.rules.store import RuleStore


class RslTerm(Rule):
    """A word of `permits`, `prohibits` or `payment`."""

    kind: Literal["usage", "user", "payment"]
    term: str
    stands_for: str = ""
    """Terms of the same kind that it holds, with `|` between them."""
    uses: str = ""
    """Uses of the canonical record, for a usage that stands for itself."""
    condition: str | None = None
    """What a permission asks for; None: nothing."""
    current: bool
    """In RSL 1.0. Of an earlier word a refusal is kept, and a permission isn't."""
    meaning: str
    source: str

    @property
    def leaves(self) -> frozenset[str]:
        """The terms that it comes down to."""
        return frozenset(self.stands_for.split("|")) if self.stands_for else frozenset({self.term})


def rsl_terms(store: RuleStore) -> dict[tuple[str, str], RslTerm]:
    """Read `license_rules/consent/rsl-terms.csv`.

    Raises:
        RulesError: naming file, row and field.

    """
    rows = store.table("consent/rsl-terms.csv", RslTerm, key=["kind", "term"])
    return {(row.kind, row.term): row for row in rows}
