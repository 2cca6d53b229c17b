"""What an audit can say to a claim, and the words in which it does."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from sourcing_audit.reports.quantities import plural

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sourcing_audit.report import Report
    from sourcing_audit.rules.claims import Quantity


class Verdict(StrEnum):
    """What an audit says to a claim."""

    CONTRADICTED = "contradicted"
    SUPPORTED = "supported"
    NOT_CHECKED = "not checked"


@dataclass(frozen=True)
class Judged:
    """The verdict on a claim, with the count that leads to it."""

    verdict: Verdict
    evidence: str


@dataclass(frozen=True)
class Said:
    """What a claim says, beside its kind."""

    values: Mapping[str, str]
    """Read from the sentence: a count, a share, a date, a licence."""
    quantity: Quantity | None
    expressions: tuple[str | None, ...]
    """What the licences that are named stand for; None where no rule knows one."""


def contradicted(evidence: str) -> Judged:
    """The audit counts otherwise."""
    return Judged(Verdict.CONTRADICTED, evidence)


def supported(evidence: str) -> Judged:
    """The audit counts the same."""
    return Judged(Verdict.SUPPORTED, evidence)


def not_checked(evidence: str) -> Judged:
    """The audit doesn't know."""
    return Judged(Verdict.NOT_CHECKED, evidence)


def established_items(report: Report) -> int:
    """How many items have one of the ranks of Principle 5.2."""
    return sum(entry.items for entry in report.statuses if entry.rank is not None)


def unread_too(report: Report) -> str:
    """What stands beside a count where something couldn't be read."""
    totals = report.totals
    told = ""
    if totals.quarantined:
        told += f"; {plural(totals.quarantined, 'record')} could not be read"
    if totals.unreadable_files:
        files = plural(totals.unreadable_files, "file")
        told += f"; {files} could not be read at all"
    return told
