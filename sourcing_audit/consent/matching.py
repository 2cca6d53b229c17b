"""Which records speak about which items (rule P1): equality joins in the engine, kind by kind.

One pass over the items finds the candidates, those with any key that any record has; everything
after it looks at candidates only. Only the joins that the manifest's columns and the registry's
kinds make possible are planned. A refusal is found by its wide key; a permission must agree on
the exact key as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import ibis

from sourcing_audit import places
from sourcing_audit.consent import accounts, kinds, near, paths
from sourcing_audit.consent.planning import AT_HOST, BY_ADDRESS

if TYPE_CHECKING:
    from collections.abc import Callable

    import ibis.expr.types as ir

    from sourcing_audit.consent.kinds import Key, Readers
    from sourcing_audit.consent.planning import PlannedRecords
    from sourcing_audit.engine import Engine
    from sourcing_audit.rules.consent import ConsentRules

    Test = Callable[[ir.Table], ir.BooleanValue]
    """Whether a row of keyed items may be spoken of."""

MATCHES = {
    "pos": "int64",
    "record_no": "int64",
    "key": "string",
    "agrees": "boolean",
    "distance": "int64",
}
"""Pairs of item and record; `agrees` where they agree on the exact key and not on the wide one
only; `distance` in bits where they are merely alike, else NULL."""

FACTS = ("acquired_at", "media_type")
"""What weighing needs of an item beside its keys."""


@dataclass(frozen=True)
class Matcher:
    """Finds the records that speak about the items of one dataset."""

    engine: Engine
    records: PlannedRecords
    columns: frozenset[str]
    """The item columns that the manifest fills."""
    readers: Readers
    rules: ConsentRules

    def candidates(self, items: ir.Table) -> tuple[ir.Table, ir.Table] | None:
        """Find the items that any record may speak about, and the pairs that are merely alike.

        Args:
            items: columns of `schema.ITEMS` and `schema.MEDIA`.

        Returns:
            `pos`, the key columns that the manifest fills, and `FACTS`; and `pos`, `record_no`,
            `key` and `distance`. None when nothing can match.

        """
        keyed: dict[str, ir.Value] = {}
        tests: list[Test] = []
        for key in kinds.there(self.records.kinds, self.columns):
            keyed |= self._of_key(key, items, tests)
        urls = [column for column in places.COLUMNS if column in self.columns]
        if not self.records.kinds & BY_ADDRESS:
            urls = []
        for column in urls:
            keyed[f"wide_{column}"] = places.wide(items[column])
            odd = f"odd_{column}"
            keyed[odd] = places.is_odd(items[column], self.readers.addresses)
            tests.append(_holds(odd))
        alike = self._alike(items)
        if alike is not None:
            tests.append(_among(alike.pos, lambda t: t.pos))
        if not tests:
            return None
        columns = {key.column for key in kinds.KEYS}.union(places.COLUMNS) & self.columns
        wanted = ["pos", *sorted(columns.union(FACTS))]
        table = self.engine.named(items.select(*wanted, **keyed))
        for column in urls:
            tests += self._somewhere(table, f"wide_{column}")
        found = table.filter(ibis.or_(*(test(table) for test in tests))).select(*wanted)
        found = self.engine.materialise(found, "candidates")
        return found, alike if alike is not None else self._no_pairs()

    def _of_key(self, key: Key, items: ir.Table, tests: list[Test]) -> dict[str, ir.Value]:
        name, value = f"key_{key.kind}_{key.column}", items[key.column]
        known = self._of_kind(key.kind).wide
        tests.append(_among(known, lambda t: t[name]))
        keyed: dict[str, ir.Value] = {name: key.wide(value)}
        if key.about is not None:
            keyed[f"{name}_odd"] = self.readers.identities.is_odd(value, key.about)
            tests.append(_holds(f"{name}_odd"))
        return keyed

    def _alike(self, items: ir.Table) -> ir.Table | None:
        if self.records.alike is None:
            return None
        columns = [column for column in near.COLUMNS if column in self.columns]
        found = near.matches(
            self.engine,
            items.select("pos", *columns),
            self.records.alike,
            self.rules.near,
            columns,
        )
        return None if found is None else self.engine.materialise(found, "alike")

    def _no_pairs(self) -> ir.Table:
        none = self.records.table.filter(ibis.literal(value=False))
        return none.select(
            pos="record_no",
            record_no="record_no",
            key="matches",
            distance=ibis.null("int64"),
        )

    def _somewhere(self, items: ir.Table, name: str) -> list[Test]:
        """Tests on the wide key of an address."""
        records = self.records
        tests: list[Test] = []
        if "url" in records.kinds:
            tests.append(_among(self._of_kind("url").wide, lambda t: t[name]))
        if records.kinds & {*AT_HOST}:
            at = items.filter(items[name].notnull()).select(host=places.host(items[name]))
            hosts = self.engine.materialise(self._hosts_known(at.distinct()), "hosts").host
            tests.append(_among(hosts, lambda t: places.host(t[name])))
        if (below := records.below) is not None:
            for depth in records.path_depths:
                starts = below.filter(below.depth == depth).start
                tests.append(_among(starts, partial(_start, paths.start, name, depth)))
        pages = self._of_kind(accounts.KIND).wide
        tests += [
            _among(pages, partial(_start, accounts.start, name, segments))
            for segments in records.account_depths
        ]
        return tests

    def _hosts_known(self, hosts: ir.Table) -> ir.Table:
        """Those of distinct hosts at which a host or domain record may speak."""
        named = self.records.table.filter(self.records.table.matches.isin(AT_HOST))
        tests = [hosts.host.isin(named.wide), places.portless(hosts.host).isin(named.wide)]
        reaching = named.filter(named.subdomains)
        tests += [
            places.parent(hosts.host, labels).isin(reaching.wide)
            for labels in self.records.domain_labels
        ]
        return hosts.filter(ibis.or_(*tests))

    def matches(self, items: ir.Table, alike: ir.Table) -> ir.Table:
        """Pairs of item and record, each once: the columns of `MATCHES`.

        Args:
            items: the candidates.
            alike: the pairs that are merely alike.

        """
        found = [alike.mutate(agrees=ibis.literal(value=False)).select(*MATCHES)]
        found += [self._equal(items, key) for key in kinds.there(self.records.kinds, self.columns)]
        if self.records.kinds & BY_ADDRESS:
            for column in places.COLUMNS:
                if column in self.columns:
                    reader = self.readers.addresses
                    at = places.addresses(self.engine, items, column, reader)
                    found += self._at(self.engine.materialise(at, "addresses"))
        pairs = ibis.union(*found) if len(found) > 1 else found[0]
        # What agrees in a key isn't merely alike.
        return pairs.group_by(["pos", "record_no"]).aggregate(
            key=pairs.key.min(),
            agrees=pairs.agrees.max(),
            distance=ibis.ifelse(
                pairs.distance.isnull().max(), ibis.null("int64"), pairs.distance.min()
            ),
        )

    def _of_kind(self, kind: str) -> ir.Table:
        return self.records.table.filter(self.records.table.matches == kind)

    def _equal(self, items: ir.Table, key: Key) -> ir.Table:
        left = key.keyed(self.engine, items, self.readers)
        right = self._of_kind(key.kind)
        joined = left.inner_join(right, left.item_wide == right.wide)
        exact = joined.item_exact == joined.exact if key.about else ibis.literal(value=True)
        return _kept(joined, joined.matches, exact & key.agrees)

    def _at(self, addresses: ir.Table) -> list[ir.Table]:
        """Matches by address: the address itself, its host and domains, prefixes and patterns."""
        records, found = self.records, []
        if "url" in records.kinds:
            joined = addresses.rename(item_exact="exact").inner_join(self._of_kind("url"), "wide")
            found.append(_kept(joined, joined.matches, joined.item_exact == joined.exact))
        if records.kinds & {*AT_HOST}:
            found.append(self._at_host(addresses))
        if records.below is not None:
            found += [self._below(addresses, records.below, depth) for depth in records.path_depths]
        for segments in records.account_depths:
            joined = accounts.joined(addresses, self._of_kind(accounts.KIND), segments)
            found.append(_pairs(joined, joined.key, joined.agrees))
        return found

    def _below(self, addresses: ir.Table, below: ir.Table, depth: int) -> ir.Table:
        joined = paths.joined(addresses, below, depth)
        # An allowing pattern competes with refusing ones (P4) before its exact key is asked.
        rule = joined.matches == "url_pattern"
        pairs = joined.filter(joined.is_deny | joined.agrees | rule)
        return _pairs(pairs, pairs.matches, pairs.agrees)

    def _at_host(self, addresses: ir.Table) -> ir.Table:
        """Match each distinct host once, then give its records to its items."""
        by_host = addresses.select("pos", item_host=places.exact_host(addresses.exact))
        hosts = by_host.select("item_host").distinct()
        hosts = hosts.mutate(host_wide=places.host_without_www(hosts.item_host))
        named = self.records.table.filter(self.records.table.matches.isin(AT_HOST))
        joined = hosts.inner_join(named, hosts.host_wide == named.wide)
        found = [joined.mutate(agrees=joined.item_host == joined.exact)]
        # Who refuses for a host refuses for whatever port it is served at.
        ports = hosts.filter(hosts.item_host.contains(":"))
        at_port = ports.inner_join(named, places.portless(ports.host_wide) == named.wide)
        found.append(at_port.mutate(agrees=ibis.literal(value=False)))
        reaching = named.filter(named.subdomains)
        for labels in self.records.domain_labels:
            parents = hosts.mutate(parent=places.parent(hosts.host_wide, labels))
            parents = parents.filter(parents.parent != parents.host_wide)
            below = parents.inner_join(reaching, parents.parent == reaching.wide)
            agrees = below.item_host.endswith(ibis.literal(".").concat(below.exact))
            found.append(below.mutate(agrees=agrees).drop("parent"))
        pairs = ibis.union(*found)
        pairs = pairs.filter(pairs.is_deny | pairs.agrees)
        pairs = pairs.select("item_host", "record_no", "matches", "agrees")
        everywhere = by_host.inner_join(pairs, "item_host")
        return _pairs(everywhere, everywhere.matches, everywhere.agrees)


def _holds(name: str) -> Test:
    return lambda table: table[name]


def _among(known: ir.Column, value: Callable[[ir.Table], ir.Value]) -> Test:
    return lambda table: value(table).isin(known)


def _start(
    start: Callable[[ir.StringValue, int], ir.StringValue], name: str, size: int, table: ir.Table
) -> ir.StringValue:
    return start(table[name], size)


def _kept(joined: ir.Table, key: ir.StringValue, agrees: ir.BooleanValue) -> ir.Table:
    """Pairs of a join: refusals, and what agrees on the exact key."""
    pairs = joined.mutate(found_by=key, agrees=ibis.coalesce(agrees, False))
    pairs = pairs.filter(pairs.is_deny | pairs.agrees)
    return _pairs(pairs, pairs.found_by, pairs.agrees)


def _pairs(joined: ir.Table, key: ir.StringValue, agrees: ir.BooleanValue) -> ir.Table:
    return joined.select("pos", "record_no", key=key, agrees=agrees, distance=ibis.null("int64"))
