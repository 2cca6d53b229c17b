"""Which records speak about which items (rule P1): equality joins in the engine, kind by kind.

What the sieve made of all items finds the candidates, those with any key that any record may have;
everything after it looks at candidates only, by the keys themselves. Only the joins that the
manifest's columns and the registry's kinds make possible are planned. A refusal is found by its
wide key; a permission must agree on the exact key as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING

import ibis

from sourcing_audit import places
from sourcing_audit.consent import accounts, hosts, kinds, near, paths, sieve
from sourcing_audit.consent.kinds import SUBJECT, odd
from sourcing_audit.consent.pairing import kept, merged, pairs
from sourcing_audit.consent.planning import AT_HOST, BY_ADDRESS, at_depth, on_page
from sourcing_audit.engine import hashed

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence

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
    forms: Mapping[str, ir.Table]
    """By column of ids or names: what the odd values of all items are read as."""


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

    def candidates(self, items: ir.Table, sifted: ir.Table) -> Candidates | None:
        """Find the items that any record may speak about; None when nothing can match.

        Args:
            items: columns of `schema.ITEMS` and `schema.MEDIA`.
            sifted: `pos` of each, and the columns of a `Sieve` for the records' kinds or more.

        """
        alike = self._alike(items)
        if alike is None and not self._keys and not self._urls:
            return None
        forms = {
            key.column: self.forms(sifted, key.column, self.readers.identities.forms(key.about))
            for key in self._keys
            if key.about is not None
        }
        tables = {"sifted": sifted, **self._known}
        tables |= {_forms(column): table for column, table in forms.items()}
        if alike is not None:
            tables["alike"] = alike
        if self._places:
            hosts = self.queries.table(
                "hosts", self._hosts, *self._by, sifted=sifted, **self._known
            )
            tables["hosts"] = hosts
        passed = self.queries.table("passed", self._passed, *self._by, **tables)
        found = self.queries.table("candidates", self._wide, *self._by, items=items, passed=passed)
        if self._places and self.records.starts is not None:
            found = self.queries.table(
                "beside", self._beside, *self._by, items=found, starts=self.records.starts
            )
        return Candidates(found, alike, forms)

    def matches(self, candidates: Candidates) -> ir.Table:
        """Pairs of item and record, each once: the columns of `pairing.MATCHES`."""
        items = candidates.items
        tables = {"items": items, **self._known}
        if candidates.alike is not None:
            tables["alike"] = candidates.alike
        for column, forms in candidates.forms.items():
            tables[_forms(column)] = forms
        for column in self._urls:
            tables[_forms(column)] = self.forms(items, column, self.readers.addresses.read_all)
        return self.queries.table("matches", self._matches, *self._by, **tables)

    def shown(self, candidates: Candidates) -> ir.Table:
        """`pos` and `subject` of candidates: the keys of the persons shown or heard."""
        items, forms = candidates.items, candidates.forms.get(SUBJECT.column)
        if forms is None:
            forms = self.forms(items, SUBJECT.column, self.readers.identities.forms("person"))
        return self.queries.table("shown", _shown, items=items, forms=forms)

    def forms(
        self, items: ir.Table, column: str, reader: Callable[[str], Iterable[Address]]
    ) -> ir.Table:
        """What the odd values of a column are read as, each distinct one once.

        Args:
            items: with the column, and with one that says which of its values are odd; or with
                the odd ones, named as `kinds.odd` does.
            column: its name.
            reader: reads one.

        """
        build = _odd_texts if items.schema()[odd(column)].is_boolean() else _texts
        texts = self.queries.view("odd_texts", partial(build, column), column, items=items)
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
        more = {"below": records.below, "starts": records.starts}
        return found | {name: table for name, table in more.items() if table is not None}

    @cached_property
    def _with_odd(self) -> list[str]:
        """The columns whose values may have to be read."""
        named = {key.column for key in self._keys if key.about is not None} | {SUBJECT.column}
        return sorted(named & self.columns) + self._urls

    @cached_property
    def _places(self) -> list[str]:
        """The columns of addresses whose hosts matter."""
        return self._urls if self.records.kinds & (BY_ADDRESS - {"url"}) else []

    def _hosts(self, sifted: ir.Table, **known: ir.Table) -> ir.Table:
        """Hosts that any record speaks of (`spoken`), or of places on them: each once."""
        there = [sifted.select(host=sifted[sieve.place(column)]) for column in self._places]
        hosts = ibis.union(*there, distinct=True) if len(there) > 1 else there[0].distinct()
        hosts = hosts.mutate(wide=places.without_www(hosts.host))
        tests = [hosts.wide.isin(known[f"of_{kind}"].wide) for kind in self._at_host]
        if self.records.domain_labels:
            reaching = known["of_domain"].filter(known["of_domain"].subdomains)
            tests += [
                places.parent(hosts.wide, labels).isin(reaching.wide)
                for labels in self.records.domain_labels
            ]
        beside = [hosts.wide.isin(known["starts"].host)] if "starts" in known else []
        found = hosts.mutate(spoken=_any_of(tests), beside=_any_of(beside))
        return found.filter(found.spoken | found.beside)

    @cached_property
    def _at_host(self) -> list[str]:
        return [kind for kind in AT_HOST if kind in self.records.kinds]

    def _passed(
        self,
        sifted: ir.Table,
        alike: ir.Table | None = None,
        hosts: ir.Table | None = None,
        **known: ir.Table,
    ) -> ir.Table:
        """Items that pass the sieve: `pos`, `kinds.odd` of columns, and whether that is `sure`.

        Where it isn't, a record speaks of places on the host.
        """
        tests = [sifted[odd(column)] for column in self._urls]
        for key in self._keys:
            numbers = _numbers(known[f"of_{key.kind}"], known.get(_forms(key.column)))
            tests.append(sifted[sieve.number(key.column)].isin(numbers.number))
        if "url" in self.records.kinds:
            numbers = _of_addresses(known["of_url"])
            tests += [sifted[sieve.number(c)].isin(numbers.number) for c in self._urls]
        if alike is not None:
            tests.append(sifted.pos.isin(alike.pos))
        beside = []
        if hosts is not None:
            spoken, others = hosts.filter(hosts.spoken), hosts.filter(hosts.beside)
            tests += [sifted[sieve.place(c)].isin(spoken.host) for c in self._places]
            beside = [sifted[sieve.place(c)].isin(others.host) for c in self._places]
        table = sifted.select(
            "pos",
            **{odd(column): _is_odd(sifted[odd(column)]) for column in self._with_odd},
            sure=_any_of(tests),
            beside=_any_of(beside),
        )
        return table.filter(table.sure | table.beside).drop("beside")

    def _wide(self, items: ir.Table, passed: ir.Table) -> ir.Table:
        """The columns of candidates, and `sure`."""
        facts = {key.column for key in kinds.KEYS}.union(places.COLUMNS) & self.columns
        wanted = items.select("pos", *sorted(facts.union(FACTS)))
        return wanted.inner_join(passed, "pos")

    def _beside(self, items: ir.Table, starts: ir.Table) -> ir.Table:
        """Without those items that only have a host in common with what records speak of."""
        found = []
        for column in self._places:
            there = items.filter(~items.sure & items[column].notnull())
            there = there.select("pos", wide=places.wide(there[column]))
            there = there.mutate(host=places.host(there.wide))
            there = there.inner_join(starts.select("host", "spot").distinct(), "host")
            start = ibis.cases(
                *(
                    (there.spot == at_depth(octets), paths.start(there.wide, octets))
                    for octets in self.records.path_depths
                ),
                *(
                    (there.spot == on_page(segments), accounts.start(there.wide, segments))
                    for segments in self.records.account_depths
                ),
            )
            there = there.mutate(start=start)
            found.append(there.semi_join(starts, ["spot", "start"]).select("pos"))
        beside = ibis.union(*found) if len(found) > 1 else found[0]
        return items.filter(items.sure | items.pos.isin(beside.pos))

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


def _odd_texts(column: str, items: ir.Table) -> ir.Table:
    return items.filter(items[odd(column)]).select(given=column).distinct()


def _texts(column: str, items: ir.Table) -> ir.Table:
    return items.filter(items[odd(column)].notnull()).select(given=odd(column)).distinct()


def _numbers(known: ir.Table, forms: ir.Table | None = None) -> ir.Table:
    """The numbers by which the sieve knows records: of their keys, and of what is read as one."""
    found = known.filter(known.wide.notnull()).select(number=hashed(known.wide))
    if forms is None:
        return found
    read = forms.semi_join(known, forms.wide == known.wide)
    return found.union(read.select(number=hashed(read.given)))


def _of_addresses(known: ir.Table) -> ir.Table:
    """As `_numbers`, of addresses: the sieve has those of the items as they are written."""
    known = known.select("wide").distinct()
    return ibis.union(
        *(known.select(number=hashed(address)) for address in places.spellings(known.wide))
    )


def _is_odd(said: ir.Value) -> ir.BooleanValue:
    return ibis.coalesce(said if said.type().is_boolean() else said.notnull(), False)


def _any_of(tests: Sequence[ir.BooleanValue]) -> ir.BooleanValue:
    found: ir.BooleanValue = ibis.coalesce(ibis.or_(*tests), False)
    return found


def _forms(column: str) -> str:
    return f"forms_{column}"
