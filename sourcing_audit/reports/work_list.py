"""Groups of items that are alike, as the work list that a reader goes through."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sourcing_audit.model import Outcome
from sourcing_audit.reports import marks
from sourcing_audit.reports.quantities import count

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sourcing_audit.report import Group, Report
    from sourcing_audit.reports.marks import Mark

_REASONS: Final = 4
"""The most reasons that a line tells; `groups.parquet` holds all."""


@dataclass(frozen=True)
class Line:
    """One group in words."""

    mark: Mark
    outcome: Mark
    license: str
    why: str
    host: str | None
    items: int
    first: str
    """`file:record` of the first item in input order."""


def lines(report: Report, most: int) -> list[Line]:
    """List the first `most` groups with the words for their reasons and obligations."""
    labels: dict[str, str] = {entry.code: entry.label for entry in report.reasons}
    labels |= {entry.code: entry.label for entry in report.obligations}
    return [
        Line(
            marks.STATUS[group.status],
            marks.OUTCOME[group.outcome],
            group.license_concluded,
            _why(group, labels),
            group.host,
            group.items,
            f"{group.shard}:{group.row}",
        )
        for group in report.groups[:most]
    ]


def shown(report: Report, most: int) -> str | None:
    """Say how many groups of how many are shown; None where all are."""
    listed = min(most, len(report.groups))
    in_all = max(report.groups_in_all, len(report.groups))
    if listed >= in_all:
        return None
    return f"The first {count(listed)} of {count(in_all)} groups; the rest is in `groups.parquet`."


def _why(group: Group, labels: Mapping[str, str]) -> str:
    told = _told(group.reasons, labels)
    if group.outcome is Outcome.CONDITIONAL and group.obligations:
        to_do = f"to do: {_told(group.obligations, labels)}"
        return f"{told}; {to_do}" if told else to_do
    return told


def _told(codes: Sequence[str], labels: Mapping[str, str]) -> str:
    said = [labels.get(code, code) for code in codes[:_REASONS]]
    if more := len(codes) - _REASONS:
        said += [f"and {more} more"] if more > 0 else []
    return "; ".join(said)
