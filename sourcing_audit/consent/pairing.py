"""Pairs of items and records, however they were found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis

if TYPE_CHECKING:
    import ibis.expr.types as ir

MATCHES = {
    "pos": "int64",
    "record_no": "int64",
    "key": "string",
    "agrees": "boolean",
    "distance": "int64",
}
"""Pairs of item and record; `agrees` where they agree on the exact key and not on the wide one
only; `distance` in bits where they are merely alike, else NULL."""


def kept(joined: ir.Table, agrees: ir.BooleanValue) -> ir.Table:
    """Pairs of a join with records: refusals, and what agrees on the exact key."""
    found = joined.mutate(agrees=ibis.coalesce(agrees, False))
    found = found.filter(found.is_deny | found.agrees)
    return pairs(found, found.matches, found.agrees)


def pairs(
    joined: ir.Table,
    key: ir.StringValue,
    agrees: ir.BooleanValue,
    distance: ir.IntegerValue | None = None,
) -> ir.Table:
    """Columns of `MATCHES`."""
    nothing = ibis.null("int64")
    return joined.select(
        "pos",
        "record_no",
        key=key,
        agrees=agrees,
        distance=nothing if distance is None else distance,
    )


def merged(found: ir.Table) -> ir.Table:
    """Each pair once, however often it was found."""
    return found.group_by(["pos", "record_no"]).aggregate(
        key=found.key.min(),
        agrees=found.agrees.max(),
        # What agrees in a key isn't merely alike.
        distance=ibis.ifelse(
            found.distance.isnull().max(), ibis.null("int64"), found.distance.min()
        ),
    )
