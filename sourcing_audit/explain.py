"""Why an item has its verdict: the rules and records behind it, and those that lost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sourcing_audit import output
from sourcing_audit.errors import InputError
from sourcing_audit.escape import one_line, terminal
from sourcing_audit.model import LicenseEvidence
from sourcing_audit.rules import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import ibis.expr.types as ir

    from sourcing_audit.engine import Engine
    from sourcing_audit.report import Report
    from sourcing_audit.rules import RuleStore

Row = dict[str, Any]

LONGEST = 400
"""Characters of a raw value that an explanation shows."""

_BY_DATASET = str(LicenseEvidence.DATASET_DEFAULT)

_PLACES = {
    "decides": "decides",
    "stands": "also stands",
    "person": "consents for the person shown or heard",
    "approves": "approves a consent",
    "lost": "lost",
    "review": "needs a person",
    "silent": "doesn't apply",
}


class Precedence(Rule):
    """The words of one precedence rule."""

    id: str
    text: str
    source: str


@dataclass(frozen=True)
class RecordEvidence:
    """One consent record that speaks about the item."""

    place: str
    """As in `consent.EVIDENCE`."""
    rule: str
    rule_text: str
    standing: str | None
    key: str
    """The kind of key by which record and item were matched."""
    record: Row
    """The canonical record, with its own `reasons`."""


@dataclass(frozen=True)
class Explanation:
    """Everything behind one item's verdict, as plain data."""

    finding: Row
    """The item's row of the findings."""
    status_label: str
    status_source: str
    license: Row
    """The conclusion on what is said about the item's licence."""
    text: Row | None
    """Where the item's text states its licence."""
    dataset: list[Row]
    """What the dataset's documents state; empty where they weren't asked."""
    reasons: list[Row]
    """Code, label, clause and how to fix."""
    obligations: list[Row]
    records: list[RecordEvidence]

    def __str__(self) -> str:
        """The chain in words, safe to print."""
        return "\n".join(_lines(self))


def explain(
    engine: Engine, tables: Mapping[str, ir.Table], report: Report, store: RuleStore, item_id: str
) -> list[Explanation]:
    """Explain the items that have this id; several where an id isn't unique.

    Raises:
        InputError: no item has the id.

    """
    findings = tables[output.FINDINGS]
    found = engine.arrow(
        findings.filter(findings.item_id == item_id).order_by(["shard", "row"]).limit(20)
    ).to_pylist()
    if not found:
        raise InputError(
            f"no item has the id {item_id!r}",
            fix="take an id from findings.parquet; items without one are FILE:ROW",
        )
    rules = store.table("consent/precedence.toml", Precedence, key=["id"])
    words = {rule.id: rule.text for rule in rules}
    return [_explanation(engine, tables, report, words, finding) for finding in found]


def _explanation(
    engine: Engine,
    tables: Mapping[str, ir.Table],
    report: Report,
    words: Mapping[str, str],
    finding: Row,
) -> Explanation:
    licenses = tables[output.LICENSES]
    license_row = engine.arrow(
        licenses.filter(licenses.license_no == finding["license_no"])
    ).to_pylist()[0]
    status = next(row for row in report.statuses if row.status == finding["status"])
    reasons = {row.code: row.model_dump(include=_TOLD) for row in report.reasons}
    obligations = {row.code: row.model_dump(include=_TOLD) for row in report.obligations}
    return Explanation(
        finding=finding,
        status_label=status.label,
        status_source=status.source,
        license=license_row,
        text=_text(engine, tables, finding),
        dataset=_dataset(report) if license_row["license_evidence"] == _BY_DATASET else [],
        reasons=[reasons[code] for code in finding["reasons"]],
        obligations=[obligations[code] for code in finding["obligations"]],
        records=_records(engine, tables, words, finding),
    )


_TOLD = {"code", "label", "clause", "how_to_fix"}


def _dataset(report: Report) -> list[Row]:
    """What stands in for the licence of items that state none."""
    given = report.dataset.default_license
    said = [{"where": "given for the dataset", "text": given}] if given else []
    for card in report.dataset.cards:
        said += [{"where": f"{card.path}, {s.where}", "text": s.text} for s in card.statements]
    return said


def _text(engine: Engine, tables: Mapping[str, ir.Table], finding: Row) -> Row | None:
    texts = tables[output.TEXTS]
    of_item = texts.filter((texts.shard == finding["shard"]) & (texts.row == finding["row"]))
    found = engine.arrow(of_item).to_pylist()
    return found[0] if found else None


