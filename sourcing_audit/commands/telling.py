"""What came of an audit, told on a terminal or in a pipe."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from sourcing_audit.reports import lines, terminal
from sourcing_audit.reports.quantities import plural
from sourcing_audit.terminal import color, is_watched, say, width

if TYPE_CHECKING:
    from pathlib import Path

    from sourcing_audit.report import Report


def print_result(report: Report, folder: Path) -> None:
    """Show a summary on a terminal, and one line for each finding in a pipe.

    What the result is in a sentence, and where the report is, goes to standard error.
    """
    for origin, mapped in _by_origin(report).items():
        say(f"Columns by {origin}: {', '.join(mapped)}")
    if is_watched():
        _say_quarantined(report)
        sys.stdout.write(terminal.summary(report, width=width(), color=color()))
    else:
        sys.stdout.writelines(f"{line}\n" for line in lines.findings(report))
        say(terminal.totals_line(report))
        sys.stderr.write(
            terminal.reviewed(report, width=width(sys.stderr), color=color(sys.stderr))
        )
    # What stands on standard output comes before the sentence about it.
    sys.stdout.flush()
    sys.stderr.write(terminal.conclusion(report, width=width(sys.stderr), color=color(sys.stderr)))
    if not is_watched() and (rest := lines.left_out(report)):
        say(f"Not shown: {rest}")
    page = folder / "report.html"
    say(f"Report: {page if page.is_file() else folder}")


def _say_quarantined(report: Report) -> None:
    for row in report.quarantine:
        places = ", ".join(row.samples)
        counted = ((row.records, "record"), (row.files, "file"))
        amounts = [plural(number, noun) for number, noun in counted if number]
        say(f"Quarantined {' and '.join(amounts)}: {row.label}: {places}")


def _by_origin(report: Report) -> dict[str, list[str]]:
    """The column mapping in few lines: where each field is read from, by who said so."""
    found: dict[str, list[str]] = {}
    for mapped in report.dataset.mapping:
        same = mapped.template.strip("{}") == mapped.field
        text = mapped.field if same else f"{mapped.field} from {mapped.template}"
        found.setdefault(mapped.origin, []).append(text)
    return found
