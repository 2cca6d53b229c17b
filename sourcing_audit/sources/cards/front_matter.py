"""The YAML head of a README: its top-level tags, read without building what it describes.

Only events are taken from the YAML library. So an alias is never followed, nothing is
constructed, and a value stays as it is written (`no` is a licence's text here, not a boolean).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import yaml

from sourcing_audit.sources.cards.reading import NotReadError

if TYPE_CHECKING:
    from collections.abc import Iterator

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_LIMIT = 2**20 if _LOADER is not yaml.SafeLoader else 2**17
"""Characters; the C library reads a million in about a second."""
_DEPTH = 64
"""The library's time grows with the square of the depth, so it is given up early."""
_OPENS = re.compile(r"\s*---[ \t]*(?:\r\n|\r|\n)")
_CLOSES = re.compile(r"(?:^|\r\n|\r|\n)---[ \t]*(?=\r\n|\r|\n|$)")
_TOO_DEEP = "the YAML head is too deeply nested"
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})


def split(text: str) -> tuple[str | None, int]:
    """The head of a README without its marks, and where the body begins.

    Raises:
        NotReadError: the head isn't closed.

    """
    opens = _OPENS.match(text)
    if opens is None:
        return None, 0
    closes = _CLOSES.search(text, opens.end())
    if closes is None:
        raise NotReadError("the YAML head isn't closed by ---")
    return text[opens.end() : closes.start()], closes.end()


def tags(head: str, wanted: frozenset[str]) -> dict[str, Any]:
    """The wanted top-level entries; one that is given twice holds both values.

    Raises:
        NotReadError: the head is too long, no mapping or no YAML, or a wanted value is an alias.

    """
    if len(head) > _LIMIT:
        raise NotReadError(f"the YAML head is longer than {_LIMIT} characters")
    try:
        return _Tags(head, wanted).read()
    except yaml.YAMLError as error:
        raise NotReadError(f"the YAML head can't be read: {_first_line(error)}") from error
    except (RecursionError, ValueError) as error:
        raise NotReadError("the YAML head can't be read") from error


class _Tags:
    """One pass over the events of a head."""

    def __init__(self, head: str, wanted: frozenset[str]) -> None:
        self._events: Iterator[Any] = yaml.parse(head, Loader=_LOADER)
        self._wanted = wanted

    def read(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        first = self._next_content()
        if isinstance(first, yaml.StreamEndEvent):
            return found
        if not isinstance(first, yaml.MappingStartEvent):
            raise NotReadError("the YAML head holds no tags")
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = event.value if isinstance(event, yaml.ScalarEvent) else None
            if key is None:
                self._skip(event)
            if key == "<<" and self._wanted:
                raise NotReadError("the YAML head merges tags from elsewhere in it")
            value = next(self._events)
            if key in self._wanted:
                built = self._value(value, 1)
                found[key] = [found[key], built] if key in found else built
            else:
                self._skip(value)
        for _rest in self._events:
            # What follows must be YAML too, else the head was cut or is something else.
            continue
        return found

    def _next_content(self) -> Any:
        for event in self._events:
            if not isinstance(event, (yaml.StreamStartEvent, yaml.DocumentStartEvent)):
                return event
        raise NotReadError("the YAML head can't be read")

    def _skip(self, event: Any) -> None:
        depth = 0
        while True:
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            if depth <= 0:
                return
            if depth > _DEPTH:
                raise NotReadError(_TOO_DEEP)
            event = next(self._events)

    def _value(self, event: Any, depth: int) -> Any:
        if isinstance(event, yaml.ScalarEvent):
            plain = event.style is None or event.style == ""
            return None if plain and event.value in _NULLS else event.value
        if isinstance(event, yaml.AliasEvent):
            raise NotReadError("a tag of the YAML head is an alias")
        if depth > _DEPTH:
            raise NotReadError(_TOO_DEEP)
        if isinstance(event, yaml.SequenceStartEvent):
            members = []
            while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
                members.append(self._value(event, depth + 1))
            return members
        entries: dict[str, Any] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self._value(event, depth + 1)
            value = self._value(next(self._events), depth + 1)
            name = str(key)
            entries[name] = [entries[name], value] if name in entries else value
        return entries


def _first_line(error: yaml.YAMLError) -> str:
    return str(error).strip().partition("\n")[0]
