"""Read a disclosure as statements with their places: Markdown, plain text, cards and JSON.

Whatever can't be parsed as JSON or YAML is read as text: nothing of a file is left unread.
"""

from __future__ import annotations

import html
import itertools
import json
import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import yaml

from sourcing_audit.disclosures.card import FENCE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_LONGEST: Final = 2_000
"""Longer sentences are looked at in pieces."""
_VALUES: Final = 1_000
"""The most values of a front matter that are read; aliases can make few lines into many."""
_LICENSE: Final = "license"
_ROWS: Final = "rows"
"""What the rows of a table are called in the JSON of a form."""
_SCALARS: Final = (str, int, float, bool)

_SENTENCE = re.compile(r"(?<=[.!?;])\s+")
_TABLE_RULE = re.compile(r"^[\s|:-]*-[\s|:-]*$")
_CELL = re.compile(r"(?<!\\)\|")
_HEADING = re.compile(r"^\s{0,3}#{1,6}\s+")
_ENTRY = re.compile(r"^\s*(?:[-*+]|\d+[.)])\s+")
_QUOTE = re.compile(r"^\s*(?:>\s?)+")
_CODE = re.compile(r"^\s*(?:```|~~~)")
_LINK = re.compile(r"!?\[([^\[\]]{0,500})\]\([^()\s]{0,2000}\)")
_EMPHASIS = re.compile(r"(?<!\\)(?:\*+|`+|(?<!\w)_+|_+(?!\w))")
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")


@dataclass(frozen=True)
class Statement:
    """One sentence of a disclosure."""

    place: str
    """Where it stands: a line, or the path of a value in JSON."""
    text: str
    block: str
    """The whole paragraph, entry, row or value that it is part of."""
    heading: bool = False


class _EveryKey(yaml.SafeLoader):
    """Refuses a mapping that names a key twice: its first value would go unread."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        found = super().construct_mapping(node, deep=deep)
        if len(found) < len(node.value):
            raise yaml.constructor.ConstructorError(None, None, "a key is named twice")
        return found


class _Pairs(list[tuple[str, Any]]):
    """A JSON object with every member, those of the same name included."""


def read(text: str) -> Iterator[Statement]:
    """Every sentence of a disclosure, in its order."""
    if text.lstrip()[:1] in {"{", "["}:
        try:
            found = list(_in_json(json.loads(text, object_pairs_hook=_Pairs), ""))
        except (ValueError, RecursionError):
            pass
        else:
            yield from found
            return
    yield from _in_markdown(text)


def plain(line: str) -> str:
    """A line of Markdown as it reads on the page."""
    line = _EMPHASIS.sub("", _LINK.sub(r"\1", line))
    return " ".join(html.unescape(_ESCAPE.sub(r"\1", line)).split())


def _in_markdown(text: str) -> Iterator[Statement]:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    body = 0
    if lines[0].strip() == FENCE and FENCE in (rest := [line.strip() for line in lines[1:]]):
        body = rest.index(FENCE) + 2
        yield from _in_front_matter(lines[1 : body - 1])
    for number, block in _blocks(lines[body:]):
        yield from _sentences(block, body + number)


def _in_front_matter(lines: Sequence[str]) -> Iterator[Statement]:
    """Each value with its key; line by line where it can't be read, or holds too much."""
    try:
        document = yaml.load("\n".join(lines), _EveryKey)  # noqa: S506 (a safe loader)
    except (yaml.YAMLError, ValueError, RecursionError):
        document = None
    pairs = document.items() if isinstance(document, dict) else ()
    flat = ((key, scalar) for key, value in pairs for scalar in _scalars(value))
    found = list(itertools.islice(flat, _VALUES + 1))
    if not isinstance(document, dict) or len(found) > _VALUES:
        for number, line in enumerate(lines, start=2):
            for told in _pieces(line):
                yield Statement(f"line {number}", told, told)
        return
    for key, group in itertools.groupby(found, key=lambda pair: pair[0]):
        starts = (n for n, line in enumerate(lines, start=2) if line.startswith(f"{key}:"))
        place = f"line {next(starts, 2)}"
        values = [str(scalar) for _, scalar in group]
        # Several licences are one statement: that each item is under one of them.
        for told in [", ".join(values)] if key == _LICENSE else values:
            yield Statement(place, f"{key}: {told}", f"{key}: {told}")


def _scalars(value: object) -> Iterator[object]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from _scalars(inner)
    elif isinstance(value, list | tuple | set):
        for inner in value:
            yield from _scalars(inner)
    elif value is not None:
        yield value


def _blocks(lines: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """Paragraphs, entries, rows and headings, with the number of their first line from 1."""
    block: list[str] = []
    first = 0
    for number, raw in enumerate(lines, start=1):
        line = _QUOTE.sub("", raw)
        alone = line.lstrip().startswith("|") or bool(_HEADING.match(line))
        if block and (alone or not line.strip() or _ENTRY.match(line) or _CODE.match(line)):
            yield first, block
            block = []
        if not line.strip() or _CODE.match(line):
            continue
        if alone:
            if not _TABLE_RULE.match(line):
                yield number, [_row(line) if line.lstrip().startswith("|") else line]
            continue
        if not block:
            first = number
        block.append(line)
    if block:
        yield first, block


def _row(line: str) -> str:
    """A row of a table, its cells apart by bars that are no markup any more."""
    inner = line.strip().removeprefix("|")
    cells = _CELL.split(inner)
    if cells and not cells[-1].strip():
        cells.pop()
    return " | ".join(cell.strip() for cell in cells)


def _sentences(block: Sequence[str], first: int) -> Iterator[Statement]:
    parts = [plain(_ENTRY.sub("", _HEADING.sub("", line), count=1)) for line in block]
    starts = [0, *itertools.accumulate(len(part) + 1 for part in parts)]
    whole = " ".join(parts)
    position = 0
    for sentence in _pieces(whole):
        position = whole.index(sentence, position)
        line = first + bisect_right(starts, position) - 1
        place = f"line {min(line, first + len(block) - 1)}"
        yield Statement(place, sentence, whole, heading=bool(_HEADING.match(block[0])))
        position += len(sentence)


def _pieces(text: str) -> Iterator[str]:
    for sentence in _SENTENCE.split(text):
        for start in range(0, len(sentence), _LONGEST):
            if piece := sentence[start : start + _LONGEST].strip():
                yield piece


def _in_json(value: Any, path: str, key: str = "") -> Iterator[Statement]:
    """The sentences below a value; those of a table's rows stand together."""
    if isinstance(value, _Pairs):
        for name, inner in value:
            yield from _in_json(inner, f"{path}/{name}", str(name))
    elif isinstance(value, list):
        if key == _ROWS and value and all(isinstance(cell, _SCALARS) for cell in value):
            yield from _value(" | ".join(str(cell) for cell in value), path, "")
            return
        for number, inner in enumerate(value):
            below = key if isinstance(inner, list) else ""
            yield from _in_json(inner, f"{path}/{number}", below)
    elif value is not None:
        yield from _value(str(value), path, key)


def _value(value: str, path: str, key: str) -> Iterator[Statement]:
    if "\n" in value.strip():
        for inner in _in_markdown(value):
            yield Statement(f"{path}, {inner.place}", inner.text, inner.block)
        return
    told = " ".join(value.split())
    named = f"{key.replace('_', ' ')}: {told}" if key and " " not in told else told
    for piece in _pieces(named):
        yield Statement(path, piece, named)
