"""ISO 8601 durations, counted from a date."""

from __future__ import annotations

import calendar
import datetime as dt
import re

_DURATION = re.compile(
    r"P(?=.)(?:(\d{1,4})Y)?(?:(\d{1,4})M)?(?:(\d{1,4})W)?(?:(\d{1,5})D)?"
    r"(?:T(?=.)(?:(\d{1,5})H)?(?:(\d{1,6})M)?(?:(\d{1,7})S)?)?"
)
_MONTHS = 12


def end(start: str, duration: str) -> str | None:
    """The moment at which a duration ends; None where either can't be read."""
    parts = _parts(duration)
    try:
        moment = dt.datetime.fromisoformat(start)
    except ValueError:
        return None
    if parts is None:
        return None
    years, months, weeks, days, hours, minutes, seconds = parts
    month = moment.month - 1 + months + _MONTHS * years
    year, month = moment.year + month // _MONTHS, month % _MONTHS + 1
    if year > dt.MAXYEAR:
        return None
    day = min(moment.day, calendar.monthrange(year, month)[1])
    rest = dt.timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    try:
        return (moment.replace(year=year, month=month, day=day) + rest).isoformat()
    except OverflowError:
        return None


def day_after(date: str) -> str | None:
    """The end of a day as the moment at which it is over; of a moment, itself."""
    try:
        if len(date) > len("2026-01-01"):
            return dt.datetime.fromisoformat(date).isoformat()
        return (dt.date.fromisoformat(date) + dt.timedelta(days=1)).isoformat()
    except (ValueError, OverflowError):
        return None


def most_days(duration: str) -> int | None:
    """The most days that a duration can have; None where it can't be read."""
    parts = _parts(duration)
    if parts is None:
        return None
    years, months, weeks, days, *clock = parts
    return 366 * years + 31 * months + 7 * weeks + days + any(clock)


def _parts(duration: str) -> tuple[int, ...] | None:
    found = _DURATION.fullmatch(duration.strip())
    return None if found is None else tuple(int(part or 0) for part in found.groups())
