"""What a fact answers to a field of a form, and how counts are told in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sourcing_audit.reports.quantities import count, plural

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sourcing_audit.report import Report


@dataclass(frozen=True)
class Table:
    """Rows below a header; counts are whole numbers."""

    header: tuple[str, ...]
    rows: tuple[tuple[str | int, ...], ...]


@dataclass(frozen=True)
class Answer:
    """Statements that the report bears out, and a table of what they count."""

    statements: tuple[str, ...]
    table: Table | None = None

    def as_json(self) -> dict[str, Any]:
        """The answer with JSON's types."""
        told: dict[str, Any] = {"statements": list(self.statements)}
        if self.table is not None:
            told["table"] = {
                "header": list(self.table.header),
                "rows": [list(row) for row in self.table.rows],
            }
        return told

    def texts(self) -> Iterator[str]:
        """Each statement, and each row of the table as a reader of the form meets it."""
        yield from self.statements
        if self.table is not None:
            for row in (self.table.header, *self.table.rows):
                yield " | ".join(str(cell) for cell in row)


def everything_read(report: Report) -> bool:
    """Whether no item is missing: only then may a form say "all"."""
    totals = report.totals
    return bool(totals.items_in) and not totals.quarantined and not totals.unreadable_files


def unread(report: Report) -> list[str]:
    """Say what could not be read, to stand beside every claim about the whole."""
    totals = report.totals
    said = []
    if totals.quarantined:
        said.append(
            f"Not among the {count(totals.verdicts)} items with a verdict:"
            f" {plural(totals.quarantined, 'record')} that could not be read."
        )
    if totals.unreadable_files:
        files = plural(totals.unreadable_files, "file")
        said.append(f"{files} could not be read at all; the number of items in there isn't known.")
    return said
