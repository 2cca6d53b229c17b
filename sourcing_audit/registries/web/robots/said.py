"""What a file says about its host, before it is known which host that is."""

from __future__ import annotations

from typing import NamedTuple

EVERYWHERE = "/"

MAX_PATH = 8192
"""Octets of a path pattern; no address is longer in practice."""


class Said(NamedTuple):
    """A record without its host, its number and its time."""

    scheme: str
    statement: str
    """Shared by the rules that compete with each other."""
    path: str | None
    """Pattern of the paths that it is about; None: the host."""
    decision: str
    uses: str
    raw: str
    scope: str
    problem: str | None = None
    priority: int | None = None
    grantee: str | None = None
    host: str | None = None
    """The host that it names itself, where that isn't well formed."""
