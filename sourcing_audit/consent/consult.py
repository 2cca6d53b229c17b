"""Consult the registries once per audit, and add what comes with a dataset."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from sourcing_audit.consent import planning
from sourcing_audit.consent.classes import classed
from sourcing_audit.consent.standing import standings
from sourcing_audit.engine import Queries

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    import ibis.expr.types as ir

    from sourcing_audit.engine import Engine
    from sourcing_audit.model import IntendedUse, RegistryInfo
    from sourcing_audit.registries import Registries
    from sourcing_audit.rules.consent import ConsentRules


@dataclass(frozen=True)
class Consulted:
    """The registries' records, weighed for one use and date, ready to be matched."""

    engine: Engine
    records: ir.Table
    standings: ir.Table
    """Where no registry was given, the empty records: there is nothing to weigh."""
    classes: ir.Table
    """Of the weighed records, as `classes.classed` gives them."""
    queries: Queries
    """What is asked of each dataset, or of each part of one."""
    exports: tuple[RegistryInfo, ...]
    rules: ConsentRules

    @cached_property
    def known(self) -> ir.Table:
        """What the records are matched with, as `planning.to_match` gives it."""
        tables = {"weighed": self.standings, "records": self.records}
        return self.queries.view("to_match", planning.to_match, **tables)

    @cached_property
    def planned(self) -> planning.PlannedRecords:
        """The joins that it takes to match them; made when it is asked for first.

        An audit that only matches some of them (`again.Again`) does without.
        """
        if not self.exports:
            return planning.PlannedRecords()
        return planning.plan(self.engine, self.known, self.records, self.rules)

    @cached_property
    def unmatchable(self) -> Mapping[int, int]:
        """By registry: records whose kind of subject can't be matched with items."""
        return planning.unmatchable(self.engine, self.known) if self.exports else {}


def consult(
    engine: Engine,
    registries: Registries,
    rules: ConsentRules,
    use: IntendedUse,
    as_of: dt.date,
) -> Consulted:
    """Weigh every record by itself, and find out which joins it takes to match them."""
    if not registries.exports:
        none = registries.records
        return Consulted(engine, none, none, none, Queries(engine), (), rules)
    found = standings(engine, registries.records, rules, use, as_of)
    weighed, classes = classed(engine, found)
    return Consulted(
        engine=engine,
        records=registries.records,
        standings=weighed,
        classes=classes,
        queries=Queries(engine),
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
        exports=(*consulted.exports, *more.exports),
    )


def _count(engine: Engine, table: ir.Table) -> int:
    return int(engine.arrow(table.aggregate(n=table.count()))["n"].to_pylist()[0])
