"""How a dataset fared from audit to audit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sourcing_audit.history import rows
from sourcing_audit.report import TrendPoint

if TYPE_CHECKING:
    from sourcing_audit.history import Entry, History
    from sourcing_audit.report import Report

AUDITS: Final = 52
"""A year of weekly ones."""


def trend(history: History, report: Report) -> list[TrendPoint]:
    """The last audits of a dataset and the one that isn't recorded yet, the oldest first.

    Raises:
        SourcingAuditError: the history can't be read.

    """
    found = history.entries(dataset=report.dataset.name, last=AUDITS - 1) if history.begun else []
    if not found:
        return [_now(report, None)]
    counts = history.counts([entry.audit_no for entry, _ in found])
    points = [
        _point(entry, counts[entry.audit_no].get("outcome", {}), before)
        for entry, before in reversed(found)
    ]
    return [*points, _now(report, found[0][0])]


def _point(entry: Entry, outcomes: dict[str, int], before: Entry | None) -> TrendPoint:
    return TrendPoint(
        as_of=entry.as_of,
        rules_version=entry.rules_version,
        items_in=entry.items_in,
        outcomes=outcomes,
        differs=[] if before is None else entry.differs(before),
    )


def _now(report: Report, before: Entry | None) -> TrendPoint:
    own = rows.audit(report, "", "")
    return TrendPoint(
        as_of=report.as_of,
        rules_version=report.rules.version,
        items_in=report.totals.items_in,
        outcomes={str(each.outcome): each.items for each in report.outcomes},
        differs=[] if before is None else before.differing(own),
    )
