"""What the registries say of a dataset, what of them matched, and what ends soon."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sourcing_audit import report
from sourcing_audit.consent import Ages, ages
from sourcing_audit.summary.counts import Groups, Row, rows
from sourcing_audit.summary.expiry import expiring

if TYPE_CHECKING:
    import datetime as dt

    from sourcing_audit.engine import Engine
    from sourcing_audit.pipeline import Judged, Rulebook


def consent(engine: Engine, judged: Judged, groups: Groups, rules: Rulebook) -> report.Consent:
    """What the registries say, and which consents end soon."""
    counts = groups.split("consent_status")
    soonest, by_day = expiring(engine, judged)
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
        opted_out_after_training=groups.carrying("opted_out_after_training"),
        expiring=soonest,
        expiring_by_day=by_day,
    )


def _matched(engine: Engine, judged: Judged) -> tuple[dict[int, int], dict[int, int]]:
    """By registry: its records that spoke about any item, and those items."""
    matched, asked = judged.matched, judged.asked
    if matched is None or asked is None:
        return {}, {}
    records = matched.group_by("registry_no").aggregate(n=matched.record_no.nunique())
    items = asked.group_by("registry_no").aggregate(n=asked["items"].sum())
    return (
        {row["registry_no"]: row["n"] for row in rows(engine, records)},
        {row["registry_no"]: row["n"] for row in rows(engine, items)},
    )


def registries(engine: Engine, judged: Judged) -> list[report.Registry]:
    """Each export with what of it matched."""
    matched_records, matched_items = _matched(engine, judged)
    consulted, as_of = judged.consulted, judged.request.as_of
    found = ages(engine, consulted.records, consulted.rules, as_of) if consulted.exports else {}
    dangling = _dangling(engine, judged)
    return [
        report.Registry(
            name=export.name,
            path=export.path,
            format=export.format,
            sha256=export.sha256,
            records=export.records,
            snapshot_at=export.snapshot_at,
            own=export.own,
            unmatchable_records=consulted.unmatchable.get(number, 0),
            matched_records=matched_records.get(number, 0),
            matched_items=matched_items.get(number, 0),
            dangling_records=dangling.get(number, 0),
            **_freshness(export.snapshot_at, found.get(number), judged.request.as_of),
        )
        for number, export in enumerate(judged.consulted.exports)
    ]


def _freshness(snapshot_at: dt.datetime | None, found: Ages | None, as_of: dt.date) -> Row:
    """How old an export is; one without records can't say so and isn't fresh."""
    age = None if snapshot_at is None else max(0, (as_of - snapshot_at.date()).days)
    stale = found.stale if found else 0
    return {
        "age_days": age,
        "limit_days": found.limit_days if found else None,
        "stale_records": stale,
        "fresh": found is not None and not stale,
    }


def _dangling(engine: Engine, judged: Judged) -> dict[int, int]:
    if not judged.consulted.exports:
        return {}
    standings = judged.consulted.standings
    lost = standings.filter(standings.dangling)
    grouped = lost.group_by("registry_no").aggregate(n=lost.count())
    return {row["registry_no"]: row["n"] for row in rows(engine, grouped)}
