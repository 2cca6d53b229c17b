"""Prose: what a sentence says by its links, its titles and its phrases, and what stays unread."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sourcing_audit.licenses.catalog import Known
from sourcing_audit.licenses.creative_commons import VERSION_MISSING, CreativeCommons, Mention
from sourcing_audit.licenses.naming import Names, bare
from sourcing_audit.licenses.text import key

if TYPE_CHECKING:
    from sourcing_audit.licenses.phrases import Phrases, Reading

_CONTINUES = re.compile(r"\s*[-\u2013\u2014/+]\s*[^\W\d]")
"""After a title without its version: words of the title that the rules don't know."""
_BRACKET = re.compile(r" ?\($")
_OWN_PAGE = re.compile(r"licen[cs]|copying|(?<![\w-])creativecommons\.org(?=/|$)")
"""In an address: a copy of the licence, or a page of Creative Commons."""
_CAPTION = re.compile(r"(?<![\w-])creative commons(?: licen[cs]e)?[\s:,()\[\]]*$")
"""`Creative Commons` right before the address that says which licence."""
_SCHEME = re.compile(r"\bhttps?:[/ ]*(?= |$)")

Stated = tuple[Mention, str]
"""A mention with the rule that found it."""


@dataclass(slots=True)
class Account:
    """What was understood of a text."""

    found: list[Known] = field(default_factory=list)
    rest: str = ""
    """The text that no rule understood."""
    refers_elsewhere: bool = False
    """A licence's name comes with a page that isn't known, and may have other terms."""
    truncated: bool = False
    """A title goes on with words that aren't known."""


class Prose:
    """Reads addresses, Creative Commons titles and phrases, then what is left."""

    def __init__(self, names: Names, creative_commons: CreativeCommons, phrases: Phrases) -> None:
        """Share what the classifier knows."""
        self._names = names
        self._creative_commons = creative_commons
        self._phrases = phrases

    def read(self, text: str, links: list[Stated]) -> Account:
        """What folded `text` with its `links` says."""
        stated = [(mention, rule) for mention, rule in links if mention.tree is not None]
        body = without(text, [_captioned(text, mention, rule) for mention, rule in links])
        if "http" in body:
            body = _SCHEME.sub(" ", body)
        titles = list(self._creative_commons.names(body))
        stated += [(mention, "cc:name") for mention in titles]
        reading = self._phrases.read(without(body, titles))
        account = Account([Known(m.tree, rule, m.reasons) for m, rule in stated if m.tree])
        account.found += [
            Known(tree, f"phrase:{row.id}") for row, tree in reading.found if tree is not None
        ]
        account.rest = " ".join(reading.rest.split())
        self._read_rest(text, reading, account)
        if titles:
            account.refers_elsewhere = any(self._refers(text, mention) for mention, _ in links)
            account.truncated = any(
                VERSION_MISSING in m.reasons and _CONTINUES.match(body, m.end) for m in titles
            )
        return account

    def _read_rest(self, text: str, reading: Reading, account: Account) -> None:
        """The name that is left, or stands before a copyright line: `MIT (c) 2015 Jane Doe`."""
        rest = account.rest
        # The text as it came was tried before; only what is left of it can be news.
        known = self._names.any(rest) if rest != text and key(rest) else None
        if known:
            account.found.insert(0, known)
            account.rest = ""
            return
        for row, _tree in reading.found:
            match = row.pattern.search(text) if row.kind == "notice" else None
            known = self._names.any(bare(text[: match.start()])) if match else None
            if match and known:
                account.found.insert(0, known)
                account.rest = text[match.end() :]
                return

    def _refers(self, text: str, link: Mention) -> bool:
        """Whether a title refers, in brackets, to a page that isn't known."""
        if link.tree is not None or not _BRACKET.search(text, 0, link.start):
            return False
        if _OWN_PAGE.search(text, link.start, link.end):
            return False
        before = _BRACKET.sub("", text[: link.start])
        return any(m.end == len(before) for m in self._creative_commons.names(before))


def without(text: str, mentions: list[Mention]) -> str:
    """`text` without the stretches that were understood."""
    if not mentions:
        return text
    for mention in sorted(mentions, key=lambda mention: -mention.start):
        text = f"{text[: mention.start]} {text[mention.end :]}"
    return " ".join(text.split())


def _captioned(text: str, mention: Mention, rule: str) -> Mention:
    """A Creative Commons link with the words before it that it makes precise."""
    caption = _CAPTION.search(text, 0, mention.start) if rule == "url:cc" else None
    return Mention(caption.start(), mention.end, mention.tree) if caption else mention
