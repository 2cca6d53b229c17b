"""The rows of the licence rule files, and how each is read. Knows no licence by name."""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, field_validator

from sourcing_audit.model import LicenseClass, Term
from sourcing_audit.rules.store import Rule


def _words(value: object) -> object:
    return tuple(value.split()) if isinstance(value, str) else value


def _names(value: object) -> object:
    return tuple(part.strip() for part in value.split("|")) if isinstance(value, str) else value


def _pattern(value: object) -> object:
    try:
        return re.compile(value) if isinstance(value, str) else value
    except re.error as error:
        raise ValueError(f"not a regular expression: {error}") from error


def _in_order(terms: tuple[Term, ...]) -> tuple[Term, ...]:
    return tuple(term for term in Term if term in terms)


Terms = Annotated[tuple[Term, ...], BeforeValidator(_words), AfterValidator(_in_order)]
Words = Annotated[tuple[str, ...], BeforeValidator(_words)]
Names = Annotated[tuple[str, ...], BeforeValidator(_names)]
Pattern = Annotated[re.Pattern[str], BeforeValidator(_pattern)]
Text = Annotated[str, Field(min_length=1)]
Grants = Literal["yes", "no", "unknown"]
Condition = Literal[
    "commercial",
    "non_commercial",
    "research",
    "not_research",
    "shares_model",
    "shares_outputs",
    "shares_dataset",
    "shares_adapted",
    "outside_territory",
    "always",
]


class ClassRow(Rule):
    """What a licence class means for Principle 5.2 (`classes.toml`)."""

    id: LicenseClass
    grants: Grants
    rank: Literal[1, 2] | None = None
    label: Text
    source: Text


class Effect(Rule):
    """What a term does to a use that meets every condition of `when`."""

    when: Annotated[tuple[Condition, ...], Field(min_length=1)]
    effect: Literal["breach", "record", "obligation"]
    code: Text
    clause: Text
    """Where a licence says so."""


class TermRow(Rule):
    """A licence term and its effects (`terms.toml`)."""

    id: Term
    label: Text
    definition: Text
    source: Text
    effect: Annotated[tuple[Effect, ...], Field(min_length=1)]


class _Licence(Rule):
    """What every licence row states, whatever its file."""

    name: Text
    license_class: LicenseClass = Field(alias="class")
    terms: Terms = ()
    grants: Grants | None = None
    """Overrides the class; "yes" is possible only where the class has a rank."""
    source: Text
    reviewed: dt.date | None = None
    """The day on which somebody held the row against the text itself; none where nobody has."""


class LicenseRow(_Licence):
    """One licence or rights statement (`licenses/{software,data,models,rights}.csv`)."""

    id: Text
    territory: Words = ()
    """Where a `territory` term lets the work be used, as ISO 3166-1 alpha-2 codes."""
    broader: str | None = None
    """The less specific statement that this one agrees with."""
    yields: bool = False
    """Whether it gives way to an open licence beside it (a copyright line says who, not how)."""


class FamilyRow(_Licence):
    """A licence known by name and version (`licenses/families.csv`)."""

    stem: Text
    names: Names
    versions: Words = ()
    """Those that exist. SPDX ids are used where SPDX has one."""
    style: Literal["plain", "gnu"] = "plain"
    """`gnu` ids end in `-only` or `-or-later`."""


class SpdxRow(Rule):
    """A licence of SPDX's list, which is CC0 (`licenses/spdx.csv`)."""

    id: Text
    name: Text
    page: str = ""
    """Of its text, where SPDX names one that is no other licence's."""


class ExceptionRow(Rule):
    """What an exception to a licence is called (`licenses/exceptions.csv`)."""

    id: Text
    names: Names
    source: Text


class UnitRow(_Licence):
    """A Creative Commons licence or tool without its version (`licenses/cc-units.csv`)."""

    unit: Text
    """As its URL spells it, elements in alphabetical order."""
    stem: Text
    versions: Words = ()
    """Generic (unported, international) versions that exist."""
    ports: Words = ()
    """`all`, or the only ports that exist as `version/jurisdiction`."""
    broader: str | None = None


