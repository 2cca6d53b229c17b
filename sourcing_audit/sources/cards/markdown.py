"""Markdown as paragraphs, items and rows, each with its heading. Total and linear."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sourcing_audit.rules.cards import CardKind, CardRules

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEADING = re.compile(r"(#{1,6})\s+(.{1,200}?)[ \t#]*$")
_HTML_HEADING = re.compile(r"\s*<h([1-6])\b[^<>]{0,200}>(.{1,200}?)</h[1-6]>\s*$", re.IGNORECASE)
_UNDERLINE = re.compile(r"(=+|-{3,})\s*$")
_LONGEST_TITLE = 200
_FENCE = re.compile(r"\s{0,12}(`{3,}|~{3,})")
_ITEM = re.compile(r"\s*(?:[-*+•]|\d{1,3}[.)])\s+")
_TITLE = re.compile(r"\*\*([^*]{2,60}?):?\*\*:?\s*$")
_RULED = re.compile(r"[\s|:=+-]+$")
_COMMENT_OPENS, _COMMENT_CLOSES = "<!--", "-->"
_BOTTOM = 7
"""The level of a title in bold, below all headings."""
_PAIR = 2
"""The cells of a row that gives a name its value; the words of a heading that is only a name."""
_NEWLINE = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, an item or a row of a table."""

    text: str
    line: int
    heading: str
    rights: bool
    """Whether its heading is one for rights."""


def lines(text: str) -> list[str]:
    """The lines of a text as editors count them."""
    return _NEWLINE.split(text)


def blocks(text: str, first_line: int, rules: CardRules) -> Iterator[Block]:
    """What a body says under headings that aren't silent about rights."""
    reader = _Reader(first_line, rules)
    for line in _without_comments(text):
        yield from reader.take(line.rstrip())
    yield from reader.flush()


class _Sections:
    """Which headings are open."""

    def __init__(self, rules: CardRules) -> None:
        self._rules = rules
        self._open: list[tuple[int, str, bool | None]] = []

    def enter(self, level: int, title: str) -> None:
        while self._open and self._open[-1][0] >= level:
            self._open.pop()
        said = None
        if self._rules.any(CardKind.RIGHTS_SECTION, title):
            said = True
        elif self._rules.any(CardKind.SILENT_SECTION, title):
            said = False
        self._open.append((level, title, said))

    @property
    def title(self) -> str:
        return self._open[-1][1] if self._open else ""

    @property
    def rights(self) -> bool | None:
        """True and False as the nearest heading that decides it says; None where none does."""
        return next((said for _, _, said in reversed(self._open) if said is not None), None)


class _Reader:
    """Takes a body line by line."""

    def __init__(self, first_line: int, rules: CardRules) -> None:
        self._rules = rules
        self._sections = _Sections(rules)
        self._number = first_line - 1
        self._pending: list[str] = []
        self._began = first_line
        self._fence = ""

    def take(self, line: str) -> Iterator[Block]:
        """The blocks that end with this line."""
        self._number += 1
        mark = _FENCE.match(line)
        heading = None if self._fence else self._heading(line)
        if mark and (not self._fence or line.strip().startswith(self._fence)):
            yield from self.flush()
            self._fence = "" if self._fence else mark[1]
        elif self._fence:
            # Program text says nothing of rights, but a licence may be quoted like it.
            if self._sections.rights:
                self._keep(line)
        elif heading:
            yield from self.flush()
            self._sections.enter(*heading)
            if self._sections.rights is not False and self._is_sentence(heading[1]):
                yield Block(heading[1], self._number, heading[1], rights=False)
        elif line.lstrip().startswith("|"):
            yield from self.flush()
            yield from self._row(line)
        elif not line.strip():
            yield from self.flush()
        else:
            item = _ITEM.match(line)
            if item:
                yield from self.flush()
            self._keep(line[item.end() :] if item else line)

    def flush(self) -> Iterator[Block]:
        """The block that is being gathered, if there is one and its heading isn't silent."""
        rights = self._sections.rights
        if self._pending and rights is not False:
            text = "\n".join(self._pending)
            yield Block(text, self._began, self._sections.title, bool(rights))
        self._pending.clear()

    def _is_sentence(self, title: str) -> bool:
        """Whether a heading, or a line in bold, says something itself."""
        return len(title.split()) > _PAIR or self._rules.any(CardKind.CLAIM, title)

    def _keep(self, line: str) -> None:
        if not self._pending:
            self._began = self._number
        self._pending.append(line)

    def _heading(self, line: str) -> tuple[int, str] | None:
        """The level and the title that a line sets; an underline takes its title from above."""
        marked = _HEADING.match(line) or _HTML_HEADING.match(line)
        if marked:
            return int(marked[1]) if marked[1].isdigit() else len(marked[1]), marked[2]
        if not self._pending:
            title = _TITLE.fullmatch(line.strip())
            return (_BOTTOM, title[1]) if title else None
        underline = _UNDERLINE.fullmatch(line)
        if underline and len(self._pending) == 1 and len(self._pending[0]) < _LONGEST_TITLE:
            return (1 if line.startswith("=") else 2), self._pending.pop()
        return None

    def _row(self, line: str) -> Iterator[Block]:
        """A row of a table: all of them where rights are spoken of, else a name with its value."""
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        rights = self._sections.rights
        pair = len(cells) == _PAIR
        if not _RULED.fullmatch(line) and rights is not False and (rights or pair):
            text = (": " if pair else " | ").join(cells)
            yield Block(text, self._number, self._sections.title, bool(rights))


def _without_comments(text: str) -> Iterator[str]:
    """The lines, without what HTML comments hide from readers."""
    inside = False
    for line in lines(text):
        kept = []
        rest = line
        while rest:
            before, mark, rest = rest.partition(_COMMENT_CLOSES if inside else _COMMENT_OPENS)
            if not inside:
                kept.append(before)
            inside ^= bool(mark)
        yield "".join(kept)
