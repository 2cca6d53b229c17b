"""Findings grouped once by everything that is counted, and what follows from the groups alone."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import ibis

from sourcing_audit import report
from sourcing_audit.engine import Queries
from sourcing_audit.model import DatasetStatus, Outcome, Status
from sourcing_audit.sources.interface import STRIDE
from sourcing_audit.units import SAMPLES
from sourcing_audit.verdict import RANKED

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    import ibis.expr.types as ir

    from sourcing_audit.engine import Engine
    from sourcing_audit.pipeline import Judged, Rulebook
    from sourcing_audit.rules.policy import Explanation

Row = dict[str, Any]

FLAGS = (
    "without_creator",
    "without_source",
    "without_key",
    "likeness_gap",
    "media_gap",
    "unread_depicts_person",
    "unread_person_status",
    "unread_acquired_at",
    "unread_landing_url",
    "unread_source_url",
)
BY = (
    "status",
    "rank",
    "basis",
    "outcome",
    "license_evidence",
    "consent_status",
    "generated",
    "reasons",
    "obligations",
)


def rows(engine: Engine, table: ir.Table) -> list[Row]:
    """A small table as dictionaries."""
    found: list[Row] = engine.arrow(table).to_pylist()
    return found


def share(part: int, whole: int) -> float:
    """A part of a whole, 0 to 1; 0 of nothing."""
    return round(part / whole, 6) if whole else 0.0


@dataclass(frozen=True)
class Groups:
    """A few hundred rows for any dataset, in the order in which they first occur."""

    rows: list[Row]

    @classmethod
    def of(cls, engine: Engine, classes: ir.Table) -> Groups:
        """Group the classes of all items."""
        grouped = Queries(engine).view("counted", _grouped, classes=classes)
        return cls(sorted(rows(engine, grouped), key=lambda row: row["first"]))

    def total(self, **wanted: object) -> int:
        """Items of the groups that have these values."""
        return sum(row["items"] for row in self._where(wanted))

    def carrying(self, code: str) -> int:
        """Items that carry a reason."""
        return sum(row["items"] for row in self.rows if code in row["reasons"])

    def flagged(self, name: str, outcomes: Collection[Outcome] = tuple(Outcome)) -> int:
        """Items for which a flag is set, of those with these outcomes."""
        return sum(row[name] for row in self.rows if row["outcome"] in outcomes)

    def split(self, by: str, **wanted: object) -> dict[str, int]:
        """Items by the value of one column; NULL is left out."""
        found: Counter[str] = Counter()
        for row in self._where(wanted):
            if row[by] is not None:
                found[row[by]] += row["items"]
        return dict(sorted(found.items()))

    def _where(self, wanted: Mapping[str, object]) -> list[Row]:
        # Value by value: the report asks for some hundred such sums.
        found = self.rows
        for name, value in wanted.items():
            found = [row for row in found if row[name] == value]
        return found


def _grouped(classes: ir.Table) -> ir.Table:
    def carrying(flag: str) -> ir.IntegerScalar:
        return classes["items"].sum(where=classes[flag])

    return classes.group_by(list(BY)).aggregate(
        items=classes["items"].sum(),
        first=classes["first"].collect().flatten().sort()[:SAMPLES],
        **{name: ibis.coalesce(carrying(name), 0) for name in FLAGS},
    )


def outcomes(groups: Groups, items_in: int) -> list[report.OutcomeCount]:
    """Every outcome with its items."""
    return [
        report.OutcomeCount(
            outcome=outcome,
            items=(n := groups.total(outcome=str(outcome))),
            share=share(n, items_in),
        )
        for outcome in Outcome
    ]


def totals(groups: Groups, quarantine: Iterable[report.QuarantineCount]) -> report.Totals:
    """Items in = verdicts + quarantined."""
    verdicts = groups.total()
    records = sum(row.records for row in quarantine)
    return report.Totals(
        items_in=verdicts + records,
        verdicts=verdicts,
        quarantined=records,
        unreadable_files=sum(row.files for row in quarantine),
    )


def statuses(groups: Groups, rules: Rulebook, items_in: int) -> list[report.StatusCount]:
    """Every status with its items, in the order of the table."""
    lines = {line.status: line for line in reversed(rules.policy.verdict)}
    return [
        report.StatusCount(
            status=status,
            rank=lines[status].rank,
            label=lines[status].label,
            source=lines[status].source,
            items=(n := groups.total(status=str(status))),
            share=share(n, items_in),
            by_license_evidence=groups.split("license_evidence", status=str(status)),
            by_basis=groups.split("basis", status=str(status)),
        )
        for status in Status
    ]


def dataset_status(groups: Groups, totals: report.Totals) -> DatasetStatus:
    """Never better than the evidence: quarantined items count as not established."""
    ranked = sum(groups.total(status=str(status)) for status in RANKED)
    if groups.total(status=str(Status.OPTED_OUT)):
        return DatasetStatus.CONTAINS_OPTED_OUT
    if not ranked:
        return DatasetStatus.NOT_ESTABLISHED
    if ranked < totals.items_in or totals.unreadable_files:
        return DatasetStatus.PARTLY_ESTABLISHED
    if groups.total(outcome=str(Outcome.CONDITIONAL)):
        return DatasetStatus.ESTABLISHED_WITH_OBLIGATIONS
    return DatasetStatus.ESTABLISHED


def _explained(known: Mapping[str, Explanation], code: str) -> Row:
    """Label, clause and remedy of a code; the tests hold that every code has them."""
    row = known[code]
    return {"code": code, "label": row.label, "clause": row.clause, "how_to_fix": row.how_to_fix}


def _count_codes(groups: Groups, column: str) -> tuple[Counter[str], dict[str, list[int]]]:
    """Items per code, and the positions of its first items."""
    counts: Counter[str] = Counter()
    first: dict[str, list[int]] = {}
    for row in groups.rows:
        for code in row[column]:
            counts[code] += row["items"]
            first[code] = sorted([*first.get(code, []), *row["first"]])[:SAMPLES]
    return counts, first


def reasons(
    engine: Engine, judged: Judged, groups: Groups, rules: Rulebook, items_in: int
) -> list[report.ReasonCount]:
    """Every reason with its items, a few ids, and how to fix it; the most frequent first."""
    counts, first = _count_codes(groups, "reasons")
    ids = _ids(engine, judged, {pos for some in first.values() for pos in some})
    return [
        report.ReasonCount(
            **_explained(rules.policy.reasons, code),
            items=items,
            share=share(items, items_in),
            samples=[ids[pos] for pos in first[code]],
        )
        for code, items in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    ]


def _ids(engine: Engine, judged: Judged, positions: Collection[int]) -> dict[int, str]:
    """The items' ids by their positions."""
    numbers = {shard.name: n for n, shard in enumerate(judged.ingested.shards)}
    by_shard: dict[str, list[int]] = {}
    for pos in sorted(positions):
        name = judged.ingested.shards[pos // STRIDE].name
        by_shard.setdefault(name, []).append(pos % STRIDE)
    table = judged.findings
    wanted = [
        (table.shard == shard) & table["row"].isin(places) for shard, places in by_shard.items()
    ]
    if not wanted:
        return {}
    found = rows(engine, table.filter(ibis.or_(*wanted)).select("item_id", "shard", "row"))
    return {numbers[one["shard"]] * STRIDE + one["row"]: one["item_id"] for one in found}


def obligations(groups: Groups, rules: Rulebook) -> list[report.ObligationCount]:
    """Every open obligation with its items, the most frequent first."""
    counts, _ = _count_codes(groups, "obligations")
    return [
        report.ObligationCount(**_explained(rules.policy.obligations, code), items=items)
        for code, items in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    ]
