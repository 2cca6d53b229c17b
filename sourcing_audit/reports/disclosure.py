"""`disclosure.md`: the sourcing-status field of AIMEG 4.2, ready to be handed on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sourcing_audit.reports import marks, wording
from sourcing_audit.reports.gaps import gaps
from sourcing_audit.reports.interface import ReportFormat
from sourcing_audit.reports.quantities import plural
from sourcing_audit.reports.tables import bullets, table, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sourcing_audit.report import Report


NO_GAP: Final = "No gap was found among those that are looked for."


class DisclosureFormat(ReportFormat):
    """Writes what a production discloses about its training data."""

    @property
    def name(self) -> str:
        """The format as a user asks for it."""
        return "disclosure"

    @property
    def filename(self) -> str:
        """The file's name in the output folder."""
        return "disclosure.md"

    def render(self, report: Report) -> bytes:
        """Return the statement, its counts by preference, what is missing, and its basis."""
        blocks = [*_statement(report), *_preferences(report), *_missing(report), *_basis(report)]
        return ("\n\n".join(blocks) + "\n").encode()


def _statement(report: Report) -> Iterator[str]:
    yield "# Ethical sourcing status of training data"
    yield f"Dataset: {text(report.dataset.name)}. AIMEG Code of Ethics 1.0, 4.2 and 5.2."
    yield "## Statement"
    yield text(report.disclosure.short)
    yield bullets(report.disclosure.statements)


PREFERENCES: Final = ("Status", "Preference", "Items", "Share")


def preferences(report: Report) -> list[tuple[str, str, int, str]]:
    """List how many items there are of each status, by preference of Principle 5.2."""
    totals = report.totals
    rows = [
        (
            f"{marks.STATUS[entry.status].symbol} {entry.label}",
            str(entry.rank or "none"),
            entry.items,
            wording.share_of(entry.items, totals),
        )
        for entry in sorted(
            report.statuses, key=lambda entry: (entry.rank is None, entry.rank or 0)
        )
    ]
    rows.append(
        (
            f"{marks.QUARANTINED.symbol} Quarantined, counted as not established",
            "none",
            totals.quarantined,
            wording.share_of(totals.quarantined, totals),
        )
    )
    return rows


def not_established(report: Report) -> list[str]:
    """Say what could not be established; empty where no gap was found."""
    lines = [
        f"{gap.label}: {plural(gap.items, 'item')}"
        f" ({wording.share_of(gap.items, report.totals)}). {gap.meaning}"
        for gap in gaps(report)
        if gap.items
    ]
    if not report.asked:
        lines.insert(0, wording.NO_REGISTRY)
    if report.totals.unreadable_files:
        files = plural(report.totals.unreadable_files, "file")
        lines.append(f"{files} could not be read at all; no count here includes their items.")
    return lines


def basis(report: Report) -> list[str]:
    """Name the date, use, rules and tool that the statement rests on."""
    return [
        f"As of: {report.as_of.isoformat()}",
        f"Intended use: {report.use.sentence}",
        f"Rules: version {report.rules.version}, SHA-256 {report.rules.digest}",
        f"Own rules in place of those shipped: {len(report.rules.overrides)}",
        f"Tool: {report.tool.name} {report.tool.version}",
    ]


def _preferences(report: Report) -> Iterator[str]:
    totals = report.totals
    whole = wording.share_of(totals.items_in, totals)
    rows = [*preferences(report), ("Items in", "", totals.items_in, whole)]
    yield "## By preference of Principle 5.2"
    yield table(PREFERENCES, rows)


def _missing(report: Report) -> Iterator[str]:
    lines = not_established(report)
    yield "## What is not established"
    yield bullets(lines) if lines else NO_GAP
    yield "## Limits"
    yield bullets(report.disclosure.limits)


def _basis(report: Report) -> Iterator[str]:
    yield "## Basis"
    yield bullets(basis(report))
