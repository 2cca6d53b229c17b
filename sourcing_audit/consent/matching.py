"""Which records speak about which items (rule P1): equality joins in the engine, kind by kind.

Only the joins that the manifest's columns and the registry's kinds make possible are planned.
A refusal is found by its wide key; a permission must agree on the exact key as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import ibis
import pyarrow as pa
import pyarrow.compute as pc

from sourcing_audit import keys

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    import ibis.expr.types as ir

    from sourcing_audit.engine import Engine

MATCHES = {"pos": "int64", "record_no": "int64", "key": "string"}

RECORD = ("record_no", "matches", "is_deny", "wide", "exact", "subdomains")
"""What matching reads of a record."""


@dataclass(frozen=True)
class PlannedRecords:
    """The records to match, and the aggregates that decide which joins are worth planning."""

    table: ir.Table
    """Columns of `RECORD`; a record may have several rows, for the spellings of its key."""
    kinds: frozenset[str]
    prefix_depths: Sequence[int]
    domain_labels: Sequence[int]


@dataclass(frozen=True)
class _Simple:
    """A kind that is matched by one equality of one item column."""

    column: str
    wide: Callable[[ir.StringValue], ir.StringValue]
    exact: Callable[[ir.StringValue], ir.StringValue] | None = None
    """Where a permission must agree on more than the wide key."""


_SIMPLE: Mapping[str, tuple[_Simple, ...]] = {
    "url": tuple(
        _Simple(column, keys.url_wide, keys.url_exact) for column in ("source_url", "landing_url")
    ),
    "creator_id": (_Simple("creator_id", keys.identity, keys.identity_exact),),
    "subject_id": (_Simple("subject_id", keys.identity, keys.identity_exact),),
    "creator_name": (_Simple("creator", keys.creator_name),),
    "work_id": (
        _Simple("work_id", keys.work_id, keys.work_id_exact),
        _Simple("iscc", keys.work_id, keys.work_id_exact),
    ),
    "sha256": (_Simple("sha256", keys.digest),),
    "md5": (_Simple("md5", keys.digest),),
    "agreement_id": (_Simple("agreement_id", keys.token),),
    "consent_id": (_Simple("consent_id", keys.token),),
}

URL_COLUMNS = ("source_url", "landing_url")
KEY_COLUMNS: frozenset[str] = frozenset(
    {*URL_COLUMNS, *(simple.column for rows in _SIMPLE.values() for simple in rows)}
)
"""The item columns by which a registry can know an item."""


def matches(items: ir.Table, records: PlannedRecords, columns: Collection[str]) -> ir.Table | None:
    """Pairs of item and record, each once.

    Args:
        items: columns of `schema.ITEMS`.
        records: what there is to match.
        columns: the item columns that the manifest fills.

    Returns:
        A table with the columns of `MATCHES`, or None when nothing can match.

    """
    found = [
        _equal(items, records.table, kind, option)
        for kind, options in _SIMPLE.items()
        for option in options
        if kind in records.kinds and option.column in columns
    ]
    for column in URL_COLUMNS:
        if column in columns:
            if "url_prefix" in records.kinds:
                found += _below_prefix(items, records, column)
            if records.kinds & {"host", "domain"}:
                found.append(_at_host(items, records, column))
    if not found:
        return None
    pairs = found[0] if len(found) == 1 else ibis.union(*found)
    return pairs.group_by(["pos", "record_no"]).aggregate(key=pairs.key.min())


def other_spellings(engine: Engine, records: ir.Table) -> ir.Table | None:
    """Refusals of internationalised hosts once more, in their other spelling (RFC 5890).

    A host is written in Unicode or in its ASCII form; a refusal holds for both. Columns of
    `RECORD`; None where no record names such a host.
    """
    spelt = records.filter(
        records.is_deny
        & records.matches.isin(["url", "url_prefix", "host", "domain"])
        & records.wide.re_search(r"[^\x00-\x7F]|(?:^|\.)xn--")
    )
    found = engine.arrow(spelt)
    other = [keys.other_spelling(wide) for wide in found["wide"].to_pylist()]
    if not any(other):
        return None
    again = found.set_column(found.schema.get_field_index("wide"), "wide", pa.array(other))
    again = again.filter(pc.is_valid(again["wide"]))
    return engine.from_arrow("other_spellings", again)


def _of_kind(records: ir.Table, kind: str) -> ir.Table:
    return records.filter(records.matches == kind)


def _equal(items: ir.Table, records: ir.Table, kind: str, option: _Simple) -> ir.Table:
    value = items[option.column]
    exact = {} if option.exact is None else {"item_exact": option.exact(value)}
    left = items.filter(value.notnull()).select("pos", item_wide=option.wide(value), **exact)
    right = _of_kind(records, kind)
    joined = left.inner_join(right, left.item_wide == right.wide)
    if exact:
        joined = joined.filter(joined.is_deny | (joined.item_exact == joined.exact))
    return joined.select("pos", "record_no", key=ibis.literal(kind))


def _below_prefix(items: ir.Table, records: PlannedRecords, column: str) -> list[ir.Table]:
    """One equality join for each depth that the registry's prefixes have, on their hosts only."""
    prefixes = _of_kind(records.table, "url_prefix")
    hosts = prefixes.select(prefix_host=keys.prefix_at(prefixes.wide, 1)).distinct()
    addresses = items.filter(items[column].notnull()).select("pos", address=column)
    addresses = addresses.mutate(host=keys.host_wide(addresses.address))
    there = addresses.semi_join(hosts, addresses.host == hosts.prefix_host).select("pos", "address")
    found = []
    for depth in records.prefix_depths:
        left = there.select(
            "pos",
            item_prefix=keys.prefix_at(there.address, depth),
            item_exact=keys.url_exact(there.address),
        )
        joined = left.inner_join(prefixes, left.item_prefix == prefixes.wide)
        climbs = joined.item_exact.lower().re_search(r"(?:/|%2f)(?:\.|%2e){1,2}(?:/|%2f|$)")
        inside = joined.item_exact.startswith(joined.exact) & ~climbs
        kept = joined.filter(joined.is_deny | inside)
        found.append(kept.select("pos", "record_no", key=ibis.literal("url_prefix")))
    return found


