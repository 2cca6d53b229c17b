"""From verdicts to the report: aggregates in the engine, a few hundred rows in Python."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sourcing_audit import __version__, report
from sourcing_audit.reports.wording import disclose, sentence
from sourcing_audit.summary.consent import consent, registries
from sourcing_audit.summary.counts import (
    Groups,
    dataset_status,
    obligations,
    outcomes,
    reasons,
    rows,
    statuses,
    totals,
)
from sourcing_audit.summary.coverage import coverage, quarantine, sources
from sourcing_audit.summary.licenses import licenses, unresolved
from sourcing_audit.summary.provenance import lineage, origin, texts

if TYPE_CHECKING:
    from sourcing_audit import alike
    from sourcing_audit.engine import Engine
    from sourcing_audit.pipeline import Judged, Rulebook

__all__ = ["summarise"]

MOST_GROUPS = 1000
"""Groups in the report; `groups.parquet` holds all."""


def summarise(
    engine: Engine, judged: Judged, rules: Rulebook, grouped: alike.Groups
) -> report.Report:
    """The report of an audited dataset; `grouped` are its groups.

    Raises:
        SourcingAuditError: the engine failed.

    """
    groups = Groups.of(engine, judged.classes)
    quarantined = quarantine(engine, judged, rules)
    total = totals(groups, quarantined)
    status = dataset_status(groups, total)
    unread = unresolved(engine, judged)
    covered = coverage(engine, judged, groups, unread)
    answers = consent(engine, judged, groups, rules)
    expressions, count = licenses(engine, judged, total.items_in)
    made_by = origin(groups)
    use = _use(judged)
    given = registries(engine, judged)
    told: dict[str, Any] = {
        "totals": total,
        "statuses": statuses(groups, rules, total.items_in),
        "outcomes": outcomes(groups, total.items_in),
        "registries": [entry for entry in given if not entry.own],
        "as_of": judged.request.as_of,
    }
    return report.Report(
        **(told | {"registries": given}),
        tool=report.Tool(version=__version__),
        rules=_rules_used(rules),
        dataset=_dataset(judged),
        use=use,
        dataset_status=status,
        sentence=sentence(**told),
        reasons=reasons(engine, judged, groups, rules, total.items_in),
        obligations=obligations(groups, rules),
        licenses=expressions,
        license_expressions=count,
        unresolved=unread,
        texts=texts(engine, judged),
        lineage=lineage(engine, judged),
        origin=made_by,
        consent=answers,
        hosts=sources(engine, grouped.by_host),
        creators=sources(engine, judged.creators),
        groups=[report.Group(**row) for row in rows(engine, grouped.worst(MOST_GROUPS))],
        groups_in_all=int(engine.arrow(grouped.counted.count().as_table())[0][0].as_py()),
        coverage=covered,
        quarantine=quarantined,
        disclosure=disclose(
            **told,
            own=[entry for entry in given if entry.own],
            dataset_status=status,
            coverage=covered,
            consent=answers,
            origin=made_by,
            use=use.sentence,
            rules_version=rules.store.version,
        ),
    )


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
                version=shard.version,
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
        cards=[
            report.Card(
                path=card.path,
                kind=card.kind,
                statements=[
                    report.CardStatement(where=s.where, text=s.text, expression=s.expression)
                    for s in card.statements
                ],
                contradicted=card.contradicted,
                problems=list(card.problems),
                sha256=card.sha256,
            )
            for card in judged.cards
        ],
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
        trained_at=use.trained_at,
    )
