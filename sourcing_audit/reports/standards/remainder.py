"""Groups of items alike, and the items that no group of the report covers: nothing is dropped."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sourcing_audit.model import Outcome, Status
from sourcing_audit.report import QuarantineCount

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sourcing_audit.report import Group, Report

DECIDED: Final = {
    Status.OPTED_OUT: Outcome.PROHIBITED,
    Status.CONSENT_REQUIRED: Outcome.PROHIBITED,
    Status.TERMS_NOT_MET: Outcome.PROHIBITED,
    Status.NOT_ESTABLISHED: Outcome.UNDETERMINED,
}
"""The outcome of the statuses that have only one."""


@dataclass(frozen=True)
class Rest:
    """Items of one outcome that no listed group covers."""

    outcome: Outcome
    status: Status | None
    """None where the outcome is shared by several statuses."""
    items: int


def rest(report: Report, groups: Sequence[Group]) -> list[Rest]:
    """Count what `groups` don't cover of every outcome, the worst outcome first.

    With `groups` it adds up to the verdicts.
    """
    found = []
    for entry in report.statuses:
        outcome = DECIDED.get(entry.status)
        if outcome is not None:
            covered = sum(one.items for one in groups if one.status is entry.status)
            found.append(Rest(outcome, entry.status, entry.items - covered))
    for total in report.outcomes:
        if total.outcome not in DECIDED.values():
            covered = sum(one.items for one in groups if one.outcome is total.outcome)
            found.append(Rest(total.outcome, None, total.items - covered))
    order = list(Outcome)
    found.sort(key=lambda one: order.index(one.outcome))
    return [one for one in found if one.items > 0]


def quarantined(report: Report) -> list[QuarantineCount]:
    """What is quarantined by reason, with an entry for records that none of the reasons covers."""
    missing = report.totals.quarantined - sum(entry.records for entry in report.quarantine)
    if missing <= 0:
        return report.quarantine
    other = QuarantineCount(
        reason="not_listed",
        label="Records quarantined for reasons that the report doesn't list",
        how_to_fix="See quarantine.parquet.",
        records=missing,
        files=0,
        samples=[],
    )
    return [*report.quarantine, other]
