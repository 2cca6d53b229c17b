"""`report.md`: the report as GitHub-flavoured Markdown, section by section."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sourcing_audit.reports import (
    endings,
    exports,
    markdown_review,
    marks,
    method,
    provenance,
    wording,
)
from sourcing_audit.reports.gaps import gaps
from sourcing_audit.reports.interface import ReportFormat
from sourcing_audit.reports.quantities import NO_VALUE, count, plural
from sourcing_audit.reports.tables import bullets, table, text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sourcing_audit.report import Report, SourceCount


class MarkdownFormat(ReportFormat):
    """Writes the report for code hosts and editors."""

    @property
    def name(self) -> str:
        """The format as a user asks for it."""
        return "md"

    @property
    def filename(self) -> str:
        """The file's name in the output folder."""
        return "report.md"

    def render(self, report: Report) -> bytes:
        """Return the report with what is missing before what is there."""
        sections = [
            _head,
            _gaps,
            _statuses,
            _reasons,
            markdown_review.groups,
            _obligations,
            _licenses,
            _consent,
            _sources,
            markdown_review.changes,
            markdown_review.gate,
            markdown_review.waivers,
            _disclosure,
            _method,
        ]
        blocks = [block for section in sections for block in section(report)]
        return ("\n\n".join(blocks) + "\n").encode()


def _head(report: Report) -> Iterator[str]:
    totals = report.totals
    status = marks.DATASET[report.dataset_status]
    outcomes = {entry.outcome: entry.items for entry in report.outcomes}
    yield f"# Sourcing status of {text(report.dataset.name)}"
    yield f"**{status.symbol} {status.word.capitalize()}.** {text(report.sentence)}"
    yield (
        f"Intended use: {text(report.use.sentence)}. As of {report.as_of.isoformat()},"
        f" rules {text(report.rules.version)}."
    )
    rows = [
        (f"{mark.symbol} {mark.word}", outcomes.get(outcome, 0))
        for outcome, mark in marks.OUTCOME.items()
    ]
    rows.append((f"{marks.QUARANTINED.symbol} {marks.QUARANTINED.word}", totals.quarantined))
    rows.append(("items in", totals.items_in))
    yield table(
        ["Outcome", "Items", "Share"],
        [(word, items, wording.share_of(items, totals)) for word, items in rows],
    )


def _gaps(report: Report) -> Iterator[str]:
    found = [gap for gap in gaps(report) if gap.items]
    yield "## What could not be established"
    if not report.asked:
        yield f"**{wording.NO_REGISTRY}**"
    if report.totals.unreadable_files:
        files = plural(report.totals.unreadable_files, "file")
        yield f"**{files} could not be read at all; no count here includes their items.**"
    if found:
        yield table(
            ["Gap", "Items", "Share", "What it means"],
            [
                (gap.label, gap.items, wording.share_of(gap.items, report.totals), gap.meaning)
                for gap in found
            ],
        )
    elif report.asked and not report.totals.unreadable_files:
        yield "No gap was found among those that are looked for."
    if report.unresolved.top:
        yield "### Licence values that no rule understands"
        yield (
            f"{plural(report.unresolved.distinct_values, 'distinct value')} on"
            f" {plural(report.unresolved.items, 'item')}; those that differ only in their numbers"
            " are shown as one. Suggestions are never applied."
        )
        yield table(
            ["Value", "Values", "Items", "Nearest known values"],
            [
                (v.value, v.distinct_values, v.items, ", ".join(v.suggestions) or NO_VALUE)
                for v in report.unresolved.top
            ],
        )
        if report.unresolved.groups > len(report.unresolved.top):
            yield (
                f"The first {len(report.unresolved.top)} of {count(report.unresolved.groups)}"
                " groups; all values are in `evidence/licenses.parquet`."
            )
    if report.quarantine:
        yield "### Quarantine"
        yield table(
            ["Why", "Records", "Files", "How to fix", "Samples"],
            [
                (q.label, q.records, q.files, q.how_to_fix, ", ".join(q.samples))
                for q in report.quarantine
            ],
        )


