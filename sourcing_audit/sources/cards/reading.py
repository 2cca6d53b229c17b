"""Small files as text and as JSON: bounded, and with a word about whatever could not be read."""

from __future__ import annotations

import codecs
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

LIMIT = 8 * 2**20
"""Bytes; no document about a dataset is longer in earnest."""

LICENSE_LIMIT = 2**20
"""Bytes of a licence's text."""


class NotReadError(Exception):
    """A document can't be read; caught where the card is made, and said in it."""


def text(path: Path, limit: int = LIMIT) -> tuple[str, tuple[str, ...]]:
    """The text of a file, and what is wrong with it.

    Raises:
        NotReadError: it can't be opened.

    """
    if not path.is_file():
        raise NotReadError("not a file")
    try:
        with path.open("rb") as stream:
            raw = stream.read(limit + 1)
    except OSError as error:
        raise NotReadError(f"can't be read: {error.strerror}") from error
    problems = []
    if len(raw) > limit:
        raw = raw[:limit]
        problems.append(f"longer than {limit} bytes; only its beginning was read")
    decoded, faulty = _decoded(raw, whole=not problems)
    if faulty:
        problems.append("holds bytes that are no UTF-8")
    return decoded, tuple(problems)


def parsed(path: Path) -> Any:
    """The content of a JSON file; a key that is given twice holds a list of both values.

    Raises:
        NotReadError: it is too long, or no JSON.

    """
    found, problems = text(path)
    if problems:
        raise NotReadError(problems[0])
    try:
        return json.loads(found, object_pairs_hook=_object)
    except RecursionError as error:
        raise NotReadError("too deeply nested") from error
    except ValueError as error:
        raise NotReadError(f"not valid JSON: {error}") from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    repeated: dict[str, list[Any]] = {}
    for key, value in pairs:
        if key in found:
            repeated.setdefault(key, [found[key]]).append(value)
        else:
            found[key] = value
    return found | repeated


def _decoded(raw: bytes, *, whole: bool) -> tuple[str, bool]:
    encoding = "utf-8"
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    elif raw.startswith(codecs.BOM_UTF8):
        encoding = "utf-8-sig"
    try:
        # Where the file was cut, a character may be cut too.
        return codecs.getincrementaldecoder(encoding)().decode(raw, final=whole), False
    except UnicodeDecodeError:
        return raw.decode(encoding, "replace"), True
