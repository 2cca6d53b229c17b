"""The rows of `disclosures/claims.toml`: ways of claiming something, and what each says.

A pattern is made of the word classes of `words.toml` and of what is read out of a claim: a count, a
share, a date, a licence.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field, model_validator

from sourcing_audit.errors import RulesError
from sourcing_audit.rules.cards import folded
from sourcing_audit.rules.licenses import Pattern, Text
from sourcing_audit.rules.store import Rule

if TYPE_CHECKING:
    from collections.abc import Sequence

FILE = "disclosures/claims.toml"

Judgement = Literal[
    "all_established",
    "all_public_domain",
    "all_under_license",
    "all_usable",
    "all_consented",
    "all_credited",
    "all_read",
    "persons_consented",
    "none_opted_out",
    "no_persons",
    "no_personal_information",
    "none_generated",
    "overclaim",
    "beyond",
    "count",
    "as_of",
    "rules_digest",
    "rules_version",
]
"""What a claim says; each is judged by one function of the report."""

Quantity = Literal[
    "items_in",
    "quarantined",
    "established",
    "licensed",
    "public_domain_or_cc",
    "proprietary_with_consent",
    "opted_out",
    "consent_required",
    "terms_not_met",
    "not_established",
    "likeness_not_checked",
    "without_creator",
    "without_source",
    "without_license",
    "generated",
]
"""What a number in a claim counts."""


class WordRow(Rule):
    """A word class that claims are made of; `<ID>` in their patterns stands for it."""

    id: Annotated[str, Field(pattern=r"^[A-Z]+$")]
    pattern: Text
    source: Text


class HedgeRow(Rule):
    """Words by which a sentence doesn't claim what follows them, or doesn't claim at all."""

    id: Text
    where: Literal["before", "clause", "after", "anywhere"]
    """`before`: in the same clause, in front of the claim; `clause`: in the claim's own clause;
    `after`: in what follows the claim; `anywhere`: in the sentence."""
    pattern: Pattern
    example: Text
    counter: tuple[str, ...] = ()
    source: Text


class ClaimRow(Rule):
    """One way of claiming something; its pattern is searched in folded text."""

    id: Text
    claims: Judgement
    quantity: Quantity | None = None
    pattern: Text
    unless: str | None = None
    """There is no claim in a sentence in which this is found."""
    example: Text
    counter: Annotated[tuple[str, ...], Field(min_length=1)]
    """Sentences that don't make this claim."""
    source: Text

    @model_validator(mode="after")
    def _counts(self) -> Self:
        if (self.claims == "count") != (self.quantity is not None):
            raise ValueError("a count has a quantity, and nothing else has")
        return self


_GROUPED = r"\d{1,3}(?:[,.'\u2019 ]\d{3}){1,5}|\d{1,18}(?:[.,]\d{1,6})?"
"""Digits, grouped or not; folded text has no other spaces."""

_HOW = (
    r"(?P<how>(?:no|not) (?:more|less|fewer) than|not over|up to|over|more than|at least|above"
    r"|under|less than|fewer than|at most|below|about|around|approximately|approx\.?|nearly|almost"
    r"|roughly|some|~)?\s*"
)
_NUMBERS = {
    "N": _HOW + rf"(?<![\d.,%-])(?P<n>{_GROUPED})"
    r"(?P<unit>\s?(?:thousand|million|billion|k|m|bn)\b)?(?!\d|-|\s?%)"
    rf"(?:\s+(?:out\s+)?of\s+(?:the\s+|all\s+)?(?P<m>{_GROUPED})(?![\d%-]))?",
    "P": _HOW + r"(?<![\d.,])(?P<p>\d{1,3}(?:[.,]\d{1,6})?)\s?(?:%|per\s?cent\b)"
    rf"(?:\s+of\s+(?:the\s+|all\s+)*(?P<m>{_GROUPED})(?![\d%-]))?",
    "D": r"(?P<date>\d{4}-\d{2}-\d{2}|\d{1,2} [a-z]+ \d{4}|[a-z]+ \d{1,2}, \d{4})",
    "DIGEST": r"(?P<digest>[0-9a-f]{64})",
    "VERSION": r"(?P<version>\d{4}\.\d{1,2}\.\d+)",
    "LICENCE": r"(?P<license>[a-z][a-z0-9 .,:+/_()-]{1,200}?)",
}
"""What a pattern reads out of a claim: a count, a share, a date, a digest, a version, a licence."""

_TOKEN = re.compile(r"(?<!P)<([A-Z]+)>")
_GROUP = re.compile(r"\(\?P<([a-z]+)>")


def read_out(match: re.Match[str]) -> dict[str, str]:
    """What a claim's pattern read, by the names of `_NUMBERS`."""
    return {
        name.partition("_")[0]: value.strip()
        for name, value in match.groupdict().items()
        if value is not None
    }


@dataclass(frozen=True)
class Claim:
    """A claim with its pattern compiled."""

    row: ClaimRow
    pattern: re.Pattern[str]
    unless: re.Pattern[str] | None

    def found(self, text: str) -> list[re.Match[str]]:
        """Where folded text makes the claim, hedged or not."""
        if self.unless is not None and self.unless.search(text):
            return []
        return list(self.pattern.finditer(text))


def compiled(rows: Sequence[ClaimRow], words: Sequence[WordRow]) -> tuple[Claim, ...]:
    """Claims ready to be searched for, each held against its own example.

    Raises:
        RulesError: naming the claim and what is wrong with its pattern.

    """
    tokens = {**{word.id: f"(?:{word.pattern})" for word in words}, **_NUMBERS}
    return tuple(_compiled(row, tokens) for row in rows)


def _compiled(row: ClaimRow, tokens: dict[str, str]) -> Claim:

    def expanded(text: str) -> re.Pattern[str]:
        def token(match: re.Match[str]) -> str:
            name = match.group(1)
            if name not in tokens:
                raise RulesError(f"{FILE}: {row.id}: no word is called <{name}>")
            # A word may stand in a pattern twice, a name of a group only once.
            return _GROUP.sub(rf"(?P<\g<1>_{match.start()}>", tokens[name])

        try:
            return re.compile(_TOKEN.sub(token, text))
        except re.error as error:
            raise RulesError(f"{FILE}: {row.id}: pattern: {error}") from error

    claim = Claim(row, expanded(row.pattern), expanded(row.unless) if row.unless else None)
    if not claim.found(folded(row.example)):
        raise RulesError(f"{FILE}: {row.id}: isn't found in its own example")
    return claim
