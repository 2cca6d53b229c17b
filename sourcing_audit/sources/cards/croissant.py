"""The rights and the origin that a Croissant file, or other schema.org JSON-LD, states."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sourcing_audit.rules.cards import CardKind, CardRules
from sourcing_audit.sources.cards.linked import Document
from sourcing_audit.sources.cards.model import Card, Upstream, members, text_of, unique
from sourcing_audit.sources.cards.prose import Sentences

if TYPE_CHECKING:
    from collections.abc import Iterator

KIND = "croissant"
_LICENSE = ("license", "licence", "licenses", "License")
_RIGHTS = (
    "usageInfo",
    "conditionsOfAccess",
    "copyrightNotice",
    "rights",
    "accessRights",
    "rightsStatement",
    "termsOfUse",
    "termsOfService",
)
"""Fields that are about rights, so that all they say is read."""
_STATEMENTS = ("rights", "rightsStatement")
_IRI = re.compile(r"https?://\S+$", re.IGNORECASE)
_PROSE = (
    "description",
    "disambiguatingDescription",
    "abstract",
    "personalSensitiveInformation",
    "dataCollection",
    "dataCollectionRawData",
    "dataLimitations",
    "dataReleaseMaintenance",
    "dataReleaseMaintenancePlan",
    "dataSocialImpact",
    "dataUseCases",
    "dataBiases",
)
_UPSTREAM = (
    "isBasedOn",
    "isBasedOnUrl",
    "wasDerivedFrom",
    "hadPrimarySource",
    "wasRevisionOf",
    "wasQuotedFrom",
    "translationOfWork",
)
_ADDRESS = ("url", "contentUrl", "sameAs", "atLocation", "locatedAt")
_NAME = ("name", "label", "title", "legalName")
_TEXT = ("text", "description")
_PARTS = ("distribution", "recordSet", "hasPart")
_SOFTWARE = {"SoftwareAgent", "SoftwareApplication", "AIModel", "Model"}
_MOST_STRINGS = 100
_DEEPEST = 8
"""Licences inside licences."""


def read(path: str, content: Any, rules: CardRules) -> Card:
    """The card in a parsed JSON-LD document; never raises for what is in it."""
    return _Reader(path, Document(content), rules).card()


class _Reader:
    """One document on its way to a card."""

    def __init__(self, path: str, document: Document, rules: CardRules) -> None:
        self._path = path
        self._document = document
        self._rules = rules
        self._links: list[str] = []
        self._said_so = Sentences(rules)
        self._texts: list[str] = []
        self._problems: list[str] = []

    def card(self) -> Card:
        datasets = self._datasets()
        if not datasets:
            self._problems.append("describes no dataset")
        if self._document.cut:
            self._problems.append("holds too many objects; not all were looked at")
        declared: list[str] = []
        for dataset in datasets:
            for value in self._document.get(dataset, *_LICENSE):
                declared += self._license(value)
            # An address in a field for rights is a licence; its other texts only limit.
            stated = [self._document.target(v) for v in self._document.get(dataset, *_STATEMENTS)]
            declared += [text for v in stated for text in _strings(v) if _IRI.match(text)]
            self._said(dataset, "")
            self._parts(dataset)
        return Card(
            path=self._path,
            kind=KIND,
            declared=unique(declared),
            links=unique(self._links),
            prose=self._said_so.quotes,
            license_text="\n\n".join(self._texts) or None,
            upstream=tuple(dict.fromkeys(self._upstream())),
            generators=unique(list(self._generators(datasets))),
            problems=(*unique(self._problems), *self._said_so.problems),
        )

    def _datasets(self) -> list[dict[str, Any]]:
        """The datasets described: not those that they are parts of, or made from."""
        objects = self._document.objects
        found = [each for each in objects if "Dataset" in self._document.types(each)]
        top = objects[:1]
        if top and (top[0] in found or not found):
            about = {self._document.name(key) for key in top[0]}
            return top if top[0] in found or about & {"distribution", "recordSet"} else []
        inner = {
            id(each)
            for dataset in found
            for value in self._document.get(dataset, *_UPSTREAM, *_PARTS, "isPartOf")
            for each in [self._document.target(value)]
            if isinstance(each, dict)
        }
        return [dataset for dataset in found if id(dataset) not in inner] or found

    def _license(self, value: Any, depth: int = 0) -> list[str]:
        """The licences that one value states: text, an address, or a work with a name."""
        value = self._document.target(value)
        if not isinstance(value, dict):
            return [text_of(value)]
        names = self._document.texts(value, *_NAME, "identifier", "alternateName")
        links = self._document.texts(value, *_ADDRESS)
        identifier = value.get("@id")
        if isinstance(identifier, str) and not identifier.startswith("_:"):
            links.append(identifier)
        inner = self._document.get(value, *_LICENSE)
        if inner and depth == _DEEPEST:
            self._problems.append("a licence field refers to itself")
            inner = []
        nested = [text for each in inner for text in self._license(each, depth + 1)]
        texts = self._document.texts(value, *_TEXT)
        self._texts += texts
        if names or nested:
            self._links += links
            return [*names, *nested]
        if links:
            return links
        if not texts:
            self._problems.append("a licence field holds an object without name or address")
        return [] if texts else [text_of(value)]

    def _said(self, found: dict[str, Any], place: str) -> None:
        """What the fields for rights say, and the sentences about rights in other fields."""
        for key, value in found.items():
            name = self._document.name(key)
            if name in _RIGHTS:
                self._quote(_strings(self._document.target(value)), place + key, rights=True)
            elif name in _PROSE:
                texts = [text for text in members(value) if isinstance(text, str)]
                self._quote(texts, place + key)

    def _quote(self, texts: list[str], where: str, *, rights: bool = False) -> None:
        for text in texts:
            self._said_so.field(text, where, rights=rights)

    def _parts(self, dataset: dict[str, Any]) -> None:
        """Licences of files and record sets: they hold for parts, so they can only limit."""
        for value in self._document.get(dataset, *_PARTS):
            part = self._document.target(value)
            if not isinstance(part, dict):
                continue
            named = self._document.texts(part, "name") or [text_of(part.get("@id", ""))]
            place = f"{named[0]}: "
            for stated in self._document.get(part, *_LICENSE):
                for text in self._license(stated):
                    self._said_so.value(text, f"{place}license")
            self._said(part, place)

    def _upstream(self) -> Iterator[Upstream]:
        for found in self._document.objects:
            for key, several in found.items():
                relation = self._document.name(key)
                if relation in _UPSTREAM:
                    for value in several if isinstance(several, list) else [several]:
                        upstream = self._one_upstream(self._document.target(value), relation)
                        if upstream:
                            yield upstream

    def _one_upstream(self, value: Any, relation: str) -> Upstream | None:
        if isinstance(value, str):
            return Upstream(value.strip(), None, relation) if value.strip() else None
        if not isinstance(value, dict):
            return None
        stated = [text_of(v) for v in self._document.get(value, *_LICENSE)]
        identifier = [value["@id"]] if isinstance(value.get("@id"), str) else []
        names = [
            *self._document.texts(value, *_ADDRESS),
            *self._document.texts(value, *_NAME),
            *identifier,
        ]
        if not names:
            self._problems.append(f"{relation}: a source without name or address")
            return None
        return Upstream(names[0], " AND ".join(stated) or None, relation)

    def _generators(self, datasets: list[dict[str, Any]]) -> Iterator[str]:
        for dataset in datasets:
            for text in self._document.texts(dataset, "dataCollectionType", "keywords"):
                if self._generated(text):
                    yield text
            yield from self._agents(dataset)
            for value in self._document.get(dataset, *_PARTS):
                part = self._document.target(value)
                if isinstance(part, dict):
                    yield from self._agents(part)

    def _agents(self, found: dict[str, Any]) -> Iterator[str]:
        """What made content: software that generated it, not what chose, changed or labelled it."""
        for value in self._document.get(found, "wasGeneratedBy", "wasAttributedTo"):
            made = self._document.target(value)
            if isinstance(made, str):
                yield from [made] if self._generated(made) else []
                continue
            if not isinstance(made, dict):
                continue
            about = " ".join(_strings(made))
            software = self._document.types(made) & _SOFTWARE
            agents = [
                self._document.target(agent)
                for agent in self._document.get(made, "wasAssociatedWith", "used", "agent")
            ]
            if software:
                yield from self._names(made)
            elif self._generated(about):
                named = [
                    name
                    for agent in agents
                    if isinstance(agent, str)
                    or (isinstance(agent, dict) and self._document.types(agent) & _SOFTWARE)
                    for name in ([agent] if isinstance(agent, str) else self._names(agent))
                ]
                yield from named or self._names(made)

    def _generated(self, text: str) -> bool:
        return self._rules.any(CardKind.GENERATED, text) and not self._rules.any(
            CardKind.PROCESSED, text
        )

    def _names(self, found: dict[str, Any]) -> list[str]:
        names = self._document.texts(found, *_NAME)
        return names[:1] or [text_of(found.get("@id", "unnamed"))]


def _strings(value: Any) -> list[str]:
    """Every text inside a value, however it is nested, within a limit."""
    found: list[str] = []
    pending = [value]
    while pending and len(found) < _MOST_STRINGS:
        each = pending.pop()
        if isinstance(each, str):
            found.append(each)
        elif isinstance(each, dict):
            pending += reversed([v for key, v in each.items() if key not in {"@type", "type"}])
        elif isinstance(each, list):
            pending += reversed(each)
    return found
