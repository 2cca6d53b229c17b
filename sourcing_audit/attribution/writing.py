"""`attribution.md`, `attribution.html` and `attribution.csv`: streamed, however many there are."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Final

from sourcing_audit.attribution import markdown, page
from sourcing_audit.attribution.credits import Attribution, collect
from sourcing_audit.attribution.words import Worded, Wording
from sourcing_audit.escape import csv_cell, one_line
from sourcing_audit.files import replacing_folder
from sourcing_audit.licenses import LicenseRules
from sourcing_audit.licenses.pages import LicensePages

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import ibis.expr.types as ir

    from sourcing_audit.attribution.credits import Credits
    from sourcing_audit.engine import Engine
    from sourcing_audit.model import ShardInfo
    from sourcing_audit.report import Report
    from sourcing_audit.rules import RuleStore

CSV: Final = "attribution.csv"
"""The file that shows a folder to be an attribution's."""

_CELL: Final = 4_000
"""Characters of a cell; nothing to credit somebody by is that long."""

COLUMNS: Final = (
    "state",
    "license",
    "license_name",
    "license_url",
    "title",
    "author",
    "source",
    "attribution",
    "notice",
    "not_on_record",
    "items",
    "first_item_id",
)


def write(
    engine: Engine,
    findings: ir.Table,
    report: Report,
    shards: Sequence[ShardInfo],
    store: RuleStore,
    folder: Path,
) -> Attribution:
    """Write the attribution of every item that asks for one.

    Args:
        engine: holds the findings.
        findings: columns of `schema.FINDINGS`.
        report: names the dataset, the date and the use, and how columns were read.
        shards: the inputs, as the audit recorded them.
        store: holds the licences' names and addresses, and the words of an attribution.
        folder: the target; replaced as a whole if it holds an earlier attribution.

    Returns:
        How many there are, and what isn't on record.

    Raises:
        InputError: an input is gone or has changed since the audit.
        OutputError: the folder is taken by something else, or can't be written.

    """
    credits_ = collect(engine, findings, report, shards, store)
    wording = Wording(store, LicensePages(LicenseRules.load(store), store))
    counted = credits_.counted()
    with replacing_folder(folder, marker=CSV) as temporary:
        _write_csv(_worded(credits_, wording), temporary / CSV)
        markdown.write(report, counted, _worded(credits_, wording), temporary)
        pages = page.write(report, counted, _worded(credits_, wording), temporary)
    for left in folder.glob(page.FURTHER.format("*")):
        # Of an earlier attribution that had more pages.
        if left.name not in pages:
            left.unlink()
    return counted


def _worded(credits_: Credits, wording: Wording) -> Iterator[Worded]:
    return map(wording.worded, credits_)


def _write_csv(entries: Iterator[Worded], path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(COLUMNS)
        for entry in entries:
            credit = entry.credit
            cells = (
                _state(entry),
                credit.license,
                entry.heading,
                " ".join(entry.urls),
                credit.title or "",
                credit.author or "",
                credit.source or "",
                credit.given or entry.text,
                credit.notice or "",
                "; ".join(entry.missing),
                str(credit.items),
                credit.first,
            )
            writer.writerow([csv_cell(one_line(cell, _CELL)) for cell in cells])


def _state(entry: Worded) -> str:
    if not entry.credit.fulfilled:
        return "not fulfilled"
    return "incomplete" if entry.missing else "complete"
