"""The gate, what came back, and the trend: what a repeated audit is judged by, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sourcing_audit.model import Outcome
from sourcing_audit.reports import marks
from sourcing_audit.reports.method import Section
from sourcing_audit.reports.quantities import NO_VALUE, count, plural, share

if TYPE_CHECKING:
    from sourcing_audit.report import Gate, GateCheck, Report

_FEWEST: Final = 2
"""One audit is no trend."""


def verdict(gate: Gate) -> str:
    """Say whether the dataset passed what was asked of it."""
    said = "It passed" if gate.passed else "It did not pass"
    if gate.baseline:
        said += f"; what the audit as of {gate.baseline.as_of.isoformat()} had found isn't counted"
    if gate.expired_waivers:
        said += f"; {plural(gate.expired_waivers, 'waiver')} expired"
    return f"{said}."


def limits(report: Report, gate: Gate) -> Section:
    """Each limit, and what is held against it."""
    return Section(
        "Limits",
        ("Of what", "Allowed", "Found", "Waived", "In the baseline", "Counted", "Kept"),
        [
            (
                check.label or check.code,
                allowed(check, report.totals.items_in),
                check.found,
                check.waived,
                check.in_baseline,
                check.counted,
                "✓ kept" if check.passed else "✗ not kept",
            )
            for check in gate.checks
        ],
    )


def returned(report: Report) -> str | None:
    """Warn of works that were taken down and are back; None where there are none."""
    if not report.returned:
        return None
    one = report.returned == 1
    return (
        f"{plural(report.returned, 'item')} {'has' if one else 'have'} the address, id or hash of a"
        " work that was taken down. Remove them again, and see how they came back."
    )


def trend(report: Report) -> Section | None:
    """The audits of the history, the latest first; None where there are too few."""
    if len(report.trend) < _FEWEST:
        return None
    outcomes = list(marks.OUTCOME)
    return Section(
        "Audits so far",
        (
            *("As of", "Items"),
            *(marks.OUTCOME[each].word for each in outcomes),
            *(marks.QUARANTINED.word, "Not as before"),
        ),
        [
            (
                point.as_of.isoformat(),
                point.items_in,
                *(point.outcomes.get(str(each), 0) for each in outcomes),
                max(point.items_in - sum(point.outcomes.values()), 0),
                ", ".join(point.differs) or NO_VALUE,
            )
            for point in reversed(report.trend)
        ],
    )


def drift(report: Report) -> str:
    """What became of the established share between the first and the last audit listed."""
    first, last = report.trend[0], report.trend[-1]
    usable = (str(Outcome.PERMITTED), str(Outcome.CONDITIONAL))
    shares = [
        share(sum(point.outcomes.get(name, 0) for name in usable), point.items_in)
        for point in (first, last)
    ]
    return (
        f"Permitted or conditional: {shares[0]} of items as of {first.as_of.isoformat()},"
        f" {shares[1]} as of {last.as_of.isoformat()}, over {count(len(report.trend))} audits."
    )


def allowed(check: GateCheck, items: int) -> str:
    """Say what a limit bears, of a number of items in."""
    said = [] if check.allowed is None else [count(check.allowed)]
    if check.allowed_share is not None:
        of_items = f"{100 * check.allowed_share:.6g} % of items"
        said.append(f"{of_items}; it is {share(check.counted, items)}")
    if check.unreadable_files:
        said.append(f"{plural(check.unreadable_files, 'unreadable file')} bears no limit")
    return ", ".join(said)
