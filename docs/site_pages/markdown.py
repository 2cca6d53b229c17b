"""Text as MyST Markdown that shows it and does nothing else."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sourcing_audit.escape import markdown_cell, terminal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_CODE = re.compile(r"(`[^`]+`|(?<![^ ])--[a-z][a-z-]+)")
_BACKTICKS = re.compile(r"`+")
_BARE_PIPE = re.compile(r"(?<!\\)\|")


def text(value: str) -> str:
    """A text in which code spans and flags are code and all else is literal."""
    pieces = _CODE.split(" ".join(value.split()))
    return "".join(
        code(piece.strip("`")) if number % 2 else _literal(piece)
        for number, piece in enumerate(pieces)
    )


def _literal(piece: str) -> str:
    """`piece` with the blanks at its ends, which keep it from the code spans beside it."""
    inner = piece.strip()
    return piece.replace(inner, markdown_cell(inner)) if inner else piece


def code(value: str) -> str:
    """A code span."""
    line = terminal(" ".join(value.split()))
    if not line:
        return ""
    longest = max(map(len, _BACKTICKS.findall(line)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{pad}{line}{pad}{fence}"


def block(content: str, language: str = "text") -> str:
    """A fenced block."""
    lines = "\n".join(terminal(line) for line in content.splitlines())
    longest = max(map(len, _BACKTICKS.findall(lines)), default=2)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{lines}\n{fence}"


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of cells that are Markdown already."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(map(_cell, cells))} |" for cells in lines)


def _cell(content: str) -> str:
    return _BARE_PIPE.sub(r"\\|", content)


def page(*blocks: str) -> str:
    """Blocks with an empty line between; those without content are left out."""
    return "\n\n".join(block for block in blocks if block) + "\n"