def _records(
    engine: Engine, tables: Mapping[str, ir.Table], words: Mapping[str, str], finding: Row
) -> list[RecordEvidence]:
    evidence, records = tables[output.CONSENT], tables[output.RECORDS]
    said = evidence.filter(
        (evidence.shard == finding["shard"]) & (evidence.row == finding["row"])
    ).drop("standing")
    joined = engine.arrow(said.inner_join(records, ["registry_id", "record_id"])).to_pylist()
    order = list(_PLACES)
    joined.sort(key=lambda r: (order.index(r["place"]), r["registry_id"], r["record_id"]))
    return [
        RecordEvidence(
            place=row["place"],
            rule=row["rule"],
            rule_text=words.get(row["rule"], ""),
            standing=row["standing"],
            key=row["key"],
            record={name: row[name] for name in output.EVIDENCE_OF_RECORDS},
        )
        for row in joined
    ]


def _shown(value: object) -> str:
    return one_line(terminal(str(value)), LONGEST)


def _lines(told: Explanation) -> Iterator[str]:
    finding = told.finding
    yield f"{_shown(finding['item_id'])}  ({_shown(finding['shard'])}, row {finding['row']})"
    rank = f", rank {finding['rank']}" if finding["rank"] else ""
    basis = f", by {finding['basis']}" if finding["basis"] else ""
    yield f"  status     {finding['status']}{rank}{basis}: {told.status_label}"
    yield f"  outcome    {finding['outcome']}"
    yield f"  decided by {finding['verdict_rule']}  ({told.status_source})"
    yield ""
    yield "  Licence"
    yield from _license_lines(told)
    yield ""
    yield "  Consent records"
    if not told.records:
        yield "    none speaks about this item; silence is unknown, not permission (P10)"
    for evidence in told.records:
        yield from _record_lines(evidence)
    for title, rows in (("Reasons", told.reasons), ("Obligations", told.obligations)):
        if rows:
            yield ""
            yield f"  {title}"
            for row in rows:
                yield f"    {row['code']}: {row['label']}  ({row['clause']})"
                yield f"      how to fix: {row['how_to_fix']}"


def _license_lines(told: Explanation) -> Iterator[str]:
    """What was declared and detected, where it comes from, and what that comes to."""
    declared, text = told.license, told.text
    for name in ("license_raw", "license_url", "rights_raw", "upstream", "generator"):
        if declared[name] is not None:
            yield f"    declared   {name}: {_shown(declared[name])}"
    if text is not None:
        lines = f", lines {text['lines']}" if text["lines"] else ""
        found = text["license_detected"] or "nothing"
        yield (
            f"    detected   {found}  ({text['detected_by']}{lines};"
            f" text {text['text_sha256'][:12]}…)"
        )
    for said in told.dataset:
        yield f"    dataset    {_shown(said['where'])}: {_shown(said['text'])}"
    for line in declared["lineage"]:
        yield f"    made from  {_shown(line)}"
    if declared["license_evidence"] != "item":
        yield f"    evidence   {declared['license_evidence']}"
    terms = ", ".join(declared["license_terms"]) or "none"
    yield f"    concluded  {declared['license_concluded']}  ({declared['license_class']})"
    yield f"    terms      {terms}"
    yield f"    rule       {declared['license_rule']}"
    yield f"    this use   {declared['license_grant']}"


def _record_lines(evidence: RecordEvidence) -> Iterator[str]:
    record = evidence.record
    standing = evidence.standing or "no effect"
    yield (
        f"    {_PLACES[evidence.place]}: {_shown(record['registry_id'])}/"
        f"{_shown(record['record_id'])}  {record['record_type']} -> {standing}"
    )
    who = record["declarant_name"] or record["declarant_id"] or "somebody"
    when = f" on {record['declared_at']:%Y-%m-%d}" if record["declared_at"] else ", undated"
    yield f"      said by {_shown(who)} ({record['declarant_role']}){when}"
    yield (
        f"      about {record['subject_kind']} {_shown(record['subject_value'])}, "
        f"matched by {evidence.key}"
    )
    if record["valid_until"]:
        yield f"      valid until {record['valid_until']:%Y-%m-%d}"
    if record["revoked_at"]:
        yield f"      revoked with effect from {record['revoked_at']:%Y-%m-%d}"
    if record["reasons"]:
        yield f"      {', '.join(record['reasons'])}"
    yield f"      {evidence.rule}: {evidence.rule_text}"
