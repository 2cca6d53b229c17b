"""The rows of `attribution.toml`: what an attribution says, and what of what isn't on record."""

from __future__ import annotations

from typing import Literal, get_args

from pydantic import Field

from sourcing_audit.errors import RulesError
from sourcing_audit.rules.store import Rule, RuleStore

FILE = "attribution.toml"
Part = Literal["title", "author", "source", "license", "license_url", "notice"]
PARTS: frozenset[Part] = frozenset(get_args(Part))


class Element(Rule):
    """One part of an attribution."""

    id: Part
    label: str = Field(min_length=1)
    present: str = Field(pattern=r"\{value\}")
    missing: str | None = None
    clause: str
    source: str


def elements(store: RuleStore) -> list[Element]:
    """The parts of an attribution in their order.

    Raises:
        RulesError: one is missing or invalid.

    """
    found = store.table(FILE, Element, key=["id"])
    if missing := PARTS - {each.id for each in found}:
        raise RulesError(f"{FILE}: no element {', '.join(sorted(missing))}")
    return found
