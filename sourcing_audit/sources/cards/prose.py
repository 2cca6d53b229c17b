"""Sentences that speak of rights, in Markdown and in plain descriptions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sourcing_audit.rules.cards import CardKind, CardRules
from sourcing_audit.sources.cards.markdown import Block, blocks
from sourcing_audit.sources.cards.model import Quote

if TYPE_CHECKING:
    from collections.abc import Iterator

_TOO_MUCH = "not all of its prose was read: it is too long, or speaks of rights too often"
_MOST_QUOTES = 200
_MOST_TEXT = 2**19
"""Characters of prose."""
_SPEAKING = (CardKind.CUE, CardKind.CLAIM)
_LONGEST = 1_000
"""Characters of a sentence; longer ones are read in pieces."""
_OVERLAP = 200
"""Characters that two pieces of a sentence have in common, so that no phrase is cut."""
_EMPHASIS = re.compile(r"[*`]+|(?<!\w)_+(?=\w)|(?<=\w)_+(?!\w)")
_QUOTES = "\"'”’“‘"  # noqa: RUF001
_END = re.compile(
    rf"(?<=[.!?;])[{_QUOTES})\]]{{0,3}}\s(?=[{_QUOTES}(\[]?[^\W\d_a-z])"
    r"|(?<=[。！？；])|\n{2,}"  # noqa: RUF001
)
_ABBREVIATED = re.compile(
    r"(?:^|[\s(])(?:[a-z]|e\.g|i\.e|et al|cf|vs|etc|inc|ltd|no|v|ver|u\.s)\.$", re.IGNORECASE
)
_TAIL = 12
"""Characters in which an abbreviation is looked for."""


class Sentences:
    """Gathers the sentences of one document that speak of rights, as far as its limits allow."""

    def __init__(self, rules: CardRules) -> None:
        """`rules` tell which sentences do."""
        self._rules = rules
        self._found: dict[str, Quote] = {}
        self._left = _MOST_TEXT
        self._cut = False

    @property
    def quotes(self) -> tuple[Quote, ...]:
        """Those found so far, each once."""
        return tuple(self._found.values())

    @property
    def problems(self) -> tuple[str, ...]:
        """Whether something was not read."""
        return (_TOO_MUCH,) if self._cut else ()

    def body(self, text: str, first_line: int) -> None:
        """Read Markdown."""
        for block in blocks(self._allowed(text), first_line, self._rules):
            for quote in _quotes(block, self._rules):
                self._keep(quote)

    def field(self, text: str, where: str, *, rights: bool = False) -> None:
        """Read a field; all that it says, where the field is for rights."""
        for line in self._allowed(text).split("\n"):
            for quote in _quotes(Block(" ".join(line.split()), 0, where, rights), self._rules):
                self._keep(Quote(quote.text, None, where))

    def value(self, text: str, where: str) -> None:
        """Take a value as it stands."""
        self._keep(Quote(text, None, where))

    def _allowed(self, text: str) -> str:
        allowed = text[: self._left]
        self._left -= len(allowed)
        self._cut = self._cut or len(allowed) < len(text)
        return allowed

    def _keep(self, quote: Quote) -> None:
        if len(self._found) < _MOST_QUOTES:
            self._found.setdefault(quote.text, quote)
        elif quote.text not in self._found:
            self._cut = True


def _quotes(block: Block, rules: CardRules) -> Iterator[Quote]:
    for sentence, offset in _sentences(block.text):
        kept = " ".join(_EMPHASIS.sub("", sentence).split())
        if not any(map(str.isalnum, kept)) or rules.any(CardKind.EMPTY, kept):
            continue
        if block.rights or any(rules.any(kind, kept) for kind in _SPEAKING):
            yield Quote(kept, block.line + block.text.count("\n", 0, offset), block.heading)


def _sentences(text: str) -> Iterator[tuple[str, int]]:
    """Each sentence with its place; a very long one in pieces."""
    start = 0
    for end in [*(match.end() for match in _END.finditer(text)), len(text)]:
        if end < len(text) and _ABBREVIATED.search(text[max(start, end - _TAIL) : end].rstrip()):
            continue
        yield from _pieces(text, start, end)
        start = end


def _pieces(text: str, start: int, end: int) -> Iterator[tuple[str, int]]:
    while end - start > _LONGEST:
        yield text[start : start + _LONGEST], start
        start += _LONGEST - _OVERLAP
    if text[start:end].strip():
        yield text[start:end], start
