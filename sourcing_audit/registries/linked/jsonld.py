"""Enough of JSON-LD to read consent records: prefixes, contexts within the document, references.

No context is ever fetched. Terms are given back with their usual prefixes, however the document
writes them: `https://w3id.org/dpv#ConsentGiven`, `d:ConsentGiven` and `dpv:ConsentGiven` are one.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

Node = dict[str, Any]

DEEPEST = 64
"""Levels of a document that are read."""

USUAL = {
    "dpv": "https://w3id.org/dpv#",
    "ai": "https://w3id.org/dpv/ai#",
    "pd": "https://w3id.org/dpv/pd#",
    "loc": "https://w3id.org/dpv/loc#",
    "eu-gdpr": "https://w3id.org/dpv/legal/eu/gdpr#",
    "dct": "http://purl.org/dc/terms/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "schema": "https://schema.org/",
}
"""The prefixes of the guide to DPV for ISO/IEC TS 27560."""

_KEYWORDS = {"id": "@id", "type": "@type", "value": "@value"}
_ALIASES = {"dcterms": "dct", "dpv-ai": "ai", "dpv-pd": "pd", "dpv-loc": "loc"}
_MOST_STEPS = 8


class TooDeepError(ValueError):
    """The document has more levels than are read."""


class Document:
    """A document whose terms have their usual prefixes and whose references can be followed."""

    def __init__(self, content: Any) -> None:
        """Read the contexts and bring every term into its usual form.

        Raises:
            TooDeepError: the document is nested too deeply.

        """
        self._defined: dict[str, str] = {
            **USUAL,
            **{alias: USUAL[name] for alias, name in _ALIASES.items()},
        }
        for one in content if isinstance(content, list) else [content]:
            if isinstance(one, dict):
                self._define(one.get("@context"), 0)
        self.content = self._plain(content, 0)
        self._nodes = {
            node["@id"]: node
            for node in self.nodes()
            if isinstance(node.get("@id"), str) and len(node) > 1
        }

    def _define(self, context: Any, depth: int) -> None:
        if isinstance(context, list) and depth < _MOST_STEPS:
            for one in context:
                self._define(one, depth + 1)
        elif isinstance(context, dict):
            for name, value in context.items():
                meaning = value.get("@id") if isinstance(value, dict) else value
                if isinstance(meaning, str) and meaning != name:
                    self._defined[name] = meaning

    def _plain(self, value: Any, depth: int) -> Any:
        if depth > DEEPEST:
            raise TooDeepError
        if isinstance(value, list):
            return [self._plain(one, depth + 1) for one in value]
        if not isinstance(value, dict):
            return value
        found: Node = {}
        for name, inner in value.items():
            keyword = None if name in self._defined else _KEYWORDS.get(name)
            term: str = keyword or (name if name.startswith("@") else self.term(name))
            if term != "@context":
                plain = self._plain(inner, depth + 1)
                found[term] = [*as_list(found[term]), *as_list(plain)] if term in found else plain
        return found

    def term(self, text: str) -> str:
        """A term with its usual prefix; of another vocabulary its whole address."""
        iri = text
        for _ in range(_MOST_STEPS):
            name, colon, rest = iri.partition(":")
            if iri in self._defined:
                iri = self._defined[iri]
            elif colon and not rest.startswith("//") and name in self._defined:
                iri = self._defined[name] + rest
            elif not colon and "@vocab" in self._defined:
                iri = self._defined["@vocab"] + iri
            else:
                break
        plain = iri.replace("http://w3id.org/", "https://w3id.org/")
        plain = plain.replace("https://www.w3id.org/", "https://w3id.org/").replace("/owl#", "#")
        for prefix, namespace in USUAL.items():
            if plain.startswith(namespace) and "/" not in plain[len(namespace) :]:
                return f"{prefix}:{plain[len(namespace) :]}"
        return iri

    def nodes(self) -> Iterator[Node]:
        """Every object of the document, outer ones first."""
        waiting = deque([self.content])
        while waiting:
            one = waiting.popleft()
            if isinstance(one, dict):
                yield one
                waiting.extend(one.values())
            elif isinstance(one, list):
                waiting.extend(one)

    def values(self, node: Node, *terms: str) -> list[Any]:
        """What a node says under some terms; references to other nodes are followed once."""
        found = []
        for term in terms:
            for value in as_list(node.get(term)):
                found += as_list(value["@list"]) if _holds(value, "@list") else [value]
        return [self._followed(value) for value in found if value not in (None, "")]

    def _followed(self, value: Any) -> Any:
        name = value.get("@id") if isinstance(value, dict) and len(value) == 1 else value
        return self._nodes.get(name, value) if isinstance(name, str) else value

    def types(self, value: Any) -> set[str]:
        """The terms that a value is, or that it is a kind of."""
        if not isinstance(value, dict):
            return {self.term(str(value))}
        given = [*as_list(value.get("@type")), *as_list(value.get("skos:broader"))]
        given.append(value.get("@id"))
        return {self.term(one) for one in given if isinstance(one, str)}

    def is_term(self, text: str) -> bool:
        """Whether a text is a term of a vocabulary, and no name of somebody's own."""
        return self.term(text).partition(":")[0] in USUAL


def _holds(value: Any, name: str) -> bool:
    return isinstance(value, dict) and name in value


def as_list(value: Any) -> list[Any]:
    """One or several values as a list; none for nothing."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def text(value: Any) -> str | None:
    """The plain text of a value: its literal, identifier or address."""
    for name in ("@value", "rdf:value", "dpv:hasIdentifier", "dct:identifier", "@id"):
        if _holds(value, name):
            return text(as_list(value[name])[0] if as_list(value[name]) else None)
    if isinstance(value, dict | list) or value is None:
        return None
    return str(value).strip() or None
