"""JSON-LD as far as it is needed: which field is meant, and every object in a document.

Fields are known by the last part of their name, so `license`, `sc:license`, `dct:license` and
`https://schema.org/license` are one; the document's own context may rename them. Nothing is
fetched.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sourcing_audit.sources.cards.model import members

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_OBJECTS = 200_000
_TAIL = re.compile(r"[^:/#]*$")
_LANGUAGE_KEYS = frozenset({"@value", "@language", "@type", "@direction"})


class Document:
    """A JSON-LD document with its names resolved."""

    def __init__(self, content: Any) -> None:
        """Take what the JSON parser made of it."""
        self._content = content
        self._names = _renamed(content)
        self._by_id: dict[str, dict[str, Any]] = {}
        self.cut = False
        """Whether it holds more objects than are looked at."""
        self.objects = list(self._all())
        for found in self.objects:
            identifier = found.get("@id", found.get("id"))
            # A reference has nothing but its id.
            if isinstance(identifier, str) and len(found) > 1:
                self._by_id.setdefault(identifier, found)

    def get(self, found: dict[str, Any], *names: str) -> list[Any]:
        """The values of the fields of any of these names, one list for all; language tags gone."""
        wanted = set(names)
        values = [value for key, value in found.items() if self.name(key) in wanted]
        return [plain(value) for each in values for value in _several(each)]

    def name(self, key: str) -> str:
        """A field's name without its vocabulary."""
        match = _TAIL.search(self._names.get(key, key))
        return match[0] if match else key

    def types(self, found: dict[str, Any]) -> set[str]:
        """The names of an object's types."""
        kinds = (found.get(key) for key in ("@type", "type"))
        return {
            self.name(kind) for each in kinds for kind in members(each) if isinstance(kind, str)
        }

    def target(self, value: Any) -> Any:
        """What a reference refers to, if it is in the document."""
        if isinstance(value, dict) and len(value) == 1:
            identifier = value.get("@id", value.get("id"))
            if isinstance(identifier, str):
                return self._by_id.get(identifier, value)
        return value

    def texts(self, found: dict[str, Any], *names: str) -> list[str]:
        """The texts of some fields."""
        return [v.strip() for v in self.get(found, *names) if isinstance(v, str) and v.strip()]

    def _all(self) -> Iterator[dict[str, Any]]:
        pending = [self._content]
        seen = 0
        while pending:
            value = pending.pop()
            if isinstance(value, dict):
                seen += 1
                if seen > MOST_OBJECTS:
                    self.cut = True
                    return
                yield value
                inner = [each for key, each in value.items() if key != "@context"]
                pending += reversed(inner)
            elif isinstance(value, list):
                pending += reversed(value)


def plain(value: Any) -> Any:
    """A literal with its language or type as the literal alone."""
    if isinstance(value, dict) and "@value" in value and value.keys() <= _LANGUAGE_KEYS:
        return value["@value"]
    return value


def _several(value: Any) -> list[Any]:
    if isinstance(value, dict) and set(value) == {"@list"}:
        value = value["@list"]
    if isinstance(value, list):
        return [inner for inner in value if inner not in (None, "")]
    return [] if value is None or value == "" else [value]


def _renamed(content: Any) -> dict[str, str]:
    """The names that the document's context gives to fields of vocabularies."""
    tops = content if isinstance(content, list) else [content]
    found: dict[str, str] = {}
    for top in tops:
        context = top.get("@context") if isinstance(top, dict) else None
        for entry in context if isinstance(context, list) else [context]:
            for key, meant in entry.items() if isinstance(entry, dict) else ():
                iri = meant.get("@id") if isinstance(meant, dict) else meant
                # What ends like this is the prefix of a vocabulary, and names no field.
                if isinstance(iri, str) and not iri.endswith((":", "/", "#", "_")):
                    found[key] = iri
    return found
