"""Items that are alike, with the place of the first: what a reader goes through, not items."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis
import pyarrow as pa

from sourcing_audit import schema
from sourcing_audit.model import Outcome
from sourcing_audit.sources.interface import STRIDE

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from sourcing_audit.engine import Engine
    from sourcing_audit.pipeline import Judged

_WORST_FIRST = (Outcome.PROHIBITED, Outcome.UNDETERMINED, Outcome.CONDITIONAL, Outcome.PERMITTED)


def groups(engine: Engine, judged: Judged) -> ir.Table:
    """All groups, the worst outcome and the most items first.

    Returns:
        Columns of `schema.GROUPS`, in order.

    Raises:
        SourcingAuditError: the engine failed.

    """
    names = [shard.name for shard in judged.ingested.shards]
    numbers = pa.array(range(len(names)), pa.int64())
    shards = engine.from_arrow(
        "shards", pa.table({"shard_no": numbers, "shard": pa.array(names, pa.string())})
    )
    found = judged.groups
    placed = found.mutate(shard_no=found["first"] // STRIDE, row=found["first"] % STRIDE)
    severity = ibis.cases(
        *((placed.outcome == str(each), place) for place, each in enumerate(_WORST_FIRST)),
        else_=len(_WORST_FIRST),
    )
    told = placed.mutate(severity=severity).inner_join(shards, "shard_no")
    in_order = told.order_by(["severity", ibis.desc("items"), "first"])
    return engine.materialise(in_order.select(*schema.GROUPS), "groups")
