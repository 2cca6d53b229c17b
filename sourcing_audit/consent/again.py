"""Match items again after the registries have changed: only what records weren't there before.

Which items a record speaks about follows from what it is matched with (`planning.MATCHED_BY`) and
from the items, whatever other records there are. So what an earlier audit found of the same items
holds for each record that is matched with the same, under whatever number it is known now.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sourcing_audit.consent import planning
from sourcing_audit.consent.asking import Matched

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from sourcing_audit.consent.consult import Consulted
    from sourcing_audit.engine import Engine


def compared(engine: Engine, consulted: Consulted) -> ir.Table:
    """What of the records is compared with those of a later audit: columns of `planning.RECORD`.

    Not those that are compared by distance: what is near depends on more of a record than it is
    matched with by equality.
    """
    known = consulted.known.select(*planning.RECORD)
    if (alike := planning.alike(engine, consulted.records)) is not None:
        known = known.anti_join(alike, "record_no")
    return engine.named(known)


@dataclass(frozen=True)
class Again:
    """What has become of the records that an earlier audit matched."""

    engine: Engine
    same: ir.Table
    """`before` and `record_no`: the numbers of records that are matched with the same; each of now
    once, and each of then as often as there are such."""
    new: Consulted
    """The registries, with only those records that aren't in `same`."""

    @classmethod
    def of(cls, engine: Engine, consulted: Consulted, before: ir.Table) -> Again:
        """Compare the records with those of an earlier audit.

        Args:
            engine: holds the tables.
            consulted: the records now.
            before: what `compared` gave then.

        """
        queries = consulted.queries
        known = compared(engine, consulted)
        same = queries.table("same_records", _same, known=known, before=before)
        numbers = queries.table("new_records", _new, records=consulted.records, same=same)
        new = replace(
            consulted,
            standings=engine.named(consulted.standings.semi_join(numbers, "record_no")),
            records=engine.named(consulted.records.semi_join(numbers, "record_no")),
        )
        return cls(engine, same, new)

    def matched(self, before: Matched | None, new: Matched | None) -> Matched | None:
        """What records speak about the same items now.

        Args:
            before: what an earlier audit found, with its numbers of records.
            new: what `asking.match` finds with `self.new`.

        """
        if before is None:
            return new
        pairs = self.engine.materialise(_renumbered(before.pairs, self.same), "pairs")
        before = replace(before, pairs=pairs)
        if new is None:
            return before
        shown = None
        if before.shown is not None and new.shown is not None:
            shown = before.shown.union(new.shown, distinct=True)
        return Matched(
            pairs=self.engine.materialise(pairs.union(new.pairs), "pairs"),
            items=self.engine.materialise(_both(before.items, new.items), "items"),
            shown=shown,
        )


def _same(known: ir.Table, before: ir.Table) -> ir.Table:
    by = list(planning.MATCHED_BY)
    once = before.group_by(by).aggregate(before=before.record_no.min())
    once = once.rename({f"then_{name}": name for name in by})
    return known.inner_join(
        once, [known[name].identical_to(once[f"then_{name}"]) for name in by]
    ).select("before", "record_no")


def _new(records: ir.Table, same: ir.Table) -> ir.Table:
    return records.anti_join(same, "record_no").select("record_no")


def _renumbered(pairs: ir.Table, same: ir.Table) -> ir.Table:
    found = pairs.rename(before="record_no").inner_join(same, "before")
    return found.select(*pairs.columns)


def _both(items: ir.Table, others: ir.Table) -> ir.Table:
    return items.union(others.anti_join(items, "pos").select(*items.columns))
