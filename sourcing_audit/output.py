"""What an audit leaves behind: the reports, the findings, and the evidence for each verdict.

report.json                 always; report.md, report.html and so on as asked for
findings.parquet quarantine.parquet
groups.parquet              items that are alike, counted by host
evidence/licenses.parquet   every distinct set of declared values and its conclusion
evidence/texts.parquet      every item with a licence text, and what that was found to state
evidence/consent.parquet    every record that speaks about an item, and its place
evidence/records.parquet    those records, and the ones that refer to them
evidence/request.json       what was asked, so that the audit can be run again
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from pydantic import ValidationError

from sourcing_audit import schema
from sourcing_audit.engine import Queries
from sourcing_audit.errors import InputError
from sourcing_audit.files import replacing_folder
from sourcing_audit.report import Report
from sourcing_audit.reports import FORMATS, render_all
from sourcing_audit.results import (
    CONSENT,
    GROUPS,
    LICENSES,
    QUARANTINE,
    RECORDS,
    REQUEST,
    TABLES,
    TEXTS,
    parts,
)
from sourcing_audit.units import EVIDENCE_OF_CONSENT, EVIDENCE_OF_TEXTS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import ibis.expr.types as ir

    from sourcing_audit.alike import Groups
    from sourcing_audit.engine import Engine
    from sourcing_audit.pipeline import Judged

MARKER = "report.json"
"""The file that shows a folder to be the result of an audit."""

_WEIGHED = {"standing": "string", "reasons": "!array<string>", "revoked_at": "timestamp"}
EVIDENCE_OF_RECORDS = {**schema.RECORDS, **_WEIGHED}


def complete(engine: Engine, judged: Judged, groups: Groups) -> None:
    """Add to what the units left in `judged.folder` the tables of the dataset as a whole.

    Raises:
        SourcingAuditError: the engine failed or a file can't be written.

    """
    quarantine = judged.ingested.quarantine
    used = judged.licenses.semi_join(judged.classes, "license_no")
    whole = {
        QUARANTINE: quarantine.select(*schema.QUARANTINE).order_by(["shard", "row", "reason"]),
        LICENSES: used.select("license_no", *schema.LICENSES).order_by([*schema.DECLARED]),
        RECORDS: _records(engine, judged),
    }
    for name, columns in ((TEXTS, EVIDENCE_OF_TEXTS), (CONSENT, EVIDENCE_OF_CONSENT)):
        if not parts(judged.folder, name):
            whole[name] = engine.empty(columns)
    groups.write(engine, judged.folder / GROUPS)
    for name, table in whole.items():
        target = judged.folder / name
        target.parent.mkdir(exist_ok=True)
        engine.write_parquet(table, target)


def write(result: Path, report: Report, folder: Path, formats: Sequence[str] = ()) -> None:
    """Write reports and tables into `folder`, all of it or nothing.

    Args:
        result: where the tables are.
        report: to be rendered.
        folder: the target; reports of an earlier audit in other formats are removed.
        formats: names of formats beside JSON; the usual ones for none.

    Raises:
        ConfigError: a format isn't known or needs what isn't installed.
        OutputError: the folder is taken by something else, or can't be written.

    """
    rendered = render_all(report, formats)
    outdated = {form.filename for form in FORMATS} - set(rendered)
    with replacing_folder(folder, marker=MARKER, outdated=outdated) as temporary:
        for name in TABLES:
            for path in parts(result, name):
                target = temporary / path.relative_to(result)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, target)
        if (result / REQUEST).is_file():
            shutil.copyfile(result / REQUEST, temporary / REQUEST)
        for name, content in rendered.items():
            (temporary / name).write_bytes(content)


def read(folder: Path) -> Report:
    """The report of what `write` left in `folder`, which must hold the tables too.

    Raises:
        InputError: the folder isn't an audit's, or was written by an incompatible version.

    """
    report = read_report(folder)
    for name in TABLES:
        if not parts(folder, name):
            raise InputError(f"{folder / name}: is missing", fix="run the audit again")
    return report


def read_report(folder: Path) -> Report:
    """The report alone.

    Raises:
        InputError: the folder isn't an audit's, or was written by an incompatible version.

    """
    marker = folder / MARKER
    if not marker.is_file():
        raise InputError(
            f"{folder}: no {MARKER} here",
            fix="give the folder that `sourcing-audit audit -o` wrote",
        )
    try:
        return Report.model_validate_json(marker.read_bytes())
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise InputError(
            f"{marker}: {place}: {first['msg']}", fix="run the audit again with this version"
        ) from error


def audits_in(folder: Path) -> list[Path]:
    """The folder itself, or the folders of the datasets that were audited together."""
    if (folder / MARKER).is_file():
        return [folder]
    return sorted(path.parent for path in folder.glob(f"*/{MARKER}")) or [folder]


def tables(engine: Engine, folder: Path) -> dict[str, ir.Table]:
    """The tables of an audit, by their names in `results`."""
    return {name: engine.read_parquet(parts(folder, name)) for name in TABLES}


def _records(engine: Engine, judged: Judged) -> ir.Table:
    """The records that matched an item, and those that revoke, approve or renew them."""
    if judged.matched is None:
        return engine.empty(EVIDENCE_OF_RECORDS)
    found = Queries(engine).view(
        "records",
        _kept_records,
        standings=judged.consulted.standings,
        records=judged.consulted.records,
        matched=judged.matched,
    )
    return found.order_by("record_no").select(*EVIDENCE_OF_RECORDS)


def _kept_records(standings: ir.Table, records: ir.Table, matched: ir.Table) -> ir.Table:
    """Columns of `EVIDENCE_OF_RECORDS`, and `record_no`."""
    spoken = standings.semi_join(matched, "record_no")
    # Few records refer to another, and few are of a statement with an id of its own.
    naming = standings.filter(standings.refers_to.notnull())
    stated = spoken.filter(spoken.statement_id != spoken.record_id)
    targets = spoken.select("registry_id", target="record_id").union(
        stated.select("registry_id", target="statement_id")
    )
    referring = naming.semi_join(
        targets,
        [naming.registry_id == targets.registry_id, naming.refers_to == targets.target],
    )
    both = matched.select("record_no").union(referring.select("record_no"))
    # Records are wide: they go through one join, and are never what is looked up in.
    weighed = standings.select("record_no", *_WEIGHED).semi_join(both, "record_no")
    return records.select("record_no", *schema.RECORDS).inner_join(weighed, "record_no")
