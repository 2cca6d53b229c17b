"""One text: what it states without ScanCode, what is left to match, and what both say together."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from sourcing_audit.licenses.creative_commons import VERSION_MISSING
from sourcing_audit.licenses.expression import UNKNOWN, grants_of, leaves
from sourcing_audit.licenses.texts import comments, tags
from sourcing_audit.licenses.texts.detection import (
    APPROXIMATE,
    DIFFERS,
    EXACT,
    KNOWN,
    NO_SCANCODE,
    NOT_TEXT,
    PARTLY_UNREAD,
    TAG_UNREAD,
    TOO_LARGE,
    UNIDENTIFIED,
    Detection,
    Statement,
    combined,
    unread,
)
from sourcing_audit.licenses.texts.expressions import Expressions
from sourcing_audit.licenses.texts.known import KnownTexts, ScanCodeData
from sourcing_audit.licenses.texts.normalise import Body, Normaliser
from sourcing_audit.licenses.texts.phrases import Sentences
from sourcing_audit.licenses.texts.words import tokens

if TYPE_CHECKING:
    from pathlib import Path

    from sourcing_audit.licenses.catalog import LicenseRules
    from sourcing_audit.licenses.expression import Tree
    from sourcing_audit.licenses.texts.known import Progress
    from sourcing_audit.licenses.texts.scancode import Answer

MAX_TEXT = 2_000_000
"""Characters; longer texts aren't read at all, and that is a finding."""
MAX_MATCHED = 400_000
"""Characters that ScanCode is given; more is left out only if it isn't about licences."""
_NO_TEXT = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\ufffd]")
_SAMPLE = 65_536
_BINARY_SHARE = 0.02


@dataclass(slots=True)
class Reading:
    """What is known of a text before ScanCode has seen it."""

    statements: tuple[Statement, ...] = ()
    answer: Detection | None = None
    """The whole answer, where nothing is left to match."""
    text: str = ""
    """What is left to match."""
    unread_tag: bool = False


