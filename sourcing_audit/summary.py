"""From verdicts to the report: aggregates in the engine, a few hundred rows in Python."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import ibis

from sourcing_audit import __version__, report
from sourcing_audit.model import DatasetStatus, LicenseClass, LicenseEvidence, Outcome, Status, Term
from sourcing_audit.reports.wording import disclose, sentence
from sourcing_audit.verdict import RANKED

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from sourcing_audit.engine import Engine
    from sourcing_audit.pipeline import Judged, Rulebook
    from sourcing_audit.rules.policy import Explanation

SAMPLES = 5
TOP_LICENSES = 50
TOP_UNRESOLVED = 20
TOP_SOURCES = 20
EXPIRING_DAYS = 90
TOP_EXPIRING = 50

Row = dict[str, Any]


@dataclass(frozen=True)
class _Groups:
    """Findings grouped by everything that is counted; a few hundred rows for any dataset."""

    rows: list[Row]

    def total(self, **wanted: object) -> int:
        return sum(
            row["items"] for row in self.rows if all(row[k] == v for k, v in wanted.items())
        )

    def split(self, by: str, **wanted: object) -> dict[str, int]:
        counts: Counter[str] = Counter()
        for row in self.rows:
            if row[by] is not None and all(row[k] == v for k, v in wanted.items()):
                counts[row[by]] += row["items"]
        return dict(sorted(counts.items()))

    def flagged(self, name: str) -> int:
        return sum(row[name] for row in self.rows)


def summarise(engine: Engine, judged: Judged, rules: Rulebook) -> report.Report:
    """The report of an audited dataset.

    Raises:
        SourcingAuditError: the engine failed.

    """
    groups = _Groups(_group(engine, judged.findings))
    quarantine = _quarantine(engine, judged, rules)
    totals = _totals(groups, quarantine)
    statuses = _statuses(groups, rules, totals.items_in)
    outcomes = [
        report.OutcomeCount(
            outcome=outcome,
            items=(n := groups.total(outcome=str(outcome))),
            share=_share(n, totals.items_in),
        )
        for outcome in Outcome
    ]
    status = _dataset_status(groups, totals)
    unresolved = _unresolved(engine, judged)
    coverage = _coverage(engine, judged, groups, unresolved)
    consent = _consent(engine, judged, groups, rules)
    registries = _registries(engine, judged)
    use = _use(judged)
    told: dict[str, Any] = {
        "totals": totals,
        "statuses": statuses,
        "outcomes": outcomes,
        "registries": registries,
        "as_of": judged.request.as_of,
    }
    licenses, expressions = _licenses(engine, judged, totals.items_in)
    return report.Report(
        tool=report.Tool(version=__version__),
        rules=_rules_used(rules),
        as_of=judged.request.as_of,
        dataset=_dataset(judged),
        use=use,
        registries=registries,
        dataset_status=status,
        sentence=sentence(**told),
        totals=totals,
        statuses=statuses,
        outcomes=outcomes,
        reasons=_reasons(engine, judged, groups, rules, totals.items_in),
        obligations=_obligations(groups, rules),
        licenses=licenses,
        license_expressions=expressions,
        unresolved=unresolved,
        consent=consent,
        hosts=_sources(engine, judged.findings, "host"),
        creators=_sources(engine, judged.findings, "creator"),
        coverage=coverage,
        quarantine=quarantine,
        disclosure=disclose(
            **told,
            dataset_status=status,
            coverage=coverage,
            consent=consent,
            use=use.sentence,
            rules_version=rules.store.version,
        ),
    )


def _rows(engine: Engine, table: ir.Table) -> list[Row]:
    rows: list[Row] = engine.arrow(table).to_pylist()
    return rows


def _share(part: int, whole: int) -> float:
    return round(part / whole, 6) if whole else 0.0


_FLAGS = (
    "without_source",
    "without_key",
    "likeness_gap",
    "unread_depicts_person",
    "unread_person_status",
    "unread_acquired_at",
)


def _group(engine: Engine, findings: ir.Table) -> list[Row]:
    by = [
        "status",
        "rank",
        "basis",
        "outcome",
        "license_evidence",
        "consent_status",
        "reasons",
        "obligations",
    ]
    grouped = findings.group_by(by).aggregate(
        items=findings.count(),
        first=findings.pos.min(),
        without_creator=findings.creator.isnull().sum(),
        **{name: findings[name].sum() for name in _FLAGS},
    )
    return sorted(_rows(engine, grouped), key=lambda row: row["first"])


def _totals(groups: _Groups, quarantine: Iterable[report.QuarantineCount]) -> report.Totals:
    verdicts = groups.total()
    records = sum(row.records for row in quarantine)
    return report.Totals(
        items_in=verdicts + records,
        verdicts=verdicts,
        quarantined=records,
        unreadable_files=sum(row.files for row in quarantine),
    )


def _statuses(groups: _Groups, rules: Rulebook, items_in: int) -> list[report.StatusCount]:
    lines = {line.status: line for line in reversed(rules.policy.verdict)}
    return [
        report.StatusCount(
            status=status,
            rank=lines[status].rank,
            label=lines[status].label,
            source=lines[status].source,
            items=(n := groups.total(status=str(status))),
            share=_share(n, items_in),
            by_license_evidence=groups.split("license_evidence", status=str(status)),
            by_basis=groups.split("basis", status=str(status)),
        )
        for status in Status
    ]


def _dataset_status(groups: _Groups, totals: report.Totals) -> DatasetStatus:
    """Never better than the evidence: quarantined items count as not established."""
    ranked = sum(groups.total(status=str(status)) for status in RANKED)
    if groups.total(status=str(Status.OPTED_OUT)):
        return DatasetStatus.CONTAINS_OPTED_OUT
    if not ranked:
        return DatasetStatus.NOT_ESTABLISHED
    if ranked < totals.items_in or totals.unreadable_files:
        return DatasetStatus.PARTLY_ESTABLISHED
    if groups.total(outcome=str(Outcome.CONDITIONAL)):
        return DatasetStatus.ESTABLISHED_WITH_OBLIGATIONS
    return DatasetStatus.ESTABLISHED


def _explained(known: Mapping[str, Explanation], code: str) -> Row:
    """Label, clause and remedy of a code; the tests hold that every code has them."""
    row = known[code]
    return {"code": code, "label": row.label, "clause": row.clause, "how_to_fix": row.how_to_fix}


def _count_codes(groups: _Groups, column: str) -> tuple[Counter[str], dict[str, list[int]]]:
    """Items per code, and the positions of its first items in different groups."""
    counts: Counter[str] = Counter()
    first: dict[str, list[int]] = {}
    for row in groups.rows:
        for code in row[column]:
            counts[code] += row["items"]
            if len(first.setdefault(code, [])) < SAMPLES:
                first[code].append(row["first"])
    return counts, first


def _reasons(
    engine: Engine, judged: Judged, groups: _Groups, rules: Rulebook, items_in: int
) -> list[report.ReasonCount]:
    counts, first = _count_codes(groups, "reasons")
    positions = sorted({pos for some in first.values() for pos in some})
    ids: dict[int, str] = {}
    if positions:
        table = judged.findings
        named = table.filter(table.pos.isin(positions)).select("pos", "item_id")
        ids = {row["pos"]: row["item_id"] for row in _rows(engine, named)}
    return [
        report.ReasonCount(
            **_explained(rules.policy.reasons, code),
            items=items,
            share=_share(items, items_in),
            samples=[ids[pos] for pos in first[code]],
        )
        for code, items in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    ]


def _obligations(groups: _Groups, rules: Rulebook) -> list[report.ObligationCount]:
    counts, _ = _count_codes(groups, "obligations")
    found = []
    for code, items in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])):
        told = rules.policy.obligations[code]
        found.append(
            report.ObligationCount(code=code, label=told.label, clause=told.clause, items=items)
        )
    return found


def _per_license(judged: Judged) -> ir.Table:
    counts = judged.findings.group_by("license_no").aggregate(items=judged.findings.count())
    return counts.inner_join(judged.licenses, "license_no")


def _licenses(
    engine: Engine, judged: Judged, items_in: int
) -> tuple[list[report.LicenseCount], int]:
    per = _per_license(judged)
    grouped = per.group_by("license_concluded").aggregate(
        items=per.items.sum(),
        license_class=per.license_class.min(),
        terms=per.license_terms.min(),
        distinct_values=per.count(),
    )
    total = engine.arrow(grouped.aggregate(n=grouped.count())).to_pylist()[0]["n"]
    top = grouped.order_by([ibis.desc("items"), "license_concluded"]).limit(TOP_LICENSES)
    return [
        report.LicenseCount(
            expression=row["license_concluded"],
            license_class=LicenseClass(row["license_class"]),
            terms=[Term(term) for term in row["terms"]],
            items=row["items"],
            share=_share(row["items"], items_in),
            distinct_values=row["distinct_values"],
        )
        for row in _rows(engine, top)
    ], total


def _unresolved(engine: Engine, judged: Judged) -> report.Unresolved:
    per = _per_license(judged)
    unread = per.filter(per.license_reasons.contains("license_unresolved"))
    values = unread.group_by(
        value=ibis.coalesce(unread.license_raw, unread.license_url, unread.rights_raw)
    ).aggregate(items=unread["items"].sum(), suggestions=unread.suggestions.min())
    whole = values.aggregate(n=values.count(), items=ibis.coalesce(values["items"].sum(), 0))
    counted = _rows(engine, whole)[0]
    top = values.order_by([ibis.desc("items"), "value"]).limit(TOP_UNRESOLVED)
    return report.Unresolved(
        distinct_values=counted["n"],
        items=counted["items"],
        top=[
            report.UnresolvedValue(
                value=row["value"] or "", items=row["items"], suggestions=row["suggestions"]
            )
            for row in _rows(engine, top)
        ],
    )


def _sources(engine: Engine, findings: ir.Table, column: str) -> list[report.SourceCount]:
    known = findings.filter(findings[column].notnull())
    grouped = known.group_by(name=column).aggregate(
        items=known.count(),
        **{str(outcome): (known.outcome == str(outcome)).sum() for outcome in Outcome},
    )
    top = grouped.order_by([ibis.desc("items"), "name"]).limit(TOP_SOURCES)
    return [
        report.SourceCount(
            name=row["name"],
            items=row["items"],
            outcomes={str(o): row[str(o)] for o in Outcome if row[str(o)]},
        )
        for row in _rows(engine, top)
    ]


def _coverage(
    engine: Engine, judged: Judged, groups: _Groups, unresolved: report.Unresolved
) -> report.Coverage:
    return report.Coverage(
        without_license=sum(row["items"] for row in groups.rows if "license_missing" in row["reasons"]),
        unresolved_license=unresolved.items,
        dataset_default_license=groups.total(
            license_evidence=str(LicenseEvidence.DATASET_DEFAULT)
        ),
        without_creator=groups.flagged("without_creator"),
        without_source=groups.flagged("without_source"),
        without_any_consent_key=groups.flagged("without_key"),
        likeness_not_checked=groups.flagged("likeness_gap"),
        unreadable_values={
            name: n
            for name in ("acquired_at", "depicts_person", "person_status")
            if (n := groups.flagged(f"unread_{name}"))
        },
        duplicate_item_ids=_duplicates(engine, judged),
        registries_given=len(judged.consulted.exports),
    )


def _duplicates(engine: Engine, judged: Judged) -> int:
    """Items that share their id with another; ids made of file and row are unique."""
    if not any(mapped.field == "item_id" for mapped in judged.ingested.mapping):
        return 0
    per_id = judged.findings.group_by("item_id").aggregate(n=judged.findings.count())
    twice = per_id.filter(per_id.n > 1)
    return _rows(engine, twice.aggregate(n=ibis.coalesce(twice.n.sum(), 0)))[0]["n"]


def _consent(
    engine: Engine, judged: Judged, groups: _Groups, rules: Rulebook
) -> report.Consent:
    counts = groups.split("consent_status")
    evidence = judged.consent.evidence
    return report.Consent(
        counts=[
            report.ConsentCount(
                consent_status=str(row.status), label=row.label, items=counts[row.status]
            )
            for row in rules.consent.statuses
            if row.status in counts
        ],
        review_matches=_carrying(groups, "creator_name_match"),
        opted_out_after_acquisition=_carrying(groups, "opted_out_after_acquisition"),
        expiring=[] if evidence is None else _expiring(engine, judged, evidence),
    )


def _carrying(groups: _Groups, code: str) -> int:
    return sum(row["items"] for row in groups.rows if code in row["reasons"])


def _expiring(engine: Engine, judged: Judged, evidence: ir.Table) -> list[report.Expiring]:
    last = dt.datetime.combine(
        judged.request.as_of + dt.timedelta(days=EXPIRING_DAYS), dt.time.max
    )
    ending = evidence.filter(
        evidence.standing.isin(["agreement", "consent_complete", "consent_incomplete"])
        & (evidence.valid_until <= ibis.timestamp(last.isoformat(timespec="seconds")))
    )
    grouped = ending.group_by(["registry_id", "record_id", "valid_until"]).aggregate(
        items=ending.pos.nunique()
    )
    in_order = grouped.order_by(["valid_until", "registry_id", "record_id"]).limit(TOP_EXPIRING)
    return [
        report.Expiring(
            registry=row["registry_id"],
            record_id=row["record_id"],
            valid_until=row["valid_until"],
            items=row["items"],
        )
        for row in _rows(engine, in_order)
    ]


def _registries(engine: Engine, judged: Judged) -> list[report.Registry]:
    matched: dict[int, Row] = {}
    if (evidence := judged.consent.evidence) is not None:
        grouped = evidence.group_by("registry_no").aggregate(
            records=evidence.record_no.nunique(), items=evidence.pos.nunique()
        )
        matched = {row["registry_no"]: row for row in _rows(engine, grouped)}
    return [
        report.Registry(
            name=export.name,
            path=export.path,
            format=export.format,
            sha256=export.sha256,
            records=export.records,
            snapshot_at=export.snapshot_at,
            matched_records=matched.get(number, {}).get("records", 0),
            matched_items=matched.get(number, {}).get("items", 0),
        )
        for number, export in enumerate(judged.consulted.exports)
    ]


def _quarantine(engine: Engine, judged: Judged, rules: Rulebook) -> list[report.QuarantineCount]:
    table = judged.ingested.quarantine
    grouped = table.group_by("reason").aggregate(
        records=table.row.notnull().sum(), files=table.row.isnull().sum()
    )
    found = []
    for row in sorted(_rows(engine, grouped), key=lambda r: (-r["records"], r["reason"])):
        first = table.filter(table.reason == row["reason"]).order_by(["shard", "row"])
        told = rules.policy.quarantine[row["reason"]]
        found.append(
            report.QuarantineCount(
                reason=row["reason"],
                label=told.label,
                how_to_fix=told.how_to_fix,
                records=row["records"],
                files=row["files"],
                samples=[
                    s["shard"] if s["row"] is None else f"{s['shard']}:{s['row']}"
                    for s in _rows(engine, first.select("shard", "row").limit(SAMPLES))
                ],
            )
        )
    return found


def _rules_used(rules: Rulebook) -> report.RulesUsed:
    return report.RulesUsed(
        version=rules.store.version,
        digest=rules.store.digest(),
        overrides=[
            report.RuleOverride(file=o.file, key=o.key, action=o.action)
            for o in rules.store.overrides
        ],
    )


def _dataset(judged: Judged) -> report.Dataset:
    ingested = judged.ingested
    return report.Dataset(
        name=judged.request.dataset,
        inputs=[
            report.Input(
                name=shard.name,
                format=shard.format,
                size=shard.size,
                sha256=shard.sha256,
                items=shard.items,
                quarantined=shard.quarantined,
                unreadable=shard.unreadable,
            )
            for shard in ingested.shards
        ],
        mapping=[
            report.MappedField(field=m.field, template=m.template, origin=m.origin)
            for m in ingested.mapping
        ],
        unused_columns=list(ingested.unused_columns),
        default_license=judged.request.default_license,
    )


def _use(judged: Judged) -> report.Use:
    use = judged.request.use
    return report.Use(
        sentence=use.describe(),
        activity=str(use.activity),
        project=use.project,
        commercial=use.commercial,
        research=use.research,
        shares=sorted(map(str, use.shares)),
        territory=list(use.territory),
        grantee=use.grantee,
    )
