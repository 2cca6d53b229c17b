"""Consent records month by month: how many are in force, revoked and expired, as they say."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final, NamedTuple

import ibis

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import ibis.expr.types as ir

    from sourcing_audit.engine import Engine

SERIES: Final = (
    "grants in force",
    "refusals in force",
    "grants revoked so far",
    "grants expired so far",
)
YEARS: Final = 10
"""How far back months go; what began before counts in the first of them."""

_GRANTS: Final = ("consent", "licence_agreement", "opt_in", "renewal")
_AHEAD: Final = 12
"""Months after the as-of date that are shown if a record ends in them."""


class Point(NamedTuple):
    """A count at the end of a month."""

    month: dt.date
    series: str
    records: int
    ahead: bool
    """Whether the month begins after the as-of date: what will be if nothing changes."""


class _Dated(NamedTuple):
    grant: bool
    begins: dt.date
    expires: dt.date | None
    revoked: dt.date | None
    records: int


def months(engine: Engine, records: ir.Table, as_of: dt.date) -> tuple[list[Point], int]:
    """How many records that speak about the dataset's items are in force at each month's end.

    The month of the as-of date is told as of the end of that day, as verdicts are: what begins or
    ends later in it counts from the next.

    A record counts from the day that it is valid, declared or recorded, whatever comes first in
    this order, to the day that it ends or is revoked. Whether it reaches this use isn't asked.

    Args:
        engine: holds the records.
        records: columns of `output.EVIDENCE_OF_RECORDS`.
        as_of: the day of the audit.

    Returns:
        The points, by month and series, and the number of records that bear no date.

    """
    grant = records.decision.isin(["allow", "conditional"]) & records.record_type.isin(_GRANTS)
    refusal = (records.decision == "deny") & (records.record_type != "revocation")
    told = records.filter(grant | refusal).select(
        grant=grant,
        begins=ibis.coalesce(
            records.valid_from, records.declared_at, records.recorded_at, records.snapshot_at
        ),
        expires=records.valid_until,
        revoked=records.revoked_at,
    )
    told = told.mutate(
        begins=_month(told.begins, as_of),
        expires=_month(told.expires, as_of),
        revoked=_month(told.revoked, as_of),
    )
    alike = told.group_by(list(told.columns)).aggregate(records=told.count())
    rows = engine.arrow(alike).to_pylist()
    undated = sum(row["records"] for row in rows if row["begins"] is None)
    dated = [
        _Dated(
            row["grant"],
            row["begins"].date(),
            _day(row["expires"]),
            _day(row["revoked"]),
            row["records"],
        )
        for row in rows
        if row["begins"] is not None
    ]
    return [*_points(dated, as_of.replace(day=1))], undated


def _month(moment: ir.TimestampValue, as_of: dt.date) -> ir.TimestampValue:
    """The month that a moment counts in; the next, if it is later in the month of the audit."""
    month = moment.truncate("M")
    later = (month.date() == as_of.replace(day=1)) & (moment.date() > as_of)
    return ibis.ifelse(later, month + ibis.interval(months=1), month)


def _day(moment: dt.datetime | None) -> dt.date | None:
    return None if moment is None else moment.date()


def _points(dated: Sequence[_Dated], now: dt.date) -> Iterator[Point]:
    if not dated:
        return
    first = max(min(each.begins for each in dated), now.replace(year=now.year - YEARS))
    ends = [each.expires for each in dated if each.expires]
    last = max(now, min(max(ends, default=now), _later(now, _AHEAD)))
    month = min(first, now)
    while month <= last:
        counts = dict.fromkeys(SERIES, 0)
        for each in dated:
            if (name := _series(each, month)) is not None:
                counts[name] += each.records
        for name, number in counts.items():
            yield Point(month, name, number, month > now)
        month = _later(month, 1)


def _series(each: _Dated, month: dt.date) -> str | None:
    """What a record counts as at the end of a month."""
    grants, refusals, revoked, expired = SERIES
    if each.begins > month:
        return None
    ended = [day for day in (each.revoked, each.expires) if day is not None and day <= month]
    if not ended:
        return grants if each.grant else refusals
    if not each.grant:
        return None
    return revoked if each.revoked == min(ended) else expired


def _later(month: dt.date, by: int) -> dt.date:
    years, months_ = divmod(month.month - 1 + by, 12)
    return dt.date(month.year + years, months_ + 1, 1)
