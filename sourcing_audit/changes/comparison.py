"""Two audits of one dataset, held against each other item by item, in the engine.

    findings then ─► number of the verdict ─┐
                                            ├─ by item_id ─► moved ─► pairs of verdicts ─► counts
    findings now ──► number of the verdict ─┘

Only items whose verdict isn't what it was are kept. What is said of them is said of the pairs of
verdicts, which are few.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import ibis

from sourcing_audit import results
from sourcing_audit.changes import causes, counting, differences, elimination, sides
from sourcing_audit.changes.kinds import NOW, THEN, codes
from sourcing_audit.changes.kinds import flags as kind_flags
from sourcing_audit.engine import first_texts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import ibis.expr.types as ir

    from sourcing_audit.engine import Engine
    from sourcing_audit.report import Changes, Difference, Report
    from sourcing_audit.rules.changes import ChangeRules

SAMPLES: Final = 5
_KEYS: Final = ("then_verdict", "now_verdict", *causes.SEEN, *causes.TELLING)
_TOLD: Final = ("status", "outcome", "consent_status", "license_concluded", "reasons")


@dataclass(frozen=True)
class Audited:
    """What an audit left: its report and its tables, by their names in `results`."""

    report: Report
    tables: Mapping[str, ir.Table]

    @property
    def findings(self) -> ir.Table:
        """One row per item with its verdict."""
        return self.tables[results.FINDINGS]


@dataclass(frozen=True)
class Comparison:
    """What changed between two audits."""

    changes: Changes
    items: ir.Table
    """One row per item that isn't as it was: `item_id`, `change` (`added`, `gone`, `changed`, or
    `not_comparable` for an id that several items share), `kinds` and `causes` (ids of
    `changes.toml` and `causes.toml`), and of then and now, `then_…` and `now_…`: `status`,
    `outcome`, `consent_status`, `license_concluded`, `reasons`, `consent_record`."""


def compare(engine: Engine, then: Audited, now: Audited, rules: ChangeRules) -> Comparison:
    """Hold an audit against an earlier one of the same dataset.

    Args:
        engine: holds the tables of both.
        then: the earlier audit.
        now: the later one.
        rules: what may have changed, and what it may be down to.

    Raises:
        SourcingAuditError: the engine failed, or the findings aren't those that a report counts.

    """
    differs = differences.differences(then.report, now.report)
    shared = sides.shared_ids(engine, then.findings, now.findings)
    verdicts = sides.verdicts(engine, then.findings, now.findings)
    moved = _told(engine, _moved(engine, then, now, shared), then, now, differs)
    pairs = _pairs(engine, moved, verdicts)
    kinds = kind_flags(pairs, rules.kinds)
    found = causes.flags(pairs, differs)
    # What was added or is gone has no other verdict.
    both = pairs.then_verdict.notnull() & pairs.now_verdict.notnull()
    flagged = pairs.mutate(
        **{f"kind_{name}": both & flag.fill_null(False) for name, flag in kinds.items()},
        **{f"cause_{name}": both & flag.fill_null(False) for name, flag in found.items()},
    )
    flagged = engine.materialise(flagged, "flagged")
    changes = counting.changes(
        counting.Counted(engine, then.report, now.report, flagged, differs),
        shared_then=counting.by_verdict(engine, then.findings.semi_join(shared, "item_id")),
        shared_now=counting.by_verdict(engine, now.findings.semi_join(shared, "item_id")),
        rules=rules,
    )
    told = {
        "kinds": codes({name: flagged[f"kind_{name}"] for name in kinds}),
        "causes": codes({name: flagged[f"cause_{name}"] for name in found}),
    }
    return Comparison(changes, _items(moved, flagged.mutate(**told), shared))


def _moved(engine: Engine, then: Audited, now: Audited, shared: ir.Table) -> ir.Table:
    """Items whose verdict isn't what it was, or that only one audit has.

    Returns:
        `item_id`; `then_verdict` and `now_verdict`, NULL where that audit doesn't have the item;
        `then_record`, `now_record`; and the columns of `causes.SEEN` and `causes.TELLING` but
        those of `elimination.RULED_OUT`.

    """
    columns = ("consent_record", "license_no")
    before, after = (sides.numbered(one.findings, *columns) for one in (then, now))
    if engine.arrow(shared.limit(1)).num_rows:
        before, after = (sides.comparable(side, shared) for side in (before, after))
    before = before.select(
        then_id="item_id",
        then_verdict="verdict",
        then_record="consent_record",
        then_no="license_no",
    )
    after = after.select(
        now_id="item_id", now_verdict="verdict", now_record="consent_record", now_no="license_no"
    )
    joined = before.outer_join(after, before.then_id == after.now_id)
    other = ~joined.then_verdict.identical_to(joined.now_verdict)
    kept = joined.filter(other)
    moved = engine.materialise(
        kept.mutate(item_id=ibis.coalesce(kept.now_id, kept.then_id)).drop("then_id", "now_id"),
        "moved",
    )
    return _seen(engine, moved, then, now)


def _seen(engine: Engine, moved: ir.Table, then: Audited, now: Audited) -> ir.Table:
    """What is seen at the items themselves of why their verdict changed."""
    said = [causes.declared(one.tables[results.LICENSES]) for one in (then, now)]
    before, after = (
        table.select(**{f"{name}_no": "license_no", f"{name}_said": "said"})
        for name, table in zip(("then", "now"), said, strict=True)
    )
    records = [one.tables[results.RECORDS] for one in (then, now)]
    edited = causes.edited(engine, *records)
    ended = causes.ended(records[1], elimination.Between(then.report, now.report))
    told = moved.left_join(before, "then_no").left_join(after, "now_no")
    told = told.left_join(edited, told.now_record == edited.consent_record)
    told = told.left_join(ended, told.now_record == ended.ended_record)
    same = told.then_record.identical_to(told.now_record)
    both = told.then_verdict.notnull() & told.now_verdict.notnull()
    return engine.materialise(
        told.select(
            "item_id",
            "then_verdict",
            "now_verdict",
            "then_record",
            "now_record",
            declaration=both & ~told.then_said.identical_to(told.now_said),
            record=both & ~same,
            record_edited=both & same & told.consent_record.notnull(),
            same_words=both & (told.then_no == told.now_no),
            ended_between=both & same & told.ended_record.notnull(),
        ),
        "moved",
    )


def _told(
    engine: Engine,
    moved: ir.Table,
    then: Audited,
    now: Audited,
    differs: Sequence[Difference],
) -> ir.Table:
    """Add what can't have had a part, where several things may have had one."""
    if len(differs) == 1 or not {"registries", "as_of"} & set(differs):
        unknown = dict.fromkeys(elimination.RULED_OUT, ibis.literal(value=False))
        return moved.mutate(**unknown)
    both = moved.filter(moved.then_verdict.notnull() & moved.now_verdict.notnull())
    between = elimination.Between(then.report, now.report)
    found = elimination.ruled_out(
        engine, both.select("item_id"), then.tables, now.tables, between
    ).rename(of_item="item_id")
    told = moved.left_join(found, moved.item_id == found.of_item).drop("of_item")
    flags = {name: ibis.coalesce(told[name], False) for name in elimination.RULED_OUT}
    return engine.materialise(told.mutate(**flags), "moved")


