"""The licences that items were concluded to be under, and the values that no rule understands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis

from sourcing_audit import report
from sourcing_audit.model import LicenseClass, Term
from sourcing_audit.summary.counts import rows, share

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from sourcing_audit.engine import Engine
    from sourcing_audit.pipeline import Judged

TOP_LICENSES = 50
TOP_UNRESOLVED = 20


def per_license(judged: Judged) -> ir.Table:
    """The conclusions with the number of their items."""
    classes = judged.classes
    counts = classes.group_by("license_no").aggregate(items=classes["items"].sum())
    return counts.inner_join(judged.licenses, "license_no")


def licenses(
    engine: Engine, judged: Judged, items_in: int
) -> tuple[list[report.LicenseCount], int]:
    """The most frequent concluded expressions, and how many there are in all."""
    per = per_license(judged)
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
            share=share(row["items"], items_in),
            distinct_values=row["distinct_values"],
        )
        for row in rows(engine, top)
    ], total


def unresolved(engine: Engine, judged: Judged) -> report.Unresolved:
    """The declared values that no rule understands, the most frequent first.

    Values that differ only in their numbers need one rule, and are shown as one group.
    """
    per = per_license(judged)
    unread = per.filter(per.license_reasons.contains("license_unresolved"))
    values = unread.group_by(
        value=ibis.coalesce(unread.license_raw, unread.license_url, unread.rights_raw)
    ).aggregate(items=unread["items"].sum(), suggestions=unread.suggestions.min())
    pattern = ibis.coalesce(values.value, "").lower().re_replace(r"[0-9]+", "#")
    groups = values.group_by(pattern=pattern).aggregate(
        value=values.value.min(),
        distinct_values=values.count(),
        items=values["items"].sum(),
        suggestions=values.suggestions.min(),
    )
    whole = groups.aggregate(
        groups=groups.count(),
        n=ibis.coalesce(groups.distinct_values.sum(), 0),
        items=ibis.coalesce(groups["items"].sum(), 0),
    )
    counted = rows(engine, whole)[0]
    top = groups.order_by([ibis.desc("items"), "value"]).limit(TOP_UNRESOLVED)
    return report.Unresolved(
        distinct_values=counted["n"],
        items=counted["items"],
        groups=counted["groups"],
        top=[
            report.UnresolvedValue(
                value=row["value"] or "",
                distinct_values=row["distinct_values"],
                items=row["items"],
                suggestions=row["suggestions"],
            )
            for row in rows(engine, top)
        ],
    )
