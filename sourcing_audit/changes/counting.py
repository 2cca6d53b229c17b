"""What changed, counted: from pairs of verdicts to the report's model."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sourcing_audit import report
from sourcing_audit.changes.differences import earlier, ids_are_places
from sourcing_audit.errors import SourcingAuditError
from sourcing_audit.model import Outcome, Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import ibis.expr.types as ir

    from sourcing_audit.engine import Engine
    from sourcing_audit.report import Difference, Report
    from sourcing_audit.rules.changes import Cause, ChangeRules, Kind

Verdicts = Counter[tuple[str, str]]
"""Items by status and outcome."""

_NOT_NEW = {
    Outcome.PROHIBITED: frozenset({Outcome.PROHIBITED}),
    Outcome.UNDETERMINED: frozenset({Outcome.PROHIBITED, Outcome.UNDETERMINED}),
}
"""What an item had to be then for an outcome of now not to be new."""

_SAMPLES = 5


@dataclass(frozen=True)
class Counted:
    """Two reports, and the pairs of verdicts between them."""

    engine: Engine
    then: Report
    now: Report
    pairs: ir.Table
    """Of then and now `status` and `outcome`; `items`, `samples`, and a boolean for each kind and
    cause, `kind_…` and `cause_…`."""
    differs: Sequence[Difference]


def by_verdict(engine: Engine, findings: ir.Table) -> Verdicts:
    """Count findings."""
    grouped = findings.group_by(["status", "outcome"]).aggregate(items=findings.count())
    return Counter(
        {(row["status"], row["outcome"]): row["items"] for row in engine.arrow(grouped).to_pylist()}
    )


def changes(
    counted: Counted, *, shared_then: Verdicts, shared_now: Verdicts, rules: ChangeRules
) -> report.Changes:
    """The report's account of what changed.

    Args:
        counted: what was found.
        shared_then: items of the earlier audit whose id isn't theirs alone.
        shared_now: those of this one.
        rules: words of kinds and causes.

    Raises:
        SourcingAuditError: the findings aren't those that the reports count.

    """
    pairs = counted.pairs
    sums = _rows(
        counted.engine,
        pairs.group_by(["then_status", "then_outcome", "now_status", "now_outcome"]).aggregate(
            items=pairs["items"].sum()
        ),
    )
    added = sum(row["items"] for row in sums if row["then_status"] is None)
    gone = sum(row["items"] for row in sums if row["now_status"] is None)
    changed = sum(row["items"] for row in sums) - added - gone
    unchanged = counted.now.totals.verdicts - shared_now.total() - added - changed
    if unchanged != counted.then.totals.verdicts - shared_then.total() - gone - changed:
        raise SourcingAuditError(
            "the items of the two audits don't add up, so what changed can't be told",
            fix="a folder's findings aren't those of its report: run that audit again",
        )
    flags = _flag_counts(counted.engine, pairs)
    return report.Changes(
        since=earlier(counted.then),
        differs=list(counted.differs),
        added=added,
        gone=gone,
        changed=changed,
        unchanged=unchanged,
        not_comparable=shared_now.total(),
        not_comparable_then=shared_then.total(),
        ids_are_places=ids_are_places(counted.then, counted.now),
        newly_prohibited=_newly(Outcome.PROHIBITED, sums, shared_now),
        newly_undetermined=_newly(Outcome.UNDETERMINED, sums, shared_now),
        kinds=_counts(flags, "kind_", rules.kinds),
        causes=_counts(flags, "cause_", rules.causes.values()),
        flows=_flows(counted.now, sums, shared_now),
    )


def _newly(outcome: Outcome, sums: Sequence[Mapping[str, Any]], shared: Verdicts) -> int:
    moved: int = sum(
        row["items"]
        for row in sums
        if row["now_outcome"] == outcome and row["then_outcome"] not in _NOT_NEW[outcome]
    )
    return moved + sum(items for (_, of), items in shared.items() if of == outcome)


def _flows(
    now: Report, sums: Sequence[Mapping[str, Any]], shared: Verdicts
) -> list[report.StatusFlow]:
    """Items by status then and now; those that aren't among the pairs are as they were."""
    flows: Counter[tuple[str | None, str | None]] = Counter()
    for row in sums:
        flows[row["then_status"], row["now_status"]] += row["items"]
    arrived: Counter[str | None] = Counter()
    for (_, status), items in flows.items():
        arrived[status] += items
    apart: Counter[str] = Counter()
    for (status, _), items in shared.items():
        apart[status] += items
    for entry in now.statuses:
        name = str(entry.status)
        flows[name, name] += entry.items - apart[name] - arrived[name]
    order: dict[str | None, int] = {None: -1}
    order |= {str(status): place for place, status in enumerate(Status)}
    in_order = sorted(flows.items(), key=lambda flow: [order[status] for status in flow[0]])
    return [
        report.StatusFlow(
            before=None if before is None else Status(before),
            after=None if after is None else Status(after),
            items=items,
        )
        for (before, after), items in in_order
        if items
    ]


def _flag_counts(engine: Engine, pairs: ir.Table) -> dict[str, tuple[int, list[str]]]:
    """For each kind and cause how many items, and a few ids."""
    names = [name for name in pairs.columns if name.startswith(("kind_", "cause_"))]
    wanted = {f"n_{name}": pairs["items"].sum(where=pairs[name]) for name in names}
    wanted |= {
        f"ids_{name}": pairs.samples.collect(where=pairs[name]).flatten().sort()[:_SAMPLES]
        for name in names
    }
    row = _rows(engine, pairs.aggregate(**wanted))[0]
    return {name: (int(row[f"n_{name}"] or 0), row[f"ids_{name}"] or []) for name in names}


def _counts(
    flags: Mapping[str, tuple[int, list[str]]], prefix: str, rules: Iterable[Kind | Cause]
) -> list[report.ChangeCount]:
    """What happened to items, in the order of the rules."""
    found = []
    for rule in rules:
        items, samples = flags.get(f"{prefix}{rule.id}", (0, []))
        if items:
            found.append(
                report.ChangeCount(
                    kind=rule.id,
                    label=rule.label,
                    meaning=rule.meaning,
                    act=rule.act,
                    items=items,
                    samples=samples,
                )
            )
    return found


def _rows(engine: Engine, table: ir.Table) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = engine.arrow(table).to_pylist()
    return found
