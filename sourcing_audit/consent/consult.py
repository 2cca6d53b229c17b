"""Consult the registries once per audit, then ask them about each dataset."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sourcing_audit.consent import answer, placing, planning
from sourcing_audit.consent.classes import classed
from sourcing_audit.consent.kinds import SUBJECT, Readers
from sourcing_audit.consent.matching import Matcher
from sourcing_audit.consent.placing import Placer
from sourcing_audit.consent.standing import standings
from sourcing_audit.engine import Queries

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
    classes: ir.Table
    """Of the weighed records, as `classes.classed` gives them."""
    queries: Queries
    """What is asked of each dataset, or of each part of one."""
    planned: planning.PlannedRecords
    exports: tuple[RegistryInfo, ...]
    rules: ConsentRules


@dataclass(frozen=True)
class Consent:
    """What the registries say of one dataset's items; all are None where there are none."""

    answers: ir.Table | None = None
    """One row per item that any record speaks about: columns of `answer.ANSWERS`."""
    kinds: ir.Table | None = None
    """The distinct answers: columns of `answer.KINDS`, in the order of their contents."""
    evidence: ir.Table | None = None
    """Every matched record of every item: columns of `resolution.EVIDENCE`, and more. None where
    nothing matched; the other tables have no rows then, but their types."""


def consult(
    engine: Engine,
    registries: Registries,
    rules: ConsentRules,
    use: IntendedUse,
    as_of: dt.date,
) -> Consulted:
    """Weigh every record by itself, and find out which joins it takes to match them."""
    if not registries.exports:
        nothing = planning.PlannedRecords()
        none = registries.records
        return Consulted(none, none, none, Queries(engine), nothing, (), rules)
    found = standings(engine, registries.records, rules, use, as_of)
    weighed, classes = classed(engine, found)
    return Consulted(
        records=registries.records,
        standings=weighed,
        classes=classes,
        queries=Queries(engine),
        planned=planning.plan(engine, weighed, registries.records, rules),
        exports=registries.exports,
        rules=rules,
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
    after = _count(engine, consulted.classes)
    own_classes, own_standings = (
        table.mutate(class_no=table.class_no + after) for table in (more.classes, more.standings)
    )
    weighed = engine.materialise(consulted.standings.union(own_standings), "standings")
    records = consulted.records.union(more.records.select(*consulted.records.columns))
    return replace(
        consulted,
        records=records,
        standings=weighed,
        classes=engine.materialise(consulted.classes.union(own_classes), "classes"),
        planned=planning.plan(engine, weighed, records, rules),
        exports=(*consulted.exports, *more.exports),
    )


def _count(engine: Engine, table: ir.Table) -> int:
    return int(engine.arrow(table.aggregate(n=table.count()))["n"].to_pylist()[0])


def ask(
    engine: Engine,
    consulted: Consulted,
    items: ir.Table,
    sifted: ir.Table,
    columns: frozenset[str],
) -> Consent:
    """Match, weigh and resolve: one answer per item that any record speaks about.

    Args:
        engine: holds the tables.
        consulted: the records.
        items: columns of `schema.ITEMS` and `schema.MEDIA`.
        sifted: `pos` of each, and the columns of a `Sieve` for the records' kinds or more.
        columns: the item columns that the manifest fills.

    """
    rules = consulted.rules
    queries, standings, classes = consulted.queries, consulted.standings, consulted.classes
    matcher = Matcher(engine, queries, consulted.planned, columns, Readers.of(rules), rules)
    candidates = matcher.candidates(items, sifted)
    if candidates is None:
        return _nothing(engine)
    pairs = matcher.matches(candidates)
    if not engine.arrow(pairs.limit(1)).num_rows:
        return _nothing(engine)
    shown = matcher.shown(candidates) if SUBJECT.column in columns else None
    placer = Placer(queries, standings, classes, consulted.planned.exact, rules, columns)
    placed = placer.placed(pairs, candidates.items, shown)
    parts = {"alone": placed.alone, "profiles": placed.profiles}
    told = {
        "of_profiles": queries.table(
            "of_profiles", answer.of_profiles, profiles=placed.profiles, classes=classes
        ),
        "of_items": queries.table(
            "of_items", answer.of_items, together=placed.together, classes=classes
        ),
    }
    kinds = queries.table(
        "kinds", answer.kinds, profiles=told["of_profiles"], items=told["of_items"]
    )
    return Consent(
        answers=queries.table(
            "answers", answer.answers, **parts, **told, kinds=kinds, standings=standings
        ),
        kinds=kinds,
        evidence=queries.view(
            "evidence", placing.evidence, **parts, together=placed.together, standings=standings
        ),
    )


def _nothing(engine: Engine) -> Consent:
    return Consent(answers=engine.empty(answer.ANSWERS), kinds=engine.empty(answer.KINDS))
