"""The clocks by which a record is judged: the day of the audit, and that of the training.

The third, an item's acquisition, is the item's own (`resolution`).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

import ibis

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from sourcing_audit.model import IntendedUse


@dataclass(frozen=True)
class Clocks:
    """Two days; the answer is that of their end (UTC)."""

    audited: dt.date
    trained: dt.date | None = None

    @classmethod
    def of(cls, use: IntendedUse, as_of: dt.date) -> Clocks:
        """The clocks of an audit."""
        return cls(as_of, use.trained_at)

    @property
    def now(self) -> ir.TimestampScalar:
        """The moment that the answer is for."""
        return _end(self.audited)

    @property
    def training(self) -> ir.TimestampScalar | None:
        """The moment of the training, where it is known."""
        return None if self.trained is None else _end(self.trained)

    @property
    def moments(self) -> list[ir.TimestampScalar]:
        """A refusal that holds at any of these counts: training on it is a use as well."""
        days = sorted({self.audited, self.trained or self.audited})
        return [_end(day) for day in days]

    @property
    def first(self) -> ir.TimestampScalar:
        """By when a grant must have begun: it has to cover the training as well."""
        return _end(min(self.audited, self.trained or self.audited))

    @property
    def last(self) -> ir.TimestampScalar:
        """Until when a grant has to hold: a training that is planned lies after the audit."""
        return _end(max(self.audited, self.trained or self.audited))


def _end(day: dt.date) -> ir.TimestampScalar:
    return ibis.timestamp(dt.datetime.combine(day, dt.time.max).isoformat())
