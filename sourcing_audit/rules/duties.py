"""The rules on what a consent asks for: its conditions, and what its revocation calls for."""

from __future__ import annotations

from typing import Literal

from sourcing_audit.rules.store import Rule

MetWhen = Literal[
    "always",
    "non_commercial",
    "research",
    "dataset_not_shared",
    "model_not_shared",
    "adapted_not_shared",
    "never",
]
"""What of the intended use meets a condition; `never`: nothing shows that it is met."""


class Condition(Rule):
    """A condition that a record's `conditions` may name; any other word is taken as unmet."""

    condition: str
    also: str | None = None
    """Other spellings, with `|` between them."""
    met_when: MetWhen
    obligation: str | None = None
    """What stays to be done where the condition is met."""
    meaning: str
    source: str

    @property
    def names(self) -> tuple[str, ...]:
        """Every spelling; `-` and white space in a record's words count as `_`."""
        return (self.condition, *(self.also or "").split("|")) if self.also else (self.condition,)


class RemovalDuty(Rule):
    """What is due when a consent is revoked that said this of revocation or deletion."""

    field: Literal["revocation_effect", "deletion_mechanism"]
    value: str
    obligation: str
    source: str
