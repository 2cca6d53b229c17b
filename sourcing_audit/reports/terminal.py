"""The summary on the terminal: what was done, verdicts, reasons, and the plain sentence.

Data reaches the console as `rich.text.Text` only, never as markup.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Final

from rich.console import Console, Group
from rich.padding import Padding
from rich.table import Column, Table
from rich.text import Text

from sourcing_audit.escape import one_line
from sourcing_audit.reports import endings, exports, marks, method, review
from sourcing_audit.reports.quantities import count, plural, ratio
from sourcing_audit.reports.wording import share_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import RenderableType

    from sourcing_audit.report import Report

MIN_WIDTH: Final = 60
MAX_WIDTH: Final = 200
TOP_REASONS: Final = 5

_TONES: Final = {"good": "green", "open": "yellow", "unknown": "magenta", "bad": "red"}
_EIGHTHS: Final = " ▏▎▍▌▋▊▉"
_LONGEST_BAR: Final = 40
_LABEL_LIMIT: Final = 80
_TEXT_LIMIT: Final = 300
_TOP_REGISTRIES: Final = 5
_SEVERAL: Final = 2


def summary(report: Report, *, width: int, color: bool) -> str:
    """Render what was found for a terminal of `width` columns; plain text when not `color`.

    The result in a sentence is `conclusion`.
    """
    columns = min(max(width, MIN_WIDTH), MAX_WIDTH)
    parts: list[RenderableType] = [
        Padding(_steps(report), (0, 0, 0, 1)),
        "",
        _heading(report),
        "",
        Padding(_verdicts(report, columns), (0, 0, 0, 1)),
        Padding(Text(totals_line(report), style="dim"), (0, 0, 0, 1)),
        *(Padding(Text(line, style="dim"), (0, 0, 0, 1)) for line in _registry_lines(report)),
    ]
    if report.reasons:
        parts += ["", Padding(_reasons(report), (0, 0, 0, 1))]
    for part in review.parts(report):
        parts += ["", Padding(part, (0, 0, 0, 1))]
    return _rendered([*parts, ""], columns, color=color)


def reviewed(report: Report, *, width: int, color: bool) -> str:
    """Render what was asked for beyond the audit (changes, waivers, gate); empty for nothing."""
    columns = min(max(width, MIN_WIDTH), MAX_WIDTH)
    parts = [Padding(part, (0, 0, 0, 1)) for part in review.parts(report)]
    return _rendered(parts, columns, color=color) if parts else ""


def conclusion(report: Report, *, width: int, color: bool) -> str:
    """Render the dataset's status and the result in one plain sentence, as `summary` does."""
    mark = marks.DATASET[report.dataset_status]
    text = Text(f"{mark.symbol} {mark.word}", style=f"bold {_TONES[mark.tone]}")
    text.append(f"\n{one_line(report.sentence, 1000)}", style="default")
    columns = min(max(width, MIN_WIDTH), MAX_WIDTH)
    return _rendered([Padding(text, (0, 0, 0, 1))], columns, color=color)


def _rendered(parts: Sequence[RenderableType], width: int, *, color: bool) -> str:
    buffer = io.StringIO()
    console = Console(
        file=buffer,
        width=width,
        color_system="standard" if color else None,
        force_terminal=color,
        markup=False,
        emoji=False,
        highlight=False,
        # An empty environment: what is printed depends on the arguments alone.
        _environ={},
    )
    for part in parts:
        console.print(part)
    return "\n".join(line.rstrip() for line in buffer.getvalue().splitlines()) + "\n"


def _steps(report: Report) -> Table:
    """What was read, classified and matched, and what of it wasn't understood."""
    grid = Table.grid(
        Column(no_wrap=True),
        Column(justify="right", no_wrap=True),
        Column(no_wrap=True),
        Column(overflow="fold"),
        padding=(0, 2, 0, 0),
    )
    read, unresolved = report.totals.items_in, report.unresolved.distinct_values
    rows = [("Read", read, _noun(read, "item"), _inputs(report))]
    licenses = report.license_expressions
    unread = f"{plural(unresolved, 'value')} not understood" if unresolved else ""
    rows.append(("Classified", licenses, _noun(licenses, "licence"), unread))
    for registry in report.registries[:_TOP_REGISTRIES]:
        name = f"{one_line(registry.name, _LABEL_LIMIT)} ({exports.date(registry)})"
        items = registry.matched_items
        rows.append(("Matched", items, _noun(items, "item"), name))
    for verb, number, noun, detail in rows:
        grid.add_row(Text(verb), Text(count(number)), Text(noun), Text(detail, style="dim"))
    if (rest := len(report.registries) - _TOP_REGISTRIES) > 0:
        grid.add_row(Text(""), Text(""), Text(""), Text(f"and {plural(rest, 'more source')}"))
    if not report.asked:
        grid.add_row(Text("Matched"), Text("—"), Text(""), Text("no consent registry was given"))
    return grid


