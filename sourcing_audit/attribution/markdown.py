"""`attribution.md`: one line for each attribution, under the name of its licence."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from sourcing_audit.attribution import telling
from sourcing_audit.escape import markdown_cell
from sourcing_audit.reports.quantities import plural

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sourcing_audit.attribution.credits import Attribution
    from sourcing_audit.attribution.words import Piece, Worded
    from sourcing_audit.report import Report


def write(report: Report, counted: Attribution, entries: Iterator[Worded], folder: Path) -> None:
    """Write the file, line by line."""
    with (folder / "attribution.md").open("w", encoding="utf-8", newline="\n") as stream:
        stream.write(f"# {telling.TITLE}: {markdown_cell(report.dataset.name)}\n")
        for paragraph in telling.introduction(report, counted):
            stream.write(f"\n{markdown_cell(paragraph)}\n")
        for (fulfilled, heading), group in groupby(entries, telling.section):
            stream.write(f"\n## {markdown_cell(telling.titled(heading, fulfilled=fulfilled))}\n\n")
            stream.writelines(f"{_line(entry)}\n" for entry in group)


def _line(entry: Worded) -> str:
    text = "".join(map(_piece, entry.pieces))
    items = entry.credit.items
    return f"- {text}" + (f" ({plural(items, 'item')})" if items > 1 else "")


def _piece(piece: Piece) -> str:
    if piece.url:
        before, _, after = piece.text.partition(piece.url)
        space = " " if before.endswith(" ") else ""
        return f"{markdown_cell(before)}{space}<{piece.url}>{markdown_cell(after)}"
    return markdown_cell(piece.text) if piece.text.strip(", ") else piece.text
