"""The `meta` elements of a page, found in time that grows with its length whatever it holds."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

LIMIT = 256 * 1024
"""Bytes of a page that are read; what a page says of itself stands at its beginning."""

_OPENING = re.compile(
    r"<(?:!--|(?:script|style|template|textarea|title|meta)(?=[\s/>]))", re.IGNORECASE
)
_ATTRIBUTE = re.compile(
    r"""[\s/]*([^\s"'<>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'<>]+)))?""", re.ASCII
)
_CHARSET = re.compile(rb"""charset\s*=\s*["']?\s*([\w.:-]{1,40})""", re.IGNORECASE)


def meta_elements(page: str) -> Iterator[tuple[str, str]]:
    """Name and content of each `meta` with a name, in order; names are in lower case.

    Comments, scripts and other text that no browser takes for elements are passed over.
    """
    at = 0
    while (opening := _OPENING.search(page, at)) is not None:
        word = opening[0][1:].lower()
        if word == "meta":
            attributes, at = _attributes(page, opening.end())
            name = attributes.get("name", attributes.get("property"))
            if name is not None and "content" in attributes:
                yield name.strip().lower(), attributes["content"]
        else:
            at = _after(page, opening.end(), "-->" if word == "!--" else f"</{word}")


def decoded(page: bytes, content_type: str = "") -> str:
    """Decode the beginning of a page in the character set that it declares, else as UTF-8."""
    head = page[:LIMIT]
    declared = _CHARSET.search(content_type.encode("utf-8", "replace")) or _CHARSET.search(
        head[:1024]
    )
    name = declared[1].decode("ascii", "replace") if declared else "utf-8"
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        name = "utf-16"
    try:
        return head.decode(name, "replace")
    except (LookupError, UnicodeError, ValueError):
        return head.decode("utf-8", "replace")


def _after(page: str, start: int, end: str) -> int:
    """The place after what closes it; the end of the page where nothing does."""
    closing = re.compile(re.escape(end), re.IGNORECASE).search(page, start)
    return len(page) if closing is None else closing.end()


def _attributes(page: str, start: int) -> tuple[dict[str, str], int]:
    """The attributes of a tag, the first of each name, and the place after them."""
    found: dict[str, str] = {}
    at = start
    while (one := _ATTRIBUTE.match(page, at)) is not None:
        value = next((text for text in one.groups()[1:] if text is not None), "")
        found.setdefault(one[1].lower(), html.unescape(value))
        at = one.end()
    return found, at
