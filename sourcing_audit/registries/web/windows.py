"""Several captures of one place: each holds until the next one; computed in the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis

from sourcing_audit import keys

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from sourcing_audit.engine import Engine
    from sourcing_audit.registries.statements import Statement

PLACE = "x_place"
"""What was captured: rows of one place and another moment are other captures of it."""

FIELDS = (PLACE, "valid_from", "valid_until", "snapshot_at", "declared_at")


def captured(place: str, fetched_at: str | None) -> dict[str, str | int | None]:
    """Fields of a statement that say when it was fetched."""
    return {
        PLACE: place,
        "valid_from": fetched_at,
        "snapshot_at": fetched_at,
        "declared_at": fetched_at,
    }


def silent(row: int, place: str, fetched_at: str) -> Statement:
    """Make the row of a capture that says nothing; it ends what the one before said."""
    return {"row": row, **captured(place, fetched_at)}


def until_the_next(engine: Engine, table: ir.Table) -> ir.Table:
    """Give each statement the moment of the next capture of its place as its end.

    A statement whose capture has no date holds always. Rows without a `decision`, which say
    nothing, are left out.
    """
    dated = table.filter(table.valid_from.notnull())
    moments = dated.select(place=PLACE, moment=keys.moment(dated.valid_from)).distinct()
    moments = moments.filter(moments.moment.notnull())
    following = moments.moment.lead().over(group_by="place", order_by="moment")
    ends = engine.materialise(moments.mutate(until=following.cast("string")), "captures")
    said = table.filter(table.decision.notnull()).drop("valid_until")
    joined = said.left_join(
        ends, [said[PLACE] == ends.place, keys.moment(said.valid_from) == ends.moment]
    )
    kept = joined.rename(valid_until="until").drop("place", "moment", PLACE)
    return kept.mutate(seq=ibis.row_number().over(order_by="seq") + 1)
