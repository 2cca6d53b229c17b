"""The rows of `licenses/cards.toml`: where a dataset's card speaks of rights, and what it says."""

from __future__ import annotations

import html
import re
import unicodedata
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Annotated

from pydantic import Field, model_validator

from sourcing_audit.rules.licenses import Pattern, Text
from sourcing_audit.rules.store import Rule, RuleStore

if TYPE_CHECKING:
    from collections.abc import Sequence

FILE = "licenses/cards.toml"
_DASHES = re.compile("[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]")
_APOSTROPHES = re.compile("[\u2018\u2019\u02bc\uff07]")
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_TAG = re.compile(r"</?[a-z][^<>]{0,200}>", re.IGNORECASE)


class CardKind(StrEnum):
    """What a rule is looked for in, and what follows where it is found."""

    RIGHTS_SECTION = "rights-section"
    """A heading under which every sentence speaks of rights."""
    SILENT_SECTION = "silent-section"
    """A heading under which nothing is said about the dataset's own rights."""
    CUE = "cue"
    """A sentence elsewhere that speaks of rights."""
    EMPTY = "empty"
    """A sentence that was left as its template has it."""
    DATA = "data"
    """A word for the dataset or what it consists of."""
    OTHER = "other"
    """A word for something that isn't the dataset: its code, its paper, a model."""
    ASIDE = "aside"
    """Part of a sentence that speaks of the rights in other datasets."""
    CLAIM = "claim"
    """What a sentence says that limits or puts in doubt a licence beside it."""
    GENERATED = "generated"
    """Words that say content was made by a model."""
    PROCESSED = "processed"
    """Words that say content was only changed, chosen or labelled."""


def folded(text: str) -> str:
    """A text as the rules look at it: case-folded, with plain hyphens and without markup."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", _DASHES.sub("-", _UNSEEN.sub("", text)))
        text = _APOSTROPHES.sub("'", text)
    if "&" in text:
        text = html.unescape(text)
    if "<" in text:
        text = _TAG.sub("", text)
    return text.casefold()


class CardRow(Rule):
    """One rule; its pattern is searched in folded text."""

    id: Text
    kind: CardKind
    pattern: Pattern
    unless: Pattern | None = None
    """The rule doesn't hold in a sentence in which this is found."""
    target: str | None = None
    """For a claim: the expression that it stands for; it never grants anything."""
    example: Text
    counter: Annotated[tuple[str, ...], Field()] = ()
    """Sentences in which the rule must not be found."""
    source: Text

    @model_validator(mode="after")
    def _consistent(self) -> CardRow:
        if (self.kind is CardKind.CLAIM) != (self.target is not None):
            raise ValueError("a claim has a target, and nothing else has")
        if not self.holds(folded(self.example)):
            raise ValueError("the rule isn't found in its own example")
        wrong = [text for text in self.counter if self.holds(folded(text))]
        if wrong:
            raise ValueError(f"the rule is found in {wrong[0]!r}")
        return self

    def holds(self, text: str) -> bool:
        """Whether the rule is found in folded text."""
        return bool(self.pattern.search(text)) and not (self.unless and self.unless.search(text))


class CardRules:
    """The rules of `cards.toml` by kind."""

    def __init__(self, store: RuleStore) -> None:
        """Read the table.

        Raises:
            RulesError: a row is invalid.

        """
        self._rows = store.table(FILE, CardRow, key=["id"])

    @classmethod
    @lru_cache(1)
    def shipped(cls) -> CardRules:
        """The rules as they ship, without overlays."""
        return cls(RuleStore())

    def any(self, kind: CardKind, text: str) -> bool:
        """Whether a rule of the kind is found in the text."""
        looked_at = folded(text)
        return any(row.holds(looked_at) for row in self._by_kind[kind])

    def of(self, kind: CardKind) -> Sequence[CardRow]:
        """The rules of one kind, in the file's order."""
        return self._by_kind[kind]

    @cached_property
    def _by_kind(self) -> dict[CardKind, list[CardRow]]:
        return {kind: [row for row in self._rows if row.kind is kind] for kind in CardKind}
