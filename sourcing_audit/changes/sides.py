"""The items of one audit as few narrow columns, and the ids by which they can be found again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis

from sourcing_audit.engine import fingerprint
from sourcing_audit.errors import SourcingAuditError

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from sourcing_audit.engine import Engine

VERDICT = (
    "outcome",
    "status",
    "consent_status",
    "license_concluded",
    "basis",
    "reasons",
    "obligations",
)
"""The columns of findings that make an item's verdict."""


def numbered(findings: ir.Table, *columns: str) -> ir.Table:
    """Each item's id, the number of its verdict, and more columns of the findings."""
    return findings.select("item_id", *columns, verdict=_number(findings))


def verdicts(engine: Engine, *audits: ir.Table) -> ir.Table:
    """The distinct verdicts of audits: `VERDICT`, and `verdict`, the number of each.

    Raises:
        SourcingAuditError: two verdicts have the same number, or the engine failed.

    """
    grouped = (findings.select(*VERDICT).distinct() for findings in audits)
    every = engine.materialise(ibis.union(*grouped, distinct=True), "verdicts")
    found = engine.materialise(every.mutate(verdict=_number(every)), "verdicts")
    counted = found.aggregate(all=found.count(), different=found.verdict.nunique())
    if len(set(engine.arrow(counted).to_pylist()[0].values())) > 1:
        raise SourcingAuditError(
            "two verdicts have the same number, so the audits can't be compared",
            fix="report this, with both folders",
        )
    return found


def shared_ids(engine: Engine, *audits: ir.Table) -> ir.Table:
    """The ids that several items of one audit have: `item_id`, each once.

    Ids are counted by a number made of them, which takes half the memory; those whose number
    occurs twice are then counted themselves.
    """
    found = [_shared(engine, findings.select("item_id")) for findings in audits]
    return engine.materialise(ibis.union(*found, distinct=True), "shared_ids")


def comparable(side: ir.Table, shared: ir.Table) -> ir.Table:
    """Without the items whose id isn't theirs alone."""
    return side.anti_join(shared, "item_id")


def _number(findings: ir.Table) -> ir.IntegerValue:
    return fingerprint(ibis.struct({name: findings[name] for name in VERDICT}))


def _shared(engine: Engine, ids: ir.Table) -> ir.Table:
    marked = ids.mutate(mark=fingerprint(ids.item_id))
    per_mark = marked.group_by("mark").aggregate(n=marked.count())
    twice = engine.materialise(per_mark.filter(per_mark.n > 1).select("mark"), "twice")
    suspects = marked.semi_join(twice, "mark")
    per_id = suspects.group_by("item_id").aggregate(n=suspects.count())
    return per_id.filter(per_id.n > 1).select("item_id")
