"""What could not be established, where the items come from, and what could not be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis

from sourcing_audit import report
from sourcing_audit.model import LicenseEvidence, Outcome
from sourcing_audit.summary.counts import Groups, rows
from sourcing_audit.units import SAMPLES

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from sourcing_audit.engine import Engine
    from sourcing_audit.pipeline import Judged, Rulebook

TOP_SOURCES = 20

_MAY_BE_UNREAD = ("acquired_at", "depicts_person", "person_status", "source_url", "landing_url")


def coverage(
    engine: Engine, judged: Judged, groups: Groups, unresolved: report.Unresolved
) -> report.Coverage:
    """What could not be established, and what was never looked at."""
    return report.Coverage(
        without_license=sum(
            row["items"] for row in groups.rows if "license_missing" in row["reasons"]
        ),
        unresolved_license=unresolved.items,
        dataset_default_license=groups.total(license_evidence=str(LicenseEvidence.DATASET_DEFAULT)),
        without_creator=groups.flagged("without_creator"),
        without_source=groups.flagged("without_source"),
        without_any_consent_key=groups.flagged("without_key"),
        likeness_not_checked=groups.flagged("likeness_gap"),
        unreadable_values={
            name: n for name in _MAY_BE_UNREAD if (n := groups.flagged(f"unread_{name}"))
        },
        duplicate_item_ids=_duplicates(engine, judged),
        media_not_read=groups.flagged("media_gap"),
        permitted_media_not_read=groups.flagged(
            "media_gap", (Outcome.PERMITTED, Outcome.CONDITIONAL)
        ),
        registries_given=sum(not export.own for export in judged.consulted.exports),
    )


def _duplicates(engine: Engine, judged: Judged) -> int:
    """Items that share their id with another; ids made of file and row are unique."""
    if not any(mapped.field == "item_id" for mapped in judged.ingested.mapping):
        return 0
    per_id = judged.findings.group_by("item_id").aggregate(n=judged.findings.count())
    twice = per_id.filter(per_id.n > 1)
    total: int = rows(engine, twice.aggregate(n=ibis.coalesce(twice.n.sum(), 0)))[0]["n"]
    return total


def sources(engine: Engine, counted: ir.Table) -> list[report.SourceCount]:
    """The most frequent hosts or creators, with their items by outcome.

    Args:
        engine: holds the table.
        counted: `name`, NULL where there is none, `outcome` and `items`.

    """
    known = counted.filter(counted["name"].notnull())
    grouped = known.group_by("name").aggregate(
        items=known["items"].sum(),
        **{
            str(outcome): ibis.coalesce(known["items"].sum(where=known.outcome == str(outcome)), 0)
            for outcome in Outcome
        },
    )
    top = grouped.order_by([ibis.desc("items"), "name"]).limit(TOP_SOURCES)
    return [
        report.SourceCount(
            name=row["name"],
            items=row["items"],
            outcomes={str(o): row[str(o)] for o in Outcome if row[str(o)]},
        )
        for row in rows(engine, top)
    ]


def quarantine(engine: Engine, judged: Judged, rules: Rulebook) -> list[report.QuarantineCount]:
    """Each reason for quarantine with its records, files and a few places."""
    table = judged.ingested.quarantine
    grouped = table.group_by("reason").aggregate(
        records=table.row.notnull().sum(), files=table.row.isnull().sum()
    )
    found = []
    for row in sorted(rows(engine, grouped), key=lambda r: (-r["records"], r["reason"])):
        first = table.filter(table.reason == row["reason"]).order_by(["shard", "row"])
        told = rules.policy.quarantine[row["reason"]]
        found.append(
            report.QuarantineCount(
                reason=row["reason"],
                label=told.label,
                how_to_fix=told.how_to_fix,
                records=row["records"],
                files=row["files"],
                samples=[
                    s["shard"] if s["row"] is None else f"{s['shard']}:{s['row']}"
                    for s in rows(engine, first.select("shard", "row").limit(SAMPLES))
                ],
            )
        )
    return found
