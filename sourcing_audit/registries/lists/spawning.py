"""Spawning-style opt lists: addresses and domains with `optOut` and `optIn`, or lists of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ClassVar

from sourcing_audit.registries.interface import Export, RegistryReader
from sourcing_audit.registries.lists.documents import (
    EXCERPT,
    entries,
    is_list,
    lines,
    member,
    plain_name,
)
from sourcing_audit.registries.statements import Statement, spooled

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import ibis.expr.types as ir

    from sourcing_audit.engine import Engine
    from sourcing_audit.rules.consent import ConsentRules

_KEY = re.compile(rb"[\"',;\t]?opt[_-]?out[\"']?\s*[:,;\t\r\n]", re.IGNORECASE)
_TRUE = frozenset({"true", "1", "yes", "t", "y"})
_FALSE = frozenset({"false", "0", "no", "f", "n"})
_ADDRESS = re.compile(r"(?is)(?:[a-z][a-z0-9+.-]*:)?//[^/?#]*(?P<rest>.*)")

Said = bool | str | None
"""True, false, None where nothing was said, or the text that is neither."""


class SpawningReader(RegistryReader):
    """Reads opt lists as Spawning's API answers them, and plain lists of what was opted out.

    The API names no party and no authority (tests/server/app.py of Spawning-Inc/datadiligence),
    so an opt-in grants nothing, and an opt-out is that of an unknown party. Where both are true
    the opt-out counts, as it does there.
    """

    name: ClassVar[str] = "spawning"
    summary: ClassVar[str] = "opt lists {url, optOut, optIn}; plain lists of addresses and domains"
    lists: ClassVar[bool] = True
    fields: ClassVar[tuple[str, ...]] = (
        "record_id",
        "signal_scheme",
        "signal_raw",
        "problem",
        "subject_kind",
        "subject_value",
        "decision",
    )

    def recognises(self, path: Path, head: bytes) -> bool:
        """By the name `optOut`."""
        return path.is_file() and b"record_id" not in head and _KEY.search(head) is not None

    def read(self, engine: Engine, export: Export, rules: ConsentRules) -> ir.Table:  # noqa: ARG002
        """See `RegistryReader.read`."""
        found = (one for one in _statements(engine, export.path) if one is not None)
        return spooled(engine, found, self.fields)

    def unstated(self, engine: Engine, export: Export) -> int:
        """Addresses that were neither opted out nor in."""
        return sum(one is None for one in _statements(engine, export.path))


def _statements(engine: Engine, path: Path) -> Iterator[Statement | None]:
    """A statement for each entry, None for one that says nothing; entries count from 1."""
    if is_list(path):
        for number, line in lines(path):
            yield _statement(number, number, line, said=(True, None))
        return
    for nth, (row, entry) in enumerate(entries(engine, path, inside="urls"), start=1):
        said = (_flag(member(entry, "optOut")), _flag(member(entry, "optIn")))
        if not any(plain_name(name) in {"optout", "optin"} for name in entry):
            said = (True, None)
        address = str(member(entry, "url", "uri", "domain") or "").strip()
        yield _statement(nth, row, address, said)


def _flag(value: Any) -> Said:
    if value is None or isinstance(value, bool):
        return value
    text = str(value).strip().casefold()
    if text in {"", "null", "none"}:
        return None
    if text in _TRUE:
        return True
    return False if text in _FALSE else str(value)


def _statement(nth: int, row: int, address: str, said: tuple[Said, Said]) -> Statement | None:
    out, opted_in = said
    problem = "signal_unreadable" if any(isinstance(flag, str) for flag in said) else None
    if out is True:
        decision = "deny"
        problem = "signal_contradictory" if opted_in is True else problem
    elif problem:
        decision = "unknown"
    elif opted_in is True:
        decision = "allow"
    else:
        return None
    return {
        "row": row,
        "record_id": str(nth),
        "signal_scheme": "registry",
        "signal_raw": f"{address} optOut={_shown(out)} optIn={_shown(opted_in)}"[:EXCERPT],
        "problem": problem,
        "subject_kind": _kind(address, refused=decision != "allow"),
        "subject_value": address,
        "decision": decision,
    }


def _shown(flag: Said) -> str:
    return str(flag).lower() if isinstance(flag, bool) else flag or "not stated"


def _kind(address: str, *, refused: bool) -> str:
    """An address with an empty path stands for its domain; a home page only in a refusal."""
    found = _ADDRESS.fullmatch(address)
    rest = found["rest"] if found else address.partition("/")[1] + address.partition("/")[2]
    return "domain" if not rest or (rest == "/" and refused) else "url"
