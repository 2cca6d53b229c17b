"""SPDX 3.0 documents about a dataset: a graph of elements and relationships."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sourcing_audit.model import NOASSERTION, NONE
from sourcing_audit.sources.cards.model import Card, Upstream, members, text_of, unique
from sourcing_audit.sources.cards.prose import Sentences

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sourcing_audit.rules.cards import CardRules

_DECLARED = ("hasDeclaredLicense", "hasConcludedLicense")
_FROM_US = frozenset({"descendantOf", "trainedOn", "testedOn", "hasInput", "contains"})
"""Relationships whose subject is made from, or holds, the other side."""
_INVERSE = {
    "ancestorOf": "descendantOf",
    "copiedTo": "copiedFrom",
    "generates": "generatedBy",
    "expandsTo": "expandedFrom",
    "hasVariant": "variantOf",
}
"""Relationships whose other side is made from the subject, and what that is called here."""
_PACKAGES = ("DatasetPackage", "AIPackage", "Package")
_COLLECTIONS = ("SpdxDocument", "Sbom", "Bom", "Bundle")
_SETS = {"ConjunctiveLicenseSet": " AND ", "DisjunctiveLicenseSet": " OR "}
_SPECIAL = {"NoAssertionLicense": NOASSERTION, "NoneLicense": NONE}
_PROSE = ("comment", "description", "summary", "copyrightText", "intendedUse")
_DEEPEST = 8


def recognises(content: Any) -> bool:
    """Whether a parsed JSON file is a document of this version."""
    if not isinstance(content, dict):
        return False
    contexts = [each for each in members(content.get("@context")) if isinstance(each, str)]
    return any("spdx.org/rdf/3" in each for each in contexts)


def read(path: str, content: dict[str, Any], rules: CardRules) -> Card:
    """The card in a parsed document; never raises for what is in it."""
    return _Reader(path, content, rules).card()


class _Reader:
    """A document on its way to a card."""

    def __init__(self, path: str, content: dict[str, Any], rules: CardRules) -> None:
        graph = content.get("@graph", [content])
        self._path = path
        self._rules = rules
        self._elements: dict[str, dict[str, Any]] = {}
        self._relationships: list[dict[str, Any]] = []
        for each in graph if isinstance(graph, list) else [graph]:
            if not isinstance(each, dict):
                continue
            self._elements.setdefault(_id(each), each)
            if _type(each).endswith("Relationship"):
                self._relationships.append(each)
        self._texts: list[str] = []
        self._problems: list[str] = []

    def card(self) -> Card:
        subjects = self._subjects()
        found = [value for each in subjects for value in self._licenses(each)]
        said = [value for value in found if value != NOASSERTION]
        pairs = list(self._upstream(set(subjects)))
        return Card(
            path=self._path,
            kind="spdx",
            declared=unique(said or found),
            prose=self._said(subjects).quotes,
            license_text="\n\n".join(dict.fromkeys(self._texts)) or None,
            upstream=tuple(dict.fromkeys(each for each, _ in pairs)),
            generators=unique([each.name for each, generator in pairs if generator]),
            problems=unique(self._problems),
        )

    def _subjects(self) -> list[str]:
        """The packages at the document's root: datasets, if there are any among them."""
        roots = [
            root
            for each in self._elements.values()
            if _type(each) in _COLLECTIONS
            for root in map(text_of, members(each.get("rootElement")))
        ]
        found = [each for each in dict.fromkeys(roots) if self._is(each, _PACKAGES)]
        datasets = [each for each in found if self._is(each, _PACKAGES[:1])]
        if found:
            return datasets or found
        found = [each for each in self._elements if self._is(each, _PACKAGES[:1])]
        if not found:
            self._problems.append("describes no dataset")
        elif len(found) > 1:
            self._problems.append("doesn't say which dataset it describes; all were read")
        return found

    def _licenses(self, subject: str) -> list[str]:
        return [
            self._license(target, 0)
            for each in self._relationships
            if text_of(each.get("from", "")) == subject
            and each.get("relationshipType") in _DECLARED
            for target in members(each.get("to"))
        ]

    def _license(self, target: Any, depth: int) -> str:
        """A licence element as an expression; its id, where the document holds no more of it."""
        identifier = text_of(target)
        for ending, special in _SPECIAL.items():
            if identifier.endswith(ending):
                return special
        element = self._elements.get(identifier)
        if element is None:
            return identifier
        kind = _type(element)
        if kind in _SETS:
            inner = members(_field(element, "member")) if depth < _DEEPEST else []
            parts = [self._license(each, depth + 1) for each in inner]
            return f"({_SETS[kind].join(parts)})" if parts else NOASSERTION
        return self._simple_license(element, identifier)

    def _simple_license(self, element: dict[str, Any], identifier: str) -> str:
        text = _field(element, "licenseText")
        if isinstance(text, str) and text.strip():
            self._texts.append(text)
        expression = _field(element, "licenseExpression")
        if isinstance(expression, str) and expression.strip():
            return expression.strip()
        if _type(element).endswith(("Operator", "Addition")):
            self._problems.append("a licence with an addition isn't read")
            return NOASSERTION
        name = element.get("name")
        return name.strip() if isinstance(name, str) and name.strip() else identifier

    def _said(self, subjects: list[str]) -> Sentences:
        said = Sentences(self._rules)
        for subject in subjects:
            element = self._elements[subject]
            for key in _PROSE:
                text = _field(element, key)
                if isinstance(text, str) and text not in {NOASSERTION, NONE}:
                    said.field(text, key, rights=key == "copyrightText")
        self._problems += said.problems
        return said

    def _upstream(self, subjects: set[str]) -> Iterator[tuple[Upstream, bool]]:
        """Each source, and whether it is a model that generated the content."""
        for each in self._relationships:
            kind = text_of(each.get("relationshipType", ""))
            one = text_of(each.get("from", ""))
            others = [text_of(other) for other in members(each.get("to"))]
            if one in subjects and kind in _FROM_US:
                sources = others
            elif kind in _INVERSE and subjects & set(others):
                sources, kind = [one], _INVERSE[kind]
            else:
                continue
            for source in sources:
                if source in subjects or (kind == "contains" and not self._is(source, _PACKAGES)):
                    continue
                generator = kind == "generatedBy" and self._is(source, _PACKAGES[1:2])
                yield self._named(source, kind), generator

    def _named(self, source: str, relation: str) -> Upstream:
        element = self._elements.get(source)
        if element is None:
            return Upstream(source, None, relation)
        licenses = [v for v in self._licenses(source) if v not in {NOASSERTION, NONE}]
        name = text_of(element.get("name") or source)
        return Upstream(name, " AND ".join(unique(licenses)) or None, relation)

    def _is(self, identifier: str, kinds: tuple[str, ...]) -> bool:
        element = self._elements.get(identifier)
        return element is not None and _type(element) in kinds


def _type(element: dict[str, Any]) -> str:
    """The type without the profile that it belongs to."""
    return text_of(element.get("type", element.get("@type", ""))).rpartition("_")[2]


def _field(element: dict[str, Any], name: str) -> Any:
    """A field of whichever profile."""
    return next((value for key, value in element.items() if key.rpartition("_")[2] == name), None)


def _id(element: dict[str, Any]) -> str:
    return text_of(element.get("spdxId", element.get("@id", "")))
