"""Items that are alike, with the place of the first: what a reader goes through, not items.

There may be many groups, but few kinds of them: what is the same for all groups of a kind is held
once, and a group is four numbers and its host.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import ibis
import pyarrow as pa

from sourcing_audit import schema
from sourcing_audit.engine import total
from sourcing_audit.model import Outcome
from sourcing_audit.sources.interface import STRIDE
from sourcing_audit.units import ALIKE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from typing import Self

    import ibis.expr.types as ir

    from sourcing_audit.engine import Engine
    from sourcing_audit.pipeline import Judged
    from sourcing_audit.units import Unit

_WORST_FIRST = (Outcome.PROHIBITED, Outcome.UNDETERMINED, Outcome.CONDITIONAL, Outcome.PERMITTED)

_ORDER = ("severity", "fewness", "first")
"""The worst outcome and the most items first; no two groups have the same first item."""

_SOUGHT = ("outcome", "status", "items")
"""What readers look for groups by."""


@dataclass(frozen=True)
class Groups:
    """All groups of a dataset."""

    counted: ir.Table
    """`alike_no`, `host`, `items`, `shard_no`, `row`, and what they are ordered by."""
    kinds: ir.Table
    """By `alike_no`, from 0: `ALIKE`."""
    shards: ir.Table
    """By `shard_no`, from 0: the shard's name."""

    @classmethod
    def of(cls, engine: Engine, judged: Judged) -> Self:
        """Put together what the units of an audit counted.

        Raises:
            SourcingAuditError: the engine failed.

        """
        found, counts = _together(engine, judged.units)
        kinds = engine.materialise(found, "kinds")
        severity = ibis.cases(
            *((kinds.outcome == str(each), place) for place, each in enumerate(_WORST_FIRST)),
            else_=len(_WORST_FIRST),
        )
        ranked = counts.inner_join(kinds.select("alike_no", severity=severity), "alike_no")
        first, items = ranked["first"], ranked["items"]
        counted = ranked.mutate(shard_no=first // STRIDE, row=first % STRIDE, fewness=-items)
        names = [shard.name for shard in judged.ingested.shards]
        columns = {"shard_no": pa.array(range(len(names)), pa.int64()), "shard": pa.array(names)}
        return cls(
            counted=engine.materialise(counted, "groups"),
            kinds=kinds,
            shards=engine.from_arrow("shards", pa.table(columns)),
        )

    @property
    def by_host(self) -> ir.Table:
        """`name` of the host, `outcome` and `items`."""
        kinds = self.kinds.select("alike_no", "outcome")
        return self.counted.inner_join(kinds, "alike_no").select("outcome", "items", name="host")

    def worst(self, most: int) -> ir.Table:
        """Columns of `schema.GROUPS` of the first groups, in order."""
        some = self.counted.order_by(_ORDER).limit(most)
        told = some.inner_join(self.kinds, "alike_no").inner_join(self.shards, "shard_no")
        return told.order_by(_ORDER).select(*schema.GROUPS)

    def write(self, engine: Engine, path: Path) -> None:
        """Write columns of `schema.GROUPS` of all groups, in order.

        Raises:
            SourcingAuditError: the engine failed or the file can't be written.

        """
        engine.write_coded(
            self.counted,
            path,
            order_by=_ORDER,
            columns=tuple(schema.GROUPS),
            lookups={"alike_no": self.kinds, "shard_no": self.shards},
            repeating=("items",),
            sought=_SOUGHT,
        )


def _together(engine: Engine, units: Sequence[Unit]) -> tuple[ir.Table, ir.Table]:
    """Kinds, `alike_no` and `ALIKE`; and by kind and host the items and the first of all units."""
    if len(units) == 1:
        return units[0].classes.select("alike_no", *ALIKE).distinct(), units[0].groups
    # The same kind has a number of its own in each unit.
    own = ibis.union(
        *(
            unit.classes.select(*ALIKE, own_no="alike_no").mutate(unit_no=_unit_no(number))
            for number, unit in enumerate(units)
        ),
        distinct=True,
    )
    numbers = ibis.dense_rank().over(order_by=list(ALIKE))
    kinds = engine.materialise(own.mutate(alike_no=numbers), "kinds")
    counted = ibis.union(
        *(
            unit.groups.rename(own_no="alike_no").mutate(unit_no=_unit_no(number))
            for number, unit in enumerate(units)
        )
    ).inner_join(kinds.select("unit_no", "own_no", "alike_no"), ["unit_no", "own_no"])
    return kinds.select("alike_no", *ALIKE).distinct(), counted.group_by(
        ["alike_no", "host"]
    ).aggregate(items=total(counted["items"]), first=counted["first"].min())


def _unit_no(number: int) -> ir.IntegerValue:
    return ibis.literal(number, "int64")
