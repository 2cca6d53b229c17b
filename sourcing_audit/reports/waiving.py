"""Waivers as rows that every format shows: who answers for what, and until when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sourcing_audit.reports.quantities import plural

if TYPE_CHECKING:
    import datetime as dt

    from sourcing_audit.report import Report, Waiver

STILL_COUNTED: Final = (
    "A waiver says who answers for a finding. It changes no verdict and no count in this report."
)


@dataclass(frozen=True)
class Waived:
    """One waiver in words."""

    code: str
    applies_to: str
    why: str
    comment: str
    owner: str
    approved_by: str
    expires: str
    left: str
    """How long it still holds; empty where it has expired or never does."""
    expired: bool
    items: int


def waived(report: Report) -> list[Waived]:
    """List all waivers, the expired first."""
    in_order = sorted(report.waivers, key=lambda entry: not entry.expired)
    return [
        Waived(
            entry.code,
            _applies_to(entry),
            entry.reason_label or entry.reason,
            entry.comment,
            entry.owner,
            entry.approved_by,
            _expires(entry),
            _left(entry, report.as_of),
            entry.expired,
            entry.items,
        )
        for entry in in_order
    ]


def alarm(report: Report) -> str | None:
    """Warn of waivers that have expired; None where none has."""
    expired = [entry for entry in report.waivers if entry.expired]
    if not expired:
        return None
    one = len(expired) == 1
    return (
        f"{plural(len(expired), 'waiver')} {'has' if one else 'have'} expired and"
        f" {'waives' if one else 'waive'} nothing any more. Renew {'it' if one else 'them'} with an"
        " approval, or mend the findings."
    )


def _applies_to(waiver: Waiver) -> str:
    named = [f"{key} {value}" for key, value in sorted(waiver.match.items())]
    return ", ".join(named) or "all items with it"


def _expires(waiver: Waiver) -> str:
    if waiver.expires is None:
        return "never"
    day = waiver.expires.isoformat()
    return f"expired {day}" if waiver.expired else day


def _left(waiver: Waiver, as_of: dt.date) -> str:
    if waiver.expires is None or waiver.expired:
        return ""
    return f"{plural((waiver.expires - as_of).days, 'day')} left"