class Reader:
    """Reads texts; loads the index of known texts when the first text needs it."""

    def __init__(self, rules: LicenseRules, *, cache: Path, progress: Progress) -> None:
        """Keep the index of known texts in `cache`."""
        self._rules = rules
        self._cache = cache
        self._progress = progress
        self._normaliser = Normaliser(rules)
        self.words = self._normaliser.words
        self._sentences = Sentences(rules, self.words)
        self._expressions = Expressions(rules)
        self._data = ScanCodeData.installed()

    def read(self, text: str) -> Reading:
        """What `text` states, as far as that can be said without ScanCode."""
        refused = _refused(text)
        if refused is not None:
            return Reading(answer=combined(refused))
        found = tags.read(text, self._rules)
        words = frozenset(tokens(text))
        stated = (*found.statements, *self._sentences.always(text, words))
        left = text
        if not found.unread:
            more, left = self._known_part(text, found.rest)
            stated += more
        if not left:
            stated = stated or tuple(self._sentences.alone(text, words))
            return Reading(answer=combined(stated))
        if len(left) > MAX_MATCHED and not self.words.looks(left[MAX_MATCHED:]):
            left = left[:MAX_MATCHED]
        if len(left) > MAX_MATCHED:
            return Reading(answer=combined([*stated, unread(TOO_LARGE)]))
        if self._data is None:
            return Reading(answer=combined([*stated, unread(NO_SCANCODE)]))
        return Reading(stated, None, left, found.unread)

    def conclude(self, reading: Reading, answer: Answer | str) -> Detection:
        """What a text states, given ScanCode's answer or the reason for which there is none."""
        if isinstance(answer, str):
            return combined([*reading.statements, unread(answer)])
        stated = self._matched(answer, reading.text)
        beside = self._sentences.beside(answer.rest)
        if any(grants_of(each.tree) == "no" for each in stated):
            # More that is withheld changes nothing where nothing is granted.
            beside = [each for each in beside if each.tree != UNKNOWN]
        if answer.rest_cut or any(map(self._normaliser.guards, answer.inserted)):
            beside.append(unread(PARTLY_UNREAD))
        if reading.unread_tag and not answer.expressions:
            beside.append(unread(TAG_UNREAD))
        stated = [*reading.statements, *stated, *beside]
        if not stated and self._sentences.claims(reading.text):
            stated = [unread(UNIDENTIFIED)]
        if not stated:
            stated = self._sentences.alone(reading.text, frozenset(tokens(reading.text)))
        return combined(stated)

    def _matched(self, answer: Answer, text: str) -> list[Statement]:
        """What ScanCode recognised."""
        rule, reasons = (APPROXIMATE, (DIFFERS,)) if answer.approximate else (EXACT, ())
        trees = [self._expressions.tree(each) for each in answer.expressions]
        return [
            self._statement(tree, text, rule, answer.lines, reasons)
            for tree in trees
            if tree is not None
        ]

    def _statement(
        self,
        tree: Tree,
        text: str,
        rule: str,
        lines: tuple[int, int] | None,
        reasons: tuple[str, ...] = (),
    ) -> Statement:
        stated = self._expressions.as_versioned(tree, text)
        if stated != tree:
            reasons = (*reasons, VERSION_MISSING)
        if UNKNOWN in leaves(stated):
            reasons = (*reasons, UNIDENTIFIED)
        return Statement(stated, rule, reasons, lines)

    @cached_property
    def _known(self) -> KnownTexts | None:
        if self._data is None:
            return None
        return KnownTexts.load(
            self._data,
            self._normaliser,
            cache=self._cache,
            rules=self._rules.texts.digest,
            progress=self._progress,
        )

    def _known_part(self, text: str, rest: str) -> tuple[tuple[Statement, ...], str]:
        """What a known text states, and what of `text` is left to match; `rest` is without tags."""
        ends = [end for end in comments.head_ends(text) if end < len(text)]
        for end in ends:
            head = text[:end]
            known = self._known_text(self._normaliser.body(tags.read(head, self._rules).rest), head)
            if known:
                # Empty lines in its place keep the numbers of the others.
                blank = "\n" * head.count("\n")
                return known, blank + text[end:] if self._speaks(text[end:]) else ""
        body = self._normaliser.body(rest)
        if not self.words.among(body.words):
            return (), ""
        known = self._known_text(body, text)
        if known:
            return known, ""
        return (), text[: ends[0]] if ends and not self._speaks(text[ends[0] :]) else text

    def _speaks(self, code: str) -> bool:
        """Whether code below a comment speaks of licences, in more than copyright lines."""
        code = self._normaliser.without_notices(code)
        found = tokens(code)
        if not self.words.among(found):
            return False
        return self.words.tells(found) or self._sentences.claims(code)

    def _known_text(self, body: Body, text: str) -> tuple[Statement, ...]:
        """What the text with the words `body` is known to state."""
        if not self.words.among(body.words) or self._known is None:
            return ()
        expression = self._known.expression(body)
        if expression is None:
            return ()
        tree = self._expressions.tree(expression)
        if tree is None:
            return ()
        lines = (1, text.count("\n", 0, len(text.rstrip())) + 1)
        return (self._statement(tree, text, KNOWN, lines),)


def _refused(text: str) -> list[Statement] | None:
    """The statements about a text that isn't looked into; None if it is to be read."""
    if len(text) > MAX_TEXT:
        return [unread(TOO_LARGE)]
    if not text.strip():
        return []
    return [unread(NOT_TEXT)] if _binary(text) else None


def _binary(text: str) -> bool:
    if "\0" in text:
        return True
    sample = text[:_SAMPLE]
    return len(_NO_TEXT.findall(sample)) > len(sample) * _BINARY_SHARE
