"""The licence that a dataset's card declares for all its items."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_HEAD = 2**18
_ENTRY = re.compile(r"^(?P<key>[\w-]+):[ \t]*(?P<value>.*)$")
_MEMBER = re.compile(r"^[ \t]*-[ \t]+(?P<value>.+)$")
_COMMENT = re.compile(r"(^|\s)#.*$")


def of_folder(folder: Path) -> str | None:
    """The licence in the head of the folder's `README.md`, else in `dataset_info.json`."""
    try:
        with (folder / "README.md").open(encoding="utf-8", errors="replace") as stream:
            found = declared(_front_matter(stream.read(_HEAD)))
    except OSError:
        found = None
    return found or _saved(folder / "dataset_info.json")


def declared(tags: Mapping[str, object]) -> str | None:
    """The licence among a card's tags: one as it stands, several as a JSON list.

    `other` is the hub's word for a licence whose name stands in a tag of its own.
    """
    licenses = tags.get("license")
    members = licenses if isinstance(licenses, list) else [licenses]
    named = tags.get("license_name")
    found = [
        str(named if member == "other" and named else member)
        for member in members
        if member not in (None, "")
    ]
    if not found:
        return None
    return found[0] if len(found) == 1 else json.dumps(found, ensure_ascii=False)


def _front_matter(text: str) -> dict[str, object]:
    """The top-level tags of a card, which are text or lists of text.

    A card's YAML may hold much else; only these forms are looked for.
    """
    lines = text.removeprefix("\ufeff").splitlines()
    tags: dict[str, object] = {}
    if not lines or lines[0].strip() != "---":
        return tags
    key = ""
    for line in lines[1:]:
        if line.strip() in ("---", "..."):
            break
        member = _MEMBER.match(line)
        entry = _ENTRY.match(line)
        if member and key:
            members = tags.get(key)
            plain = _plain(member["value"])
            tags[key] = [*members, plain] if isinstance(members, list) else [plain]
        elif entry:
            key, value = entry["key"], _plain(entry["value"])
            tags[key] = _flow(value) if value.startswith("[") else value
    return tags


def _plain(value: str) -> str:
    text = value.strip()
    if text[:1] in ("'", '"'):
        return text[1:].partition(text[0])[0].strip()
    return _COMMENT.sub("", text).strip()


def _flow(value: str) -> list[str]:
    members = value.strip("[]").split(",")
    return [plain for plain in map(_plain, members) if plain]


def _saved(path: Path) -> str | None:
    try:
        info = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    found = info.get("license") if isinstance(info, dict) else None
    return found if isinstance(found, str) and found.strip() else None
