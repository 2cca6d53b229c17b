"""Sentences that speak of rights, in Markdown and in plain descriptions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sourcing_audit.rules.cards import CardKind, CardRules
from sourcing_audit.sources.cards.markdown import Block, blocks
from sourcing_audit.sources.cards.model import Quote

if TYPE_CHECKING:
    from collections.abc import Iterator

TOO_MUCH = "not all of its prose was read: it is too long, or speaks of rights too often"
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


def in_markdown(text: str, first_line: int, rules: CardRules) -> tuple[list[Quote], bool]:
    """The sentences of a body that speak of rights; and whether not all of it was read."""
    body = text[:_MOST_TEXT]
    found, more = _limited(
        quote for block in blocks(body, first_line, rules) for quote in _quotes(block, rules)
    )
    return found, more or len(body) < len(text)


def in_text(
    text: str, where: str, rules: CardRules, *, rights: bool = False
) -> tuple[list[Quote], bool]:
    """The sentences of a field that speak of rights: all of them, where the field is for rights."""
    parts = (" ".join(line.split()) for line in text[:_MOST_TEXT].split("\n"))
    found, more = _limited(
        quote for part in parts for quote in _quotes(Block(part, 0, where, rights), rules)
    )
    return [Quote(quote.text, None, where) for quote in found], more or len(text) > _MOST_TEXT


def _limited(quotes: Iterator[Quote]) -> tuple[list[Quote], bool]:
    found: dict[str, Quote] = {}
    for quote in quotes:
        if len(found) == _MOST_QUOTES and quote.text not in found:
            return list(found.values()), True
        found.setdefault(quote.text, quote)
    return list(found.values()), False


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
