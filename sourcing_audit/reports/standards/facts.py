"""What every standard is told alike: statuses, gaps, consent, identity; no more than the counts."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from typing import TYPE_CHECKING, Final

from sourcing_audit.escape import one_line
from sourcing_audit.model import Status
from sourcing_audit.reports import wording
from sourcing_audit.reports.gaps import gaps
from sourcing_audit.reports.json_file import JsonFormat
from sourcing_audit.reports.quantities import NO_VALUE, count, plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sourcing_audit.report import Report

NAME_LIMIT: Final = 200
TEXT_LIMIT: Final = 8000
_ROOM: Final = 1000
"""What a list leaves for the words around it."""
_IDS: Final = uuid.uuid5(uuid.NAMESPACE_URL, "urn:sourcing-audit:report")


def line(value: str) -> str:
    """A sentence or paragraph on one harmless line."""
    return one_line(value, TEXT_LIMIT)


def name(value: str) -> str:
    """A name on one harmless line; never empty, because most standards ask for a name."""
    return one_line(value, NAME_LIMIT) or "unnamed"


def joined(phrases: Sequence[str], separator: str = "; ") -> str:
    """Phrases on one line; those that are too many for it are counted, never dropped silently."""
    told: list[str] = []
    length = 0
    for number, phrase in enumerate(phrases):
        length += len(phrase) + len(separator)
        if length > TEXT_LIMIT - _ROOM and told:
            told.append(f"{count(len(phrases) - number)} more in report.json")
            break
        told.append(phrase)
    return separator.join(told)


def moment(report: Report) -> dt.datetime:
    """The as-of date as a time: reports never tell the clock's."""
    return dt.datetime.combine(report.as_of, dt.time(), dt.UTC)


def digest(report: Report) -> str:
    """SHA-256 of the report as data, in hexadecimal: equal reports have equal ids."""
    return hashlib.sha256(JsonFormat().render(report)).hexdigest()


def identifier(report: Report) -> uuid.UUID:
    """A UUID that follows from the report's content."""
    return uuid.uuid5(_IDS, digest(report))


def author(report: Report) -> str:
    """The tool with its version."""
    return f"{report.tool.name}-{name(report.tool.version)}"


def of_items(items: int, report: Report, *beside: str) -> str:
    """Items with their share of items in; no share is given where it would hide unread files."""
    told = wording.share_of(items, report.totals)
    notes = "; ".join([*([told] if told != NO_VALUE else []), *beside])
    return f"{plural(items, 'item')} ({notes})" if notes else plural(items, "item")


def status_counts(report: Report) -> list[str]:
    """One sentence per status that occurs, and for what could not be read."""
    totals = report.totals
    told = [
        f"{name(entry.label)}: {of_items(entry.items, report, name(entry.source))}"
        for entry in report.statuses
        if entry.items
    ]
    if totals.quarantined:
        told.append(
            f"Quarantined, counted as not established: {of_items(totals.quarantined, report)}"
        )
    return told


def known_gaps(report: Report) -> list[str]:
    """One sentence per gap that was found, and for files that could not be read."""
    told = [
        f"{gap.label}: {of_items(gap.items, report)}. {gap.meaning}"
        for gap in gaps(report)
        if gap.items
    ]
    if report.totals.unreadable_files:
        files = plural(report.totals.unreadable_files, "file")
        told.append(f"{files} could not be read; how many items they hold is not known.")
    return [line(one) for one in told]


def limits(report: Report) -> list[str]:
    """The limits that the disclosure states."""
    return [line(one) for one in report.disclosure.limits]


def persons(report: Report) -> list[str]:
    """What is known about persons shown or heard, whose data would be personal data."""
    lacking = sum(
        entry.items for entry in report.statuses if entry.status is Status.CONSENT_REQUIRED
    )
    told = [
        (
            report.coverage.likeness_not_checked,
            "do not say whether a person is shown or heard (AIMEG 3.1)",
        ),
        (lacking, "show or carry a person without valid consent on record (AIMEG 3.1, 3.4)"),
    ]
    return [f"{plural(items, 'item')} {words}." for items, words in told if items]


def consent_counts(report: Report) -> list[str]:
    """One phrase per answer of the registries, with its items; and that none was asked."""
    told = [f"{name(one.label)}: {plural(one.items, 'item')}" for one in report.consent.counts]
    return [line(one) for one in (*([] if report.asked else [wording.NO_REGISTRY]), *told)]


def waivers(report: Report) -> list[str]:
    """One phrase per finding that somebody answers for; its items stay in every other count."""
    told = []
    for one in report.waivers:
        match = ", ".join(f"{key} {value}" for key, value in sorted(one.match.items())) or "all"
        ends = f"until {one.expires.isoformat()}" if one.expires else "without an end"
        state = f"expired on {one.expires}, so that it waives nothing" if one.expired else ends
        told.append(
            line(
                f"{one.code} for {plural(one.items, 'item')} ({match}): {one.reason}, owner"
                f" {one.owner}, approved by {one.approved_by}, {state}"
            )
        )
    return told


def findings(report: Report) -> list[tuple[str, list[str]]]:
    """What was found beside licences: a title, and sentences; those without any left out."""
    told = [
        ("Sourcing status", status_counts(report)),
        ("Consent", consent_counts(report)),
        ("Persons", persons(report)),
        ("Not established", known_gaps(report)),
        ("Waived", waivers(report)),
        ("Limits", limits(report)),
    ]
    return [(title, [stopped(one) for one in lines]) for title, lines in told if lines]


def stopped(sentence: str) -> str:
    """A sentence that ends in a full stop."""
    return sentence if sentence.endswith(".") else f"{sentence}."


def host_counts(report: Report) -> list[str]:
    """One phrase per host that the report lists, with its items."""
    return [f"{name(host.name)}: {plural(host.items, 'item')}" for host in report.hosts]


def lineage(report: Report) -> list[str]:
    """One phrase per dataset that items were made from, with its licence."""
    return [
        f"{name(one.dataset)} under {name(one.expression)}: {plural(one.items, 'item')}"
        for one in report.lineage
    ]
