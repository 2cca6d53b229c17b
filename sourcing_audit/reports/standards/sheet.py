"""CSV for spreadsheets (RFC 4180): a row per group of items that are alike, adding up to all.

UTF-8 with a byte order mark, by which Excel knows the encoding; no cell is a formula.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Final

from sourcing_audit.escape import csv_cell, one_line
from sourcing_audit.reports.interface import ReportFormat
from sourcing_audit.reports.standards.remainder import quarantined, rest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sourcing_audit.report import Group, ObligationCount, QuarantineCount, ReasonCount, Report

COLUMNS: Final = (
    "dataset",
    "as_of",
    "outcome",
    "status",
    "license_concluded",
    "host",
    "items",
    "reasons",
    "why",
    "how_to_fix",
    "clauses",
    "obligations",
    "first_file",
    "first_record",
)
QUARANTINED: Final = "quarantined"
UNREADABLE: Final = "unreadable_file"
NOT_LISTED: Final = "not listed here; see groups.parquet"
_CELL: Final = 2000

Row = dict[str, str | int]


class CsvFormat(ReportFormat):
    """Writes the findings as a table that a spreadsheet opens safely."""

    @property
    def name(self) -> str:
        """The format as a user asks for it."""
        return "csv"

    @property
    def filename(self) -> str:
        """The file's name in the output folder."""
        return "report.csv"

    def render(self, report: Report) -> bytes:
        """Return the table; its `items` add up to the report's items in."""
        sheet = io.StringIO()
        writer = csv.DictWriter(sheet, COLUMNS, restval="", lineterminator="\n")
        writer.writeheader()
        shared: Row = {"dataset": report.dataset.name, "as_of": report.as_of.isoformat()}
        for row in _rows(report):
            writer.writerow({key: _cell(value) for key, value in (shared | row).items()})
        return sheet.getvalue().encode("utf-8-sig")


def _rows(report: Report) -> Iterator[Row]:
    for group in report.groups:
        yield _group(group, report)
    for one in rest(report, report.groups):
        status = one.status or ""
        yield {"outcome": one.outcome, "status": status, "items": one.items, "why": NOT_LISTED}
    for entry in quarantined(report):
        if entry.records:
            yield _quarantined(entry)
    for source in report.dataset.inputs:
        if source.unreadable:
            yield {
                "outcome": UNREADABLE,
                "why": "The file could not be read; how many items it holds is not known.",
                "first_file": source.name,
            }


def _group(group: Group, report: Report) -> Row:
    reasons = {entry.code: entry for entry in report.reasons}
    duties = {entry.code: entry for entry in report.obligations}
    told = [reasons[code] for code in group.reasons if code in reasons]
    open_ = [duties[code] for code in group.obligations if code in duties]
    both: list[ReasonCount | ObligationCount] = [*told, *open_]
    return {
        "outcome": group.outcome,
        "status": group.status,
        "license_concluded": group.license_concluded,
        "host": group.host or "",
        "items": group.items,
        "reasons": " ".join(group.reasons),
        "why": "; ".join(entry.label for entry in told),
        "how_to_fix": " ".join(entry.how_to_fix for entry in both),
        "clauses": "; ".join(dict.fromkeys(entry.clause for entry in both)),
        "obligations": " ".join(group.obligations),
        "first_file": group.shard,
        "first_record": group.row,
    }


def _quarantined(entry: QuarantineCount) -> Row:
    first, _, record = (entry.samples[0] if entry.samples else "").rpartition(":")
    return {
        "outcome": QUARANTINED,
        "items": entry.records,
        "reasons": entry.reason,
        "why": entry.label,
        "how_to_fix": entry.how_to_fix,
        "first_file": first,
        "first_record": int(record) if record.isascii() and record.isdigit() else "",
    }


def _cell(value: str | int) -> str | int:
    # Numbers stay numbers, so that a sheet can add them up.
    return value if isinstance(value, int) else csv_cell(one_line(value, _CELL))