class JurisdictionRow(Rule):
    """A country or body with ported Creative Commons licences (`licenses/cc-jurisdictions.csv`)."""

    code: Text
    names: Names
    versions: Words
    source: Text


class WordRow(Rule):
    """A word of a Creative Commons licence's title (`licenses/cc-words.csv`)."""

    words: Text
    means: Literal[
        "cc",
        "by",
        "nc",
        "nd",
        "sa",
        "sampling",
        "sampling+",
        "devnations",
        "zero",
        "mark",
        "scope",
    ]
    """An element of a unit's name; `cc` and `scope` (International, Unported, …) add none."""
    language: Text


class CategoryRow(Rule):
    """What a ScanCode licence category means here (`licenses/spdx-categories.toml`)."""

    id: Text
    license_class: LicenseClass = Field(alias="class")
    terms: Terms = ()
    source: Text


class AliasRow(Rule):
    """A declared value and the expression it stands for (`licenses/{aliases,platforms}.csv`)."""

    value: Text
    target: Text
    kind: Text
    """`name`; `missing`, `vague` or `mixed` (several, unsaid which) for what names none; or the
    platform whose vocabulary it is."""
    source: Text


class DatedRow(Rule):
    """What a name means for items published within a time (`licenses/dated.csv`)."""

    value: Text
    target: Text
    since: Annotated[dt.date | None, Field(alias="from")] = None
    """The first day; none for ever since."""
    until: dt.date | None = None
    """The first day on which it doesn't hold any more."""
    source: Text


class DatasetRow(Rule):
    """A dataset that others are made from, and its terms (`datasets.csv`)."""

    id: Text
    names: Names
    """Other ways to write it, e.g. its name on the hub."""
    name: Text
    target: str | None = None
    """The expression that it is under; none where it declares nothing."""
    upstream: Words = ()
    """The ids of the datasets that it was made from."""
    source: Text
    reviewed: dt.date | None = None
    """As for a licence."""


class GeneratorRow(Rule):
    """A generative model or service, and the terms of what it makes (`generators.csv`)."""

    id: Text
    names: Names
    """Words that name it, as a manifest writes them."""
    name: Text
    target: str | None = None
    """The licence of its output; none where its terms ask nothing."""
    source: Text
    reviewed: dt.date | None = None


class UrlRow(Rule):
    """Licence pages (`licenses/urls.csv`)."""

    host: Text
    """Without `www.`; its subdomains are other hosts."""
    path: Pattern = re.compile("")
    """Matched against the whole lower-case path, without slashes at its ends."""
    target: Text
    """An expression, or a name to look up, built from the groups of `path`."""
    source: Text


class PhraseRow(Rule):
    """A way of saying something about rights in prose (`licenses/phrases.toml`)."""

    id: Text
    kind: Literal["statement", "restriction", "notice", "pointer"]
    """`notice`: what follows it still has to be read; `pointer`: says nothing by itself."""
    keywords: Annotated[tuple[str, ...], Field(min_length=1)]
    """The rule is tried only on texts with one of these; each is one word or sign."""
    pattern: Pattern
    unless: Pattern | None = None
    target: str | None = None
    example: Text
    source: Text

    @field_validator("keywords")
    @classmethod
    def _lower(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if any(word != word.casefold() or " " in word for word in value):
            raise ValueError("keywords are single lower-case words")
        return value


class PlainRow(Rule):
    """A word that limits nothing when it stands unread beside a licence (`licenses/plain.csv`)."""

    word: Text
    language: Text
    kind: Literal["credit", "work", "pointer", "grammar", "licence", "date"]
    """Who is credited, what is licensed, where more stands, a function word, a licence's own."""


class GuardRow(Rule):
    """A word that makes unread text beside a licence untrustworthy (`licenses/guards.csv`)."""

    word: Text
    """With a final `*`, the beginning of words."""
    language: Text
    why: Text
