"""Licence pages: from an address in a text to the licence that it stands for."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from sourcing_audit.licenses.creative_commons import CreativeCommons, Mention

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from sourcing_audit.licenses.catalog import Known
    from sourcing_audit.rules.licenses import UrlRow

_URL = re.compile(
    r"(?<![\w@.-])(?:(?:https?|ftp):/*)?(?P<host>(?:[a-z0-9-]+\.)+[a-z]{2,24})(?::\d+)?"
    r"(?P<path>/[^\s\"'<>()\[\],;]*)?"
)
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
        covered = 0
        special = [m for m in self._creative_commons.urls(text) if m.tree is not None]
        for mention in special:
            yield mention, "url:cc"
        for match in _URL.finditer(text):
            if match.start() < covered or any(
                mention.start < match.end() and match.start() < mention.end for mention in special
            ):
                continue
            covered = match.end()
            host, path = match["host"], (match["path"] or "").rstrip(".:!?")
            known, rule = self._known(host.removeprefix("www."), path)
            scheme = match.start("host") > match.start() or host.startswith("www.") or path
            if known:
                yield Mention(*match.span(), known.tree, known.reasons), rule
            elif scheme and not (match["path"] is None and _FILE.search(host)):
                yield Mention(*match.span(), None), "unresolved"

    def _known(self, host: str, path: str) -> tuple[Known | None, str]:
        address = re.split(r"[?#]", path, maxsplit=1)[0].strip("/")
        for row in self._rows.get(host, ()):
            match = row.path.fullmatch(address)
            if match:
                target = row.target.format(**match.groupdict())
                return self._resolve(target.casefold()), f"url:{host}"
        target_ = self._pages.get(f"{host}/{path.strip('/')}") if path else None
        return (
            (self._resolve(target_.casefold()), f"url:{host}") if target_ else (None, "unresolved")
        )


def _plain(page: str) -> str:
    """A page's address without scheme, `www.` and final slash, in lower case."""
    return re.sub(r"^https?://(?:www\.)?", "", page.casefold()).rstrip("/")
