"""What the sentences of a dataset's card say about its licence. They may limit, and never grant.

A card's tag is one word; its prose is where "for research only" or "we don't own the images"
stands. Prose also mentions the licences of code, papers and other datasets, which are not meant.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Protocol, TypeVar

from sourcing_audit.licenses.classify import PARTLY_UNREAD, Classifier, Resolution
from sourcing_audit.licenses.expression import (
    UNKNOWN,
    Joint,
    Leaf,
    Tree,
    class_of,
    grants_of,
    join,
    terms_of,
)
from sourcing_audit.model import LicenseClass
from sourcing_audit.rules.cards import CardKind, CardRow, CardRules, folded

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Quoted(Protocol):
    """A sentence of a card."""

    @property
    def text(self) -> str:
        """As it stands there."""


QuoteT = TypeVar("QuoteT", bound=Quoted)

_DOUBTFUL = {LicenseClass.ALL_RIGHTS_RESERVED, LicenseClass.NO_LICENSE, LicenseClass.UNKNOWN}
"""Classes that no licence which grants something can agree with."""

_PARTS = re.compile(
    r"\s*;\s*|\s*,?\s+(?=(?:while|whereas|but)\b)|\s*,?\s+(?=and (?:the|our|its|their|all)\b)"
    r"|\s*,\s+(?=(?:the|our|its|their|all)\b)|(?<=\w)\s*\.\s+",
    re.IGNORECASE,
)
_COMPLETE = re.compile(
    r"\b(?:is|are|was|were|be|been|has|have|may|can|must|comes?|fall|under|licen[cs]ed|released"
    r"|available|distributed|uses?)\b|[:=|]",
    re.IGNORECASE,
)
_LEADING = re.compile(
    r"\W*(?:(?:while|whereas|but|and)\s+)?(?:licen[cs]es? (?:of|for|to)\s+)?"
    r"(?:(?:the|our|all|this|these|its|their|any)\s+)*(?:[\w-]+\s+){0,2}",
    re.IGNORECASE,
)
_LINK = re.compile(r"!?\[([^\[\]]*)\]\([^()\s]*\)")
_ADDRESS = re.compile(r"\b(?:https?://|www\.)\S+")
_INNER_DOT = re.compile(r"(?<=\w)\.(?=\w)")
"""Such a dot, as in an address or a number, ends no sentence."""
_NAMING = re.compile(
    r"\b(?:under|subject to|follow(?:s|ing)?|uses?|carr(?:y|ies))\s+(?:the\s+|an?\s+)?"
    r"(?:terms (?:and conditions )?of\s+)?(?:the\s+|an?\s+)?(?P<name>[^,;:()]{2,80})",
    re.IGNORECASE,
)
"""Words after which the name of a licence stands."""
_PICTURES = re.compile("[\u2600-\u26cf\u26e0-\u26ff\u2700-\u2714\u2728\ufe0f\U0001f300-\U0001f6a9]")
"""Signs that adorn; those that cross something out aren't among them."""
_STOP = re.compile(r"[.;!?。；！？]+")  # noqa: RUF001
_FOLLOWING = re.compile(r"\W*(?:but|and|it|they|which)\b", re.IGNORECASE)


