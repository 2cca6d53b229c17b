"""What a dataset's own documents say for all its items: cards, Croissant, SPDX, licence files."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sourcing_audit.licenses.cards import disagreeing, prose_findings
from sourcing_audit.licenses.classify import Resolution
from sourcing_audit.licenses.conclude import DatasetTerms
from sourcing_audit.licenses.expression import UNKNOWN, render
from sourcing_audit.model import CardReading, CardStatement, UpstreamDataset

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from sourcing_audit.licenses import Classifier
    from sourcing_audit.licenses.texts import Detector
    from sourcing_audit.sources.cards import Card, Quote

_SHOWN = 500
"""Characters of a statement that the report keeps."""


@dataclass(frozen=True)
class Said:
    """What the documents come to."""

    terms: DatasetTerms = field(default_factory=DatasetTerms)
    upstream: tuple[UpstreamDataset, ...] = ()
    cards: tuple[CardReading, ...] = ()


def read(
    cards: Sequence[Card],
    classifier: Classifier,
    detector: Callable[[], Detector],
    default_license: str | None = None,
) -> Said:
    """Hold tags, licence texts and prose of all documents against each other.

    Args:
        cards: the documents.
        classifier: understands tags and sentences.
        detector: makes the reader of licence texts; called only if there is one.
        default_license: what the user says that the dataset declares; the documents' prose is
            held against it instead of against their tags.

    """
    texts = _texts(cards, classifier, detector)
    stated = [(card, _stated(card, classifier, texts)) for card in cards]
    statements = {one.text: one.resolution for _, ones in stated for one in ones}
    # What can't be read takes nothing back by itself, and must not hide what the others say.
    declared = [default_license] if default_license else _understood(statements.values())
    limits: dict[str, Resolution] = {}
    readings = []
    for card, ones in stated:
        findings = prose_findings(card.prose, classifier)
        against = disagreeing(declared, findings, classifier)
        limits |= {quote.text: finding for quote, finding in against}
        told = [*(one.told() for one in ones), *(_told(*each) for each in findings)]
        readings.append(
            CardReading(
                card.path, card.kind, tuple(told), bool(against), card.problems, card.sha256
            )
        )
    upstream = {
        one.name: UpstreamDataset(one.name, one.license) for card in cards for one in card.upstream
    }
    generators = dict.fromkeys(name for card in cards for name in card.generators)
    terms = DatasetTerms(
        tuple(statements.items()), tuple(limits.items()), "; ".join(generators) or None
    )
    return Said(terms, tuple(upstream.values()), tuple(readings))


@dataclass(frozen=True)
class _Stated:
    """One statement about the licence."""

    where: str
    text: str
    resolution: Resolution

    def told(self) -> CardStatement:
        return CardStatement(self.where, self.text[:_SHOWN], render(self.resolution.tree))


def _stated(
    card: Card, classifier: Classifier, texts: Mapping[str, Resolution | None]
) -> list[_Stated]:
    """What a document's tags, links and licence text state."""
    found = [_Stated("tag", value, classifier.resolve(value)) for value in card.declared]
    links = [_Stated("link", value, classifier.resolve(value)) for value in card.links]
    # An address that names no licence says where to read, not what.
    found += [link for link in links if link.resolution.resolved]
    text = texts.get(card.license_text or "")
    if text:
        found.append(_Stated("licence text", f"licence text of {card.path}", text))
    return found


def _texts(
    cards: Sequence[Card], classifier: Classifier, detector: Callable[[], Detector]
) -> dict[str, Resolution | None]:
    """What each licence text states; None where it states nothing."""
    texts = list(dict.fromkeys(card.license_text for card in cards if card.license_text))
    if not texts:
        return {}
    with detector() as reader:
        found = list(reader.detect(texts))
    return {
        text: None
        if each.expression is None
        else Resolution(classifier.rules.parse(each.expression) or UNKNOWN, each.rule, each.reasons)
        for text, each in zip(texts, found, strict=True)
    }


def _understood(resolutions: Iterable[Resolution]) -> list[str]:
    return [render(each.tree) for each in resolutions if each.resolved]


def _told(quote: Quote, finding: Resolution) -> CardStatement:
    line = f"line {quote.line}, " if quote.line else ""
    return CardStatement(f"{line}{quote.where}"[:_SHOWN], quote.text[:_SHOWN], render(finding.tree))
