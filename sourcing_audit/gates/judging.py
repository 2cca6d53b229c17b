"""Gates: whether a dataset keeps the limits that were set, by counts that never flatter.

For each limit: the items that it is about, less those that a waiver answers for, less those that
an earlier audit, the baseline, found already. Waivers by host are told from groups of items, all
else from the items themselves. Where both meet, items that both take out may be the same ones;
the fewest that can have been taken out is what is told.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from sourcing_audit import changes, report
from sourcing_audit.errors import InputError, SourcingAuditError
from sourcing_audit.gates import cells, waivers
from sourcing_audit.model import Outcome, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from sourcing_audit.changes import Audited
    from sourcing_audit.config import LimitConfig, WaiverConfig
    from sourcing_audit.engine import Engine
    from sourcing_audit.gates.cells import Cell, Verdict
    from sourcing_audit.gates.waivers import Waiver
    from sourcing_audit.model import FailOn
    from sourcing_audit.report import Report
    from sourcing_audit.rules.changes import WaiverReason

QUARANTINED = "quarantined"
"""The code of a limit on what could not be read."""

_COUNTS_QUARANTINED = frozenset({QUARANTINED, Outcome.UNDETERMINED, Status.NOT_ESTABLISHED})
"""What could not be read is not established; no waiver and no baseline speaks of it."""


@dataclass(frozen=True)
class Limit:
    """How many items may have an outcome, a status or a reason."""

    code: str
    allowed: int | None = 0
    allowed_share: float | None = None
    asked_by: Literal["fail_on", "limit"] = "limit"


def limits(fail_on: FailOn, stated: Mapping[str, LimitConfig]) -> tuple[Limit, ...]:
    """None for each outcome that `fail_on` covers, and what `[gate]` states; all must be kept."""
    covered = fail_on.covers()
    return (
        *(Limit(str(each), 0, asked_by="fail_on") for each in Outcome if each in covered),
        *(Limit(code, each.max, each.max_share) for code, each in stated.items()),
    )


def check(stated: Mapping[str, LimitConfig], *, where: str, reasons: Iterable[str]) -> None:
    """Refuse limits on what isn't there.

    Raises:
        ConfigError: naming the file and the key.

    """
    known = {*map(str, Outcome), *map(str, Status), *reasons, QUARANTINED}
    for code in stated:
        waivers.refuse_unknown(code, known, f"{where}: gate.{code}", "outcome, status or reason")


@dataclass(frozen=True)
class Judgement:
    """What a gate found."""

    gate: report.Gate
    waivers: list[report.Waiver]


def judge(
    engine: Engine,
    audited: Audited,
    asked: Sequence[Limit],
    *,
    stated: Sequence[WaiverConfig] = (),
    reasons: Mapping[str, WaiverReason],
    baseline: Audited | None = None,
) -> Judgement:
    """Hold an audit against limits.

    Args:
        engine: holds its tables, and the baseline's.
        audited: the audit.
        asked: the limits; all must be kept.
        stated: the waivers of `audit.toml`; those of other datasets are left out.
        reasons: why findings may be waived.
        baseline: an earlier audit of the same dataset; what it found doesn't count.

    Raises:
        InputError: the baseline is an audit of another dataset, whose ids mean other items.
        SourcingAuditError: the engine failed, or tables and report don't agree.

    """
    told = audited.report
    if baseline is not None and baseline.report.dataset.name != told.dataset.name:
        raise InputError(
            f"the baseline is an audit of {baseline.report.dataset.name}, "
            f"not of {told.dataset.name}",
            fix="give an earlier audit of the same dataset",
        )
    given = waivers.of_dataset(stated, told.dataset.name, told.as_of)
    hosts, shards, ids = (_asked(given, name) for name in ("host", "shard", "item_id"))
    grouped = cells.of_groups(engine, cells.groups_of(audited), hosts)
    single: list[Cell] = []
    if shards or ids or baseline is not None:
        single = cells.of_findings(engine, audited, shards=shards, ids=ids, baseline=baseline)
        _agree(told, single)
    _agree(told, grouped)
    active = [each for each in given if not each.expired]
    counted = _Counted(grouped, single, active)
    checks = [_checked(told, limit, counted) for limit in asked]
    expired = len(given) - len(active)
    return Judgement(
        gate=report.Gate(
            passed=all(each.passed for each in checks) and not expired,
            baseline=None if baseline is None else changes.earlier(baseline.report),
            checks=checks,
            expired_waivers=expired,
        ),
        waivers=[each.told(_covered(each, grouped, single), reasons) for each in given],
    )


def _asked(given: Sequence[Waiver], name: str) -> set[str]:
    """The values that waivers ask for under one key."""
    values = (getattr(each.stated.match, name) for each in given)
    return {value for value in values if value is not None}


def _covered(waiver: Waiver, grouped: Sequence[Cell], single: Sequence[Cell]) -> int:
    return sum(c.items for c in (single if waiver.by_item else grouped) if waiver.covers(c))


def _agree(told: Report, found: Sequence[Cell]) -> None:
    if sum(cell.items for cell in found) != told.totals.verdicts:
        raise SourcingAuditError(
            "the audit's tables don't hold the items that its report counts",
            fix="run the audit again",
        )


@dataclass(frozen=True)
class _Counted:
    """The cells of all items, and by which codes each is waived."""

    grouped: Sequence[Cell]
    single: Sequence[Cell]
    """Empty where neither waivers by shard or id nor a baseline are given."""
    active: Sequence[Waiver]
    _of_groups: list[tuple[Cell, frozenset[str]]] = field(init=False)
    _of_items: list[tuple[Cell, frozenset[str]]] = field(init=False)

    def __post_init__(self) -> None:
        for name, found, apart in (
            ("_of_groups", self.grouped, [each for each in self.active if not each.by_item]),
            ("_of_items", self.single, [each for each in self.active if not each.by_group]),
        ):
            waived = [
                (cell, frozenset(each.stated.code for each in apart if each.covers(cell)))
                for cell in found
            ]
            object.__setattr__(self, name, waived)

    def amounts(self, code: str) -> tuple[int, int, int]:
        """Items that have a code; those waived; those waived or in the baseline."""

        def waived(cell: Cell, codes: frozenset[str]) -> bool:
            return waivers.exempt(cell.verdict, codes, code)

        def out(cell: Cell, codes: frozenset[str]) -> bool:
            return waived(cell, codes) or _known(cell, code)

        by_group = _sums(self._of_groups, code, waived)
        by_item, excluded = (_sums(self._of_items, code, told) for told in (waived, out))
        return (
            sum(cell.items for cell in self.grouped if cell.verdict.has(code)),
            _fewest(by_group, by_item),
            _fewest(by_group, excluded),
        )


def _sums(
    found: Iterable[tuple[Cell, frozenset[str]]],
    code: str,
    chosen: Callable[[Cell, frozenset[str]], bool],
) -> dict[Verdict, int]:
    """Items by verdict, of the cells that have a code and are chosen."""
    sums: defaultdict[Verdict, int] = defaultdict(int)
    for cell, waived in found:
        if cell.verdict.has(code) and chosen(cell, waived):
            sums[cell.verdict] += cell.items
    return sums


def _fewest(one: Mapping[Verdict, int], other: Mapping[Verdict, int]) -> int:
    """How many items at least are in either of two sets that aren't known to differ."""
    return sum(max(one.get(each, 0), other.get(each, 0)) for each in {*one, *other})


