"""What a dataset's own documents say about its rights and its origin, as they say it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Quote:
    """A sentence that speaks of rights."""

    text: str
    line: int | None
    """In the file, counted from 1; None where the format has no lines of its own."""
    where: str
    """The heading or the field that it stands under."""


@dataclass(frozen=True, slots=True)
class Upstream:
    """A dataset that this one is made from."""

    name: str
    """As written: an id, an address or a title."""
    license: str | None
    """As written beside it."""
    relation: str
    """The field or relationship that says so."""


@dataclass(frozen=True, slots=True)
class Card:
    """One document about a dataset."""

    path: str
    kind: str
    """`huggingface`, `croissant`, `dataset_info`, `spdx` or `license-file`."""
    declared: tuple[str, ...] = ()
    """The licence fields, verbatim."""
    links: tuple[str, ...] = ()
    """Addresses that stand beside the licence fields."""
    prose: tuple[Quote, ...] = ()
    license_text: str | None = None
    """The text of a licence that the document holds, or points to in its own folder."""
    upstream: tuple[Upstream, ...] = ()
    generators: tuple[str, ...] = ()
    """What is said to have generated the content; not always the name of a model."""
    problems: tuple[str, ...] = ()
    """What could not be read, so that nothing is known of it."""
    sha256: str | None = None
    """Of the file's bytes; None where it isn't a file, or only its beginning was read."""


def licenses(tags: Mapping[str, Any]) -> tuple[str, ...]:
    """The licences among a card's tags.

    `other` is the hub's word for a licence whose name stands in a tag of its own.
    """
    named = [str(name).strip() for name in members(tags.get("license_name"))]
    found: list[str] = []
    for key in ("license", "licenses"):
        for member in members(tags.get(key)):
            text = text_of(member)
            found += named if text == "other" and named else [text]
    return unique(found)


def members(value: Any) -> list[Any]:
    """The members of a list or the values of a mapping; a single value is its own only member."""
    if isinstance(value, dict):
        return [inner for each in value.values() for inner in members(each)]
    if isinstance(value, (list, tuple)):
        return [inner for each in value for inner in members(each)]
    return [] if value is None or value == "" else [value]


def text_of(value: Any) -> str:
    """A value as text; what isn't text is shown as JSON writes it."""
    if isinstance(value, str):
        return value.strip()
    return json.dumps(value, ensure_ascii=False, default=str)


def unique(values: list[str]) -> tuple[str, ...]:
    """Each value once, without empty ones."""
    return tuple(dict.fromkeys(value for value in values if value))
