"""What the registries say of a dataset, what of them matched, and what ends soon."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import ibis

from sourcing_audit import report
from sourcing_audit.summary.counts import Groups, Row, rows

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from sourcing_audit.engine import Engine
    from sourcing_audit.pipeline import Judged, Rulebook

EXPIRING_DAYS = 90
TOP_EXPIRING = 50


def consent(engine: Engine, judged: Judged, groups: Groups, rules: Rulebook) -> report.Consent:
    """What the registries say, and which consents end soon."""
    counts = groups.split("consent_status")
    evidence = judged.consent.evidence
    return report.Consent(
        counts=[
            report.ConsentCount(
                consent_status=str(row.status), label=row.label, items=counts[row.status]
            )
            for row in rules.consent.statuses
            if row.status in counts
        ],
        review_matches=groups.total(consent_status="review"),
        opted_out_after_acquisition=groups.carrying("opted_out_after_acquisition"),
        expiring=[] if evidence is None else _expiring(engine, judged, evidence),
    )


def _expiring(engine: Engine, judged: Judged, evidence: ir.Table) -> list[report.Expiring]:
    last = dt.datetime.combine(judged.request.as_of + dt.timedelta(days=EXPIRING_DAYS), dt.time.max)
    ending = evidence.filter(
        evidence.standing.isin(["agreement", "consent_complete", "consent_incomplete"])
        & evidence.place.isin(["decides", "stands", "person"])
        & (evidence.valid_until <= ibis.timestamp(last.isoformat(timespec="seconds")))
    )
    grouped = ending.group_by(["registry_id", "record_id", "valid_until"]).aggregate(
        items=ending.pos.nunique()
    )
    in_order = grouped.order_by(["valid_until", "registry_id", "record_id"]).limit(TOP_EXPIRING)
    return [
        report.Expiring(
            registry=row["registry_id"],
            record_id=row["record_id"],
            valid_until=row["valid_until"],
            items=row["items"],
        )
        for row in rows(engine, in_order)
    ]


def registries(engine: Engine, judged: Judged) -> list[report.Registry]:
    """Each export with what of it matched."""
    matched: dict[int, Row] = {}
    if (evidence := judged.consent.evidence) is not None:
        grouped = evidence.group_by("registry_no").aggregate(
            records=evidence.record_no.nunique(), items=evidence.pos.nunique()
        )
        matched = {row["registry_no"]: row for row in rows(engine, grouped)}
    return [
        report.Registry(
            name=export.name,
            path=export.path,
            format=export.format,
            sha256=export.sha256,
            records=export.records,
            snapshot_at=export.snapshot_at,
            unmatchable_records=judged.consulted.unmatchable.get(number, 0),
            matched_records=matched.get(number, {}).get("records", 0),
            matched_items=matched.get(number, {}).get("items", 0),
        )
        for number, export in enumerate(judged.consulted.exports)
    ]
