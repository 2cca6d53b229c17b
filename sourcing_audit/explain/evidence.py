"""What is behind an item's verdict, as data: its licence, its records, those that lost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sourcing_audit import output, results
from sourcing_audit.errors import InputError
from sourcing_audit.explain import words
from sourcing_audit.model import LicenseEvidence
from sourcing_audit.rules import policy
from sourcing_audit.rules.consent import Scheme, StatusOrder

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    import ibis.expr.types as ir

    from sourcing_audit.engine import Engine
    from sourcing_audit.report import Report
    from sourcing_audit.rules import RuleStore

Row = dict[str, Any]

_BY_DATASET = str(LicenseEvidence.DATASET_DEFAULT)


@dataclass(frozen=True)
class Labels:
    """The words of rules, by their codes."""

    precedence: Mapping[str, str]
    statuses: Mapping[str, str]
    schemes: Mapping[str, str]
    signals: frozenset[str]
    """The schemes whose permissions are no consents."""
    reasons: Mapping[str, str]

    @classmethod
    def load(cls, store: RuleStore) -> Labels:
        """Read the rules that have words.

        Raises:
            RulesError: naming file, rule and field.

        """
        rules = store.table("consent/precedence.toml", policy.Precedence, key=["id"])
        statuses = store.table("consent/statuses.csv", StatusOrder, key=["status"])
        schemes = store.table("consent/schemes.csv", Scheme, key=["scheme"])
        reasons = store.table("reasons.toml", policy.Explanation, key=["id"])
        return cls(
            precedence={rule.id: rule.text for rule in rules},
            statuses={str(row.status): row.label for row in statuses},
            schemes={row.scheme: row.label for row in schemes},
            signals=frozenset(row.scheme for row in schemes if not row.consents),
            reasons={row.id: row.label for row in reasons},
        )


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
    agrees: bool
    """On the exact key too, and not on the wide one alone, by which only refusals count."""
    distance: int | None
    """Of the two codes, where they are near and not equal."""
    elsewhere: bool
    """It is in force, and not about the intended use."""
    standing_label: str
    scheme_label: str
    reason_labels: list[str]
    record: Row
    """The canonical record, with its own `reasons`."""


@dataclass(frozen=True)
class Explanation:
    """Everything behind one item's verdict, as plain data."""

    finding: Row
    """The item's row of the findings."""
    as_of: dt.date
    trained_at: dt.date | None
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
        return "\n".join(words.lines(self))


def explain(
    engine: Engine, tables: Mapping[str, ir.Table], report: Report, store: RuleStore, item_id: str
) -> list[Explanation]:
    """Explain the items that have this id; several where an id isn't unique.

    Raises:
        InputError: no item has the id.

    """
    findings = tables[results.FINDINGS]
    found = engine.arrow(
        findings.filter(findings.item_id == item_id).order_by(["shard", "row"]).limit(20)
    ).to_pylist()
    if not found:
        raise InputError(
            f"no item has the id {item_id!r}",
            fix="take an id from findings.parquet; items without one are FILE:ROW",
        )
    labels = Labels.load(store)
    return [_explanation(engine, tables, report, labels, finding) for finding in found]


def _explanation(
    engine: Engine,
    tables: Mapping[str, ir.Table],
    report: Report,
    labels: Labels,
    finding: Row,
) -> Explanation:
    licenses = tables[results.LICENSES]
    license_row = engine.arrow(
        licenses.filter(licenses.license_no == finding["license_no"])
    ).to_pylist()[0]
    status = next(row for row in report.statuses if row.status == finding["status"])
    reasons = {row.code: row.model_dump(include=_TOLD) for row in report.reasons}
    obligations = {row.code: row.model_dump(include=_TOLD) for row in report.obligations}
    return Explanation(
        finding=finding,
        as_of=report.as_of,
        trained_at=report.use.trained_at,
        status_label=status.label,
        status_source=status.source,
        license=license_row,
        text=_text(engine, tables, finding),
        dataset=_dataset(report) if license_row["license_evidence"] == _BY_DATASET else [],
        reasons=[reasons[code] for code in finding["reasons"]],
        obligations=[obligations[code] for code in finding["obligations"]],
        records=_records(engine, tables, labels, finding, report),
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
    texts = tables[results.TEXTS]
    of_item = texts.filter((texts.shard == finding["shard"]) & (texts.row == finding["row"]))
    found = engine.arrow(of_item).to_pylist()
    return found[0] if found else None


def _records(
    engine: Engine, tables: Mapping[str, ir.Table], labels: Labels, finding: Row, report: Report
) -> list[RecordEvidence]:
    evidence, records = tables[results.CONSENT], tables[results.RECORDS]
    said = evidence.filter(
        (evidence.shard == finding["shard"]) & (evidence.row == finding["row"])
    ).drop("standing")
    joined = engine.arrow(said.inner_join(records, ["registry_id", "record_id"])).to_pylist()
    order = list(words.PLACES)
    joined.sort(key=lambda r: (order.index(r["place"]), r["registry_id"], r["record_id"]))
    return [
        RecordEvidence(
            place=row["place"],
            rule=row["rule"],
            rule_text=labels.precedence.get(row["rule"], ""),
            standing=row["standing"],
            key=row["key"],
            agrees=row.get("agrees", True),
            distance=row.get("distance"),
            elsewhere=_elsewhere(row, labels, report),
            standing_label=labels.statuses.get(row["standing"], "no effect"),
            scheme_label=labels.schemes.get(row["signal_scheme"], row["signal_scheme"]),
            reason_labels=[labels.reasons[code] for code in row["reasons"]],
            record={name: row[name] for name in output.EVIDENCE_OF_RECORDS},
        )
        for row in joined
    ]


def _elsewhere(record: Row, labels: Labels, report: Report) -> bool:
    """Whether only what it is about keeps a record from counting, and not its time."""
    if record["rule"] != "P2" or record["standing"] is not None:
        return False
    if record["decision"] in {"allow", "conditional"}:
        # A signal permits whenever it was said, if it is about the use.
        return record["signal_scheme"] in labels.signals
    refuses = record["decision"] == "deny" or record["problem"] is not None
    days = {report.as_of, report.use.trained_at or report.as_of}
    return refuses and any(_in_force(record, day) for day in days)


def _in_force(record: Row, day: dt.date) -> bool:
    since, until = record["valid_from"] or record["declared_at"], record["valid_until"]
    return (since is None or since.date() <= day) and (until is None or until.date() > day)
