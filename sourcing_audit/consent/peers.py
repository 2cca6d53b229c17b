"""What the records about one item have in common, for items with several and with one.

Most items are known by one record only. The rules of precedence hold for them too, but nothing
has to be sorted or grouped to find out who is first among one. Where an item has several records,
most of these have nothing to do with each other, until the worst is looked for.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar

import ibis

if TYPE_CHECKING:
    from collections.abc import Sequence

    import ibis.expr.types as ir


class Peers(ABC):
    """Answers about a record's peers: those about the same item, alike in further columns."""

    lifting: ClassVar[bool] = True
    """Whether any of them may lift a refusal (P8)."""

    @abstractmethod
    def greatest(self, value: ir.Value, *by: str) -> ir.Value:
        """The greatest value that any peer has; NULL where none has one."""

    @abstractmethod
    def least(self, value: ir.Value, *by: str) -> ir.Value:
        """The least value that any peer has; NULL where none has one."""

    @abstractmethod
    def is_first(self, order: Sequence[ir.Value], *by: str) -> ir.BooleanValue:
        """Whether a record comes before all its peers."""


class Several(Peers):
    """Records of items with any number of records."""

    def greatest(self, value: ir.Value, *by: str) -> ir.Value:
        """See `Peers`."""
        return value.max().over(ibis.window(group_by=["pos", *by]))

    def least(self, value: ir.Value, *by: str) -> ir.Value:
        """See `Peers`."""
        return value.min().over(ibis.window(group_by=["pos", *by]))

    def is_first(self, order: Sequence[ir.Value], *by: str) -> ir.BooleanValue:
        """See `Peers`."""
        return ibis.row_number().over(ibis.window(group_by=["pos", *by], order_by=order)) == 0


class Strangers(Several):
    """Records of items whose records are of different declarants, none ranked and none lifting.

    Each is its own only peer wherever peers must be alike in further columns.
    """

    lifting = False

    def greatest(self, value: ir.Value, *by: str) -> ir.Value:
        """See `Peers`."""
        return value if by else super().greatest(value)

    def least(self, value: ir.Value, *by: str) -> ir.Value:
        """See `Peers`."""
        return value if by else super().least(value)

    def is_first(self, order: Sequence[ir.Value], *by: str) -> ir.BooleanValue:
        """See `Peers`."""
        return ibis.literal(value=True) if by else super().is_first(order)


class Single(Peers):
    """Records of items with one record: it is its own only peer."""

    def greatest(self, value: ir.Value, *by: str) -> ir.Value:  # noqa: ARG002
        """See `Peers`."""
        return value

    def least(self, value: ir.Value, *by: str) -> ir.Value:  # noqa: ARG002
        """See `Peers`."""
        return value

    def is_first(self, order: Sequence[ir.Value], *by: str) -> ir.BooleanValue:  # noqa: ARG002
        """See `Peers`."""
        return ibis.literal(value=True)