def _statuses(report: Report) -> Iterator[str]:
    yield "## Verdicts"
    yield table(
        ["Status", "Rank", "Items", "Share", "By licence evidence", "By basis", "Clause"],
        [
            (
                f"{marks.STATUS[entry.status].symbol} {entry.label}",
                str(entry.rank or NO_VALUE),
                entry.items,
                wording.share_of(entry.items, report.totals),
                method.breakdown(entry.by_license_evidence),
                method.breakdown(entry.by_basis),
                entry.source,
            )
            for entry in report.statuses
        ],
    )


def _reasons(report: Report) -> Iterator[str]:
    yield "## Reasons"
    if not report.reasons:
        yield "No item carries a reason."
        return
    yield table(
        ["Reason", "Code", "Items", "Share", "Clause", "How to fix", "Samples"],
        [
            (
                entry.label,
                entry.code,
                entry.items,
                wording.share_of(entry.items, report.totals),
                entry.clause,
                entry.how_to_fix,
                ", ".join(entry.samples),
            )
            for entry in report.reasons
        ],
    )


def _obligations(report: Report) -> Iterator[str]:
    yield "## Obligations that stay open"
    if not report.obligations:
        yield "No item carries an obligation."
        return
    yield table(
        ["Obligation", "Code", "Items", "How to meet it", "Clause"],
        [
            (entry.label, entry.code, entry.items, entry.how_to_fix, entry.clause)
            for entry in report.obligations
        ],
    )


def _licenses(report: Report) -> Iterator[str]:
    yield "## Licences"
    if report.licenses:
        yield from _concluded(report)
    else:
        yield "No licence was concluded."
    for section in provenance.evidence(report):
        yield f"### {section.title}"
        yield table(section.header, section.rows)


def _concluded(report: Report) -> Iterator[str]:
    yield (
        f"{plural(report.license_expressions, 'distinct expression')} concluded; the most frequent:"
    )
    yield table(
        ["Concluded licence", "Class", "Terms", "Items", "Share", "Values"],
        [
            (
                entry.expression,
                entry.license_class,
                ", ".join(entry.terms) or NO_VALUE,
                entry.items,
                wording.share_of(entry.items, report.totals),
                entry.distinct_values,
            )
            for entry in report.licenses
        ],
    )


def _consent(report: Report) -> Iterator[str]:
    yield "## Consent"
    if not report.asked:
        yield f"**Consent was not checked.** {wording.NO_REGISTRY}"
    elif method.opted_out(report) == 0:
        yield text(exports.none_found(report.asked))
    if report.registries:
        registries = method.consulted(report)
        yield f"### {registries.title}"
        yield table(registries.header, registries.rows)
    if report.consent.counts:
        yield table(
            ["Consent status", "Items", "Share"],
            [
                (entry.label, entry.items, wording.share_of(entry.items, report.totals))
                for entry in report.consent.counts
            ],
        )
    if notes := method.consent_notes(report):
        yield bullets(notes)
    if listed := endings.rows(report):
        yield "### Ending within 90 days"
        yield table(endings.HEADER, listed)
        if (in_all := endings.in_all(report)) > len(listed):
            yield f"The first {count(len(listed))} of {count(in_all)}."


def _sources(report: Report) -> Iterator[str]:
    yield "## Sources"
    for title, column, entries in (
        ("### By host", "Host", report.hosts),
        ("### By creator", "Creator", report.creators),
    ):
        yield title
        yield _by_outcome(column, entries) if entries else "None on record."
    for section in provenance.ancestry(report):
        yield f"### {section.title}"
        yield table(section.header, section.rows)
    yield bullets(provenance.origin_notes(report))


def _by_outcome(column: str, entries: Sequence[SourceCount]) -> str:
    return table(
        [column, "Items", *(mark.word.capitalize() for mark in marks.OUTCOME.values())],
        [
            (entry.name, entry.items, *(entry.outcomes.get(key, 0) for key in marks.OUTCOME))
            for entry in entries
        ],
    )


def _disclosure(report: Report) -> Iterator[str]:
    yield "## Disclosure text (AIMEG 4.2)"
    yield f"> {text(report.disclosure.short)}"
    yield bullets(report.disclosure.statements)
    yield "### Limits"
    yield bullets(report.disclosure.limits)


def _method(report: Report) -> Iterator[str]:
    yield "## Method"
    for block in method.sections(report):
        yield f"### {block.title}"
        yield table(block.header, block.rows) if block.rows else block.empty
    yield wording.NOT_ADVICE
