"""What the commands about a history do: list its audits."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from sourcing_audit.escape import json_text
from sourcing_audit.history import History

if TYPE_CHECKING:
    from sourcing_audit.history import Entry

_WIDE = 90
"""Columns that the table needs."""

_OUTCOMES = ("prohibited", "undetermined", "conditional", "permitted")


def list_audits(place: str, *, dataset: str | None, last: int, as_json: bool) -> None:
    """Print the latest audits.

    Raises:
        InputError: there is no history at the place.

    """
    history = History(place)
    found = history.entries(dataset=dataset, last=last)
    counts = history.counts([entry.audit_no for entry, _ in found])
    failures = history.failures(last=last)
    if as_json:
        for entry, before in found:
            _print_json(_told(entry, before, counts[entry.audit_no]))
        for each in failures:
            if dataset in {None, each["dataset"]}:
                _print_json({**each, "recorded_at": each["recorded_at"].isoformat()})
        return
    from sourcing_audit.terminal import width

    show = _print_table if width() >= _WIDE else _print_blocks
    show(found, counts)
    oldest = min((entry.run_no for entry, _ in found), default=0)
    for each in failures:
        if each["run_no"] >= oldest and dataset in {None, each["dataset"]}:
            _print_failure(each)


def _told(entry: Entry, before: Entry | None, counts: dict[str, dict[str, int]]) -> dict[str, Any]:
    moments = {
        "as_of": entry.as_of.isoformat(),
        "recorded_at": f"{entry.recorded_at.isoformat()}Z",
    }
    return {
        **entry.__dict__,
        **moments,
        "before": None if before is None else before.audit_no,
        "differs": None if before is None else entry.differs(before),
        "counts": counts,
    }


def _difference(entry: Entry, before: Entry | None) -> str:
    """What that decides verdicts isn't as it was in the audit before."""
    return "first" if before is None else ", ".join(entry.differs(before)) or "nothing"


def _print_blocks(
    found: list[tuple[Entry, Entry | None]], counts: dict[int, dict[str, dict[str, int]]]
) -> None:
    """A few lines for each audit, where a table has no room."""
    from sourcing_audit.escape import one_line

    for entry, before in found:
        outcomes = counts[entry.audit_no].get("outcome", {})
        split = ", ".join(f"{outcomes.get(name, 0):,} {name}" for name in _OUTCOMES)
        sys.stdout.write(
            f"run {entry.run_no} · {entry.as_of.isoformat()} · {one_line(entry.dataset, 80)}\n"
            f"  {entry.items_in:,} items: {split}\n"
            f"  differs: {_difference(entry, before)}\n"
        )


def _print_json(told: dict[str, Any]) -> None:
    sys.stdout.write(f"{json_text(json.dumps(told, ensure_ascii=False))}\n")


def _print_table(
    found: list[tuple[Entry, Entry | None]], counts: dict[int, dict[str, dict[str, int]]]
) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from sourcing_audit.escape import one_line
    from sourcing_audit.terminal import color, width

    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("run", justify="right", no_wrap=True)
    table.add_column("as of", no_wrap=True)
    table.add_column("dataset", overflow="fold", min_width=12)
    for name in ("items", *_OUTCOMES):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("differs", overflow="fold", min_width=10)
    for entry, before in found:
        outcomes = counts[entry.audit_no].get("outcome", {})
        table.add_row(
            str(entry.run_no),
            entry.as_of.isoformat(),
            Text(one_line(entry.dataset, 80)),
            f"{entry.items_in:,}",
            *(f"{outcomes.get(name, 0):,}" for name in _OUTCOMES),
            _difference(entry, before),
        )
    console = Console(
        width=width(), no_color=not color(), markup=False, highlight=False, emoji=False
    )
    console.print(table)


def _print_failure(failure: dict[str, Any]) -> None:
    from sourcing_audit.escape import one_line

    problem = one_line(failure["problem"], 300)
    dataset = one_line(failure["dataset"], 80)
    sys.stdout.write(f"run {failure['run_no']}: {dataset} could not be audited: {problem}\n")
