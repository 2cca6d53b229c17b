"""Bundles that somebody changed: member by member, or sealed anew as if nothing had happened."""

from __future__ import annotations

import hashlib
import json
import zipfile
from typing import TYPE_CHECKING, Any

from sourcing_audit.evidence import container, layout

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    Change = Callable[[dict[str, bytes]], None]


def members(bundle: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(bundle) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def pack(target: Path, contents: Mapping[str, bytes]) -> Path:
    """A bundle in the writer's own form, whatever it holds."""
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
    container.write(target, contents, digests)
    return target


def edited(content: bytes, change: Callable[[Any], None]) -> bytes:
    """JSON with a change, written as bundles write it."""
    document = json.loads(content)
    change(document)
    return (json.dumps(document, indent=1) + "\n").encode()


def sealed(contents: dict[str, bytes]) -> None:
    """Let the statement name the files as they now are, as a forger would."""

    def name_all(statement: Any) -> None:
        left_out = set(statement["predicate"]["left_out"])
        kept = [one for one in statement["subject"] if one["name"] in left_out]
        there = [
            {"name": name, "digest": {"sha256": hashlib.sha256(content).hexdigest()}}
            for name, content in contents.items()
            if name not in {layout.STATEMENT, layout.ENVELOPE}
        ]
        statement["subject"] = sorted([*kept, *there], key=lambda one: one["name"])

    contents[layout.STATEMENT] = edited(contents[layout.STATEMENT], name_all)
