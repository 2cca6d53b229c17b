"""Figures as Markdown, and the parts of a page that are written anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

_START = "<!-- {name}: written by benchmarks/{script} -->"
_END = "<!-- end of {name} -->"


def rewrite(page: Path, name: str, script: str, text: str) -> None:
    """Put `text` between the markers of a page.

    Raises:
        SystemExit: the page doesn't have them.

    """
    start, end = _START.format(name=name, script=script), _END.format(name=name)
    before, found, rest = page.read_text(encoding="utf-8").partition(start)
    _, closed, after = rest.partition(end)
    if not found or not closed:
        raise SystemExit(f"{page}: no lines {start} and {end}")
    page.write_text(f"{before}{start}\n\n{text.strip()}\n\n{end}{after}", encoding="utf-8")


def table(head: Sequence[str], rows: Iterable[Sequence[str]], texts: int = 1) -> str:
    """A table whose first columns are texts and whose others are numbers."""
    lines = [head, [*["---"] * texts, *["--:"] * (len(head) - texts)], *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def size(count: float) -> str:
    """Bytes in the unit that suits them."""
    unit = next((unit for unit in _UNITS if count >= _UNITS[unit]), "B")
    return f"{count / _UNITS[unit]:,.1f} {unit}" if count else "0"


_UNITS = {"TB": 1e12, "GB": 1e9, "MB": 1e6, "kB": 1e3, "B": 1}
