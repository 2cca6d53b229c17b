"""Kinds of keys that are matched by one equality with a column of the items."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import ibis

from sourcing_audit import identities, keys, places
from sourcing_audit.addresses import Addresses
from sourcing_audit.consent import own
from sourcing_audit.identifiers import Identifiers

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    import ibis.expr.types as ir

    from sourcing_audit.rules.consent import ConsentRules


@dataclass(frozen=True)
class Readers:
    """What reads values that aren't in their normal form."""

    addresses: Addresses
    identities: identities.Reader

    @classmethod
    def of(cls, rules: ConsentRules) -> Readers:
        """Readers by the rules' schemes of ids and tracking parameters."""
        addresses = Addresses(rules.tracking)
        return cls(
            addresses, identities.Reader(Identifiers(rules.identifiers, addresses), addresses)
        )


@dataclass(frozen=True)
class Key:
    """A kind of record, and a column of the items by which it is found."""

    kind: str
    column: str
    agrees: bool = True
    """Whether an equal key is enough for a permission."""

    @property
    def about(self) -> str | None:
        """Of what the column holds ids or names that may have to be read; None: it never has."""
        return identities.ABOUT.get(self.kind)

    def wide(self, value: ir.StringValue) -> ir.StringValue:
        """The key of a value that isn't odd."""
        return identities.wide(value, self.about) if self.about else _PLAIN[self.kind](value, self)

    def keyed(self, items: ir.Table, forms: ir.Table | None) -> ir.Table:
        """`pos`, `item_wide` and `item_exact` of every item that has the key.

        Args:
            items: `pos`, the column, and `odd_` with its name, where its values may have to be
                read.
            forms: what those that do are read as; None for other columns.

        """
        there = items.filter(items[self.column].notnull())
        if self.about is None or forms is None:
            key = self.wide(there[self.column])
            return there.select("pos", item_wide=key, item_exact=key)
        given = there.select("pos", given=self.column, odd=self.odd)
        found = identities.with_forms(given, "given", self.about, forms)
        return found.select("pos", item_wide="wide", item_exact="exact")

    @property
    def odd(self) -> str:
        """The name of the column that says whether a value has to be read."""
        return odd(self.column)


def odd(column: str) -> str:
    """The name of the column that says whether the value of another has to be read."""
    return f"odd_{column}"


def _own(value: ir.StringValue, key: Key) -> ir.StringValue:
    return ibis.literal(f"{key.column} ").concat(value.strip())


_PLAIN: dict[str, Callable[[ir.StringValue, Key], ir.StringValue]] = {
    "sha256": lambda value, _: keys.digest(value),
    "md5": lambda value, _: keys.digest(value),
    "agreement_id": lambda value, _: keys.token(value),
    "consent_id": lambda value, _: keys.token(value),
    "own": _own,
}

SUBJECT = Key("subject_id", "subject_id")
"""The person shown or heard."""

KEYS = (
    Key("creator_id", "creator_id"),
    SUBJECT,
    Key("creator_name", "creator"),
    Key("work_id", "work_id"),
    Key("work_id", "iscc"),
    Key("sha256", "sha256"),
    # A hash that was declared, or that of a second file: a refusal of it counts, no permission.
    Key("sha256", "other_sha256", agrees=False),
    Key("md5", "md5"),
    Key("agreement_id", "agreement_id"),
    Key("consent_id", "consent_id"),
    *(Key("own", column) for column in (*own.COLUMNS, "media_files")),
)

KEY_COLUMNS: frozenset[str] = frozenset(
    {*places.COLUMNS, "phash", *(key.column for key in KEYS if key.kind != "own")}
)
"""The item columns by which a registry can know an item."""


def there(kinds: Collection[str], columns: Collection[str]) -> list[Key]:
    """The keys that these kinds of records and columns of items have in common."""
    return [key for key in KEYS if key.kind in kinds and key.column in columns]
