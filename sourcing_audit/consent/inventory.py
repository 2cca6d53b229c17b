"""What one registry export holds, and what about it needs a person, whatever the items are."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

import ibis

from sourcing_audit.consent.ages import Ages, ages
from sourcing_audit.consent.standing import standings
from sourcing_audit.model import IntendedUse

if TYPE_CHECKING:
    from collections.abc import Iterable

    import ibis.expr.types as ir

    from sourcing_audit.engine import Engine
    from sourcing_audit.model import RegistryInfo
    from sourcing_audit.registries import Registries
    from sourcing_audit.rules.consent import ConsentRules

SAMPLES = 3
"""How many records are shown for each finding."""

COUNTED = ("record_type", "decision", "signal_scheme", "subject_kind")


@dataclass(frozen=True)
class Finding:
    """Something about an export that a person should look at."""

    code: str
    records: int
    meaning: str
    samples: tuple[str, ...] = ()
    """The first records, as `row N: what they are about`."""


@dataclass(frozen=True)
class Inventory:
    """The contents of one export."""

    export: RegistryInfo
    unstated: int
    """Entries that say nothing either way, and became no record."""
    counts: dict[str, dict[str, int]]
    """For each field of `COUNTED`, how many records have each value; the most frequent first."""
    grants: int
    complete: int
    """Grants that state all four elements of AIMEG 3.2."""
    age_days: int | None
    limit_days: int | None
    """The strictest limit of the schemes in the export; None where none of them ages."""
    findings: tuple[Finding, ...]


def take(
    engine: Engine, registries: Registries, rules: ConsentRules, *, unstated: int, as_of: dt.date
) -> Inventory:
    """Count what the only export of `registries` holds.

    Args:
        engine: where the records are.
        registries: one export.
        rules: the consent rules.
        unstated: entries of the export that became no record.
        as_of: the day that its age is counted to.

    """
    export = registries.exports[0]
    records = registries.records
    weighed = _weighed(engine, registries, rules, as_of)
    counts = {name: _counts(engine, records, name) for name in COUNTED}
    # A signal that permits is no consent, so nothing is asked of it.
    consents = [row.scheme for row in rules.schemes.values() if row.consents]
    grants = weighed.filter(
        weighed.decision.isin(["allow", "conditional"])
        & (weighed.record_type != "approval")
        & weighed.signal_scheme.isin(consents)
    )
    totals = engine.arrow(
        grants.aggregate(n=grants.count(), complete=grants.complete.sum().fill_null(0))
    ).to_pylist()[0]
    found = ages(engine, records, rules, as_of).get(0, Ages(None, 0))
    age = None if export.snapshot_at is None else (as_of - _day(export.snapshot_at)).days
    return Inventory(
        export=export,
        unstated=unstated,
        counts=counts,
        grants=totals["n"],
        complete=int(totals["complete"]),
        age_days=age,
        limit_days=found.limit_days,
        findings=(
            *_of_age(export, age, found),
            *_of_problems(engine, records),
            *_of_records(engine, weighed),
        ),
    )


def _day(moment: dt.datetime | dt.date) -> dt.date:
    return moment.date() if isinstance(moment, dt.datetime) else moment


def _weighed(
    engine: Engine, registries: Registries, rules: ConsentRules, as_of: dt.date
) -> ir.Table:
    """The records with what weighing finds whatever the use is."""
    nobody = IntendedUse()
    found = standings(engine, registries.records, rules, nobody, as_of).whole()
    found = found.select("record_no", "matches", "complete", weighed_reasons="reasons")
    kept = ("row", "record_no", "registry_id", "record_id", "statement_id", "record_type")
    about = ("subject_kind", "subject_value", "wide", "decision", "refers_to", "signal_scheme")
    records = registries.records.select(*kept, *about)
    return engine.materialise(records.join(found, "record_no"), "inventory")


def _counts(engine: Engine, records: ir.Table, name: str) -> dict[str, int]:
    grouped = records.group_by(name).aggregate(n=records.count())
    rows = engine.arrow(grouped.order_by(ibis.desc("n"), name)).to_pylist()
    return {row[name] or "none": row["n"] for row in rows}


def _of_age(export: RegistryInfo, age: int | None, found: Ages) -> Iterable[Finding]:
    if age is None and found.stale:
        yield Finding("export_undated", found.stale, "nothing says when the export was made")
    elif found.stale:
        yield Finding("export_stale", found.stale, f"older than {found.limit_days} days")
    if age is not None and age < 0:
        yield Finding("export_from_the_future", export.records, "made after the day of the check")


def _of_problems(engine: Engine, records: ir.Table) -> Iterable[Finding]:
    broken = records.filter(records.problem.notnull())
    for problem, count in _counts(engine, broken, "problem").items():
        samples = _samples(engine, broken.filter(broken.problem == problem))
        yield Finding(problem, count, _PROBLEMS.get(problem, "can't be relied on"), samples)


_PROBLEMS = {
    "signal_malformed": "plainly meant as a refusal, but not in the scheme's grammar",
    "signal_unreadable": "a value that the scheme doesn't know",
    "signal_legacy": "a label of an earlier draft",
    "signal_contradictory": "says yes and no; taken as no",
    "signal_document_missing": "points to terms that aren't at hand",
    "signal_unverified": "its signature or manifest doesn't validate",
    "signal_unreachable": "couldn't be fetched",
}


def _of_records(engine: Engine, weighed: ir.Table) -> Iterable[Finding]:
    known = weighed.select(held_by="registry_id", held="record_id").union(
        weighed.select(held_by="registry_id", held="statement_id"), distinct=True
    )
    naming = weighed.filter(weighed.refers_to.notnull())
    lost = naming.anti_join(
        known, [naming.registry_id == known.held_by, naming.refers_to == known.held]
    )
    unauthorised = weighed.filter(weighed.weighed_reasons.contains("consent_without_authority"))
    undated = weighed.filter(weighed.weighed_reasons.contains("consent_undated"))
    nowhere = weighed.filter((weighed.matches == "none") | weighed.wide.isnull())
    for code, table, meaning in (
        ("subject_unmatchable", nowhere, "no item can be found by this subject"),
        ("reference_dangling", lost, "refers to a record that the export doesn't hold"),
        ("consent_without_authority", unauthorised, "a grant that nobody with authority made"),
        ("consent_undated", undated, "a grant without a date, which never counts"),
    ):
        count = engine.arrow(table.aggregate(n=table.count())).to_pylist()[0]["n"]
        if count:
            yield Finding(code, count, meaning, _samples(engine, table))


def _samples(engine: Engine, table: ir.Table) -> tuple[str, ...]:
    first = table.order_by("row", "record_id").limit(SAMPLES)
    return tuple(
        f"row {one['row']}: {one['subject_kind']} {one['subject_value']}"
        for one in engine.arrow(first.select("row", "subject_kind", "subject_value")).to_pylist()
    )
