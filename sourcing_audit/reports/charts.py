"""What the charts of the page show: bars with their parts, and weeks. Drawn by the templates."""

from __future__ import annotations

import datetime as dt
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sourcing_audit.escape import ELLIPSIS, one_line
from sourcing_audit.model import LicenseClass
from sourcing_audit.reports import endings, marks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sourcing_audit.report import Report, SourceCount
    from sourcing_audit.reports.marks import Mark

_MOST_BARS: Final = 10
_LABEL_CELLS: Final = 26
"""How wide a label may be on a phone, where the letters of some scripts take two cells."""

_WEEKS: Final = 13
_WEEK: Final = dt.timedelta(days=7)
_FEW: Final = 2
"""A chart of less than this many things says nothing that a line of text doesn't."""

_NO_KNOWN_CLASS: Final = frozenset(
    {LicenseClass.UNKNOWN, LicenseClass.NO_LICENSE, LicenseClass.ALL_RIGHTS_RESERVED}
)


@dataclass(frozen=True)
class Bar:
    """One bar, split into parts of (tone, items)."""

    label: str
    items: int
    parts: tuple[tuple[str, int], ...]
    mark: Mark | None = None


@dataclass(frozen=True)
class Bars:
    """A chart of horizontal bars."""

    id: str
    title: str
    bars: list[Bar]
    whole: int
    """What shares are of, in items."""
    scale: int
    """The items of a bar over the whole width."""

    @property
    def drawn(self) -> bool:
        """Whether there is enough to compare."""
        return sum(1 for bar in self.bars if bar.items) >= _FEW


@dataclass(frozen=True)
class Week:
    """Items whose consent or approval ends in a week, its first and last day included."""

    first: dt.date
    last: dt.date
    items: int


def statuses(report: Report) -> Bars:
    """Chart the items by status, those quarantined last."""
    counted = [(marks.STATUS[entry.status], entry.items) for entry in report.statuses]
    counted.append((marks.QUARANTINED, report.totals.quarantined))
    bars = [Bar(mark.word, items, ((mark.tone, items),), mark) for mark, items in counted]
    whole = report.totals.items_in
    return Bars("chart-status", "Items by status", bars, whole, whole)


def classes(report: Report) -> Bars:
    """Chart the items by the class of their concluded licence, as far as expressions are listed."""
    items = dict.fromkeys(LicenseClass, 0)
    for entry in report.licenses:
        items[entry.license_class] += entry.items
    bars = [
        Bar(str(kind), n, (("unknown" if kind in _NO_KNOWN_CLASS else "plain", n),))
        for kind, n in items.items()
        if n
    ]
    if (rest := report.totals.verdicts - sum(items.values())) > 0:
        bars.append(Bar("licences not listed", rest, (("unknown", rest),)))
    scale = max((bar.items for bar in bars), default=0)
    return Bars("chart-class", "Items by class of licence", bars, report.totals.verdicts, scale)


def sources(chart_id: str, title: str, entries: Sequence[SourceCount], whole: int) -> Bars:
    """Chart the first sources, each bar split by outcome."""
    bars = [
        Bar(
            _short(entry.name),
            entry.items,
            tuple((mark.tone, entry.outcomes.get(key, 0)) for key, mark in marks.OUTCOME.items()),
        )
        for entry in entries[:_MOST_BARS]
    ]
    return Bars(chart_id, title, bars, whole, max((bar.items for bar in bars), default=0))


def weeks(report: Report) -> list[Week]:
    """Count items whose consent or approval ends, by week from the as-of day; none for few days."""
    days = endings.days(report)
    if len(days) < _FEW:
        return []
    items = [0] * _WEEKS
    for one in days:
        items[min(max((one.day - report.as_of).days // _WEEK.days, 0), _WEEKS - 1)] += one.items
    return [
        Week(first := report.as_of + number * _WEEK, first + _WEEK - dt.timedelta(days=1), n)
        for number, n in enumerate(items)
    ]


def _short(name: str) -> str:
    """Cut a name to the cells that a label has."""
    line, cells = one_line(name, 4 * _LABEL_CELLS), 0
    for place, char in enumerate(line):
        cells += 2 if unicodedata.east_asian_width(char) in "WF" else 1
        if cells > _LABEL_CELLS:
            return line[: place - 1].rstrip() + ELLIPSIS
    return line
