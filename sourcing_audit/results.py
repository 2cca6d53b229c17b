"""The tables that an audit leaves behind: what they are called, and where their parts are.

A table is a file, or, where a dataset was judged in several units, a folder of that name with a
file for each of them, which pandas, pyarrow and Spark read by the same path.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

FINDINGS = "findings.parquet"
QUARANTINE = "quarantine.parquet"
GROUPS = "groups.parquet"
LICENSES = "evidence/licenses.parquet"
TEXTS = "evidence/texts.parquet"
CONSENT = "evidence/consent.parquet"
RECORDS = "evidence/records.parquet"

REQUEST = "evidence/request.json"
"""What the audit was asked (`recorded`), so that it can be run again."""

TABLES = (FINDINGS, QUARANTINE, GROUPS, LICENSES, TEXTS, CONSENT, RECORDS)


def part(folder: Path, table: str, number: int, units: int) -> Path:
    """Where a unit's part of a table is.

    Args:
        folder: of the audit.
        table: one of `TABLES`.
        number: of the unit, from 0.
        units: how many there are.

    """
    path = folder / table
    if units > 1:
        path = path / f"part-{number:05}.parquet"
    return path


def parts(folder: Path, table: str) -> list[Path]:
    """The files of a table in their order; empty if there are none."""
    path = folder / table
    if path.is_dir():
        return sorted(path.glob("part-*.parquet"))
    return [path] if path.is_file() else []
