"""What items were made from, who made them, and how their licence texts were read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis

from sourcing_audit import report
from sourcing_audit.summary.counts import Groups, rows
from sourcing_audit.summary.licenses import per_license

if TYPE_CHECKING:
    from sourcing_audit.engine import Engine
    from sourcing_audit.pipeline import Judged

TOP_DATASETS = 50


def lineage(engine: Engine, judged: Judged) -> list[report.LineageCount]:
    """The upstream datasets whose terms are carried on, the most items first."""
    per = per_license(judged)
    lines = per.select("items", line=per.lineage.unnest())
    grouped = lines.group_by("line").aggregate(items=lines["items"].sum())
    top = grouped.order_by([ibis.desc("items"), "line"]).limit(TOP_DATASETS)
    found = []
    for row in rows(engine, top):
        dataset, _, expression = row["line"].rpartition(": ")
        found.append(
            report.LineageCount(dataset=dataset, expression=expression, items=row["items"])
        )
    return found


def origin(groups: Groups) -> report.Origin:
    """Items made by a model, by a person, and those of which nobody said."""
    return report.Origin(
        generated=groups.total(generated=True),
        human=groups.total(generated=False),
        not_stated=groups.total(generated=None),
    )


def texts(engine: Engine, judged: Judged) -> report.TextsRead | None:
    """How the texts of the items were read; None where none has one."""
    if judged.texts is None:
        return None
    table = judged.texts
    stating = table.license_detected.notnull()
    whole = rows(
        engine,
        table.aggregate(items=table.count(), stating=ibis.coalesce(stating.sum(), 0)),
    )[0]
    distinct = table.group_by("text_sha256").aggregate(by=table.detected_by.min())
    rule = distinct.by.split(" ")[0]
    counted = rows(engine, distinct.group_by(rule=rule).aggregate(n=distinct.count()))
    return report.TextsRead(
        items=whole["items"],
        distinct_texts=sum(row["n"] for row in counted),
        methods=[
            report.TextCount(rule=row["rule"], distinct_texts=row["n"])
            for row in sorted(counted, key=lambda row: row["rule"])
        ],
        stating_a_license=whole["stating"],
    )
