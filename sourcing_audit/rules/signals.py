"""The rules of signals that are read word by word: what each label or directive speaks about."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from sourcing_audit.rules.store import Rule

if TYPE_CHECKING:
    from sourcing_audit.rules.store import RuleStore


class UsageLabel(Rule):
    """A category of use in AIPREF's vocabulary."""

    label: str
    revisions: str
    """The drafts of the vocabulary that define it."""
    current: bool
    """In the newest draft. Of a label that isn't, a refusal is kept and a permission isn't."""
    deny_uses: str
    """What a refusal speaks about: the widest reading of the drafts, as none is named."""
    allow_uses: str
    """What a permission speaks about: the narrowest reading."""
    meaning: str
    source: str


class Directive(Rule):
    """A word of the robots meta tag and of `X-Robots-Tag`, in lower case."""

    directive: str
    """For `refusal_like` and `about_ai`, a pattern for words that are in nobody's vocabulary."""
    kind: Literal["refuses", "valued", "restricts", "other", "refusal_like", "about_ai"]
    """`refuses` AI; is `valued`, so that the word before its colon is no agent; `restricts` search
    engines, which says nothing about AI unless it is addressed to a crawler for AI."""
    uses: str = ""
    media_types: str | None = None
    source: str


class Reservation(Rule):
    """A value of TDMRep's `tdm-reservation`."""

    value: str
    decision: Literal["deny", "allow"]
    uses: str
    source: str


class PolicyTerm(Rule):
    """A term of ODRL and of TDMRep's profile of it."""

    term: str
    """Without its prefix."""
    kind: Literal["action", "duty", "purpose"]
    uses: str = ""
    """For an action: what a prohibition of it speaks about; nothing where it is no use of AI."""
    allow_uses: str = ""
    """For an action: what a permission of it speaks about."""
    condition: str | None = None
    """For a duty or purpose: the condition that it makes (`conditions.csv`)."""
    meaning: str
    source: str


class DeclarationKey(Rule):
    """A key of an ISCC TDM·AI declaration."""

    key: str
    """`outer.inner` where it stands in an object of its own."""
    current: bool
    """In the present schema. Of a key that isn't, a refusal is kept and a permission isn't."""
    deny_uses: str
    allow_uses: str
    implies: str = ""
    """Keys that a refusal speaks about as well where they aren't stated, with `|` between."""
    source: str


@dataclass(frozen=True)
class SignalRules:
    """All of them, by the word that is looked up."""

    usage_labels: dict[str, UsageLabel]
    directives: dict[str, Directive]
    reservations: dict[str, Reservation]
    policy_terms: dict[tuple[str, str], PolicyTerm]
    declaration_keys: dict[str, DeclarationKey]

    @cached_property
    def about_ai(self) -> tuple[tuple[re.Pattern[str], str], ...]:
        """What finds words of nobody's vocabulary that speak of AI, and their kind."""
        kinds = {"refusal_like", "about_ai"}
        rows = [row for row in self.directives.values() if row.kind in kinds]
        return tuple((re.compile(row.directive), row.kind) for row in rows)

    @classmethod
    def load(cls, store: RuleStore) -> SignalRules:
        """Read the vocabularies of `license_rules/consent/`.

        Raises:
            RulesError: naming file, row and field.

        """
        labels = store.table("consent/aipref-labels.csv", UsageLabel, key=["label"])
        directives = store.table("consent/robots-directives.csv", Directive, key=["directive"])
        values = store.table("consent/tdmrep-values.csv", Reservation, key=["value"])
        terms = store.table("consent/odrl-terms.csv", PolicyTerm, key=["kind", "term"])
        keys = store.table("consent/tdmai-keys.csv", DeclarationKey, key=["key"])
        return cls(
            usage_labels={row.label: row for row in labels},
            directives={row.directive: row for row in directives},
            reservations={row.value: row for row in values},
            policy_terms={(row.kind, row.term): row for row in terms},
            declaration_keys={row.key: row for row in keys},
        )
