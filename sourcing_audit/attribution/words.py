"""An attribution as text: title, author, source and licence, and what of them isn't on record."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from sourcing_audit.escape import one_line
from sourcing_audit.rules.credits import elements

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sourcing_audit.attribution.credits import Credit
    from sourcing_audit.licenses.pages import LicensePages, NamedLicense
    from sourcing_audit.rules import RuleStore

_LIMIT: Final = 1_000
"""Characters of a value; nothing to credit somebody by is that long."""
_ADDRESS: Final = re.compile(r"https?://[^\s<>\"'`()\[\]{}|\\^]+", re.IGNORECASE)
_BETWEEN: Final = ", "
_LINKED: Final = frozenset({"source", "notice"})
"""What may be an address; a title or name that looks like one is text, as any other."""


class Piece(NamedTuple):
    """A stretch of an attribution."""

    text: str
    """On one line and inert on a terminal; not yet escaped for anything else."""
    url: str | None = None
    """What it is a link to: an http address without any character that acts in markup."""
    missing: bool = False


class Worded(NamedTuple):
    """A credit in words."""

    credit: Credit
    heading: str
    """What its licence is called."""
    pieces: tuple[Piece, ...]
    urls: tuple[str, ...]
    """Of the licence."""
    missing: tuple[str, ...]
    """What isn't on record, as the rules word it."""

    @property
    def text(self) -> str:
        """The attribution without markup."""
        return "".join(piece.text for piece in self.pieces)


class Wording:
    """Puts credits into the words of `attribution.toml`."""

    def __init__(self, store: RuleStore, pages: LicensePages) -> None:
        """Read the words.

        Raises:
            RulesError: a row is invalid.

        """
        self._elements = elements(store)
        self._pages = pages
        self._named: dict[str, NamedLicense | None] = {}

    def worded(self, credit: Credit) -> Worded:
        """The attribution of a credit; words that the manifest gives come first, as they are."""
        named = self._license(credit.license)
        found = list(self._pieces(credit, named))
        pieces: list[Piece] = []
        for piece in found:
            pieces += [piece] if not pieces else [Piece(_BETWEEN), piece]
        return Worded(
            credit,
            named.name if named else self._missing("license"),
            tuple(pieces),
            named.urls if named else (),
            tuple(piece.text for piece in found if piece.missing),
        )

    def _pieces(self, credit: Credit, named: NamedLicense | None) -> Iterator[Piece]:
        values = {
            "title": credit.title,
            "author": credit.author,
            "source": credit.source,
            "license": named.name if named else None,
            "notice": credit.notice,
        }
        if credit.given is not None:
            yield Piece(one_line(credit.given, _LIMIT))
            # Its own words stand for title, author and source; the licence's address is added.
            values = {"license": values["license"]}
        for element in self._elements:
            if element.id == "license_url":
                yield from self._addresses(element.present, element.missing, named)
            elif element.id in values:
                linked = element.id in _LINKED
                yield from _piece(
                    element.present, element.missing, values[element.id], linked=linked
                )

    def _addresses(
        self, present: str, missing: str | None, named: NamedLicense | None
    ) -> Iterator[Piece]:
        if named is None:
            return
        for url in named.urls:
            yield from _piece(present, missing, url, linked=True)
        if not named.urls:
            yield from _piece(present, missing, None, linked=False)

    def _license(self, expression: str) -> NamedLicense | None:
        if expression not in self._named:
            self._named[expression] = self._pages.named(expression)
        return self._named[expression]

    def _missing(self, part: str) -> str:
        return next(each.missing or each.label for each in self._elements if each.id == part)


def _piece(
    present: str, missing: str | None, value: str | None, *, linked: bool
) -> Iterator[Piece]:
    if value is not None:
        shown = one_line(value, _LIMIT)
        # An address that was cut would lead elsewhere.
        link = linked and shown == value and _ADDRESS.fullmatch(value)
        yield Piece(present.replace("{value}", shown), value if link else None)
    elif missing:
        yield Piece(missing, missing=True)
