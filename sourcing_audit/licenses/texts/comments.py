"""The comment at the head of a source file, apart from its code."""

from __future__ import annotations

import re

_LINE = re.compile(
    r"""\s*(?:$|\#|//|--|;|%|\*|'{1,2}(?!')|!|\.\\"|\.\.\s|\|\s|@?rem\b|dnl\b|<\?(?:xml|php)\b|<%|<!doctype\b)""",
    re.IGNORECASE,
)
_BLOCKS = (
    ("/*", "*/"),
    ("<!--", "-->"),
    ('"""', '"""'),
    ("'''", "'''"),
    ("(*", "*)"),
    ("{-", "-}"),
    ("{#", "#}"),
    ("--[[", "]]"),
    ("<#", "#>"),
    ("=pod", "=cut"),
    ("=begin", "=end"),
    ("#|", "|#"),
)


_MOST_ENDS = 8


def head_ends(text: str) -> list[int]:
    """Where the comment that `text` begins with may end: at its last line, or before a gap in it.

    The last comes first. Empty if the text begins with something else.
    """
    ends: list[int] = []
    at = 0
    gap = True
    while at < len(text):
        stop = _comment_end(text, at)
        if stop is None:
            break
        if not text[at:stop].strip():
            gap = True
        elif gap and len(ends) < _MOST_ENDS:
            ends.append(stop)
            gap = False
        else:
            ends[-1] = stop
        at = stop
    return ends[::-1]


def _comment_end(text: str, at: int) -> int | None:
    """The end of the comment, or of the empty line, that begins at `at`; None if code does."""
    stop = _line_end(text, at)
    line = text[at:stop].strip()
    for opening, closing in _BLOCKS:
        if line.startswith(opening):
            close = text.find(closing, text.index(opening, at) + len(opening))
            if close < 0:
                return None
            stop = _line_end(text, close)
            return None if text[close + len(closing) : stop].strip() else stop
    return stop if _LINE.match(line) else None


def _line_end(text: str, at: int) -> int:
    stop = text.find("\n", at)
    return len(text) if stop < 0 else stop + 1
