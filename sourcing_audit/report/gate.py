"""Whether a dataset passes what was asked of it, and who answers for what."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from pydantic import Field

from sourcing_audit.report.base import Model
from sourcing_audit.report.changes import EarlierAudit


class Waiver(Model):
    """A finding that somebody answers for; its items are counted as before."""

    code: str = Field(description="the reason or status that is waived")
    match: dict[str, str] = Field(description="what items must have, e.g. `host`; empty: all")
    reason: str = Field(description="from a closed list")
    reason_label: str = ""
    comment: str
    owner: str
    approved_by: str
    expires: dt.date | None
    expired: bool = Field(description="on the as-of date; it then waives nothing")
    items: int = Field(description="items that it covers, or would if it hadn't expired")


class GateCheck(Model):
    """One limit, and how many items count towards it."""

    code: str = Field(description="an outcome, status or reason, or `quarantined`")
    label: str
    asked_by: Literal["fail_on", "limit"]
    allowed: int | None = Field(description="items; null where only a share is limited")
    allowed_share: float | None = Field(description="of items in; null where none is limited")
    found: int = Field(description="items that have it")
    waived: int = Field(description="of those, the ones that a waiver answers for")
    in_baseline: int = Field(description="of the others, the ones that had it in the baseline")
    counted: int = Field(description="what remains, and is held against the limit")
    unreadable_files: int = Field(
        default=0, description="files with a number of items that isn't known; no limit bears them"
    )
    passed: bool


class Gate(Model):
    """Whether the dataset passes what was asked of it."""

    passed: bool
    baseline: EarlierAudit | None
    checks: list[GateCheck]
    expired_waivers: int = Field(description="with any of them it doesn't pass")
