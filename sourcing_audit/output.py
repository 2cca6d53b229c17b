"""What an audit leaves behind: the reports, the findings, and the evidence for each verdict.

report.json report.md report.html disclosure.md
findings.parquet quarantine.parquet
evidence/licenses.parquet   every distinct set of declared values and its conclusion
evidence/texts.parquet      every item with a licence text, and what that was found to state
evidence/consent.parquet    every record that speaks about an item, and its place
evidence/records.parquet    those records, and the ones that refer to them
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis
import pyarrow as pa
from pydantic import ValidationError

from sourcing_audit import schema
from sourcing_audit.consent import EVIDENCE
from sourcing_audit.errors import InputError
from sourcing_audit.files import replacing_folder
from sourcing_audit.report import Report
from sourcing_audit.reports import render_all

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import ibis.expr.types as ir

    from sourcing_audit.engine import Engine
    from sourcing_audit.pipeline import Judged

MARKER = "report.json"
"""The file that shows a folder to be the result of an audit."""

FINDINGS = "findings.parquet"
QUARANTINE = "quarantine.parquet"
LICENSES = "evidence/licenses.parquet"
TEXTS = "evidence/texts.parquet"
CONSENT = "evidence/consent.parquet"
RECORDS = "evidence/records.parquet"

EVIDENCE_OF_TEXTS = {
    "item_id": "!string",
    "shard": "!string",
    "row": "!int64",
    **schema.TEXTS,
}
EVIDENCE_OF_CONSENT = {
    "item_id": "!string",
    "shard": "!string",
    "row": "!int64",
    "registry_id": "!string",
    "record_id": "!string",
    **{name: kind for name, kind in EVIDENCE.items() if name not in {"pos", "record_no"}},
}
_WEIGHED = {"standing": "string", "reasons": "!array<string>", "revoked_at": "timestamp"}
EVIDENCE_OF_RECORDS = {**schema.RECORDS, **_WEIGHED}


def write(engine: Engine, saved: Mapping[str, ir.Table], report: Report, folder: Path) -> None:
    """Write reports and tables into `folder`, all of it or nothing.

    Raises:
        OutputError: the folder is taken by something else, or can't be written.

    """
    rendered = render_all(report)
    with replacing_folder(folder, marker=MARKER) as temporary:
        (temporary / "evidence").mkdir()
        for name, table in saved.items():
            engine.write_parquet(table, temporary / name)
        for name, content in rendered.items():
            (temporary / name).write_bytes(content)


def read(engine: Engine, folder: Path) -> tuple[dict[str, ir.Table], Report]:
    """Open what `write` left in `folder`.

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
        report = Report.model_validate_json(marker.read_bytes())
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise InputError(
            f"{marker}: {place}: {first['msg']}", fix="run the audit again with this version"
        ) from error
    names = (FINDINGS, QUARANTINE, LICENSES, TEXTS, CONSENT, RECORDS)
    for name in names:
        if not (folder / name).exists():
            raise InputError(f"{folder / name}: is missing", fix="run the audit again")
    return {name: engine.read_parquet([folder / name]) for name in names}, report


def tables(engine: Engine, judged: Judged) -> dict[str, ir.Table]:
    """The tables that are saved, each in an order that doesn't depend on the run."""
    quarantine = judged.ingested.quarantine
    used = judged.licenses.semi_join(judged.findings, "license_no")
    return {
        FINDINGS: findings(judged),
        QUARANTINE: quarantine.select(*schema.QUARANTINE).order_by(["shard", "row", "reason"]),
        LICENSES: used.select("license_no", *schema.LICENSES).order_by("license_no"),
        TEXTS: _texts(engine, judged),
        CONSENT: _evidence(engine, judged),
        RECORDS: _records(engine, judged),
    }


def findings(judged: Judged) -> ir.Table:
    """One row per item in input order: `schema.FINDINGS`, and `license_no` for its evidence."""
    return judged.findings.order_by("pos").select(*schema.FINDINGS, "license_no")


def _empty(engine: Engine, columns: dict[str, str]) -> ir.Table:
    fields = ibis.schema(columns).to_pyarrow()
    return engine.from_arrow("nothing", pa.Table.from_batches([], fields)).select(*columns)


def _texts(engine: Engine, judged: Judged) -> ir.Table:
    if judged.texts is None:
        return _empty(engine, EVIDENCE_OF_TEXTS)
    places = judged.findings.select("pos", "item_id", "shard", "row")
    joined = judged.texts.inner_join(places, "pos").order_by("pos")
    return joined.select(*EVIDENCE_OF_TEXTS)


def _evidence(engine: Engine, judged: Judged) -> ir.Table:
    evidence = judged.consent.evidence
    if evidence is None:
        return _empty(engine, EVIDENCE_OF_CONSENT)
    places = judged.findings.select("pos", "item_id", "shard", "row")
    kept = evidence.select("pos", "record_no", "registry_id", "record_id", *_said(EVIDENCE))
    joined = kept.inner_join(places, "pos").order_by(["pos", "record_no"])
    return joined.select(*EVIDENCE_OF_CONSENT)


def _said(columns: dict[str, str]) -> tuple[str, ...]:
    return tuple(name for name in columns if name not in {"pos", "record_no"})


def _records(engine: Engine, judged: Judged) -> ir.Table:
    """The records that matched an item, and those that revoke, approve or renew them."""
    evidence = judged.consent.evidence
    if evidence is None:
        return _empty(engine, EVIDENCE_OF_RECORDS)
    standings = judged.consulted.standings
    matched = standings.semi_join(evidence, "record_no")
    targets = matched.select("registry_id", target="record_id").union(
        matched.select("registry_id", target="statement_id"), distinct=True
    )
    referring = standings.semi_join(
        targets,
        [
            standings.registry_id == targets.registry_id,
            standings.refers_to == targets.target,
        ],
    )
    both = matched.select("record_no").union(referring.select("record_no"), distinct=True)
    weighed = standings.select("record_no", *_WEIGHED)
    records = judged.consulted.records.select("record_no", *schema.RECORDS)
    kept = records.semi_join(both, "record_no").inner_join(weighed, "record_no")
    return kept.order_by("record_no").select(*EVIDENCE_OF_RECORDS)
