"""How the result came about: the tables and notes that Markdown and HTML share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sourcing_audit.model import Status
from sourcing_audit.reports import endings, exports, wording
from sourcing_audit.reports.quantities import NO_VALUE, count, plural

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sourcing_audit.report import Report


@dataclass(frozen=True)
class Section:
    """One table of the method."""

    title: str
    header: tuple[str, ...]
    rows: list[tuple[str | int, ...]]
    empty: str = "None."
    """What is said in place of a table without rows."""


def sections(report: Report) -> list[Section]:
    """List inputs, mapping, registries and rules: what a reader needs to repeat the audit."""
    return [
        _inputs(report),
        _mapping(report),
        _registries(report),
        _tool(report),
        _overrides(report),
    ]


def breakdown(counts: Mapping[str, int]) -> str:
    """Put a split of a count on one line, in the order of its names."""
    return (
        ", ".join(f"{name} {count(items)}" for name, items in sorted(counts.items()) if items)
        or NO_VALUE
    )


def opted_out(report: Report) -> int:
    """Count the items with a refusal in force."""
    return sum(entry.items for entry in report.statuses if entry.status is Status.OPTED_OUT)


def consulted(report: Report) -> Section:
    """List what each consent registry held and matched."""
    return Section(
        "Signals and registries read"
        if len(report.asked) < len(report.registries)
        else "Registries consulted",
        ("Registry", "Export of", "Recent", "Records", "Records matched", "Items matched"),
        [
            (
                entry.name,
                exports.date(entry),
                exports.freshness(entry),
                entry.records,
                entry.matched_records,
                entry.matched_items,
            )
            for entry in report.registries
        ],
    )


def consent_notes(report: Report) -> list[str]:
    """Say what the consent counts don't show by themselves."""
    consent = report.consent
    undecided = "which is neither refusal nor consent until someone has looked"
    only = "by a bare name only, a near duplicate or a signal that can't be read"
    review = f"{plural(consent.review_matches, 'item')} matched {only}"
    notes = [
        f"{review}, {undecided}.",
        f"{plural(consent.opted_out_after_acquisition, 'item')} opted out after acquisition.",
    ]
    if report.use.trained_at is not None:
        after = plural(consent.opted_out_after_training, "item")
        notes.append(f"{after} opted out after the training on {report.use.trained_at}.")
    notes.append(endings.sentence(report))
    return notes if report.registries else []


def repeat(report: Report) -> str:
    """Say what it takes to reach the same result again."""
    return (
        "To repeat this audit, take the inputs and registry exports with these digests, the rules"
        " of this version and digest, this version of the program, the same intended use and"
        f" `--as-of {report.as_of.isoformat()}`: the same gives the same report, byte for byte."
    )


def _inputs(report: Report) -> Section:
    return Section(
        "Inputs",
        ("Input", "Format", "Bytes", "Items", "Quarantined", "SHA-256 or version"),
        [
            (
                entry.name,
                entry.format,
                "unknown" if entry.size is None else entry.size,
                "not readable" if entry.unreadable else entry.items,
                entry.quarantined,
                entry.sha256 or entry.version or "none (stream)",
            )
            for entry in report.dataset.inputs
        ],
    )


def _mapping(report: Report) -> Section:
    rows: list[tuple[str | int, ...]] = [
        (entry.field, entry.template, entry.origin) for entry in report.dataset.mapping
    ]
    if report.dataset.default_license is not None:
        rows.append(("licence of the dataset", report.dataset.default_license, "default"))
    return Section("Columns read", ("Field", "Read from", "Origin"), rows)


def _registries(report: Report) -> Section:
    return Section(
        "Registry exports",
        ("Registry", "File", "Format", "Export of", "SHA-256"),
        [
            (entry.name, entry.path, entry.format, exports.date(entry), entry.sha256)
            for entry in report.registries
        ],
        empty=wording.NO_REGISTRY,
    )


def _tool(report: Report) -> Section:
    return Section(
        "Rules and tool",
        ("What", "Value"),
        [
            ("rules version", report.rules.version),
            ("rules digest (SHA-256)", report.rules.digest),
            ("as of", report.as_of.isoformat()),
            ("intended use", report.use.sentence),
            ("tool", f"{report.tool.name} {report.tool.version}"),
            ("report schema", report.schema_version),
        ],
    )


def _overrides(report: Report) -> Section:
    return Section(
        "Rules overridden",
        ("File", "Rule", "Action"),
        [(entry.file, entry.key, entry.action) for entry in report.rules.overrides],
        empty="None: the rules are those that ship with the tool.",
    )
