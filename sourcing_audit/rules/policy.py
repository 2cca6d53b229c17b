"""The decision table, the named uses, and what each reason and obligation means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from pydantic import field_validator

from sourcing_audit.errors import RulesError
from sourcing_audit.model import Share, Status
from sourcing_audit.rules.store import Rule, RuleStore

Fact = Literal[
    "consent_denied",
    "person_shown",
    "person_consented",
    "agreement_in_force",
    "consent_complete",
    "license_granted",
    "license_breached",
    "license_rank_1",
    "license_rank_2",
    "attribution_possible",
]
FACTS: frozenset[str] = frozenset(get_args(Fact))


class VerdictLine(Rule):
    """One line of the decision table."""

    id: str
    status: Status
    rank: int | None = None
    when: tuple[str, ...]
    basis: str | None = None
    """What `basis` in the findings says; `declarant` takes it from the record that won."""
    label: str
    source: str

    @field_validator("when")
    @classmethod
    def _known_facts(cls, when: tuple[str, ...]) -> tuple[str, ...]:
        for fact in when:
            if fact.removeprefix("not ") not in FACTS:
                raise ValueError(f"unknown fact {fact!r}; known are {', '.join(sorted(FACTS))}")
        return when


class FactWords(Rule):
    """What it means that a fact of the decision table holds (`facts.toml`)."""

    id: Fact
    label: str


class NamedUse(Rule):
    """An intended use that `--use` can name."""

    id: str
    label: str
    commercial: bool
    research: bool
    shares: frozenset[Share]
    source: str


class Explanation(Rule):
    """What a reason, an obligation or a quarantine code means, and what to do about it."""

    id: str
    label: str
    clause: str
    how_to_fix: str
    without_example: str | None = None
    """Why no example among the cases shows it."""


class Precedence(Rule):
    """One rule by which consent records are weighed, in words (`consent/precedence.toml`)."""

    id: str
    text: str
    source: str


@dataclass(frozen=True)
class PolicyRules:
    """The rules that turn facts into verdicts and verdicts into words."""

    verdict: tuple[VerdictLine, ...]
    uses: dict[str, NamedUse]
    reasons: dict[str, Explanation]
    obligations: dict[str, Explanation]
    quarantine: dict[str, Explanation]
    facts: dict[str, str]
    """What each fact of the table means."""

    @classmethod
    def load(cls, store: RuleStore) -> PolicyRules:
        """Read the policy files of `license_rules/`.

        Raises:
            RulesError: naming file, rule and field; also when the table doesn't end with a
                line that catches everything, or leaves a status out.

        """
        lines = store.table("verdict.toml", VerdictLine, key=["id"])
        if lines[-1].when or lines[-1].status is not Status.NOT_ESTABLISHED:
            raise RulesError("verdict.toml: the last line must be not_established, with no facts")
        if missing := set(Status) - {line.status for line in lines}:
            raise RulesError(f"verdict.toml: no line gives {', '.join(sorted(missing))}")

        facts = {row.id: row.label for row in store.table("facts.toml", FactWords, key=["id"])}
        if unexplained := FACTS - facts.keys():
            raise RulesError(f"facts.toml: {', '.join(sorted(unexplained))} isn't explained")

        def explanations(name: str) -> dict[str, Explanation]:
            return {row.id: row for row in store.table(name, Explanation, key=["id"])}

        return cls(
            verdict=tuple(lines),
            uses={row.id: row for row in store.table("uses.toml", NamedUse, key=["id"])},
            reasons=explanations("reasons.toml"),
            obligations=explanations("obligations.toml"),
            quarantine=explanations("quarantine.toml"),
            facts={str(fact): label for fact, label in facts.items()},
        )
