"""What an attribution says of itself: what it is for, what it lacks, what is left to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sourcing_audit.reports.quantities import count, plural

if TYPE_CHECKING:
    from sourcing_audit.attribution.credits import Attribution
    from sourcing_audit.attribution.words import Worded
    from sourcing_audit.report import Report

TITLE: Final = "Attribution"
UNFULFILLED: Final = "Not fulfilled"
_TO_DO: Final = (
    "Publish this with what you share, and say beside it whether and how works were changed: no"
    " manifest tells that (CC BY 4.0, section 3(a)(1)(B)). Each entry gives title, author, source"
    " and licence, as Creative Commons recommends; the manifest's own attribution stands as it is."
    " A licence that asks for its text and copyright notice to go along, as MIT, BSD and Apache do,"
    " is named here with its address: add both."
)


def section(entry: Worded) -> tuple[bool, str]:
    """What entries are put together by."""
    return entry.credit.fulfilled, entry.heading


def titled(heading: str, *, fulfilled: bool) -> str:
    """The title of a section."""
    return heading if fulfilled else f"{UNFULFILLED}: {heading}"


def introduction(report: Report, counted: Attribution) -> list[str]:
    """The paragraphs before the entries."""
    return [
        (
            f"As of {report.as_of.isoformat()}, by the rules {report.rules.version}. Intended use:"
            f" {report.use.sentence}."
        ),
        _counts(counted),
        *_missing(counted),
        _TO_DO,
    ]


def _counts(counted: Attribution) -> str:
    if not counted.items:
        return "No item of this dataset has an obligation that an attribution fulfils."
    given = f", {count(counted.as_given)} of them in the manifest's own words"
    return (
        f"{plural(counted.items, 'item')} with an obligation to give credit or to keep notices:"
        f" {plural(counted.entries, 'distinct attribution')}"
        f"{given if counted.as_given else ''}."
    )


def _missing(counted: Attribution) -> list[str]:
    lacks = {
        "title": counted.without_title,
        "creator": counted.without_author,
        "source": counted.without_source,
    }
    told = [f"no {what} for {plural(items, 'item')}" for what, items in lacks.items() if items]
    paragraphs = [f"Not on record: {', '.join(told)}. The entries say so."] if told else []
    if counted.unfulfilled:
        paragraphs.append(
            f"{UNFULFILLED} for {plural(counted.unfulfilled, 'item')}: their licence asks for a"
            " credit, and neither creator nor source is on record. They stand last."
        )
    return paragraphs
