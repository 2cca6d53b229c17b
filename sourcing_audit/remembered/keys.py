"""The keys of items as numbers: what is remembered of an item instead of the item.

A key is what a registry's record must equal to speak about the item (`consent.kinds`), in its wide
form; its number is `engine.lasting_number` of the kind and the key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis

from sourcing_audit import places
from sourcing_audit.consent.kinds import KEYS, Readers
from sourcing_audit.engine import lasting_number
from sourcing_audit.state import key

if TYPE_CHECKING:
    from collections.abc import Iterator

    import ibis.expr.types as ir

    from sourcing_audit.consent.kinds import Key
    from sourcing_audit.engine import Engine
    from sourcing_audit.rules.consent import ConsentRules

VERSION = "1"
"""Of how keys are made; numbers of another version aren't compared."""

BY_NAME = "creator_name"
"""The kind that never decides alone: a match by it is to be looked at."""

KINDS = ("url", "host", *sorted({key.kind for key in KEYS} - {"own"}))
"""The kinds of keys that are remembered."""


def made_by(rules: ConsentRules) -> str:
    """A digest of the rules that have a part in what an item's keys are."""
    return key(VERSION, rules.tracking, [each.model_dump() for each in rules.identifiers])


def numbered(kind: ir.StringValue | str, key: ir.StringValue) -> ir.IntegerValue:
    """The number of a key."""
    return lasting_number(
        ibis.literal(kind).concat(" ", key) if isinstance(kind, str) else kind.concat(" ", key)
    )


def of_items(
    engine: Engine, items: ir.Table, columns: frozenset[str], rules: ConsentRules
) -> ir.Table:
    """Every key of every item.

    Args:
        engine: holds the items.
        items: columns of `schema.ITEMS`.
        columns: those that aren't NULL throughout.
        rules: how ids and addresses are read.

    Returns:
        `pos`, `kind` and `key`; an item may have several keys of a kind.

    """
    readers = Readers.of(rules)
    found = [
        *_addresses(engine, items, columns, readers),
        *(
            _keyed(engine, items, key, readers)
            for key in KEYS
            if key.column in columns and key.kind != "own"
        ),
    ]
    if not found:
        return items.filter(ibis.literal(value=False)).select(
            "pos", kind=ibis.literal(""), key=ibis.literal("")
        )
    return ibis.union(*found) if len(found) > 1 else found[0]


def _addresses(
    engine: Engine, items: ir.Table, columns: frozenset[str], readers: Readers
) -> Iterator[ir.Table]:
    for column in places.COLUMNS:
        if column not in columns:
            continue
        odd = ibis.coalesce(places.is_odd(items[column], readers.addresses), False)
        there = items.select("pos", column, odd=odd)
        texts = there.filter(there.odd).select(given=column)
        forms = places.read(engine, texts, readers.addresses.read_all)
        found = places.addresses(there, column, forms)
        yield _told(found, "url", found.wide)
        yield _told(found, "host", places.host(found.wide))


def _keyed(engine: Engine, items: ir.Table, key: Key, readers: Readers) -> ir.Table:
    there = items.select("pos", key.column)
    if key.about is None:
        found = key.keyed(there, None)
        return _told(found, key.kind, found.item_wide)
    value = there[key.column]
    odd = ibis.coalesce(readers.identities.is_odd(value, key.about), False)
    there = there.mutate(**{key.odd: odd})
    texts = there.filter(there[key.odd]).select(given=key.column)
    forms = places.read(engine, texts, readers.identities.forms(key.about))
    found = key.keyed(there, forms)
    return _told(found, key.kind, found.item_wide)


def _told(found: ir.Table, kind: str, key: ir.StringValue) -> ir.Table:
    table = found.select("pos", kind=ibis.literal(kind), key=key)
    return table.filter(table.key.notnull())
