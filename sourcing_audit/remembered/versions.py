"""Rows of one manifest's versions: what is found in each of them is one item, not as many."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis

from sourcing_audit.engine import fingerprint
from sourcing_audit.remembered.tombstones import OF_WORKS

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from sourcing_audit.engine import Engine
    from sourcing_audit.remembered.contents import Contents


def with_items(engine: Engine, removals: ir.Table, contents: Contents) -> ir.Table:
    """Add `item`, a number that an item keeps in all versions of its dataset's inputs.

    An item is known by all its keys that only one work has; one that got other keys counts again.
    Where it has none, file and record number stand in: it may count again, or hide another. Several
    rows of one version that have the same keys stay several.

    Args:
        engine: holds the removals.
        removals: columns of `tracing.REMOVALS` and `content`.
        contents: where keys are remembered.

    Raises:
        SourcingAuditError: the engine failed.

    """
    by_dataset = removals.group_by("dataset").aggregate(
        contents=removals.content.nunique(), outdated=(~removals.in_latest).any()
    )
    changed = by_dataset.filter((by_dataset.contents > 1) & by_dataset.outdated)
    rows = removals.semi_join(changed, "dataset").select("content", "row").distinct()
    rows = engine.materialise(rows, "rows")
    names = engine.arrow(rows.select("content").distinct())["content"].to_pylist()
    known = contents.keys(engine, names)
    place = fingerprint(ibis.struct({"input": removals["input"], "row": removals["row"]}))
    if known is None:
        return engine.materialise(removals.mutate(item=place), "removals")
    own = known.filter(known.kind.isin(OF_WORKS)).semi_join(rows, ["content", "row"])
    keyed = own.group_by(["content", "row"]).aggregate(
        numbers=fingerprint(own.number.collect().unique().sort())
    )
    nth = ibis.row_number().over(group_by=["content", "numbers"], order_by="row")
    keyed = keyed.select("content", "row", "numbers", nth=nth)
    keyed = keyed.select(
        of_content="content",
        of_row="row",
        known=fingerprint(ibis.struct({"numbers": keyed.numbers, "nth": keyed.nth})),
    )
    same = [removals.content == keyed.of_content, removals["row"] == keyed.of_row]
    joined = removals.mutate(item=place).left_join(keyed, same)
    item = ibis.coalesce(joined.known, joined.item)
    return engine.materialise(joined.select(*removals.columns, item=item), "removals")
