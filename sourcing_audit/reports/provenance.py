"""What items were made from and by whom, and where licences were read: sections for all formats."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sourcing_audit.reports.method import Section
from sourcing_audit.reports.quantities import NO_VALUE, plural
from sourcing_audit.reports.wording import share_of

if TYPE_CHECKING:
    from sourcing_audit.report import Report

_HOW = {
    "text:tag": "SPDX tags",
    "text:known": "known texts",
    "text:exact": "known wording within the text",
    "text:approximate": "likeness to a known text",
    "text:none": "nothing about a licence",
    "text:unread": "not read",
}


def evidence(report: Report) -> list[Section]:
    """List the tables about cards and texts that there is something to say in."""
    return [section for section in (_cards(report), _texts(report)) if section.rows]


def ancestry(report: Report) -> list[Section]:
    """List the table of upstream datasets, if there are any."""
    section = Section(
        "Made from",
        ("Dataset", "Its licence", "Items"),
        [(entry.dataset, entry.expression, entry.items) for entry in report.lineage],
    )
    return [section] if section.rows else []


def origin_notes(report: Report) -> list[str]:
    """Say who made the items, as far as anybody said; nothing where nobody did."""
    origin = report.origin
    if not origin.generated and not origin.human:
        return ["Nobody said whether a person or a model made the items."]
    parts = (
        (origin.generated, "made by a model"),
        (origin.human, "said to be made by a person"),
        (origin.not_stated, "of which nobody said who made them"),
    )
    return [
        f"{plural(items, 'item')} ({share_of(items, report.totals)}) {words}."
        for items, words in parts
        if items
    ]


def _cards(report: Report) -> Section:
    rows: list[tuple[str | int, ...]] = []
    for card in report.dataset.cards:
        rows += [
            (card.path, statement.where, statement.text, statement.expression)
            for statement in card.statements
        ]
        rows += [(card.path, "not readable", problem, NO_VALUE) for problem in card.problems]
        if card.contradicted:
            limit = "its prose or licence text limits what its tag permits"
            rows.append((card.path, "contradiction", limit, NO_VALUE))
    return Section("What the dataset's card says", ("Card", "Where", "Text", "Read as"), rows)


def _texts(report: Report) -> Section:
    texts = report.texts
    if texts is None:
        return Section("Licence texts", (), [])
    rows: list[tuple[str | int, ...]] = [
        (_HOW.get(entry.rule, entry.rule), entry.distinct_texts) for entry in texts.methods
    ]
    stating = plural(texts.stating_a_license, "item")
    title = f"Licence texts: stated for {stating} of {plural(texts.items, 'item')} with a text"
    return Section(title, ("Read by", "Distinct texts"), rows)
