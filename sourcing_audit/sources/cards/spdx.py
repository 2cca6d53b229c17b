"""SPDX documents about a dataset: 2.x as JSON or tag-value, 3.0 as JSON-LD."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sourcing_audit.model import NOASSERTION, NONE
from sourcing_audit.sources.cards import spdx3
from sourcing_audit.sources.cards.model import Card, Upstream, members, text_of, unique
from sourcing_audit.sources.cards.prose import Sentences

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sourcing_audit.rules.cards import CardRules

KIND = "spdx"
FROM_US = frozenset(
    {"DESCENDANT_OF", "GENERATED_FROM", "COPY_OF", "VARIANT_OF", "EXPANDED_FROM_ARCHIVE"}
    | {"CONTAINS", "PATCH_FOR", "PATCH_APPLIED", "AMENDS"}
)
"""Relationships whose subject is made from, or holds, the other side."""
TO_US = frozenset({"ANCESTOR_OF", "GENERATES", "CONTAINED_BY", "DATA_FILE_OF"})
"""Relationships whose other side is made from, or holds, the subject."""
_INVERSE = {
    "ANCESTOR_OF": "DESCENDANT_OF",
    "GENERATES": "GENERATED_FROM",
    "CONTAINED_BY": "CONTAINS",
    "DATA_FILE_OF": "CONTAINS",
}
_DOCUMENT = "SPDXRef-DOCUMENT"
_UNSAID = frozenset({"", NOASSERTION, NONE})
_PROSE = ("licenseComments", "copyrightText", "comment", "description", "summary")


def recognises(content: Any) -> bool:
    """Whether a parsed JSON file is an SPDX document."""
    if not isinstance(content, dict):
        return False
    return isinstance(content.get("spdxVersion"), str) or spdx3.recognises(content)


def read(path: str, content: dict[str, Any], rules: CardRules) -> Card:
    """The card in a parsed document; never raises for what is in it."""
    if spdx3.recognises(content):
        return spdx3.read(path, content, rules)
    return _Reader(path, content, rules).card()


def stated(values: list[str]) -> tuple[str, ...]:
    """Licences that are stated; if nobody says anything, that."""
    said = [value for value in values if value not in {"", NOASSERTION}]
    return unique(said or values)


class _Reader:
    """A 2.x document on its way to a card."""

    def __init__(self, path: str, content: dict[str, Any], rules: CardRules) -> None:
        self._path = path
        self._rules = rules
        self._packages = _by_id(content.get("packages"))
        self._relationships = _objects(content.get("relationships"))
        self._extracted = {
            text_of(each.get("licenseId", "")): each
            for each in _objects(content.get("hasExtractedLicensingInfos"))
        }
        described = content.get("documentDescribes")
        self._described = described if isinstance(described, list) else []
        self._problems: list[str] = []

    def card(self) -> Card:
        subjects = self._subjects()
        declared = stated([value for each in subjects for value in _licenses(each)])
        texts, links = self._own_terms(" ".join(declared))
        return Card(
            path=self._path,
            kind=KIND,
            declared=declared,
            links=links,
            prose=self._said(subjects).quotes,
            license_text=texts,
            upstream=tuple(dict.fromkeys(self._upstream({_id(each) for each in subjects}))),
            problems=unique(self._problems),
        )

    def _subjects(self) -> list[dict[str, Any]]:
        """The packages that the document describes; all of them, if it doesn't say which."""
        ids = {text_of(each) for each in self._described}
        for each in self._relationships:
            one, kind, other = _triple(each)
            if kind == "DESCRIBES" and one == _DOCUMENT:
                ids.add(other)
            elif kind == "DESCRIBED_BY" and other == _DOCUMENT:
                ids.add(one)
        found = [self._packages[each] for each in sorted(ids) if each in self._packages]
        if not found:
            found = list(self._packages.values())
            if not found:
                self._problems.append("describes no package")
            elif len(found) > 1:
                self._problems.append("doesn't say which package it describes; all were read")
        return found

    def _own_terms(self, declared: str) -> tuple[str | None, tuple[str, ...]]:
        """The texts and addresses of licences that the document itself holds."""
        used = [each for name, each in self._extracted.items() if name and name in declared]
        texts = [text for each in used if isinstance(text := each.get("extractedText"), str)]
        links = [
            link for each in used for link in members(each.get("seeAlsos")) if isinstance(link, str)
        ]
        return "\n\n".join(texts) or None, unique(links)

    def _said(self, subjects: list[dict[str, Any]]) -> Sentences:
        said = Sentences(self._rules)
        for package in subjects:
            for key in _PROSE:
                text = package.get(key)
                if isinstance(text, str) and text not in _UNSAID:
                    said.field(text, key, rights=key in {"licenseComments", "copyrightText"})
        self._problems += said.problems
        return said

    def _upstream(self, subjects: set[str]) -> Iterator[Upstream]:
        for each in self._relationships:
            one, kind, other = _triple(each)
            if one in subjects and kind in FROM_US:
                source, relation = other, kind
            elif other in subjects and kind in TO_US:
                source, relation = one, _INVERSE[kind]
            else:
                continue
            package = self._packages.get(source)
            if package is None and relation == "CONTAINS":
                # Its own files.
                continue
            if source not in subjects and source not in _UNSAID:
                yield _named(source, package, relation)


def _named(source: str, package: dict[str, Any] | None, relation: str) -> Upstream:
    if package is None:
        return Upstream(source, None, relation)
    licenses = [each for each in stated(_licenses(package)) if each not in _UNSAID]
    return Upstream(
        text_of(package.get("name") or source), " AND ".join(licenses) or None, relation
    )


def _licenses(package: dict[str, Any]) -> list[str]:
    values = (package.get(key) for key in ("licenseDeclared", "licenseConcluded"))
    return [text_of(value) for value in values if value is not None]


def _triple(relationship: dict[str, Any]) -> tuple[str, str, str]:
    keys = ("spdxElementId", "relationshipType", "relatedSpdxElement")
    one, kind, other = (text_of(relationship.get(key, "")) for key in keys)
    return one, kind.upper().replace("-", "_"), other


def _id(package: dict[str, Any]) -> str:
    return text_of(package.get("SPDXID", ""))


def _objects(value: Any) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _by_id(value: Any) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for each in _objects(value):
        found.setdefault(_id(each), each)
    return found
