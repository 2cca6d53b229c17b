"""What two copies of one licence text have in common: words, less copyright lines."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sourcing_audit.licenses.texts.words import Words, tokens

if TYPE_CHECKING:
    from sourcing_audit.licenses.catalog import LicenseRules

VERSION = "1"
"""Raised whenever the same text gets another digest."""

_COMMENT_WORD = re.compile(r"^[ \t]*(?:@?rem|dnl)\b", re.IGNORECASE | re.MULTILINE)
_COPYRIGHT_LINE = re.compile(
    r"^[^\w\n©(]{0,20}(?:(?:all )?(?:portions|parts)(?: of this file)?(?: are)?[ \t]+)?"
    r"(?:spdx-filecopyrighttext\b|copyrights?\b|copr\b|\(c\)|©|&copy;)[^\n]{0,300}$",
    re.IGNORECASE | re.MULTILINE,
)
_SIGNS = ("copyright", "copr", "(c)", "©", "&copy;")
"""One of these stands in every copyright line."""
_RESERVED_LINE = re.compile(
    r"^[^\w\n]{0,20}all rights? (?:are )?reserved[^\w\n]{0,20}$", re.IGNORECASE | re.MULTILINE
)
_RESERVED = re.compile(r"\ball rights? (?:are )?reserved\b", re.IGNORECASE)
_SIGN = re.compile(
    r"spdx-filecopyrighttext:?|copyrights?\b|\bcopr\b\.?|\(c\)|©|&copy;|\bby\b|\bportions\b"
    r"|\b(?:free|apache) software foundation\b|\bmozilla (?:foundation|corporation)\b",
    re.IGNORECASE,
)
"""What a copyright line holds besides a name; the names are those that speak of licences."""
_WHEN = re.compile(
    r"\(c\)|©|&copy;|\b(?:19|20)\d\d\b|[<\[{(](?:year|yyyy)|spdx-file", re.IGNORECASE
)
_FIRST_LINE = re.compile(r"^[^\n]*[^\W_][^\n]*$", re.MULTILINE)
_OF_HOLDERS = frozenset({"limited", "other", "others"})
"""Words that may limit a permission, and that stand in the names of holders."""
_MOST_HOLDER_WORDS = 16


@dataclass(frozen=True, slots=True)
class Body:
    """The words of a text that say something."""

    words: list[str]
    title: int
    """How many of them stand in the first line."""


class Normaliser:
    """Cuts texts into words, less what differs between copies of one licence."""

    def __init__(self, rules: LicenseRules) -> None:
        """Take the words of licences and of limits from `rules`."""
        self.words = Words.of(rules.texts.words)
        self._guard_words = rules.guard_words
        self._guard_stems = rules.guard_stems

    def without_notices(self, text: str) -> str:
        """`text` less the lines that only say whose copyright it is.

        A line that says anything else stays as it is: it may be what limits the licence.
        """
        text = _COMMENT_WORD.sub("", text)
        lower = text.lower()
        if any(sign in lower for sign in _SIGNS):
            text = _COPYRIGHT_LINE.sub(self._notice, text)
        return _RESERVED_LINE.sub("", text) if "reserved" in lower else text

    def body(self, text: str) -> Body:
        """The words of `text` without copyright lines and comment words."""
        left = self.without_notices(text)
        first = _FIRST_LINE.search(left)
        return Body(tokens(left), len(tokens(first[0])) if first else 0)

    def _notice(self, match: re.Match[str]) -> str:
        line = match[0]
        if not _WHEN.search(line):
            return line
        rest = tokens(_SIGN.sub(" ", _RESERVED.sub(" ", line)))
        if len(rest) > _MOST_HOLDER_WORDS or self.words.among(rest):
            return line
        return line if any(map(self.guards, rest)) else ""

    def guards(self, word: str) -> bool:
        """Whether a word may limit or take back what stands around it."""
        if word in _OF_HOLDERS:
            return False
        return word in self._guard_words or word.startswith(self._guard_stems)


def digest(words: list[str]) -> bytes:
    """A fingerprint of a sequence of words."""
    joined = " ".join(words).encode("utf-8", "replace")
    return hashlib.blake2b(joined, digest_size=16).digest()
