"""Markdown's building blocks: whatever they place is escaped on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sourcing_audit.escape import markdown_cell, one_line
from sourcing_audit.reports.quantities import count, plural

if TYPE_CHECKING:
    from collections.abc import Sequence

ROWS: Final = 50
"""The most rows that a table shows; `report.json` holds them all."""

_CELL: Final = 200
_PARAGRAPH: Final = 4000
_QUANTITIES: Final = frozenset(
    {
        "Items",
        "Share",
        "Records",
        "Days left",
        "Files",
        "Values",
        "Bytes",
        "Quarantined",
        "Records matched",
        "Items matched",
        "Distinct texts",
    }
)
"""Columns that align right."""


def text(value: str) -> str:
    """Escape a paragraph."""
    return markdown_cell(one_line(value, _PARAGRAPH))


def table(header: Sequence[str], rows: Sequence[Sequence[str | int]]) -> str:
    """Build a table of at most `ROWS` rows."""
    rules = ["---:" if name in _QUANTITIES else "---" for name in header]
    cells = [[_cell(value) for value in row] for row in rows[:ROWS]]
    lines = ["| " + " | ".join(row) + " |" for row in (header, rules, *cells)]
    if len(rows) > ROWS:
        lines += ["", f"{plural(len(rows) - ROWS, 'more row')} in `report.json`."]
    return "\n".join(lines)


def bullets(values: Sequence[str]) -> str:
    """Build a list."""
    return "\n".join(f"- {text(value)}" for value in values)


def _cell(value: str | int) -> str:
    return count(value) if isinstance(value, int) else markdown_cell(one_line(value, _CELL))
