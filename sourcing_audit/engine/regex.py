r"""Patterns that are written for RE2, as DuckDB reads them, in the words of Java, as Spark does.

In Java `$` holds before a last newline too, `.` stops at more than newlines, `\s` knows one
character more, `(?i)` only knows ASCII, and `[` and `&&` mean something inside a set of characters.
"""

from __future__ import annotations

import re

LINES = "(?d)"
"""Before a pattern of Java: only a newline ends a line."""

_SPACE = r"\t\n\f\r "
_WORDS = {
    "$": r"\z",
    "(?i)": "(?iu)",
    r"\s": f"[{_SPACE}]",
    r"\S": f"[^{_SPACE}]",
}
_IN_SET = {"[": r"\[", "&": r"\&", r"\s": _SPACE}

_PART = re.compile(r"\\.|\[\^?\]?|\(\?i\)|.", re.DOTALL)
_MEMBER = re.compile(r"\\.|.", re.DOTALL)


def java(pattern: str) -> str:
    """The pattern of the same meaning for Java."""
    found = [LINES]
    at = 0
    while at < len(pattern):
        part = _PART.match(pattern, at)[0]  # type: ignore[index]  # anything matches
        at += len(part)
        if part.startswith("["):
            members = _members(pattern[at:])
            at += sum(map(len, members))
            found.append(part.replace("]", r"\]"))
            found += [_IN_SET.get(member, member) for member in members]
        else:
            found.append(_WORDS.get(part, part))
    return "".join(found)


def replacement(text: str) -> str:
    r"""What a match is replaced with: `\1` is the first group, and `$` is itself."""
    return re.sub(r"\\(\d)", r"$\1", text.replace("$", r"\$"))


def literal(text: str) -> str:
    """A pattern that matches only this text."""
    return re.sub(r"([^\w\s])", r"\\\1", text)


def _members(rest: str) -> list[str]:
    """What stands in a set of characters, with the bracket that ends it."""
    found = []
    for member in _MEMBER.findall(rest):
        found.append(member)
        if member == "]":
            break
    return found
