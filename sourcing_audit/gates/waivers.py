"""Waivers: what may be written in one, and which items it covers on the day of the audit.

A waiver changes no verdict and no count. It keeps items from counting towards a gate, as long as
it hasn't expired.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sourcing_audit import report
from sourcing_audit.errors import ConfigError

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Mapping, Sequence

    from sourcing_audit.config import WaiverConfig
    from sourcing_audit.gates.cells import Cell, Verdict
    from sourcing_audit.rules.changes import WaiverReason

NEAREST = 3


def check(
    waivers: Sequence[WaiverConfig],
    *,
    where: str,
    codes: Collection[str],
    reasons: Collection[str],
    datasets: Collection[str],
) -> None:
    """Refuse waivers that name what isn't there.

    Args:
        waivers: as `audit.toml` gives them.
        where: the file, for messages.
        codes: the reasons and statuses there are.
        reasons: why findings may be waived.
        datasets: the names of those that are audited.

    Raises:
        ConfigError: naming the file and the key.

    """
    for number, waiver in enumerate(waivers):
        key = f"{where}: waiver.{number}"
        refuse_unknown(waiver.code, codes, f"{key}.code", "reason or status")
        refuse_unknown(waiver.reason, reasons, f"{key}.reason", "reason to waive")
        if waiver.match.dataset is not None:
            refuse_unknown(waiver.match.dataset, datasets, f"{key}.match.dataset", "dataset")


def refuse_unknown(value: str, known: Collection[str], key: str, what: str) -> None:
    """Refuse a word that isn't among those known.

    Raises:
        ConfigError: naming the key and the nearest words.

    """
    if value not in known:
        near = difflib.get_close_matches(value, sorted(known), NEAREST) or sorted(known)
        raise ConfigError(
            f"{key}: {value!r} is no {what}", fix=f"one of {', '.join(near)}; docs/changes.md"
        )


@dataclass(frozen=True)
class Waiver:
    """A waiver on the day of an audit."""

    stated: WaiverConfig
    as_of: dt.date

    @property
    def expired(self) -> bool:
        """Whether it waives nothing any more."""
        return self.stated.expires is not None and self.stated.expires <= self.as_of

    @property
    def by_item(self) -> bool:
        """Whether only findings can tell its items; groups of items tell the others'."""
        return self.stated.match.shard is not None or self.stated.match.item_id is not None

    @property
    def by_group(self) -> bool:
        """Whether only groups can tell its items."""
        return self.stated.match.host is not None

    def covers(self, cell: Cell) -> bool:
        """Whether the items of a cell have what is waived, and what it asks of them."""
        match = self.stated.match
        asked = (
            (match.license, cell.verdict.license_concluded),
            (match.host, cell.host),
            (match.shard, cell.shard),
            (match.item_id, cell.item_id),
        )
        return cell.verdict.has(self.stated.code) and all(
            wanted is None or wanted == found for wanted, found in asked
        )

    def told(self, items: int, reasons: Mapping[str, WaiverReason]) -> report.Waiver:
        """For the report."""
        match = self.stated.match.model_dump(exclude_none=True)
        return report.Waiver(
            code=self.stated.code,
            match=match,
            reason=self.stated.reason,
            reason_label=reasons[self.stated.reason].label,
            comment=self.stated.comment,
            owner=self.stated.owner,
            approved_by=self.stated.approved_by,
            expires=self.stated.expires,
            expired=self.expired,
            items=items,
        )


def of_dataset(waivers: Sequence[WaiverConfig], dataset: str, as_of: dt.date) -> tuple[Waiver, ...]:
    """Those that speak about a dataset."""
    return tuple(Waiver(each, as_of) for each in waivers if each.match.dataset in {None, dataset})


def exempt(verdict: Verdict, waived: Collection[str], code: str) -> bool:
    """Whether items with a verdict don't count towards a limit, by the codes that are waived.

    A limit on a reason is answered for by a waiver of that reason. One on an outcome or status is
    answered for by a waiver of the status, or by waivers of all reasons that the items carry: who
    answers for a missing licence doesn't answer for a refusal.
    """
    if code in verdict.reasons:
        return code in waived
    return str(verdict.status) in waived or (
        bool(verdict.reasons) and verdict.reasons <= set(waived)
    )
