"""What changed since earlier audits of the same dataset."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from pydantic import Field

from sourcing_audit.model import DatasetStatus, Status
from sourcing_audit.report.base import Model
from sourcing_audit.report.counts import Totals


class EarlierAudit(Model):
    """The audit that this one is compared with."""

    dataset: str = Field(default="", description="what it called the dataset")
    as_of: dt.date
    tool_version: str
    rules_version: str
    rules_digest: str
    use: str
    dataset_status: DatasetStatus
    totals: Totals


class ChangeCount(Model):
    """Items that changed in one way; an item may have changed in several."""

    kind: str = Field(description="e.g. `new_opt_out`, `revoked`, `consent_expired`")
    label: str
    meaning: str = ""
    act: str = Field(default="", description="who should do what about it")
    items: int
    samples: list[str] = Field(
        description="up to five item ids, the first in the order of their characters"
    )


class StatusFlow(Model):
    """Items by their status then and now."""

    before: Status | None = Field(description="null: wasn't in the earlier audit")
    after: Status | None = Field(description="null: isn't in this one")
    items: int


Difference = Literal[
    "inputs", "documents", "mapping", "registries", "rules", "use", "as_of", "tool"
]
"""What an audit depends on: its inputs, what is said for the dataset as a whole (its documents and
default licence), which columns are read, and so on."""


class Changes(Model):
    """What changed since an earlier audit, and what it can be down to.

    Verdicts now = added + changed + unchanged + not comparable; verdicts then = gone + changed +
    unchanged + those not comparable then.
    """

    since: EarlierAudit
    differs: list[Difference] = Field(description="what isn't as it was then")
    added: int
    gone: int
    changed: int = Field(description="items in both with another verdict")
    unchanged: int
    not_comparable: int = Field(
        description="items of this audit whose id several items share, then or now"
    )
    not_comparable_then: int = Field(default=0, description="such items of the earlier audit")
    ids_are_places: bool = Field(
        default=False,
        description="items have no ids of their own and are known by file and record number, and "
        "the inputs aren't what they were: an item that moved is taken for another",
    )
    newly_prohibited: int = Field(
        default=0,
        description="items that are prohibited and weren't, those added and those that can't be "
        "compared included",
    )
    newly_undetermined: int = Field(
        default=0, description="items that are undetermined and were better, counted so too"
    )
    kinds: list[ChangeCount]
    causes: list[ChangeCount] = Field(
        default=[], description="what changed verdicts can be put down to"
    )
    flows: list[StatusFlow] = Field(description="of the items that can be compared")


class TrendPoint(Model):
    """One audit of a dataset among those that a history holds."""

    as_of: dt.date
    rules_version: str
    items_in: int
    outcomes: dict[str, int] = Field(description="items by outcome")
    differs: list[str] = Field(
        description="what that decides verdicts isn't as it was in the audit before"
    )
