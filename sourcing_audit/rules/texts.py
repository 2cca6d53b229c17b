"""The rows of the rule files about licence texts, and how each is read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from sourcing_audit.rules.licenses import Pattern, Text
from sourcing_audit.rules.store import Rule

if TYPE_CHECKING:
    from sourcing_audit.rules.store import RuleStore


class TextWordRow(Rule):
    """A word of licence texts (`licenses/text-words.csv`)."""

    word: Text
    """Lower case; with a `*`, any ending; with a space, words in this order."""
    alone: Literal["yes", "no"]
    """Whether it tells of a licence by itself in program text, which uses some for other things."""
    language: Text
    why: Text


class TextClaimRow(Rule):
    """A way of giving or withholding permission (`licenses/text-claims.csv`).

    Where no licence is recognised, either makes the answer unknown rather than none; beside a
    recognised licence, and not part of its text, a limit does.
    """

    id: Text
    kind: Literal["grant", "limit"]
    pattern: Pattern
    """Searched in one sentence, case-folded."""
    example: Text
    language: Text
    source: Text


class TextPhraseRow(Rule):
    """A phrase of `phrases.toml` for licence texts too (`licenses/text-phrases.csv`)."""

    phrase: Text
    role: Literal["always", "rest", "alone"]
    """`always` holds beside any licence; `rest` where no recognised licence text says it; `alone`
    where the text states no licence."""
    context: Pattern
    """What the same sentence must hold, so that prose about the subject is no statement."""
    example: Text
    source: Text


class TextNeutralRow(Rule):
    """A notice that ScanCode reports and that neither permits nor limits a use.

    From `licenses/text-neutral.csv`.
    """

    key: Text
    """ScanCode's."""
    why: Text
    source: Text


@dataclass(frozen=True, slots=True)
class TextRules:
    """Every table about licence texts."""

    words: tuple[TextWordRow, ...]
    claims: tuple[TextClaimRow, ...]
    phrases: tuple[TextPhraseRow, ...]
    neutral: tuple[TextNeutralRow, ...]
    digest: str
    """Of all rules, as what is derived from these tables may depend on any."""

    @classmethod
    def load(cls, store: RuleStore) -> TextRules:
        """The tables of `store`.

        Raises:
            RulesError: a row is invalid.

        """
        return cls(
            tuple(store.table("licenses/text-words.csv", TextWordRow, key=["word"])),
            tuple(store.table("licenses/text-claims.csv", TextClaimRow, key=["id"])),
            tuple(store.table("licenses/text-phrases.csv", TextPhraseRow, key=["phrase"])),
            tuple(store.table("licenses/text-neutral.csv", TextNeutralRow, key=["key"])),
            store.digest(),
        )
