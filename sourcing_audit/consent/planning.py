"""Which joins it takes to match a registry's records, found out once per audit."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

import ibis

from sourcing_audit import places
from sourcing_audit.consent import accounts, near, paths
from sourcing_audit.consent.kinds import KEYS
from sourcing_audit.engine import Queries, hashed
from sourcing_audit.model import ConsentStatus

if TYPE_CHECKING:
    from collections.abc import Mapping

    import ibis.expr.types as ir

    from sourcing_audit.engine import Engine
    from sourcing_audit.rules.consent import ConsentRules

_KEYS = ("wide", "exact", "subdomains")

MATCHED_BY = ("matches", "is_deny", *_KEYS)
"""What of a record decides which items it speaks about, but for those that are merely alike."""

RECORD = ("record_no", *MATCHED_BY)
"""What matching reads of a record."""

AT_HOST = ("host", "domain")
BELOW = ("url_prefix", "url_pattern")
NUMBERED = frozenset({"url"}.union(key.kind for key in KEYS))
"""What is told by a number of the whole key whether any item may be about it."""
BY_ADDRESS = frozenset({"url", *AT_HOST, *BELOW, accounts.KIND})


@dataclass(frozen=True)
class PlannedRecords:
    """The records to match, and the aggregates that decide which joins are worth planning."""

    kinds: frozenset[str] = frozenset()
    """What any record is matched with."""
    of_kind: Mapping[str, ir.Table] = field(default_factory=dict)
    """By what they are matched with, but for `BELOW`: columns of `RECORD`; a record may have
    several rows, for the spellings of its key."""
    numbers: Mapping[str, ir.Table] = field(default_factory=dict)
    """By those of `NUMBERED` that there are: `number`, by which a `sieve.Sieve` knows them."""
    starts: ir.Table | None = None
    """What addresses begin with that a record below their host speaks about: `host`, `start`, and
    `spot` as `at_depth` and `on_page` name it; None: there are none."""
    alike: ir.Table | None = None
    """Records that are compared by distance, as `near.matches` takes them; None: there are none."""
    domain_labels: tuple[int, ...] = ()
    """How many labels the domains have whose records reach subdomains."""
    below: ir.Table | None = None
    """Prefixes and patterns, as `paths.prepared` gives them; None: there are none."""
    path_depths: tuple[int, ...] = ()
    """The `paths.DEPTHS` that these have."""
    account_depths: tuple[int, ...] = ()
    """How many segments the pages of accounts have."""


def plan(engine: Engine, known: ir.Table, records: ir.Table, rules: ConsentRules) -> PlannedRecords:
    """Find out which joins it takes to match records.

    Args:
        engine: what runs the expressions.
        known: as `to_match` gives it.
        records: columns of `schema.RECORDS` and `normalise.with_keys`.
        rules: where accounts have their pages.

    """
    with engine.scope():
        return _planned(engine, engine.materialise(known, "to_match"), records, rules)


def to_match(weighed: ir.Table, records: ir.Table) -> ir.Table:
    """Each record with what it is matched with: columns of `RECORD`, and `registry_no`.

    Args:
        weighed: columns of `weighed.STANDING`.
        records: columns of `schema.RECORDS` and `normalise.with_keys`.

    """
    # What can't be read might refuse, so it is found as widely.
    doubt = ibis.coalesce(weighed.standing == str(ConsentStatus.REVIEW), False)
    table = weighed.select("record_no", "registry_no", "matches", is_deny=weighed.is_deny | doubt)
    return table.inner_join(records.select("record_no", *_KEYS), "record_no")


def _own(known: ir.Table) -> ir.Table:
    return known.select(*RECORD)


def _both(own: ir.Table, expanded: ir.Table) -> ir.Table:
    return own.union(expanded)


def _of_kind(kind: str, table: ir.Table) -> ir.Table:
    return table.filter(table.matches == kind)


def _below(known: ir.Table) -> ir.Table:
    return paths.prepared(known.filter(known.matches.isin(BELOW)))


def _numbers(known: ir.Table) -> ir.Table:
    return known.filter(known.wide.notnull()).select(number=hashed(known.wide)).distinct()


def _numbers_of_addresses(known: ir.Table) -> ir.Table:
    """The sieve has addresses of items as they are written."""
    spelt = [hashed(address) for address in places.spellings(known.wide)]
    return ibis.union(*(known.select(number=number) for number in spelt), distinct=True)


def _planned(
    engine: Engine, known: ir.Table, records: ir.Table, rules: ConsentRules
) -> PlannedRecords:
    queries = Queries(engine)
    table = queries.view("own", _own, known=known)
    if (expanded := accounts.expand(engine, table, rules.platforms)) is not None:
        table = queries.view("both", _both, own=table, expanded=expanded)
    found = engine.arrow(table.select("matches").distinct())["matches"].to_pylist()
    kinds = frozenset(found) - {None}
    of_kind = {
        kind: engine.keep(queries.table(f"known_{kind}", partial(_of_kind, kind), table=table))
        for kind in sorted(kinds.difference(BELOW))
    }

    # Made where the items' own are: engines have different numbers for one text.
    numbers = {
        kind: engine.keep(
            queries.table(
                f"numbers_{kind}",
                _numbers_of_addresses if kind == "url" else _numbers,
                known=engine.spread(of_kind[kind]),
            )
        )
        for kind in sorted(kinds.intersection(NUMBERED))
    }

    def of(kind: str) -> ir.Table:
        return of_kind.get(kind, table.filter(ibis.literal(value=False)))

    below = engine.keep(queries.table("below", _below, known=known))
    depths = _distinct(engine, below.select(n="depth"))
    domains = of("domain").filter("subdomains")
    held = of(accounts.KIND)
    pages = _distinct(engine, held.select(n=accounts.depth(held.wide)))
    starts = None
    if depths or pages:
        starts = engine.keep(queries.table("known_starts", _starts, below=below, held=held))
    return PlannedRecords(
        kinds=kinds,
        of_kind=of_kind,
        numbers=numbers,
        starts=starts,
        alike=alike(engine, records),
        domain_labels=_distinct(engine, domains.select(n=places.labels(domains.wide))),
        below=below if depths else None,
        path_depths=depths,
        account_depths=pages,
    )


def alike(engine: Engine, records: ir.Table) -> ir.Table | None:
    """Records that are compared by distance, as `PlannedRecords.alike` has them."""
    found = records.filter(
        (records.subject_kind == "phash")
        | ((records.subject_kind == near.ISCC) & records.max_distance.notnull())
    ).select("record_no", "subject_kind", "wide", "max_distance")
    return found if engine.arrow(found.limit(1)).num_rows else None


def unmatchable(engine: Engine, known: ir.Table) -> dict[int, int]:
    """By registry: records whose kind of subject can't be matched with items.

    Args:
        engine: what runs the expressions.
        known: as `to_match` gives it.

    """
    lost = known.filter((known.matches == "none") | known.wide.isnull())
    counted = engine.arrow(lost.group_by("registry_no").aggregate(n=lost.count()))
    return {row["registry_no"]: row["n"] for row in counted.to_pylist()}


def at_depth(octets: int) -> str:
    """The spot of addresses that begin like a prefix or pattern of this of `paths.DEPTHS`."""
    return f"{octets} octets"


def on_page(segments: int) -> str:
    """The spot of addresses below an account's page of so many segments."""
    return f"{segments} segments"


def _starts(below: ir.Table, held: ir.Table) -> ir.Table:
    segments = accounts.depth(held.wide).cast("string").concat(" segments")
    found = below.select("start", spot=below.depth.cast("string").concat(" octets")).union(
        held.select(start="wide", spot=segments), distinct=True
    )
    return found.mutate(host=found.start.re_extract("^[^/]*", 0))


def _distinct(engine: Engine, numbers: ir.Table) -> tuple[int, ...]:
    return tuple(sorted(engine.arrow(numbers.distinct())["n"].to_pylist()))
