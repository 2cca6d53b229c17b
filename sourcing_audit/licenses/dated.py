"""Names that changed their meaning: the day an item was published decides."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from sourcing_audit.licenses.classify import Resolution
from sourcing_audit.licenses.text import name_key

if TYPE_CHECKING:
    from sourcing_audit.licenses.catalog import LicenseRules
    from sourcing_audit.rules.licenses import DatedRow

EARLIER = "earlier"
"""The period before the first day on which a name changed its meaning."""


class Dated:
    """Looks names up in `licenses/dated.csv`."""

    def __init__(self, rules: LicenseRules) -> None:
        """Index the rows by the key of their names."""
        self._rules = rules
        self._rows: dict[str, list[DatedRow]] = {}
        for row in rules.dated:
            self._rows.setdefault(name_key(row.value), []).append(row)

    def meaning(self, value: str, period: str | None) -> Resolution | None:
        """What `value` meant in `period`; None where the day isn't known or doesn't matter."""
        if period is None or not self._rows:
            return None
        for row in self._rows.get(name_key(value), ()):
            tree = self._rules.parse(row.target) if _holds(row, period) else None
            if tree:
                return Resolution(tree, f"dated:{row.target}")
        return None


def changes(rows: list[DatedRow]) -> list[dt.date]:
    """The days on which a name changed its meaning, in order."""
    return sorted({day for row in rows for day in (row.since, row.until) if day})


def _holds(row: DatedRow, period: str) -> bool:
    if period == EARLIER:
        return row.since is None
    start = dt.date.fromisoformat(period)
    return (row.since is None or row.since <= start) and (row.until is None or start < row.until)
