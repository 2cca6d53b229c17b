"""Which joins it takes to match a registry's records, found out once per audit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import ibis

from sourcing_audit import places
from sourcing_audit.consent import accounts, near, paths
from sourcing_audit.model import ConsentStatus

if TYPE_CHECKING:
    from collections.abc import Sequence

    import ibis.expr.types as ir

    from sourcing_audit.engine import Engine
    from sourcing_audit.rules.consent import ConsentRules

RECORD = ("record_no", "matches", "is_deny", "wide", "exact", "subdomains")
"""What matching reads of a record."""

AT_HOST = ("host", "domain")
BELOW = ("url_prefix", "url_pattern")
BY_ADDRESS = frozenset({"url", *AT_HOST, *BELOW, accounts.KIND})


@dataclass(frozen=True)
class PlannedRecords:
    """The records to match, and the aggregates that decide which joins are worth planning."""

    table: ir.Table
    """Columns of `RECORD`; a record may have several rows, for the spellings of its key."""
    kinds: frozenset[str] = frozenset()
    alike: ir.Table | None = None
    """Records that are compared by distance, as `near.matches` takes them; None: there are none."""
    domain_labels: Sequence[int] = ()
    """How many labels the domains have whose records reach subdomains."""
    below: ir.Table | None = None
    """Prefixes and patterns, as `paths.prepared` gives them; None: there are none."""
    path_depths: Sequence[int] = ()
    """The `paths.DEPTHS` that these have."""
    account_depths: Sequence[int] = ()
    """How many segments the pages of accounts have."""


def plan(
    engine: Engine, weighed: ir.Table, records: ir.Table, rules: ConsentRules
) -> PlannedRecords:
    """Find out which joins it takes to match records.

    Args:
        engine: what runs the expressions.
        weighed: columns of `RECORD`, and `standing`.
        records: columns of `schema.RECORDS` and `normalise.with_keys`.
        rules: where accounts have their pages.

    """
    # What can't be read might refuse, so it is found as widely.
    doubt = ibis.coalesce(weighed.standing == str(ConsentStatus.REVIEW), False)
    table = weighed.mutate(is_deny=weighed.is_deny | doubt).select(*RECORD)
    if (pages := accounts.expand(engine, table, rules.platforms)) is not None:
        table = engine.materialise(table.union(pages), "to_match")
    below = paths.prepared(table.filter(table.matches.isin(BELOW)))
    below = engine.materialise(below, "below")
    depths = _distinct(engine, below.select(n="depth"))
    domains = table.filter((table.matches == "domain") & table.subdomains)
    held = table.filter(table.matches == accounts.KIND)
    alike = records.filter(
        (records.subject_kind == "phash")
        | ((records.subject_kind == near.ISCC) & records.max_distance.notnull())
    ).select("record_no", "subject_kind", "wide", "max_distance")
    return PlannedRecords(
        table=table,
        kinds=frozenset(engine.arrow(table.select("matches").distinct())["matches"].to_pylist()),
        alike=alike if engine.arrow(alike.limit(1)).num_rows else None,
        domain_labels=_distinct(engine, domains.select(n=places.labels(domains.wide))),
        below=below if depths else None,
        path_depths=depths,
        account_depths=_distinct(engine, held.select(n=accounts.depth(held.wide))),
    )


def _distinct(engine: Engine, numbers: ir.Table) -> tuple[int, ...]:
    return tuple(sorted(engine.arrow(numbers.distinct())["n"].to_pylist()))
