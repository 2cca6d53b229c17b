"""Consult the registries once per audit, then ask them about each dataset."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sourcing_audit.consent import answer, planning, resolution
from sourcing_audit.consent.kinds import Readers
from sourcing_audit.consent.matching import Matcher
from sourcing_audit.consent.standing import standings

if TYPE_CHECKING:
    import datetime as dt

    import ibis.expr.types as ir

    from sourcing_audit.engine import Engine
    from sourcing_audit.model import IntendedUse, RegistryInfo
    from sourcing_audit.registries import Registries
    from sourcing_audit.rules.consent import ConsentRules


@dataclass(frozen=True)
class Consulted:
    """The registries' records, weighed for one use and date, ready to be matched."""

    records: ir.Table
    standings: ir.Table
    """Where no registry was given, the empty records: there is nothing to weigh."""
    planned: planning.PlannedRecords
    exports: tuple[RegistryInfo, ...]
    rules: ConsentRules
    unmatchable: dict[int, int]
    """By registry: records whose kind of subject can't be matched with items."""


@dataclass(frozen=True)
class Consent:
    """What the registries say of one dataset's items; empty tables where nothing matched."""

    consent: ir.Table | None
    """Columns of `resolution.CONSENT`."""
    evidence: ir.Table | None
    """Every matched record of every item: columns of `resolution.EVIDENCE`, and more."""


def consult(
    engine: Engine,
    registries: Registries,
    rules: ConsentRules,
    use: IntendedUse,
    as_of: dt.date,
) -> Consulted:
    """Weigh every record by itself, and find out which joins it takes to match them."""
    if not registries.exports:
        nothing = planning.PlannedRecords(registries.records)
        return Consulted(registries.records, registries.records, nothing, (), rules, {})
    weighed = engine.materialise(standings(registries.records, rules, use, as_of), "standings")
    lost = weighed.filter((weighed.matches == "none") | weighed.wide.isnull())
    unmatched = lost.group_by("registry_no").aggregate(n=lost.count())
    return Consulted(
        records=registries.records,
        standings=weighed,
        planned=planning.plan(engine, weighed, registries.records, rules),
        exports=registries.exports,
        rules=rules,
        unmatchable={row["registry_no"]: row["n"] for row in engine.arrow(unmatched).to_pylist()},
    )


def with_records(
    engine: Engine,
    consulted: Consulted,
    registries: Registries,
    use: IntendedUse,
    as_of: dt.date,
) -> Consulted:
    """Add the records of one dataset: those that came with its items."""
    if not registries.exports:
        return consulted
    rules = consulted.rules
    before = len(consulted.exports)
    if not before:
        return consult(engine, registries, rules, use, as_of)
    first = consulted.records.count()
    own = registries.records
    numbered = own.mutate(
        record_no=own.record_no + first.as_scalar(), registry_no=own.registry_no + before
    )
    more = consult(
        engine,
        replace(registries, records=engine.materialise(numbered, "own_records")),
        rules,
        use,
        as_of,
    )
    weighed = engine.materialise(consulted.standings.union(more.standings), "standings")
    records = consulted.records.union(more.records.select(*consulted.records.columns))
    return replace(
        consulted,
        records=records,
        standings=weighed,
        planned=planning.plan(engine, weighed, records, rules),
        exports=(*consulted.exports, *more.exports),
        unmatchable=consulted.unmatchable | more.unmatchable,
    )


def ask(engine: Engine, consulted: Consulted, items: ir.Table, columns: frozenset[str]) -> Consent:
    """Match, weigh and resolve: one answer per item that any record speaks about."""
    rules = consulted.rules
    readers = Readers.of(rules)
    matcher = Matcher(engine, consulted.planned, columns, readers, rules)
    found = matcher.candidates(items)
    if found is None:
        return Consent(consent=None, evidence=None)
    candidates, alike = found
    pairs = matcher.matches(candidates, alike)
    pairs = engine.materialise(pairs, "matches")
    if not engine.arrow(pairs.limit(1)).num_rows:
        return Consent(consent=None, evidence=None)
    evidence = engine.named(
        resolution.weigh(engine, pairs, consulted.standings, candidates, rules, columns, readers)
    )
    return Consent(
        consent=engine.materialise(answer.consent(evidence), "consent"), evidence=evidence
    )
