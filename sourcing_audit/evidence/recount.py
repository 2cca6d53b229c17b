"""Checks that cost more: the report written anew, and its counts counted in the findings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sourcing_audit import __version__, results
from sourcing_audit.engine import Engine
from sourcing_audit.errors import SourcingAuditError
from sourcing_audit.evidence import container, layout
from sourcing_audit.evidence.checking import Check, CheckError, Contents, State, passed
from sourcing_audit.files import sha256_of
from sourcing_audit.reports import render_all

if TYPE_CHECKING:
    from pathlib import Path

    from sourcing_audit.evidence.statement import SavedTable, TableFile


def formats(found: Contents) -> Check:
    """Every form of the report says what `report.json` says."""
    name = "reports"
    written_by = found.report.tool.version
    if written_by != __version__:
        detail = f"written by version {written_by}; this is {__version__}, and may write otherwise"
        return Check(name, State.NOT_CHECKED, detail)
    return passed(name, lambda: _formats(found))


def _formats(found: Contents) -> str:
    rendered = render_all(found.report)
    for name, content in rendered.items():
        if found.container.read(name) != content:
            raise CheckError(f"{name}: isn't what {layout.REPORT} gives")
    return f"{', '.join(rendered)} say the same"


def findings(found: Contents, folder: Path | None, work: Path) -> Check:
    """The tables with a row for each item are those that were signed, and give the same counts.

    Args:
        found: the bundle's parts.
        folder: of the audit, for tables that aren't in the bundle.
        work: an empty folder.

    """
    name = "findings"
    left_out = [table for table in found.tables.tables if not table.in_bundle]
    if folder is None and any(table.name == results.FINDINGS for table in left_out):
        rows = found.tables.rows(results.FINDINGS)
        detail = (
            f"not in the bundle, which holds the SHA-256 of their {rows} rows; "
            "give the audit's folder with --findings"
        )
        return Check(name, State.NOT_CHECKED, detail)
    return passed(name, lambda: _findings(found, left_out, folder, work))


def _findings(found: Contents, left_out: list[SavedTable], folder: Path | None, work: Path) -> str:
    files = {file.name: file for table in left_out for file in table.files}
    if folder is not None:
        for file in files.values():
            _same_file(folder, file)
    told = next(table for table in found.tables.tables if table.name == results.FINDINGS)
    paths = []
    for file in told.files:
        if file.name in files and folder is not None:
            paths.append(folder / file.name)
        else:
            paths.append(work / file.name)
            found.container.extract(file.name, paths[-1])
    _counted(found, paths)
    return f"{told.rows} rows, with the digests that are stated and the counts of the report"


def _same_file(folder: Path, file: TableFile) -> None:
    problem = container.fault(file.name)
    path = folder / file.name
    if problem:
        raise CheckError(f"{file.name}: {problem}")
    try:
        size, digest = path.stat().st_size, sha256_of(path)
    except OSError as error:
        raise CheckError(f"{path}: {error.strerror}") from error
    if (size, digest) != (file.size, file.sha256):
        raise CheckError(f"{path}: isn't the file that is stated: its SHA-256 is {digest}")


def _counted(found: Contents, paths: list[Path]) -> None:
    try:
        with Engine.duckdb() as engine:
            table = engine.read_parquet(paths)
            grouped = table.group_by(["status", "outcome"]).aggregate(items=table.count())
            rows = engine.arrow(grouped).to_pylist()
    except (SourcingAuditError, AttributeError) as error:
        raise CheckError(f"{results.FINDINGS}: can't be counted: {error}") from error
    report = found.report
    for by, expected in (
        ("status", {str(row.status): row.items for row in report.statuses}),
        ("outcome", {str(row.outcome): row.items for row in report.outcomes}),
    ):
        counted = dict.fromkeys(expected, 0)
        for row in rows:
            counted[row[by]] = counted.get(row[by], 0) + row["items"]
        if counted != expected:
            wrong = next(key for key in counted if counted[key] != expected.get(key))
            raise CheckError(
                f"{counted[wrong]} findings are {wrong}; the report says {expected.get(wrong)}"
            )
