"""Which records speak about which items (rule P1): equality joins in the engine, kind by kind.

One pass over the items finds the candidates, those with any key that any record has; everything
after it looks at candidates only. Only the joins that the manifest's columns and the registry's
kinds make possible are planned. A refusal is found by its wide key; a permission must agree on
the exact key as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import ibis

from sourcing_audit import places
from sourcing_audit.consent import accounts, hosts, kinds, near, paths
from sourcing_audit.consent.kinds import SUBJECT, odd
from sourcing_audit.consent.pairing import kept, merged, pairs
from sourcing_audit.consent.planning import AT_HOST, BY_ADDRESS

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable

    import ibis.expr.types as ir

    from sourcing_audit.addresses import Address
    from sourcing_audit.consent.kinds import Key, Readers
    from sourcing_audit.consent.planning import PlannedRecords
    from sourcing_audit.engine import Engine, Queries
    from sourcing_audit.rules.consent import ConsentRules

FACTS = ("acquired_at", "media_type")
"""What weighing needs of an item beside its keys."""


@dataclass(frozen=True)
class Candidates:
    """The items that any record may speak about."""

    items: ir.Table
    """`pos`, the key columns that the manifest fills, and `FACTS`. For each column whose values
    may have to be read, a column that says whether they do, named as `kinds.odd` does."""
    alike: ir.Table | None
    """Pairs that are merely alike: `pos`, `record_no`, `key` and `distance`."""


@dataclass(frozen=True)
class Matcher:
    """Finds the records that speak about the items of one dataset."""

    engine: Engine
    queries: Queries
    records: PlannedRecords
    columns: frozenset[str]
    """The item columns that the manifest fills."""
    readers: Readers
    rules: ConsentRules

    def candidates(self, items: ir.Table) -> Candidates | None:
        """Find the items that any record may speak about; None when nothing can match.

        Args:
            items: columns of `schema.ITEMS` and `schema.MEDIA`.

        """
        alike = self._alike(items)
        if alike is None and not self._keys and not self._urls:
            return None
        tables = {"items": items, **self._known}
        if alike is not None:
            tables["alike"] = alike
        found = self.queries.table("candidates", self._candidates, *self._by, **tables)
        return Candidates(found, alike)

    def matches(self, candidates: Candidates) -> ir.Table:
        """Pairs of item and record, each once: the columns of `pairing.MATCHES`."""
        items = candidates.items
        tables = {"items": items, **self._known}
        if candidates.alike is not None:
            tables["alike"] = candidates.alike
        for column, reader in self._readers().items():
            tables[_forms(column)] = self.forms(items, column, reader)
        return self.queries.table("matches", self._matches, *self._by, **tables)

    def shown(self, items: ir.Table) -> ir.Table:
        """`pos` and `subject` of candidates: the keys of the persons shown or heard."""
        reader = self.readers.identities.forms("person")
        tables = {"items": items, "forms": self.forms(items, SUBJECT.column, reader)}
        return self.queries.table("shown", _shown, **tables)

    def forms(
        self, items: ir.Table, column: str, reader: Callable[[str], Iterable[Address]]
    ) -> ir.Table:
        """What the odd values of a column are read as, each distinct one once."""
        texts = self.queries.view(
            "odd_texts",
            lambda items: items.filter(items[odd(column)]).select(given=column).distinct(),
            column,
            items=items,
        )
        return places.read(self.engine, texts, reader)

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

    @cached_property
    def _by(self) -> tuple[Hashable, ...]:
        """What queries depend on beside their tables."""
        records = self.records
        return (
            self.columns,
            records.kinds,
            records.domain_labels,
            records.short_domains,
            records.path_depths,
            records.account_depths,
        )

    @cached_property
    def _keys(self) -> list[Key]:
        return kinds.there(self.records.kinds, self.columns)

    @cached_property
    def _urls(self) -> list[str]:
        """The columns of addresses that are worth looking at."""
        if not self.records.kinds & BY_ADDRESS:
            return []
        return [column for column in places.COLUMNS if column in self.columns]

    @cached_property
    def _known(self) -> dict[str, ir.Table]:
        """The records, by the names that queries give them."""
        records = self.records
        found = {f"of_{kind}": table for kind, table in records.of_kind.items()}
        more = {"below": records.below, "hosts": records.hosts, "tails": records.tails}
        return found | {name: table for name, table in more.items() if table is not None}

    def _readers(self) -> dict[str, Callable[[str], Iterable[Address]]]:
        """What reads the odd values of each column that is matched."""
        by_name = {
            key.column: self.readers.identities.forms(key.about)
            for key in self._keys
            if key.about is not None
        }
        return by_name | dict.fromkeys(self._urls, self.readers.addresses.read_all)

    def _candidates(
        self, items: ir.Table, alike: ir.Table | None = None, **known: ir.Table
    ) -> ir.Table:
        keyed: dict[str, ir.Value] = {}
        for key in self._keys:
            value = items[key.column]
            keyed[_key(key)] = key.wide(value)
            if key.about is not None:
                keyed[key.odd] = self.readers.identities.is_odd(value, key.about)
        for column in self._urls:
            keyed[_wide(column)] = places.wide(items[column])
            keyed[odd(column)] = places.is_odd(items[column], self.readers.addresses)
        facts = {key.column for key in kinds.KEYS}.union(places.COLUMNS) & self.columns
        wanted = ["pos", *sorted(facts.union(FACTS))]
        table = items.select(*wanted, **keyed)
        tests = [table[odd(column)] for column in self._readers()]
        tests += [table[_key(key)].isin(known[f"of_{key.kind}"].wide) for key in self._keys]
        if "url" in self.records.kinds:
            tests += [table[_wide(column)].isin(known["of_url"].wide) for column in self._urls]
        if alike is not None:
            tests.append(table.pos.isin(alike.pos))
        sure = ibis.or_(*tests) if tests else ibis.literal(value=False)
        somewhere = [] if self.records.kinds <= {"url"} else self._urls
        table = table.mutate(
            sure=ibis.coalesce(sure, False),
            **{_host(column): places.host(table[_wide(column)]) for column in somewhere},
        )
        # Few hosts are named at all, and only theirs have to be looked at closely.
        at = [test for c in somewhere for test in self._near_host(table[_host(c)], known)]
        table = table.filter(ibis.or_(table.sure, *at))
        closely = [
            test
            for c in somewhere
            for test in self._at_place(table[_host(c)], table[_wide(c)], known)
        ]
        table = table.filter(ibis.or_(table.sure, *closely))
        if SUBJECT.column in self.columns and SUBJECT.odd not in table.columns:
            person = self.readers.identities.is_odd(table[SUBJECT.column], "person")
            table = table.mutate(**{SUBJECT.odd: person})
        flags = {odd(column) for column in (*self._readers(), SUBJECT.column)}
        return table.select(*wanted, *sorted(flags & set(table.columns)))

    def _near_host(self, host: ir.StringValue, known: dict[str, ir.Table]) -> list[ir.BooleanValue]:
        """Tests of a host that hold wherever `_at_place` does; cheaper, and not as strict."""
        tests = [host.isin(known["hosts"].host)]
        if self.records.domain_labels:
            tests.append(places.tail(host).isin(known["tails"].tail))
        if self.records.short_domains:
            tests += self._below_domains(host, known)
        return tests

    def _below_domains(
        self, host: ir.StringValue, known: dict[str, ir.Table]
    ) -> list[ir.BooleanValue]:
        domains = known["of_domain"].filter(known["of_domain"].subdomains)
        return [
            places.parent(host, labels).isin(domains.wide) for labels in self.records.domain_labels
        ]

    def _at_place(
        self, host: ir.StringValue, wide: ir.StringValue, known: dict[str, ir.Table]
    ) -> list[ir.BooleanValue]:
        """Tests of an address that isn't odd: whether a record speaks of its host or its path."""
        records = self.records
        tests = [host.isin(known[f"of_{kind}"].wide) for kind in AT_HOST if kind in records.kinds]
        if records.domain_labels:
            tests += self._below_domains(host, known)
        for depth in records.path_depths:
            starts = known["below"].filter(known["below"].depth == depth)
            tests.append(paths.start(wide, depth).isin(starts.start))
        tests += [
            accounts.start(wide, segments).isin(known[f"of_{accounts.KIND}"].wide)
            for segments in records.account_depths
        ]
        return tests

    def _matches(
        self, items: ir.Table, alike: ir.Table | None = None, **tables: ir.Table
    ) -> ir.Table:
        found = []
        if alike is not None:
            found.append(pairs(alike, alike.key, ibis.literal(value=False), alike.distance))
        for key in self._keys:
            left = key.keyed(items, tables.get(_forms(key.column)))
            right = tables[f"of_{key.kind}"]
            joined = left.inner_join(right, left.item_wide == right.wide)
            exact = joined.item_exact == joined.exact if key.about else ibis.literal(value=True)
            found.append(kept(joined, exact & key.agrees))
        if self._urls:
            given = [
                places.addresses(items.mutate(odd=items[odd(c)]), c, tables[_forms(c)])
                for c in self._urls
            ]
            addresses = ibis.union(*given) if len(given) > 1 else given[0]
            found += self._at(addresses, tables)
        return merged(ibis.union(*found) if len(found) > 1 else found[0])

    def _at(self, addresses: ir.Table, tables: dict[str, ir.Table]) -> list[ir.Table]:
        """Matches by address: the address itself, its host and domains, prefixes and patterns."""
        records, found = self.records, []
        if "url" in records.kinds:
            there = addresses.select("pos", item_exact="exact", wide="wide")
            joined = there.inner_join(tables["of_url"], "wide")
            found.append(kept(joined, joined.item_exact == joined.exact))
        at_host = [tables[f"of_{kind}"] for kind in AT_HOST if kind in records.kinds]
        if at_host:
            named = ibis.union(*at_host) if len(at_host) > 1 else at_host[0]
            found.append(hosts.joined(addresses, named, records.domain_labels))
        found += [paths.pairs(addresses, tables["below"], n) for n in records.path_depths]
        for segments in records.account_depths:
            joined = accounts.joined(addresses, tables[f"of_{accounts.KIND}"], segments)
            found.append(pairs(joined, joined.key, joined.agrees))
        return found


def _shown(items: ir.Table, forms: ir.Table) -> ir.Table:
    return SUBJECT.keyed(items, forms).select("pos", subject="item_wide").distinct()


def _key(key: Key) -> str:
    return f"key_{key.kind}_{key.column}"


def _wide(column: str) -> str:
    return f"wide_{column}"


def _host(column: str) -> str:
    return f"host_{column}"


def _forms(column: str) -> str:
    return f"forms_{column}"