def _pairs(engine: Engine, moved: ir.Table, verdicts: ir.Table) -> ir.Table:
    """Each pair of verdicts with its items, and what both verdicts are."""
    grouped = moved.group_by(list(_KEYS)).aggregate(
        items=moved.count(), samples=first_texts(moved.item_id, SAMPLES)
    )
    for side in (THEN, NOW):
        named = verdicts.rename(lambda name, side=side: f"{side}{name}")
        grouped = grouped.left_join(named, f"{side}verdict")
    return engine.materialise(grouped, "pairs")


def _items(moved: ir.Table, told: ir.Table, shared: ir.Table) -> ir.Table:
    """The columns of `Comparison.items`."""
    told_of = [f"{side}{name}" for name in _TOLD for side in (THEN, NOW)]
    about = told.select(
        **{f"pair_{name}": name for name in _KEYS}, **{n: n for n in ("kinds", "causes", *told_of)}
    )
    joined = moved.inner_join(
        about, [moved[name].identical_to(about[f"pair_{name}"]) for name in _KEYS]
    )
    change = ibis.cases(
        (joined.then_verdict.isnull(), "added"),
        (joined.now_verdict.isnull(), "gone"),
        else_="changed",
    )
    columns = ("item_id", "change", "kinds", "causes", *told_of)
    records = {"then_consent_record": joined.then_record, "now_consent_record": joined.now_record}
    found = joined.mutate(change=change, **records).select(*columns, *records)
    nothing = ibis.literal([], type="array<string>")
    told_apart = {
        "change": ibis.literal("not_comparable"),
        "kinds": nothing,
        "causes": nothing,
    }
    apart = shared.select(
        "item_id",
        **{
            name: told_apart.get(name, ibis.null(kind))
            for name, kind in found.schema().items()
            if name != "item_id"
        },
    )
    return found.union(apart)
