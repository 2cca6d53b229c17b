"""What a reviewer asks of a repeated audit, on the terminal: changes, waivers, the gate."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Final

from rich.console import Console, Group
from rich.padding import Padding
from rich.table import Column, Table
from rich.text import Text

from sourcing_audit.escape import one_line
from sourcing_audit.reports import gating, marks
from sourcing_audit.reports.quantities import count, plural

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sourcing_audit.report import ChangeCount, Changes, Gate, GateCheck, Report, Waiver

MIN_WIDTH: Final = 60
MAX_WIDTH: Final = 200
_LABEL: Final = 80
_TEXT: Final = 300

_DIFFERS: Final = {
    "inputs": "the inputs",
    "documents": "the dataset's documents or defaults",
    "mapping": "the columns that are read",
    "registries": "the registries",
    "rules": "the rules",
    "use": "the intended use",
    "as_of": "the date",
    "tool": "the tool's version",
}
NO_COMMON_ITEM: Final = (
    "No item is in both audits: see that they are of the same dataset, with ids that stay."
)
PLACES: Final = (
    "Items have no ids of their own and are known by file and record number; an item that moved"
    " is taken for another. Give them ids (--column item_id=…) to have them compared."
)


def parts(report: Report) -> Iterator[Group]:
    """What the summary says beyond the audit itself, where it was asked for."""
    if report.changes:
        yield _changes(report.changes)
    if report.waivers:
        yield _waivers(report.waivers)
    if report.gate:
        yield _gate(report.gate, report.totals.items_in)


def diff(changes: Changes, *, width: int, color: bool) -> str:
    """Render what changed for a terminal of `width` columns; plain text when not `color`."""
    buffer = io.StringIO()
    console = Console(
        file=buffer,
        width=min(max(width, MIN_WIDTH), MAX_WIDTH),
        color_system="standard" if color else None,
        force_terminal=color,
        markup=False,
        emoji=False,
        highlight=False,
        # An empty environment: what is printed depends on the arguments alone.
        _environ={},
    )
    console.print(Padding(_changes(changes, flows=True), (0, 0, 0, 1)))
    return "\n".join(line.rstrip() for line in buffer.getvalue().splitlines()) + "\n"


def _changes(changes: Changes, *, flows: bool = False) -> Group:
    since = changes.since
    title = Text(f"Since the audit as of {since.as_of.isoformat()}", style="bold")
    if since.dataset:
        title.append(f" of {one_line(since.dataset, _LABEL)}", style="dim")
    shown: list[Text | Table] = [title, Text(_differs(changes), style="dim")]
    shown.append(Text(_accounts(changes)))
    if not changes.changed + changes.unchanged and changes.added and changes.gone:
        shown.append(Text(NO_COMMON_ITEM, style="yellow"))
    if changes.ids_are_places:
        shown.append(Text(PLACES, style="yellow"))
    if changes.not_comparable + changes.not_comparable_then:
        shown.append(Text(_apart(changes), style="yellow"))
    shown.append(Text(_newly(changes), style="bold"))
    if changes.kinds:
        shown.append(_counted(changes.kinds, acts=True))
    if changes.causes:
        shown += [Text("What it is down to", style="bold"), _counted(changes.causes, acts=False)]
    if flows and changes.flows:
        shown += [Text("Status then and now", style="bold"), _flows(changes)]
    return Group(*shown)


def _differs(changes: Changes) -> str:
    if not changes.differs:
        return "Nothing that is on record differs between the two audits."
    return f"Not as they were: {', '.join(_DIFFERS[each] for each in changes.differs)}."


def _accounts(changes: Changes) -> str:
    return (
        f"{count(changes.changed)} changed, {count(changes.added)} added, "
        f"{count(changes.gone)} gone, {count(changes.unchanged)} with the verdict of then"
    )


def _apart(changes: Changes) -> str:
    return (
        f"Not comparable, because several items share an id: {count(changes.not_comparable)} now,"
        f" {count(changes.not_comparable_then)} then."
    )


def _newly(changes: Changes) -> str:
    return (
        f"{count(changes.newly_prohibited)} newly prohibited, "
        f"{count(changes.newly_undetermined)} newly undetermined"
    )


def _counted(rows: Sequence[ChangeCount], *, acts: bool) -> Table:
    grid = _grid()
    for row in rows:
        text = Text(one_line(row.label, _LABEL))
        text.append(f" ({one_line(row.kind, _LABEL)})", style="cyan")
        if acts and row.act:
            text.append(f"\n{one_line(row.act, _TEXT)}", style="dim")
        grid.add_row(Text(count(row.items)), text)
    return grid


def _flows(changes: Changes) -> Table:
    grid = _grid()
    for flow in changes.flows:
        before = marks.STATUS[flow.before].word if flow.before else "not there"
        after = marks.STATUS[flow.after].word if flow.after else "gone"
        same = flow.before == flow.after
        words = f"{after}, as then" if same else f"{before} → {after}"
        grid.add_row(Text(count(flow.items)), Text(words, style="dim" if same else ""))
    return grid


def _waivers(waivers: Sequence[Waiver]) -> Group:
    grid = _grid()
    for waiver in waivers:
        match = ", ".join(f"{key} {value}" for key, value in waiver.match.items()) or "all items"
        text = Text(one_line(f"{waiver.code}: {match}", _TEXT))
        text.append(f"\n{one_line(_answer(waiver), _TEXT)}", style="dim")
        if waiver.expired:
            text.append(f"\nexpired on {waiver.expires}: it waives nothing", style="red")
        elif not waiver.items:
            text.append("\nno item has what it waives", style="yellow")
        grid.add_row(Text(count(waiver.items)), text)
    return Group(Text("Waivers: counted above as before", style="bold"), grid)


def _answer(waiver: Waiver) -> str:
    until = f", until {waiver.expires}" if waiver.expires and not waiver.expired else ""
    reason = waiver.reason_label or waiver.reason
    return f"{reason}; {waiver.owner}, approved by {waiver.approved_by}{until}: {waiver.comment}"


def _gate(gate: Gate, items: int) -> Group:
    words, style = ("✓ Gate passed", "bold green") if gate.passed else ("✗ Gate failed", "bold red")
    title = Text(words, style=style)
    if gate.baseline:
        since = gate.baseline.as_of.isoformat()
        title.append(f" against the baseline as of {since}", style="default")
    grid = _grid()
    for check in gate.checks:
        style = "" if check.passed else "red"
        grid.add_row(Text(count(check.counted), style=style), Text(_check(check, items), style))
    shown: list[Text | Table] = [title, grid]
    if gate.expired_waivers:
        shown.append(Text(f"{plural(gate.expired_waivers, 'waiver')} expired", style="red"))
    return Group(*shown)


def _check(check: GateCheck, items: int) -> str:
    text = f"{one_line(check.code, _LABEL)}: allowed {gating.allowed(check, items)}"
    if check.found != check.counted:
        text += (
            f"; of {count(check.found)} found, {count(check.waived)} waived"
            f" and {count(check.in_baseline)} in the baseline"
        )
    return text if check.passed else f"{text}; not kept"


def _grid() -> Table:
    return Table.grid(Column(justify="right", no_wrap=True), Column(), padding=(0, 2, 0, 0))
