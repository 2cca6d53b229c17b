"""Patterns that are written for RE2, as DuckDB reads them, in the words of Java, as Spark does.

In Java `$` holds before a last newline too, `\\s` knows one character more, and `[` and `&&` mean
something inside a set of characters.
"""

from __future__ import annotations

import re

_SPACE = r"\t\n\f\r "

_TOKEN = re.compile(r"\\Q.*?\\E|\\(?s:.)|\[\^?\]?|.", re.DOTALL)
_IN_SET = re.compile(r"\[:\^?[a-z]+:\]|\\(?s:.)|.", re.DOTALL)


def java(pattern: str) -> str:
    """The pattern of the same meaning for Java."""
    found = ["(?s)"]
    at = 0
    while at < len(pattern):
        token = _at(_TOKEN, pattern, at)
        at += len(token)
        if token.startswith("["):
            members, at = _members(pattern, at)
            found.append(token.replace("]", r"\]") + members)
        elif token == r"\s":
            found.append(f"[{_SPACE}]")
        else:
            found.append({"$": r"\z"}.get(token, token))
    return "".join(found)


def replacement(text: str) -> str:
    r"""What a match is replaced with: `\1` is the first group, and `$` is itself."""
    escaped = text.replace("$", r"\$")
    return re.sub(r"\\(\d)", r"$\1", escaped)


def literal(text: str) -> str:
    """A pattern that matches only this text."""
    return re.sub(r"([^\w\s])", r"\\\1", text)


def _members(pattern: str, at: int) -> tuple[str, int]:
    """The rest of a set of characters, and where it ends."""
    found = []
    while at < len(pattern):
        token = _at(_IN_SET, pattern, at)
        at += len(token)
        if token == "]":
            return "".join([*found, token]), at
        found.append({"[": r"\[", "&": r"\&", r"\s": _SPACE}.get(token, token))
    return "".join(found), at


def _at(kind: re.Pattern[str], pattern: str, at: int) -> str:
    match = kind.match(pattern, at)
    return match.group() if match else pattern[at]
