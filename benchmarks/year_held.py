"""Reports, the history and traces of a year, held to its books: what isn't as it was planned."""

from __future__ import annotations

import contextlib
import io
import json
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from year_plan import monday

from sourcing_audit.commands.trace import trace
from sourcing_audit.history import History

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from year_books import Book
    from year_files import Calendar

Report = dict[str, Any]

ESTABLISHED = {"licensed", "public_domain_or_cc", "proprietary_with_consent"}
_UNFORESEEN = {"obligation_added", "obligation_removed"}
"""Follow from the terms of licences and consents, which the books leave out."""


class Held(NamedTuple):
    """One figure as it was found and as it was planned."""

    what: str
    found: object
    planned: object


def of_report(
    report: Report, book: Book, calendar: Calendar, week: int, then: int | None
) -> Iterator[Held]:
    """Hold a dataset's report of a week.

    Args:
        report: `report.json`.
        book: the dataset's.
        calendar: what happens when.
        week: of the report.
        then: the week of the dataset's audit before; None for the first.

    """
    totals, verdicts = report["totals"], book.verdicts(week)
    yield Held("as of", report["as_of"], monday(week).isoformat())
    yield Held("items in", totals["items_in"], len(verdicts))
    both = totals["verdicts"] + totals["quarantined"]
    yield Held("verdicts and quarantined", both, len(verdicts))
    statuses = {each["status"]: each["items"] for each in report["statuses"]}
    yield Held("statuses", sum(statuses.values()), totals["verdicts"])
    answers = {each["consent_status"]: each["items"] for each in report["consent"]["counts"]}
    planned = dict(Counter(each.consent for each in verdicts.values()))
    yield Held("answers", _without_none(answers), planned)
    established = sum(each.established for each in verdicts.values())
    yield Held("established", sum(statuses[each] for each in ESTABLISHED), established)
    expired = calendar.waiver_is_expired(week) and book.name == calendar.waived
    yield Held("expired waivers", report["gate"]["expired_waivers"], int(expired))
    if then is not None:
        yield from _changes(report["changes"], book, calendar, week, then)


def _changes(
    found: dict[str, Any], book: Book, calendar: Calendar, week: int, then: int
) -> Iterator[Held]:
    planned = book.expected(then, week)
    yield Held("since", found["since"]["as_of"], monday(then).isoformat())
    for what in ("added", "gone", "changed"):
        yield Held(what, found[what], getattr(planned, what))
    yield Held("kinds", kinds(found), planned.kinds)
    causes = {each["kind"]: each["items"] for each in found["causes"]}
    yield Held("causes", causes, planned.causes)
    yield Held("rules differ", "rules" in found["differs"], then < calendar.rules <= week)


def kinds(changes: Mapping[str, Any]) -> dict[str, int]:
    """Items by the kind of their change, as far as the books know it."""
    counts = {each["kind"]: each["items"] for each in changes["kinds"]}
    return {name: items for name, items in counts.items() if name not in _UNFORESEEN}


def of_history(folder: Path, books: Mapping[str, Book], calendar: Calendar) -> Iterator[Held]:
    """Hold the history at the end of the year."""
    weeks = range(calendar.weeks)
    failed = sum(calendar.fails(week, name) for week in weeks for name in books)
    history = History(str(folder / "history.duckdb"))
    entries = history.entries()
    yield Held("audits in the history", len(entries), calendar.weeks * len(books) - failed)
    yield Held("failures in the history", len(history.failures()), failed)
    turned = {now.as_of for now, old in entries if old and "rules" in now.differs(old)}
    yield Held("when the rules turned", turned, {monday(calendar.rules)})


def of_traces(folder: Path, books: Mapping[str, Book], calendar: Calendar) -> Iterator[Held]:
    """Look for a work of each dataset that came late, one that went, and one that stayed."""
    runs = calendar.weeks
    for name, book in books.items():
        seen: dict[str, list[int]] = {}
        for week, each in enumerate(book.weeks):
            if not calendar.fails(week, name):
                for item_id in each.present:
                    seen.setdefault(item_id, []).append(week + 1)
        spans = {item_id: (found[0], found[-1]) for item_id, found in seen.items()}
        chosen = (
            next(each for each, (first, _) in spans.items() if first > 1),
            next(each for each, (_, last) in spans.items() if last < runs),
            next(each for each, span in spans.items() if span == (1, runs)),
        )
        urls = {work.item_id: work.url for work in book.manifest.works()}
        for item_id in chosen:
            planned = [(*spans[item_id], spans[item_id][1] == runs)]
            yield Held(f"trace {urls[item_id]}", _traced(folder, urls[item_id]), planned)


def _traced(folder: Path, url: str) -> list[tuple[int, int, bool]]:
    """The first and the last run that had a work, and whether the latest one does."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        trace(
            [url],
            history=str(folder / "history.duckdb"),
            keys=folder / "keys",
            registries=[],
            records=[],
            output=None,
            tombstones=None,
            as_json=True,
            rules=[],
        )
    rows = [json.loads(line) for line in printed.getvalue().splitlines()]
    return [(row["first_run"], row["last_run"], row["rows_in_latest"] > 0) for row in rows]


def _without_none(counts: Mapping[str, int]) -> dict[str, int]:
    return {name: items for name, items in counts.items() if items}
