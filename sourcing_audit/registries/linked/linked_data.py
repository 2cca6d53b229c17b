"""Compacted JSON-LD without its contexts being fetched: terms by their usual prefixes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_MAX_MEMBERS = 10_000
_IDENTIFIERS = ("@id", "id", "uid", "@value")


class Terms:
    """Names of a few vocabularies, however a document abbreviates them."""

    def __init__(self, context: Any, namespaces: Mapping[str, tuple[str, ...]]) -> None:
        """Take the document's own context, and the namespaces by their usual prefixes.

        A prefix that the document defines means what it says there.
        """
        self._known = tuple(iri for iris in namespaces.values() for iri in iris)
        self._prefixes = {prefix: iris[0] for prefix, iris in namespaces.items()}
        for part in many(context):
            if isinstance(part, dict):
                self._prefixes |= {k: v for k, v in part.items() if isinstance(v, str)}

    def term(self, value: Any) -> str | None:
        """The name of a term of a known vocabulary, without its prefix; else None."""
        text = reference(value)
        if text is None:
            return None
        prefix, colon, name = text.partition(":")
        if not colon:
            return text
        iri = self._prefixes[prefix] + name if prefix in self._prefixes else text
        for known in self._known:
            if iri.startswith(known):
                return iri[len(known) :]
        return None

    def plain(self, node: Any) -> dict[str, Any]:
        """A node with its keys as terms; those of other vocabularies stay as they are.

        What stands under two spellings of one term is put together.
        """
        if not isinstance(node, dict):
            return {}
        found: dict[str, Any] = {}
        for key, value in node.items():
            bare = key.removeprefix("@")
            term = self.term(bare) or key
            found[term] = [*many(found[term]), *many(value)] if term in found else value
        return found


def many(value: Any) -> list[Any]:
    """Make a list of one value, several or none."""
    if value is None:
        return []
    if isinstance(value, dict) and set(value) in ({"@list"}, {"@set"}):
        value = next(iter(value.values()))
    return value[:_MAX_MEMBERS] if isinstance(value, list) else [value]


def reference(value: Any) -> str | None:
    """The id or literal that a value stands for; None where it is a node without one."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, dict):
        named = [value[key] for key in _IDENTIFIERS if key in value]
        # A node that refines a term is more than the term.
        value = named[0] if named and "refinement" not in value else None
    return value.strip() or None if isinstance(value, str) else None
