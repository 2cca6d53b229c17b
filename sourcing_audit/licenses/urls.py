"""Licence pages: from an address in a text to the licence that it stands for."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from sourcing_audit.licenses.creative_commons import CreativeCommons, Mention
from sourcing_audit.licenses.expression import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from sourcing_audit.licenses.catalog import Known
    from sourcing_audit.rules.licenses import UrlRow

_HOST = r"(?P<host>(?:[a-z0-9-]+\.)+[a-z]{2,24})(?::\d+)?(?P<path>/[^\s\"'<>()\[\],;]*)?"
_URL = re.compile(rf"(?<![\w@.-])(?:(?:https?|ftp):/*)?{_HOST}")
_USER = re.compile(rf"(?<![\w@.-])(?:(?:https?|ftp|mailto):/*)?[\w.:+%-]{{1,64}}@{_HOST}")
"""A mailbox, or an address with a user's name, which may be made to look like a host."""
_UNRESOLVED = "unresolved"
_OUTSIDE = (" ", '"', "'", "<", ">", "|", "](")
"""Signs that no address holds."""
_WITHIN = re.compile(r"(?!(?:https?:?/*)*/*$).*[/\\@?#]")
"""What stands before a part of another address; a scheme twice is only dirt."""
_QUERY = ("?", "#", "\\")
_MIRROR = re.compile(
    r"(?:https?:/+)?(?:web\.archive\.org/web/[\d*]+[a-z_]*|i\d\.wp\.com)/(?=https?:|[a-z0-9-]+\.)"
)
"""The Internet Archive and WordPress' image proxy serve the very page that the rest names."""
_DOTTED = re.compile(r"[a-z0-9]\.[a-z]")
_FILE = re.compile(r"\.(?:txt|md|rst|html?|pdf|xml|json)$")


class Urls:
    """The rules of `urls.csv`, and the Creative Commons grammar before them."""

    def __init__(
        self,
        rows: Iterable[UrlRow],
        pages: Mapping[str, str],
        creative_commons: CreativeCommons,
        resolve: Callable[[str], Known | None],
    ) -> None:
        """`resolve` finds what a rule's target stands for; `pages` are exact addresses."""
        self._pages = {_plain(page): target for page, target in pages.items()}
        self._rows: dict[str, list[UrlRow]] = defaultdict(list)
        for row in rows:
            self._rows[row.host].append(row)
        self._creative_commons = creative_commons
        self._resolve = resolve

    def mentions(self, text: str) -> Iterator[tuple[Mention, str]]:
        """The addresses in folded text, each with its rule; those that aren't licences too."""
        if not _DOTTED.search(text):
            return
        mirrors = {}
        if "web.archive." in text or ".wp.com" in text:
            mirrors = {match.end(): match.start() for match in _MIRROR.finditer(text)}
            text = _MIRROR.sub(lambda match: " " * len(match[0]), text)
        special = [m for m in self._creative_commons.urls(text) if m.tree is not None]
        found = [(mention, "url:cc") for mention in special]
        taken = special
        if "@" in text:
            users = [Mention(*match.span(), None) for match in _USER.finditer(text)]
            found += [(mention, _UNRESOLVED) for mention in users]
            taken = special + users
        covered = 0
        for match in _URL.finditer(text):
            if match.start() < covered or any(
                mention.start <= match.start() < mention.end for mention in taken
            ):
                continue
            covered = match.end()
            host, path = match["host"], (match["path"] or "").rstrip(".:!?")
            known, rule = self._known(host.removeprefix("www."), path)
            scheme = match.start("host") > match.start() or host.startswith("www.") or path
            scheme = scheme or text.startswith(_QUERY, match.end())
            if known:
                found.append((Mention(*match.span(), known.tree, known.reasons), rule))
            elif scheme and not (match["path"] is None and _FILE.search(host)):
                found.append((Mention(*match.span(), None), _UNRESOLVED))
        found.sort(key=lambda stated: stated[0].start)
        for mention, rule in _outermost(text, found):
            start = mirrors.get(mention.start)
            yield mention if start is None else replace(mention, start=start), rule

    def _known(self, host: str, path: str) -> tuple[Known | None, str]:
        address = re.split(r"[?#]", path, maxsplit=1)[0].strip("/")
        for row in self._rows.get(host, ()):
            match = row.path.fullmatch(address)
            if match:
                target = row.target.format(**match.groupdict())
                return self._resolve(target.casefold()), f"url:{host}"
        target_ = self._pages.get(f"{host}/{path.strip('/')}") if path else None
        return (
            (self._resolve(target_.casefold()), f"url:{host}") if target_ else (None, _UNRESOLVED)
        )


def _outermost(text: str, found: list[tuple[Mention, str]]) -> Iterator[tuple[Mention, str]]:
    """The addresses; a licence's inside another one only says where that leads to: unknown."""
    before = Mention(0, 0, None)
    for mention, rule in found:
        start = mention.start
        if start and text[start - 1] != " ":
            start = 1 + max(text.rfind(sign, 0, start) for sign in _OUTSIDE)
        foreign = before.tree in (None, UNKNOWN)
        own = start if foreign or before.end < start else before.end
        if (foreign and start < before.end) or _WITHIN.match(text, own, mention.start):
            before = Mention(mention.start, mention.end, mention.tree and UNKNOWN)
            yield before, _UNRESOLVED
        else:
            before = mention
            yield mention, rule


def _plain(page: str) -> str:
    """A page's address without scheme, `www.` and final slash, in lower case."""
    return re.sub(r"^https?://(?:www\.)?", "", page.casefold()).rstrip("/")