class Prose:
    """Reads sentences with a classifier and the rules for cards."""

    def __init__(self, classifier: Classifier, rules: CardRules | None = None) -> None:
        """Without `rules`, those of the classifier."""
        self._classifier = classifier
        known = classifier.rules
        self._rules = rules or known.cards
        self._claims = [
            (row, known.parse(row.target) or UNKNOWN)
            for row in self._rules.of(CardKind.CLAIM)
            if row.target
        ]
        # Phrases for short values are wide; in prose, the claims look for the same with more care,
        # and a copyright line says nothing that a licence beside it doesn't.
        self._wide = {row.target for row in known.phrases if row.kind in {"notice", "restriction"}}

    def resolve(self, text: str) -> Resolution | None:
        """What a sentence says about the dataset's licence; None if it says nothing."""
        ours = self._without_asides(text)
        own = self.own(text)
        stated, named = self._stated(own)
        covered = {term for tree in named for term in terms_of(tree)}
        # A doubt counts whatever the sentence is about: code may be what the dataset consists of.
        meant, whole = _plain(own), _plain(ours)
        claims = [
            (row, tree)
            for row, tree in self._claims
            if any(map(row.holds, whole if tree == UNKNOWN else meant))
            and not (terms_of(tree) and covered.issuperset(terms_of(tree)))
        ]
        trees = [*named, *(tree for _, tree in claims)]
        if not trees:
            return None
        rule = _rule(claims) or stated.rule
        reasons = tuple(each for each in stated.reasons if each != PARTLY_UNREAD) if named else ()
        return Resolution(join("AND", trees), rule, reasons)

    def own(self, text: str) -> str:
        """A sentence without what it says of other datasets, or of what isn't the dataset."""
        kept = []
        left_out = False
        for part in _parts(self._without_asides(text)):
            about_data = self._rules.any(CardKind.DATA, part)
            left_out = not about_data and (
                self._leads_elsewhere(part) or (left_out and bool(_FOLLOWING.match(part)))
            )
            if not left_out:
                kept.append(part)
        return " ".join(kept).strip()

    def _without_asides(self, text: str) -> str:
        for row in self._rules.of(CardKind.ASIDE):
            text = _without(row, text)
        return text

    def _leads_elsewhere(self, part: str) -> bool:
        """Whether the subject of a clause isn't the dataset."""
        looked_at = folded(part)
        lead = _LEADING.match(looked_at)
        begins = lead.end() if lead else 0
        return any(
            (found := row.pattern.search(looked_at)) is not None and found.start() <= begins
            for row in self._rules.of(CardKind.OTHER)
        )

    def _stated(self, text: str) -> tuple[Resolution, list[Tree]]:
        """The licences that a sentence names: as a whole, or where a name is to be expected."""
        text = " ".join(_PICTURES.sub(" ", text).split())
        stated = self._classifier.resolve(text)
        named = self._named(stated.tree)
        expected = None if named else _NAMING.search(text)
        if expected:
            stated = self._classifier.resolve(expected["name"].rstrip(". "))
            named = self._named(stated.tree)
        return stated, named

    def _named(self, tree: Tree) -> list[Tree]:
        """The licences that a sentence names, without what it leaves unknown."""
        parts = tree.parts if isinstance(tree, Joint) and tree.op == "AND" else (tree,)
        return [
            part
            for part in parts
            if part != UNKNOWN and not (isinstance(part, Leaf) and part.license.id in self._wide)
        ]


def prose_findings(
    quotes: Iterable[QuoteT], classifier: Classifier, rules: CardRules | None = None
) -> list[tuple[QuoteT, Resolution]]:
    """What each sentence says about the dataset's licence; those that say nothing are left out.

    A finding may limit or put in doubt what a tag says. It is no permission.
    """
    prose = Prose(classifier, rules)
    found = ((quote, prose.resolve(quote.text)) for quote in quotes)
    return [(quote, finding) for quote, finding in found if finding is not None]


def disagreeing(
    declared: Sequence[str],
    findings: Iterable[tuple[QuoteT, Resolution]],
    classifier: Classifier,
) -> list[tuple[QuoteT, Resolution]]:
    """The findings that hold back more than the declared licences do."""
    trees = [classifier.resolve(value).tree for value in declared]
    tree = join("AND", trees) if trees else UNKNOWN
    terms = set(terms_of(tree))
    if grants_of(tree) != "yes":
        # What grants nothing has nothing to be taken back.
        return []
    return [
        (quote, finding)
        for quote, finding in findings
        if class_of(finding.tree) in _DOUBTFUL or not terms.issuperset(terms_of(finding.tree))
    ]


def _parts(text: str) -> list[str]:
    """The clauses of a sentence that can stand alone; what can't stays with what follows."""
    found: list[str] = []
    pending = ""
    start = 0
    for cut in [*_PARTS.finditer(text), None]:
        end = cut.start() if cut else len(text)
        pending += text[start:end]
        start = end
        if cut is None or _COMPLETE.search(pending):
            found.append(pending)
            pending = ""
    return found


def _without(row: CardRow, text: str) -> str:
    """A text less what a rule finds in it."""
    looked_at = folded(text)
    if len(looked_at) != len(text):
        # Folding changed lengths, so places in one are no places in the other.
        return row.pattern.sub(" ", looked_at) if row.pattern.search(looked_at) else text
    kept = []
    start = 0
    for match in row.pattern.finditer(looked_at):
        kept.append(text[start : match.start()])
        start = match.end()
    return " ".join([*kept, text[start:]])


def _plain(text: str) -> list[str]:
    """The sentences of a text as the rules look at them.

    What one of them excepts is no exception for another.
    """
    bare = _INNER_DOT.sub(" ", _ADDRESS.sub(" ", _LINK.sub(r"\1", text)))
    return _STOP.split(folded(bare))


def _rule(claims: list[tuple[CardRow, Tree]]) -> str | None:
    return f"card:{claims[0][0].id}" if claims else None
