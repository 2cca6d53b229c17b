"""Which consents in force end soon, and which of the approvals that they need (AIMEG 3.4)."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import TYPE_CHECKING, Final

import ibis

from sourcing_audit import report
from sourcing_audit.consent import ending_approvals
from sourcing_audit.engine import Queries
from sourcing_audit.summary.counts import rows

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from sourcing_audit.engine import Engine
    from sourcing_audit.model import IntendedUse
    from sourcing_audit.pipeline import Judged
    from sourcing_audit.rules.consent import ConsentRules

DAYS: Final = 90
MOST: Final = 50
"""How many are listed one by one."""

_SHOWN = {
    "registry_id": "string",
    "record_id": "string",
    "approves": "string",
    "valid_until": "timestamp(6)",
    "items": "int64",
}


def expiring(
    engine: Engine, judged: Judged
) -> tuple[list[report.Expiring], list[report.ExpiringDay]]:
    """List the soonest of what ends within `DAYS` of the as-of date, and count all by day.

    An approval that a consent's own record states has no end of its own, and ends with it.
    """
    if judged.matched is None:
        return [], []
    request, consulted = judged.request, judged.consulted
    ending = Queries(engine).table(
        "ending",
        partial(_ending, consulted.rules, request.use, request.as_of),
        matched=judged.matched,
        records=consulted.records,
    )
    first = ending.order_by(["valid_until", "registry_id", "record_id"]).limit(MOST)
    by_day = ending.group_by(day=ending.valid_until.date()).aggregate(
        consents=ending.approves.isnull().sum(),
        approvals=ending.approves.notnull().sum(),
        items=ending["items"].sum(),
    )
    return (
        [
            report.Expiring(
                registry=row["registry_id"],
                record_id=row["record_id"],
                valid_until=row["valid_until"],
                items=row["items"],
                approves=row["approves"],
            )
            for row in rows(engine, first)
        ],
        [report.ExpiringDay(**row) for row in rows(engine, by_day.order_by("day"))],
    )


def _ending(
    rules: ConsentRules,
    use: IntendedUse,
    as_of: dt.date,
    matched: ir.Table,
    records: ir.Table,
) -> ir.Table:
    """Consents in force, and approvals that these need, that end soon: columns of `_SHOWN`."""
    in_force = matched.filter(matched.ending > 0)
    by_record = in_force.group_by(
        ["record_no", "registry_id", "record_id", "valid_until"]
    ).aggregate(items=in_force.ending.sum())
    last = dt.datetime.combine(as_of + dt.timedelta(days=DAYS), dt.time.max)
    until = ibis.timestamp(last.isoformat(timespec="seconds"))
    consents = by_record.filter(by_record.valid_until <= until).mutate(approves=ibis.null("string"))
    approvals = ending_approvals(records, rules, use, as_of, until).inner_join(
        by_record.select(approved_no="record_no", approves="record_id", items="items"),
        "approved_no",
    )
    return ibis.union(*(table.select(*_SHOWN).cast(_SHOWN) for table in (consents, approvals)))