def _noun(number: int, noun: str) -> str:
    return noun if number == 1 else f"{noun}s"


def _inputs(report: Report) -> str:
    names = [entry.name for entry in report.dataset.inputs]
    first = one_line(names[0], _LABEL_LIMIT) if names else ""
    return first if len(names) < _SEVERAL else f"{first} and {plural(len(names) - 1, 'more file')}"


def _heading(report: Report) -> Padding:
    name = Text().append(one_line(report.dataset.name, _TEXT_LIMIT), style="bold")
    name.append(
        f" · as of {report.as_of.isoformat()} · rules {one_line(report.rules.version, 60)}",
        style="dim",
    )
    use = Text(f"\nuse: {one_line(report.use.sentence, _TEXT_LIMIT)}", style="dim")
    return Padding(name.append_text(use), (0, 0, 0, 1))


def _verdicts(report: Report, width: int) -> Table:
    grid = Table.grid(
        Column(no_wrap=True, overflow="ellipsis"),
        Column(justify="right", no_wrap=True),
        Column(justify="right", no_wrap=True),
        Column(no_wrap=True),
        padding=(0, 2, 0, 0),
    )
    total = report.totals.items_in
    rows = [(marks.STATUS[entry.status], entry.items) for entry in report.statuses]
    if report.totals.quarantined:
        rows.append((marks.QUARANTINED, report.totals.quarantined))
    words = max(len(mark.word) for mark, _ in rows)
    taken = words + max(len(count(items)) for _, items in rows) + len("under 0.1 %") + 9
    cells = min(width - taken, _LONGEST_BAR)
    for mark, items in rows:
        style = _TONES[mark.tone] if items else "dim"
        grid.add_row(
            Text(f"{mark.symbol} {mark.word}", style=style),
            Text(count(items), style="" if items else "dim"),
            Text(share_of(items, report.totals), style="" if items else "dim"),
            Text(_bar(items, total, cells), style=style),
        )
    return grid


def _bar(items: int, total: int, cells: int) -> str:
    """A bar in eighths of a cell: any item shows, and only all items fill it."""
    if not items:
        return ""
    eighths = max(int(ratio(items, total) * cells * 8), 1)
    return "█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()


def totals_line(report: Report) -> str:
    """Account for every item: items in = verdicts + quarantined."""
    totals = report.totals
    line = (
        f"{plural(totals.items_in, 'item')} in = {plural(totals.verdicts, 'verdict')}"
        f" + {count(totals.quarantined)} quarantined"
    )
    if not totals.unreadable_files:
        return line
    return f"{line}; {plural(totals.unreadable_files, 'unreadable file')} not counted"


def _registry_lines(report: Report) -> list[str]:
    """What the silence of the registries means, and what it can't; what of theirs ends soon."""
    if not report.asked:
        return []
    silent = [] if method.opted_out(report) else [exports.none_found(report.asked)]
    ending = [endings.sentence(report)] if report.consent.expiring else []
    return [*silent, *exports.out_of_date(report.asked), *ending]


def _reasons(report: Report) -> Group:
    grid = Table.grid(
        Column(justify="right", no_wrap=True),
        Column(justify="right", no_wrap=True),
        Column(),
        padding=(0, 2, 0, 0),
    )
    for reason in report.reasons[:TOP_REASONS]:
        text = Text(one_line(reason.label, _LABEL_LIMIT))
        text.append(f" ({one_line(reason.code, _LABEL_LIMIT)})", style="cyan")
        text.append(f"\n{one_line(reason.how_to_fix, _TEXT_LIMIT)}", style="dim")
        items = reason.items
        grid.add_row(Text(count(items)), Text(share_of(items, report.totals)), text)
    parts: list[Text | Table] = [Text("Reasons, and how to fix them", style="bold"), grid]
    if (rest := len(report.reasons) - TOP_REASONS) > 0:
        parts.append(Text(f"and {plural(rest, 'more reason')} in the report", style="dim"))
    return Group(*parts)
