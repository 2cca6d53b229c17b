"""What stands at a path inside JSON, read on Spark's workers: the standard library only.

A worker may have nothing else. It says what DuckDB's `json_extract_string` says.
"""

from __future__ import annotations

import json
import math


class _Number(float):
    """A number that is too large for a float, as it was written."""

    raw: str

    def __repr__(self) -> str:
        return self.raw


def text_at(text: str | None, pointer: str) -> str | None:
    """What stands at a JSON pointer (RFC 6901), as text; None where there is nothing."""
    if text is None:
        return None
    try:
        found: object = json.loads(text, object_pairs_hook=_first, parse_float=_number)
        for step in pointer.split("/")[1:]:
            found = _member(found, step.replace("~1", "/").replace("~0", "~"))
        if found is None:
            return None
        written = found if isinstance(found, str) else _written(found)
        written.encode()
    except (ValueError, RecursionError):
        return None
    return written


def _first(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Of members with one name the first counts."""
    return dict(reversed(pairs))


def _number(raw: str) -> float:
    value = float(raw)
    if math.isfinite(value):
        return value
    large = _Number(value)
    large.raw = raw
    return large


def _member(found: object, step: str) -> object:
    if isinstance(found, dict):
        return found.get(step)
    if isinstance(found, list) and step.isascii() and step.isdecimal():
        at = int(step)
        return found[at] if at < len(found) and str(at) == step else None
    return None


def _written(found: object) -> str:
    if isinstance(found, _Number):
        return found.raw
    return json.dumps(found, ensure_ascii=False, separators=(",", ":"))
