"""Records that are alike: they have the same place, and say the same, wherever they are alone.

Many records differ in nothing but their subject, declarant and date. What is found out about one
class of them is found out about all.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import ibis

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from sourcing_audit.consent.weighed import Weighed
    from sourcing_audit.engine import Engine

PLACING = (
    "record_type",
    "media_types",
    "reach",
    "authority",
    "decides",
    "is_deny",
    "speaks_for_work",
    "speaks_for_person",
    "gives_way",
    "after_training",
    "ended_before_training",
    "revoked",
    "superseded",
    "standing",
    "complete",
    "by_signal",
    "lifts",
    "liftable",
)
"""What of a weighed record decides its place where it is alone."""

TELLING = (
    "reasons",
    "obligations",
    "speaks_for",
    "review_reason",
    "review_obligation",
    "approved",
)
"""What it adds to an item's answer."""


def classed(engine: Engine, weighed: Weighed) -> tuple[ir.Table, ir.Table]:
    """Number the classes of weighed records.

    Args:
        engine: what runs the expressions.
        weighed: as `standing.standings` gives them.

    Returns:
        The records: columns of `weighed.STANDING`, with `class_no`; and the classes: `class_no`,
        `PLACING` and `TELLING`.

    """
    alike = (*PLACING, *TELLING)
    facts = weighed.facts
    distinct = facts.select(*alike).distinct()
    number = ibis.row_number().over(order_by=list(alike))
    classes = engine.materialise(distinct.mutate(class_no=number), "classes")
    of_class = classes.select("class_no", **{f"of_{name}": classes[name] for name in alike})
    joined = facts.inner_join(
        of_class, [facts[name].identical_to(of_class[f"of_{name}"]) for name in alike]
    )
    numbered = engine.materialise(joined.select(*facts.columns, "class_no"), "facts")
    return engine.named(replace(weighed, facts=numbered).whole()), classes