def _known(cell: Cell, code: str) -> bool:
    """Whether a finding was there in the baseline: the same, and nothing added to it."""
    now, then = cell.verdict, cell.then
    if then is None:
        return False
    if code in now.reasons:
        return code in then.reasons
    same = now.status == then.status and now.reasons <= then.reasons
    return same and (now.outcome != Outcome.CONDITIONAL or now.obligations <= then.obligations)


def _checked(told: Report, limit: Limit, counted: _Counted) -> report.GateCheck:
    found, waived, out = counted.amounts(limit.code)
    remaining, unreadable = found - out, 0
    if limit.code in _COUNTS_QUARANTINED:
        found += told.totals.quarantined
        remaining += told.totals.quarantined
        unreadable = told.totals.unreadable_files
    within = limit.allowed is None or remaining <= limit.allowed
    share = remaining / told.totals.items_in if told.totals.items_in else 0.0
    return report.GateCheck(
        code=limit.code,
        label=_label(told, limit.code),
        asked_by=limit.asked_by,
        allowed=limit.allowed,
        allowed_share=limit.allowed_share,
        found=found,
        waived=waived,
        in_baseline=out - waived,
        counted=remaining,
        unreadable_files=unreadable,
        passed=within
        and (limit.allowed_share is None or share <= limit.allowed_share)
        and not unreadable,
    )


def _label(told: Report, code: str) -> str:
    labels: dict[str, str] = {str(row.status): row.label for row in told.statuses}
    labels |= {row.code: row.label for row in told.reasons}
    return labels.get(code, code)
