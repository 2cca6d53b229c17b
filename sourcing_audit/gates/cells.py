"""Items counted by all that gates and waivers ask of them: a few rows for any dataset."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import ibis

from sourcing_audit import changes, results
from sourcing_audit.engine import total

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    import ibis.expr.types as ir

    from sourcing_audit.changes import Audited
    from sourcing_audit.engine import Engine

_VERDICT = ("outcome", "status", "license_concluded", "reasons", "obligations")


@dataclass(frozen=True)
class Verdict:
    """What a verdict holds that limits and waivers speak of."""

    outcome: str
    status: str
    license_concluded: str
    reasons: frozenset[str] = field(default_factory=frozenset)
    obligations: frozenset[str] = field(default_factory=frozenset)

    @classmethod
    def of(cls, row: Mapping[str, Any], prefix: str = "") -> Verdict:
        """From a row with the columns of `_VERDICT`."""
        outcome, status, expression, reasons, obligations = (row[prefix + n] for n in _VERDICT)
        return cls(outcome, status, expression, frozenset(reasons), frozenset(obligations))

    def has(self, code: str) -> bool:
        """Whether this is its outcome or status, or one of its reasons."""
        return code in self.reasons or code in (self.status, self.outcome)


@dataclass(frozen=True)
class Cell:
    """Items that agree in everything here; None also stands for what isn't asked."""

    verdict: Verdict
    items: int
    host: str | None = None
    shard: str | None = None
    item_id: str | None = None
    then: Verdict | None = None
    """Their verdict in the baseline; None where they can't be found there with certainty."""


def of_groups(engine: Engine, groups: ir.Table, hosts: Collection[str]) -> list[Cell]:
    """All items, told apart by those of the hosts that are asked about.

    Args:
        engine: holds the table.
        groups: `schema.GROUPS`.
        hosts: the names.

    """
    host = ibis.cases((groups.host.isin(list(hosts)), groups.host)) if hosts else _NO_TEXT
    named = groups.select(*_VERDICT, "items", asked_host=host)
    counted = named.group_by([*_VERDICT, "asked_host"]).aggregate(items=total(named["items"]))
    return [
        Cell(Verdict.of(row), row["items"], host=row["asked_host"])
        for row in engine.arrow(counted).to_pylist()
    ]


def of_findings(
    engine: Engine,
    now: Audited,
    *,
    shards: Collection[str],
    ids: Collection[str],
    baseline: Audited | None,
) -> list[Cell]:
    """All items, told apart by shards and ids that are asked about, and by a baseline's verdicts.

    An item is found in the baseline by its id. Where several items share one, or it is made of
    the item's place in a file that isn't the same, it isn't found.

    Raises:
        SourcingAuditError: the engine failed.

    """
    table = now.findings
    wanted = {
        "asked_shard": _asked(table.shard, shards),
        "asked_id": _asked(table.item_id, ids),
    }
    audits = [now.findings] if baseline is None else [now.findings, baseline.findings]
    verdicts = changes.verdicts(engine, *audits)
    place = table.shard.concat(":", table["row"].cast("string"))
    numbered = changes.numbered(table.mutate(**wanted, place=place), *wanted, "place", "shard")
    if baseline is None:
        found = numbered.mutate(then_verdict=ibis.null("uint64"))
    else:
        found = _with_baseline(engine, numbered, now, baseline)
    by = ["verdict", "then_verdict", *wanted]
    counted = engine.materialise(found.group_by(by).aggregate(items=found.count()), "cells")
    then = verdicts.rename(lambda name: f"then_{name}")
    told = counted.inner_join(verdicts, "verdict").left_join(then, "then_verdict")
    return [
        Cell(
            Verdict.of(row),
            row["items"],
            shard=row["asked_shard"],
            item_id=row["asked_id"],
            then=None if row["then_verdict"] is None else Verdict.of(row, "then_"),
        )
        for row in engine.arrow(told).to_pylist()
    ]


def _with_baseline(engine: Engine, numbered: ir.Table, now: Audited, baseline: Audited) -> ir.Table:
    """Add `then_verdict`, the number of an item's verdict in the baseline."""
    shared = changes.shared_ids(engine, now.findings, baseline.findings)
    known = changes.comparable(changes.numbered(baseline.findings), shared)
    then = known.select(then_id="item_id", then_verdict="verdict")
    joined = numbered.left_join(then, numbered.item_id == then.then_id)
    same = list(changes.unchanged_shards(baseline.report, now.report))
    certain = (joined.item_id != joined.place) | joined.shard.isin(same)
    return joined.mutate(then_verdict=ibis.ifelse(certain, joined.then_verdict, None))


def _asked(column: ir.StringColumn, values: Collection[str]) -> ir.StringValue:
    return ibis.cases((column.isin(list(values)), column)) if values else _NO_TEXT


def groups_of(audited: Audited) -> ir.Table:
    """Items that are alike, by host."""
    return audited.tables[results.GROUPS]


_NO_TEXT = ibis.null("string")
