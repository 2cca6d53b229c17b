"""Consult the registries once per audit, then ask them about each dataset."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sourcing_audit import keys
from sourcing_audit.consent import matching, resolution
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
    planned: matching.PlannedRecords
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
        nothing = matching.PlannedRecords(registries.records, frozenset(), (), ())
        return Consulted(registries.records, registries.records, nothing, (), rules, {})
    weighed = engine.materialise(standings(registries.records, rules, use, as_of), "standings")
    to_match = weighed.select(*matching.RECORD)
    if (other := matching.other_spellings(engine, to_match)) is not None:
        to_match = engine.materialise(to_match.union(other), "to_match")
    grouped = weighed.group_by("matches").aggregate(n=weighed.count())
    counts = engine.arrow(grouped).to_pylist()
    lost = weighed.filter((weighed.matches == "none") | weighed.wide.isnull())
    unmatched = lost.group_by("registry_no").aggregate(n=lost.count())
    prefixes = weighed.filter(weighed.matches == "url_prefix")
    domains = weighed.filter((weighed.matches == "domain") & weighed.subdomains)
    return Consulted(
        records=registries.records,
        standings=weighed,
        planned=matching.PlannedRecords(
            table=to_match,
            kinds=frozenset(row["matches"] for row in counts),
            prefix_depths=_distinct(engine, prefixes.select(n=keys.depth(prefixes.wide))),
            domain_labels=_distinct(engine, domains.select(n=keys.labels(domains.wide))),
        ),
        exports=registries.exports,
        rules=rules,
        unmatchable={row["registry_no"]: row["n"] for row in engine.arrow(unmatched).to_pylist()},
    )


def _distinct(engine: Engine, numbers: ir.Table) -> tuple[int, ...]:
    return tuple(sorted(engine.arrow(numbers.distinct())["n"].to_pylist()))


def ask(engine: Engine, consulted: Consulted, items: ir.Table, columns: frozenset[str]) -> Consent:
    """Match, weigh and resolve: one answer per item that any record speaks about."""
    pairs = matching.matches(items, consulted.planned, columns)
    if pairs is None:
        return Consent(consent=None, evidence=None)
    pairs = engine.materialise(pairs, "matches")
    if not engine.arrow(pairs.limit(1)).num_rows:
        return Consent(consent=None, evidence=None)
    weighed = resolution.weigh(pairs, consulted.standings, items, consulted.rules, columns)
    evidence = engine.materialise(weighed, "weighed")
    return Consent(
        consent=engine.materialise(resolution.consent(evidence), "consent"), evidence=evidence
    )
