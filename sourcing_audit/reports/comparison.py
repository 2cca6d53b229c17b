"""What changed since an earlier audit, in words and tables that all formats share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sourcing_audit.reports import marks
from sourcing_audit.reports.method import Section
from sourcing_audit.reports.quantities import NO_VALUE, count, plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sourcing_audit.model import Status
    from sourcing_audit.report import Changes, Report, StatusFlow

NOT_COMPARED: Final = (
    "No earlier audit was named, so what changed is not known. Name the folder of one to have both"
    " compared item by item: `sourcing-audit audit … --since FOLDER`."
)

_CAUSES: Final[tuple[tuple[str, dict[str, str]], ...]] = (
    (
        "data",
        {
            "inputs": "the inputs",
            "documents": "what is said for the dataset as a whole",
            "mapping": "the columns that are read",
            "registries": "the registry exports",
        },
    ),
    ("rules", {"rules": "the rules"}),
    ("question", {"use": "the intended use", "as_of": "the as-of date"}),
    ("program", {"tool": "the program's version"}),
)
"""What a change can be down to, with the names of what differs."""


def answer(changes: Changes) -> str:
    """Answer a reviewer's question: did the data change or did the rules?"""
    causes = [name for name, named in _CAUSES if named.keys() & set(changes.differs)]
    different = [
        words for _, named in _CAUSES for key, words in named.items() if key in changes.differs
    ]
    said = [f"{_headline(causes)}."]
    if different:
        said.append(f"Not as they were then: {_listed(different)}.")
    if changes.changed and not causes:
        moved = plural(changes.changed, "verdict")
        said.append(f"Yet {moved} changed, which equal inputs don't explain.")
    return " ".join(said)


def counts(changes: Changes) -> list[str]:
    """Tell how many items came, went, moved and stayed."""
    both = f"{plural(changes.changed, 'item')} of both audits changed verdict"
    lines = [
        f"{both}, {count(changes.unchanged)} kept it.",
        f"{plural(changes.added, 'item')} came in since; {count(changes.gone)} went out.",
    ]
    if changes.newly_prohibited or changes.newly_undetermined:
        lines.append(
            f"{plural(changes.newly_prohibited, 'item')} newly prohibited,"
            f" {count(changes.newly_undetermined)} newly undetermined that were better."
        )
    if changes.not_comparable or changes.not_comparable_then:
        lines.append(
            "Not comparable, because several items share an id:"
            f" {count(changes.not_comparable)} now, {count(changes.not_comparable_then)} then."
        )
    if changes.ids_are_places:
        lines.append(
            "Items have no ids of their own and are known by file and record number; an item that"
            " moved is taken for another."
        )
    return lines


def sections(report: Report, changes: Changes) -> list[Section]:
    """List the tables about changes that there is something to say in."""
    tables = [
        _kinds(changes),
        _causes(changes),
        _flows(changes),
        _then_and_now(report, changes),
    ]
    return [table for table in tables if table.rows]


def _headline(causes: Sequence[str]) -> str:
    if "data" in causes and "rules" in causes:
        return "Both the data and the rules changed"
    if "data" in causes:
        return "The data changed; the rules did not"
    if "rules" in causes:
        return "The rules changed; the data did not"
    if causes:
        return f"Neither the data nor the rules changed; the {' and the '.join(causes)} did"
    return "Nothing that decides has changed"


def _listed(names: Sequence[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


def _kinds(changes: Changes) -> Section:
    return Section(
        "What changed for items",
        ("Change", "Code", "Items", "Samples"),
        [
            (entry.label, entry.kind, entry.items, ", ".join(entry.samples) or NO_VALUE)
            for entry in changes.kinds
            if entry.items
        ],
    )


def _causes(changes: Changes) -> Section:
    return Section(
        "What it is down to",
        ("Cause", "Meaning", "Items"),
        [(entry.label, entry.meaning, entry.items) for entry in changes.causes if entry.items],
    )


def _flows(changes: Changes) -> Section:
    return Section(
        "Verdicts that are others now",
        ("Then", "Now", "Items"),
        [
            (
                _named(flow.before, "wasn't there"),
                _named(flow.after, "isn't there any more"),
                flow.items,
            )
            for flow in _by_size(flow for flow in changes.flows if flow.before != flow.after)
        ],
    )


def _by_size(flows: Iterable[StatusFlow]) -> list[StatusFlow]:
    order = list(marks.STATUS)
    place = {status: number for number, status in enumerate(order)}
    last = len(order)
    return sorted(
        flows,
        key=lambda flow: (
            -flow.items,
            place[flow.after] if flow.after else last,
            place[flow.before] if flow.before else last,
        ),
    )


def _named(status: Status | None, absent: str) -> str:
    return f"{marks.STATUS[status].symbol} {marks.STATUS[status].word}" if status else absent


def _then_and_now(report: Report, changes: Changes) -> Section:
    then = changes.since
    before, after = then.totals, report.totals
    return Section(
        "Then and now",
        ("What", "Then", "Now"),
        [
            ("as of", then.as_of.isoformat(), report.as_of.isoformat()),
            (
                "status",
                marks.DATASET[then.dataset_status].word,
                marks.DATASET[report.dataset_status].word,
            ),
            ("items in", before.items_in, after.items_in),
            ("verdicts", before.verdicts, after.verdicts),
            ("quarantined", before.quarantined, after.quarantined),
            ("intended use", then.use, report.use.sentence),
            ("rules", then.rules_version, report.rules.version),
            ("rules digest (SHA-256)", then.rules_digest, report.rules.digest),
            ("program", then.tool_version, report.tool.version),
        ],
    )