def _at_host(items: ir.Table, records: PlannedRecords, column: str) -> ir.Table:
    """Match each distinct host once, then give its records to its items."""
    value = items[column]
    by_host = items.filter(value.notnull()).select("pos", item_host=keys.host_exact(value))
    hosts = by_host.select("item_host").distinct()
    hosts = hosts.mutate(host_wide=keys.without_www(hosts.item_host))
    found = [
        _host_matches(hosts, _of_kind(records.table, kind), kind)
        for kind in ("host", "domain")
        if kind in records.kinds
    ]
    domains = _of_kind(records.table, "domain")
    for labels in records.domain_labels:
        parents = hosts.mutate(parent=keys.parent_domain(hosts.host_wide, labels))
        parents = parents.filter(parents.parent != parents.host_wide)
        joined = parents.inner_join(
            domains.filter(domains.subdomains), parents.parent == domains.wide
        )
        below = joined.item_host.endswith(ibis.literal(".").concat(joined.exact))
        kept = joined.filter(joined.is_deny | below)
        found.append(kept.select("item_host", "record_no", key=ibis.literal("domain")))
    pairs = found[0] if len(found) == 1 else ibis.union(*found)
    return by_host.inner_join(pairs, "item_host").select("pos", "record_no", "key")


def _host_matches(hosts: ir.Table, records: ir.Table, kind: str) -> ir.Table:
    joined = hosts.inner_join(records, hosts.host_wide == records.wide)
    kept = joined.filter(joined.is_deny | (joined.item_host == joined.exact))
    return kept.select("item_host", "record_no", key=ibis.literal(kind))
