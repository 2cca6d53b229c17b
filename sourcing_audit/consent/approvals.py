"""The approvals that consents need and have, by the day on which they end (AIMEG 3.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis

from sourcing_audit.consent.applicability import PROTECTED, approval_covers
from sourcing_audit.consent.clocks import Clocks
from sourcing_audit.consent.references import References
from sourcing_audit.consent.standing import with_dated_end
from sourcing_audit.consent.weighed import READ

if TYPE_CHECKING:
    import datetime as dt

    import ibis.expr.types as ir

    from sourcing_audit.model import IntendedUse
    from sourcing_audit.rules.consent import ConsentRules

_KEYS = ("record_id", "statement_id")
"""By which of its ids an approval may name a consent."""


def ending_approvals(
    records: ir.Table,
    rules: ConsentRules,
    use: IntendedUse,
    as_of: dt.date,
    until: ir.TimestampScalar,
) -> ir.Table:
    """Find approvals that count for this use on this day, and end by a moment.

    Args:
        records: columns of `weighed.READ`.
        rules: the consent rules.
        use: the intended use.
        as_of: the day on which they count.
        until: the moment by which they end.

    Returns:
        `registry_id`, `record_id` and `valid_until` of each such approval, and `approved_no`, the
        `record_no` of a record for a protected person that names it its approval.

    """
    read = with_dated_end(records.select(*READ))
    references = References(
        Clocks.of(use, as_of), rules, lambda table: approval_covers(table, rules, use)
    )
    referring = references.referring(read)
    approvals = referring.filter(referring.valid_until <= until)
    protected = records.filter(records.person_status.isin(PROTECTED))
    found = []
    for key in _KEYS:
        named = protected.select(
            approved_no="record_no",
            status="person_status",
            approved_registry="registry_id",
            approved=key,
        )
        joined = approvals.inner_join(
            named,
            [
                approvals.registry_id == named.approved_registry,
                approvals.refers_to == named.approved,
            ],
        )
        moment = ibis.ifelse(
            joined.status == "deceased", joined.approval_of_estate, joined.approval_of_guardian
        )
        kept = joined.filter(moment.notnull())
        found.append(kept.select("registry_id", "record_id", "valid_until", "approved_no"))
    return ibis.union(*found, distinct=True)
