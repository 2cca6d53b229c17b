"""What sentences say that no licence text says for them: limits, and no to AI training."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from sourcing_audit.errors import RulesError
from sourcing_audit.licenses.phrases import Phrases
from sourcing_audit.licenses.text import fold
from sourcing_audit.licenses.texts.detection import PARTLY_UNREAD, PHRASE, Statement, unread
from sourcing_audit.licenses.texts.words import UNSPACED, Words, tokens

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from sourcing_audit.licenses.catalog import LicenseRules
    from sourcing_audit.rules.texts import TextPhraseRow

_MARKER = re.compile(
    r"^[ \t]*(?:[/*#;%!|>-]{1,4}(?=\s|$)|@?rem\b|dnl\b)", re.IGNORECASE | re.MULTILINE
)
_PARAGRAPH = re.compile(r"\n[ \t\r]*\n")
_SENTENCE = re.compile(r"(?<=[.;!?])\s+|(?<=[\u3002\uff01\uff1f\uff1b])")
_ENUMERATES = re.compile(r"\b(?:but )?not limited to\b|\bwithout limitation\b")
"""Words that negate nothing: what follows is an example."""
_LONGEST = 1_000
_OVERLAP = 200
"""A sentence longer than that is read in pieces that overlap, so that each costs little."""

Role = Literal["always", "rest", "alone"]
Claim = Literal["grant", "limit"]


@dataclass(frozen=True, slots=True)
class _Phrase:
    row: TextPhraseRow
    phrases: Phrases
    keywords: frozenset[str]
    """One of these is a word of every text that the phrase is worth trying on."""

    def read(self, sentence: str) -> list[Statement]:
        """What the phrase says in a sentence, folded."""
        if not self.row.context.search(sentence):
            return []
        found = self.phrases.read(sentence).found
        return [Statement(tree, PHRASE) for _, tree in found if tree is not None]


class Sentences:
    """The phrases and claims that are looked for in the sentences of texts."""

    def __init__(self, rules: LicenseRules, words: Words) -> None:
        """Look the phrases up.

        Raises:
            RulesError: `text-phrases.csv` names a phrase that isn't there.

        """
        self._words = words
        self._claims: dict[Claim, list[re.Pattern[str]]] = {"grant": [], "limit": []}
        for claim in rules.texts.claims:
            self._claims[claim.kind].append(claim.pattern)
        known = {row.id: row for row in rules.phrases}
        self._phrases: dict[Role, list[_Phrase]] = {"always": [], "rest": [], "alone": []}
        for row in rules.texts.phrases:
            phrase = known.get(row.phrase)
            if phrase is None or phrase.target is None:
                raise RulesError(f"licenses/text-phrases.csv: {row.phrase} is no phrase to apply")
            reader = Phrases([(phrase, rules.parse(phrase.target))], (), ())
            self._phrases[row.role].append(_Phrase(row, reader, frozenset(phrase.keywords)))
        self._named = (*self._phrases["rest"], *self._phrases["always"])

    def always(self, text: str, words: Collection[str]) -> list[Statement]:
        """What holds beside any licence; `words` are those of `text`."""
        return self._said("always", text, words)

    def alone(self, text: str, words: Collection[str]) -> list[Statement]:
        """What the text says where it states no licence."""
        return self._said("alone", text, words)

    def beside(self, rest: str) -> list[Statement]:
        """What the text beside recognised licences says; unread if it withholds something else."""
        found: dict[Statement, None] = {}
        for sentence in sentences(rest):
            said = [each for phrase in self._named for each in phrase.read(sentence)]
            if not said and self._claimed(sentence, "limit"):
                said = [unread(PARTLY_UNREAD)]
            found.update(dict.fromkeys(said))
        return list(found)

    def claims(self, text: str) -> bool:
        """Whether a sentence gives, limits or withholds permission, in whatever words."""
        return any(
            self._claimed(sentence, "grant")
            or self._claimed(sentence, "limit")
            or any(phrase.read(sentence) for phrase in self._named)
            for sentence in sentences(text)
            if self._words.looks(sentence)
        )

    def _said(self, role: Role, text: str, words: Collection[str]) -> list[Statement]:
        found: dict[Statement, None] = {}
        for phrase in self._phrases[role]:
            if not _holds(text, words, phrase.keywords):
                continue
            for sentence in sentences(text, phrase.keywords):
                if said := phrase.read(sentence):
                    found.update(dict.fromkeys(said))
                    break
        return list(found)

    def _claimed(self, sentence: str, kind: Claim) -> bool:
        return any(pattern.search(sentence) for pattern in self._claims[kind])


def sentences(text: str, holding: frozenset[str] = frozenset()) -> Iterator[str]:
    """The sentences of `text` in one line each, folded; only those with a word of `holding`."""
    for paragraph in _PARAGRAPH.split(_MARKER.sub(" ", text)):
        if holding and not _holds(paragraph, tokens(paragraph), holding):
            continue
        for sentence in _SENTENCE.split(" ".join(paragraph.split())):
            for piece in _pieces(sentence):
                if piece and (not holding or _holds(piece, tokens(piece), holding)):
                    yield _ENUMERATES.sub("", fold(piece) or "")


def _holds(text: str, words: Collection[str], keywords: frozenset[str]) -> bool:
    """Whether one of the keywords is among the words of `text`, or inside an unspaced one."""
    if not keywords.isdisjoint(words):
        return True
    return not text.isascii() and any(
        keyword in text for keyword in keywords if UNSPACED.match(keyword)
    )


def _pieces(sentence: str) -> Iterable[str]:
    if len(sentence) <= _LONGEST:
        return (sentence,)
    step = _LONGEST - _OVERLAP
    return (sentence[at : at + _LONGEST] for at in range(0, len(sentence), step))
