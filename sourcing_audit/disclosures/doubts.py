"""What leaves it open whether something is really in none of the items, where none was found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sourcing_audit.reports.quantities import count, plural
from sourcing_audit.reports.wording import of_items

if TYPE_CHECKING:
    from sourcing_audit.report import Report


def objections(report: Report) -> list[str]:
    """Why an objection may have been overlooked."""
    if not report.asked:
        return ["no consent registry was consulted"]
    coverage = report.coverage
    unmatchable = sum(one.unmatchable_records for one in report.asked)
    return [
        *_told(
            (coverage.without_any_consent_key, "have no key that a registry could match"),
            (report.consent.review_matches, "await review"),
            (coverage.media_not_read, "have media that were not read"),
        ),
        *_unread(report),
        *_told(
            (sum(not one.fresh for one in report.asked), "exports are out of date or undated"),
            (unmatchable, "registry records can't be matched with items"),
        ),
    ]


def makers(report: Report) -> list[str]:
    """Why an item that a model made may have been overlooked."""
    if unsaid := report.origin.not_stated:
        of_all = of_items(unsaid, report.totals)
        return [f"nobody said who made {of_all}", *_unread(report)]
    return _unread(report)


def persons(report: Report) -> list[str]:
    """Why a person may have been overlooked."""
    if unchecked := report.coverage.likeness_not_checked:
        of_all = of_items(unchecked, report.totals)
        return [f"likeness was never checked for {of_all}", *_unread(report)]
    return _unread(report)


def _unread(report: Report) -> list[str]:
    totals = report.totals
    files = plural(totals.unreadable_files, "input file")
    return [
        *_told((totals.quarantined, "could not be read")),
        *([f"{files} could not be read at all"] if totals.unreadable_files else []),
    ]


def _told(*counted: tuple[int, str]) -> list[str]:
    return [f"{count(number)} {words}" for number, words in counted if number]
