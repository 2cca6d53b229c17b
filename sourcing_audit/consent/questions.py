"""What is asked to match the items of a dataset with a registry's records, and nothing of either.

Questions follow from the columns of the one, the kinds of the other, and a few numbers of both, so
that they are the same for many datasets and registries.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import ibis

from sourcing_audit import places
from sourcing_audit.consent import accounts, hosts, kinds, paths, sieve
from sourcing_audit.consent.kinds import SUBJECT, odd
from sourcing_audit.consent.pairing import kept, merged, pairs
from sourcing_audit.consent.planning import AT_HOST, BY_ADDRESS, at_depth, on_page
from sourcing_audit.engine import hashed

if TYPE_CHECKING:
    from collections.abc import Sequence

    import ibis.expr.types as ir

    from sourcing_audit.consent.kinds import Key

FACTS = ("acquired_at", "media_type")
"""What weighing needs of an item beside its keys."""


@dataclass(frozen=True)
class Questions:
    """What is asked of items and records, as expressions on their tables."""

    columns: frozenset[str]
    """The item columns that the manifest fills."""
    kinds: frozenset[str]
    """What any record is matched with."""
    domain_labels: tuple[int, ...]
    """As `planning.PlannedRecords` has them, and so the following."""
    path_depths: tuple[int, ...]
    account_depths: tuple[int, ...]

    @cached_property
    def keys(self) -> list[Key]:
        """The keys that records and items have in common."""
        return kinds.there(self.kinds, self.columns)

    @cached_property
    def urls(self) -> list[str]:
        """The columns of addresses that are worth looking at."""
        if not self.kinds & BY_ADDRESS:
            return []
        return [column for column in places.COLUMNS if column in self.columns]

    @cached_property
    def _with_odd(self) -> list[str]:
        """The columns whose values may have to be read."""
        named = {key.column for key in self.keys if key.about is not None} | {SUBJECT.column}
        return sorted(named & self.columns) + self.urls

    @cached_property
    def places(self) -> list[str]:
        """The columns of addresses whose hosts matter."""
        return self.urls if self.kinds & (BY_ADDRESS - {"url"}) else []

    def hosts(self, sifted: ir.Table, **known: ir.Table) -> ir.Table:
        """Hosts that any record speaks of (`spoken`), or of places on them: each once."""
        there = [sifted.select(host=sifted[sieve.place(column)]) for column in self.places]
        hosts = ibis.union(*there, distinct=True) if len(there) > 1 else there[0].distinct()
        hosts = hosts.mutate(wide=places.without_www(hosts.host))
        tests = [hosts.wide.isin(known[f"of_{kind}"].wide) for kind in self._at_host]
        if self.domain_labels:
            reaching = known["of_domain"].filter(known["of_domain"].subdomains)
            tests += [
                places.parent(hosts.wide, labels).isin(reaching.wide)
                for labels in self.domain_labels
            ]
        beside = [hosts.wide.isin(known["starts"].host)] if "starts" in known else []
        found = hosts.mutate(spoken=_any_of(tests), beside=_any_of(beside))
        return found.filter(found.spoken | found.beside)

    @cached_property
    def _at_host(self) -> list[str]:
        return [kind for kind in AT_HOST if kind in self.kinds]

    def passed(
        self,
        sifted: ir.Table,
        alike: ir.Table | None = None,
        hosts: ir.Table | None = None,
        **known: ir.Table,
    ) -> ir.Table:
        """Items that pass the sieve: `pos`, `kinds.odd` of columns, and whether that is `sure`.

        Where it isn't, a record speaks of places on the host.
        """
        tests = [sifted[odd(column)] for column in self.urls]
        for key in self.keys:
            numbers = _with_read(known[numbers_of(key.kind)], known.get(forms_of(key.column)))
            tests.append(sifted[sieve.number(key.column)].isin(numbers.number))
        if "url" in self.kinds:
            urls = known[numbers_of("url")].number
            tests += [sifted[sieve.number(column)].isin(urls) for column in self.urls]
        if alike is not None:
            tests.append(sifted.pos.isin(alike.pos))
        beside = []
        if hosts is not None:
            spoken, others = hosts.filter(hosts.spoken), hosts.filter(hosts.beside)
            tests += [sifted[sieve.place(c)].isin(spoken.host) for c in self.places]
            beside = [sifted[sieve.place(c)].isin(others.host) for c in self.places]
        table = sifted.select(
            "pos",
            **{odd(column): _is_odd(sifted[odd(column)]) for column in self._with_odd},
            sure=_any_of(tests),
            beside=_any_of(beside),
        )
        return table.filter(table.sure | table.beside).drop("beside")

    def wide(self, items: ir.Table, passed: ir.Table) -> ir.Table:
        """The columns of candidates, and `sure`."""
        facts = {key.column for key in kinds.KEYS}.union(places.COLUMNS) & self.columns
        wanted = items.select("pos", *sorted(facts.union(FACTS)))
        return wanted.inner_join(passed, "pos")

    def beside(self, items: ir.Table, starts: ir.Table) -> ir.Table:
        """Without those items that only have a host in common with what records speak of."""
        found = []
        for column in self.places:
            there = items.filter(~items.sure & items[column].notnull())
            there = there.select("pos", wide=places.wide(there[column]))
            there = there.mutate(host=places.host(there.wide))
            there = there.inner_join(starts.select("host", "spot").distinct(), "host")
            start = ibis.cases(
                *(
                    (there.spot == at_depth(octets), paths.start(there.wide, octets))
                    for octets in self.path_depths
                ),
                *(
                    (there.spot == on_page(segments), accounts.start(there.wide, segments))
                    for segments in self.account_depths
                ),
            )
            there = there.mutate(start=start)
            found.append(there.semi_join(starts, ["spot", "start"]).select("pos"))
        beside = ibis.union(*found) if len(found) > 1 else found[0]
        return items.filter(items.sure | items.pos.isin(beside.pos))

    def matches(
        self, items: ir.Table, alike: ir.Table | None = None, **tables: ir.Table
    ) -> ir.Table:
        """Pairs of item and record, each once."""
        found = []
        if alike is not None:
            found.append(pairs(alike, alike.key, ibis.literal(value=False), alike.distance))
        for key in self.keys:
            left = key.keyed(items, tables.get(forms_of(key.column)))
            right = tables[f"of_{key.kind}"]
            joined = left.inner_join(right, left.item_wide == right.wide)
            exact = joined.item_exact == joined.exact if key.about else ibis.literal(value=True)
            found.append(kept(joined, exact & key.agrees))
        if self.urls:
            given = [
                places.addresses(items.mutate(odd=items[odd(c)]), c, tables[forms_of(c)])
                for c in self.urls
            ]
            addresses = ibis.union(*given) if len(given) > 1 else given[0]
            found += self._at(addresses, tables)
        return merged(ibis.union(*found) if len(found) > 1 else found[0])

    def _at(self, addresses: ir.Table, tables: dict[str, ir.Table]) -> list[ir.Table]:
        """Matches by address: the address itself, its host and domains, prefixes and patterns."""
        found: list[ir.Table] = []
        if "url" in self.kinds:
            there = addresses.select("pos", item_exact="exact", wide="wide")
            joined = there.inner_join(tables["of_url"], "wide")
            found.append(kept(joined, joined.item_exact == joined.exact))
        at_host = [tables[f"of_{kind}"] for kind in AT_HOST if kind in self.kinds]
        if at_host:
            named = ibis.union(*at_host) if len(at_host) > 1 else at_host[0]
            found.append(hosts.joined(addresses, named, self.domain_labels))
        found += [paths.pairs(addresses, tables["below"], n) for n in self.path_depths]
        for segments in self.account_depths:
            joined = accounts.joined(addresses, tables[f"of_{accounts.KIND}"], segments)
            found.append(pairs(joined, joined.key, joined.agrees))
        return found


def shown(items: ir.Table, forms: ir.Table) -> ir.Table:
    """`pos` and `subject`: the keys of the persons shown or heard."""
    return SUBJECT.keyed(items, forms).select("pos", subject="item_wide").distinct()


def odd_texts(column: str, items: ir.Table) -> ir.Table:
    """`given`: each distinct value of a column that another says to be odd."""
    return items.filter(items[odd(column)]).select(given=column).distinct()


def texts(column: str, items: ir.Table) -> ir.Table:
    """`given`: each distinct odd value, where a column holds these only."""
    return items.filter(items[odd(column)].notnull()).select(given=odd(column)).distinct()


def _with_read(numbers: ir.Table, forms: ir.Table | None) -> ir.Table:
    """The numbers by which the sieve knows records: of their keys, and of what is read as one."""
    if forms is None:
        return numbers
    read = forms.select("given", number=hashed(forms.wide)).semi_join(numbers, "number")
    return numbers.union(read.select(number=hashed(read.given)))


def _is_odd(said: ir.Value) -> ir.BooleanValue:
    return ibis.coalesce(said if said.type().is_boolean() else said.notnull(), False)


def _any_of(tests: Sequence[ir.BooleanValue]) -> ir.BooleanValue:
    found: ir.BooleanValue = ibis.coalesce(ibis.or_(*tests), False)
    return found


def forms_of(column: str) -> str:
    """The name of the table with what the odd values of a column are read as."""
    return f"forms_{column}"


def numbers_of(kind: str) -> str:
    """The name of the table with the numbers of records that are matched with this."""
    return f"numbers_{kind}"
