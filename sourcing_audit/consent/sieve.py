"""What is found out of all items, so that only few of them have to be looked at closely.

Keys as numbers, hosts, and what has to be read: narrow columns that follow from the items alone,
whatever the registries say, and so can be kept for an audit with other registries. That numbers
are equal says that keys may be: what passes the sieve is matched by the keys themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Self

import ibis

from sourcing_audit import places
from sourcing_audit.consent import kinds as of_keys
from sourcing_audit.consent.kinds import SUBJECT, Readers, odd
from sourcing_audit.consent.planning import BY_ADDRESS
from sourcing_audit.engine import hashed

if TYPE_CHECKING:
    from collections.abc import Collection

    import ibis.expr.types as ir

    from sourcing_audit.consent.kinds import Key
    from sourcing_audit.rules.consent import ConsentRules

EVERY_KIND = frozenset({key.kind for key in of_keys.KEYS} | BY_ADDRESS)
"""What any registry's records may be matched with by equality."""


def number(column: str) -> str:
    """The name of the column with the number of another's key; of its text, where that is odd."""
    return f"number_{column}"


def place(column: str) -> str:
    """The name of the column with the host of an address that isn't odd, as it is written."""
    return f"at_{column}"


def shown(column: str) -> str:
    """The name of the column with the host of an odd address, to be counted and shown."""
    return f"shown_{column}"


def host(sifted: ir.Table) -> ir.StringValue:
    """The host of an item, to be counted and shown, of what `Sieve.onto` gives."""
    there = [column for column in places.COLUMNS if place(column) in sifted.columns]
    hosts = [sifted[name] for column in there for name in (place(column), shown(column))]
    found: ir.StringValue = ibis.coalesce(*hosts)
    return found


@dataclass(frozen=True)
class Sieve:
    """The columns to make, for the kinds of records and the columns of items that there are."""

    keys: tuple[Key, ...]
    urls: tuple[str, ...]
    """Columns of addresses."""
    subjects: bool
    """Whether items name the persons shown or heard."""
    rules: ConsentRules

    @classmethod
    def of(
        cls, rules: ConsentRules, columns: Collection[str], kinds: Collection[str] = EVERY_KIND
    ) -> Self:
        """What it takes.

        Args:
            rules: the consent rules.
            columns: the item columns that the manifest fills.
            kinds: what records are matched with.

        """
        addressed = BY_ADDRESS.intersection(kinds)
        return cls(
            keys=tuple(of_keys.there(kinds, columns)),
            urls=tuple(column for column in places.COLUMNS if addressed and column in columns),
            subjects=SUBJECT.column in columns,
            rules=rules,
        )

    @cached_property
    def _readers(self) -> Readers:
        return Readers.of(self.rules)

    def onto(self, items: ir.Table) -> ir.Table:
        """Add its columns to items.

        Args:
            items: columns of `schema.ITEMS` and `schema.MEDIA`.

        Returns:
            The same with `number` of each column of keys and addresses; `kinds.odd` of those whose
            values may have to be read: the value where it has to, else NULL, of addresses only
            whether; and `place` and `shown` of addresses.

        """
        is_odd = {column: self._is_odd(items, column, about) for column, about in self._read()}
        # A step for each thing that is used twice: within one, the engine would compute it twice.
        items = items.mutate(**{odd(column): value for column, value in is_odd.items()})
        wide = {number(key.column): key.wide(items[key.column]) for key in self.keys}
        items = items.mutate(**wide)
        made: dict[str, ir.Value] = {}
        for column, about in self._read():
            if about is not None:
                made[odd(column)] = ibis.ifelse(items[odd(column)], items[column], None)
        for key in self.keys:
            if key.about is not None:
                value = items[number(key.column)]
                made[number(key.column)] = ibis.ifelse(
                    items[odd(key.column)], items[key.column], value
                )
        for column in self.urls:
            address, read = items[column], items[odd(column)]
            # To cut the wide key out of each would copy it: `places.spellings` are few.
            made[number(column)] = address
            made[place(column)] = ibis.ifelse(read, None, places.plain_host(address))
            made[shown(column)] = ibis.ifelse(read, places.shown_host(address), None)
        items = items.mutate(**made)
        numbers = (number(column) for column in (*(key.column for key in self.keys), *self.urls))
        return items.mutate(**{name: hashed(items[name]) for name in numbers})

    def normal(self, sifted: ir.Table) -> dict[str, ir.BooleanValue]:
        """By column of addresses whether they are in their normal form, of what `onto` gives."""
        return {column: ~sifted[odd(column)] for column in self.urls}

    @property
    def columns(self) -> list[str]:
        """The columns that it adds."""
        found = [odd(column) for column, _ in self._read()]
        found += [number(column) for column in (*(key.column for key in self.keys), *self.urls)]
        return found + [name for column in self.urls for name in (place(column), shown(column))]

    def _read(self) -> list[tuple[str, str | None]]:
        """Columns whose values may have to be read, and what of; None for addresses."""
        found: dict[str, str | None] = {
            key.column: key.about for key in self.keys if key.about is not None
        }
        if self.subjects:
            found[SUBJECT.column] = SUBJECT.about
        return [*found.items(), *((column, None) for column in self.urls)]

    def _is_odd(self, items: ir.Table, column: str, about: str | None) -> ir.BooleanValue:
        if about is None:
            return places.is_odd(items[column], self._readers.addresses)
        return self._readers.identities.is_odd(items[column], about)
