"""How old the records of each export are, against the limits of their schemes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import ibis

if TYPE_CHECKING:
    import datetime as dt

    import ibis.expr.types as ir

    from sourcing_audit.engine import Engine
    from sourcing_audit.rules.consent import ConsentRules


@dataclass(frozen=True)
class Ages:
    """What the age of an export's records says about it."""

    limit_days: int | None
    """The strictest limit of its schemes; None where none of them ages."""
    stale: int
    """Records that are older than theirs, or undated, and whose term isn't over."""


def ages(engine: Engine, records: ir.Table, rules: ConsentRules, as_of: dt.date) -> dict[int, Ages]:
    """By `registry_no`; an export without records is left out.

    A capture that a later one replaced needs no freshness: its term is over.
    """
    limits = [
        (records.signal_scheme == row.scheme, row.max_age_days)
        for row in rules.schemes.values()
        if row.max_age_days is not None
    ]
    limit = ibis.cases(*limits) if limits else ibis.null("int64")
    age = ibis.literal(as_of).delta(records.snapshot_at.date(), unit="day")
    over = ibis.coalesce(records.valid_until <= ibis.timestamp(as_of.isoformat()), False)
    stale = limit.notnull() & ibis.coalesce(age > limit, True) & ~over
    grouped = records.group_by("registry_no").aggregate(
        limit_days=limit.min(), stale=stale.cast("int64").sum()
    )
    return {
        row["registry_no"]: Ages(row["limit_days"], int(row["stale"]))
        for row in engine.arrow(grouped).to_pylist()
    }
