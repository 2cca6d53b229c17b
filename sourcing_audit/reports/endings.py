"""Consents and approvals that end soon: how many in all, and the soonest one by one."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Final

from sourcing_audit.report import ExpiringDay
from sourcing_audit.reports.quantities import plural

if TYPE_CHECKING:
    import datetime as dt

    from sourcing_audit.report import Expiring, Report

HEADER: Final = ("Valid until", "Days left", "What", "Registry", "Record", "Items")


def days(report: Report) -> list[ExpiringDay]:
    """All that ends, by day; of a report that knows no more, what it lists."""
    consent = report.consent
    by_day = groupby(consent.expiring, key=lambda entry: entry.valid_until.date())
    return consent.expiring_by_day or [_counted(day, list(entries)) for day, entries in by_day]


def _counted(day: dt.date, entries: list[Expiring]) -> ExpiringDay:
    consents = sum(entry.approves is None for entry in entries)
    return ExpiringDay(
        day=day,
        consents=consents,
        approvals=len(entries) - consents,
        items=sum(entry.items for entry in entries),
    )


def in_all(report: Report) -> int:
    """Count the consents and approvals that end soon."""
    return sum(one.consents + one.approvals for one in days(report))


def sentence(report: Report) -> str:
    """Say how many end soon, of all, not of those that are listed."""
    found = days(report)
    if not found:
        return "No consent in force, and no approval of one, is known to end within 90 days."
    parts = (
        (sum(one.consents for one in found), "consent"),
        (sum(one.approvals for one in found), "approval"),
    )
    what = " and ".join(plural(number, noun) for number, noun in parts if number)
    items = plural(sum(one.items for one in found), "item")
    verb, note = ("ends", "") if in_all(report) == 1 else ("end", "; an item counts with each")
    return (
        f"{what} in force {verb} within 90 days of the as-of date, the first on"
        f" {found[0].day.isoformat()}, for {items}{note}."
    )


def rows(report: Report) -> list[tuple[str | int, ...]]:
    """List the soonest, under `HEADER`."""
    return [
        (
            entry.valid_until.date().isoformat(),
            (entry.valid_until.date() - report.as_of).days,
            what(entry),
            entry.registry,
            entry.record_id,
            entry.items,
        )
        for entry in report.consent.expiring
    ]


def what(entry: Expiring) -> str:
    """Tell a consent from the approval of one."""
    return "consent" if entry.approves is None else f"approval of {entry.approves}"
