"""Findings for a pipe: one line each, `path:record: code message`, as compilers print them.

Items that are alike are one finding. Of those that are permitted nothing is told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sourcing_audit.escape import one_line
from sourcing_audit.model import Outcome
from sourcing_audit.reports import marks
from sourcing_audit.reports.quantities import plural

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sourcing_audit.report import Group, Report

_PATH: Final = 400
_WORDS: Final = 200


def findings(report: Report) -> Iterator[str]:
    """Every finding, the worst outcome and the most items first, without line ends.

    A prohibited or undetermined group has a line for each of its reasons, a conditional one for
    each obligation; what could not be read comes last.
    """
    reasons = {entry.code: entry.label for entry in report.reasons}
    obligations = {entry.code: entry.label for entry in report.obligations}
    for group in report.groups:
        if group.outcome is Outcome.CONDITIONAL:
            codes, labels = group.obligations, obligations
        elif group.outcome is Outcome.PERMITTED:
            continue
        else:
            codes, labels = group.reasons or [str(group.status)], reasons
        place = f"{one_line(group.shard, _PATH)}:{group.row}"
        for code in codes:
            label = labels.get(code, marks.STATUS[group.status].word)
            yield f"{place}: {_told(code, label)}: {_which(group)}"
    for entry in report.quarantine:
        counted = ((entry.records, "record"), (entry.files, "file"))
        amount = " and ".join(plural(number, noun) for number, noun in counted if number)
        path = one_line(entry.samples[0] if entry.samples else report.dataset.name, _PATH)
        yield f"{path}: {_told(entry.reason, entry.label)}: {amount}, quarantined"


def left_out(report: Report) -> str | None:
    """Say how many groups the report doesn't hold; None where it holds them all."""
    rest = report.groups_in_all - len(report.groups)
    if rest <= 0:
        return None
    return f"{plural(rest, 'more group')} of items alike in groups.parquet"


def _told(code: str, label: str) -> str:
    return f"{one_line(code, _WORDS)} {one_line(label, _WORDS)}"


def _which(group: Group) -> str:
    host = f" at {one_line(group.host, _WORDS)}" if group.host else ""
    license_ = one_line(group.license_concluded, _WORDS)
    return f"{plural(group.items, 'item')} {marks.OUTCOME[group.outcome].word}, {license_}{host}"
