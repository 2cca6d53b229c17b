"""What an item's own columns say towards its verdict: true or false each, packed into one number.

Items that agree in these bits, in their licence and in what the registries answer have the same
verdict, so the decision table is evaluated once for all of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import ibis

from sourcing_audit import keys, places
from sourcing_audit.consent import KEY_COLUMNS
from sourcing_audit.media.local import NOT_FOUND, NOT_READ, OUTSIDE

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    import ibis.expr.types as ir

_ADDRESSES = frozenset({"source_url", "landing_url"})
_CREDITS = _ADDRESSES | {"creator", "attribution"}
_PERSON = frozenset({"depicts_person", "person_status"})
_MEDIA = frozenset({"media_finding"})
_TRUE = ("true", "yes", "y", "t", "1")
_FALSE = ("false", "no", "n", "f", "0")
_PROTECTED = ("minor", "vulnerable", "deceased")
_KNOWN = (*_PROTECTED, "adult", "not_a_person")

MEDIA_CODES = (NOT_FOUND, NOT_READ, OUTSIDE)
"""Reasons for which a media file wasn't read."""


@dataclass(frozen=True)
class Fact:
    """One bit of an item."""

    name: str
    needs: frozenset[str]
    """The columns that it is read from."""
    holds: Callable[[ir.Table], ir.BooleanValue]
    """Over a table with all columns of items; never NULL."""
    otherwise: bool = False
    """What it is where the manifest fills none of the columns."""
    address: str | None = None
    """A column; where it holds an address in its normal form, the fact isn't so."""


def _there(*names: str) -> Callable[[ir.Table], ir.BooleanValue]:
    return lambda items: ibis.or_(*(items[name].notnull() for name in names))


def _absent(*names: str) -> Callable[[ir.Table], ir.BooleanValue]:
    return lambda items: ~_there(*names)(items)


def _depicts(items: ir.Table, values: Iterable[str]) -> ir.BooleanValue:
    return _one_of(items.depicts_person, values)


def _person(items: ir.Table, values: Iterable[str]) -> ir.BooleanValue:
    return _one_of(items.person_status, values)


def _one_of(value: ir.StringValue, words: Iterable[str]) -> ir.BooleanValue:
    # DuckDB makes a join of each list of values, which all items go through, also those that
    # have none; a pattern is only tried where there is something.
    pattern = f"^(?:{'|'.join(words)})$"
    found: ir.BooleanValue = ibis.coalesce(value.lower().re_search(pattern), False)
    return found


def _unread_depicts(items: ir.Table) -> ir.BooleanValue:
    known = _depicts(items, [*_TRUE, *_FALSE, "unknown"])
    return items.depicts_person.notnull() & ~known


def _unread_person(items: ir.Table) -> ir.BooleanValue:
    return items.person_status.notnull() & ~_person(items, [*_KNOWN, "unknown"])


def _shown(items: ir.Table) -> ir.BooleanValue:
    # A value that can't be read may mean a person: it asks for consent like one.
    unread = _unread_depicts(items) | _unread_person(items)
    return _depicts(items, _TRUE) | _person(items, [*_PROTECTED, "adult"]) | unread


def _nobody(items: ir.Table) -> ir.BooleanValue:
    return _depicts(items, _FALSE) | _person(items, ["not_a_person"])


def _likeness_gap(items: ir.Table) -> ir.BooleanValue:
    """Whether the manifest doesn't say if a person is shown or heard."""
    return ~(_depicts(items, [*_TRUE, *_FALSE]) | _person(items, _KNOWN))


def _unread_acquired(items: ir.Table) -> ir.BooleanValue:
    # Days, and where nothing stands, are what there is most, and quickly told.
    told = ibis.coalesce(keys.is_day(items.acquired_at), True)
    found: ir.BooleanValue = ibis.ifelse(told, False, keys.moment(items.acquired_at).isnull())
    return found


def _finding(code: str) -> Callable[[ir.Table], ir.BooleanValue]:
    return lambda items: ibis.coalesce(items.media_finding == code, False)


def _no_address(column: str) -> Callable[[ir.Table], ir.BooleanValue]:
    """Whether something stands there by which no place could be found."""
    return lambda items: ibis.coalesce(places.is_none(items[column]), False)


FACTS: tuple[Fact, ...] = (
    # Creator, source or a ready attribution is on record (CC BY 4.0, 3(a)(1)(A)).
    Fact("on_record", _CREDITS, _there(*sorted(_CREDITS))),
    Fact("without_creator", frozenset({"creator"}), _absent("creator"), otherwise=True),
    Fact("without_source", _ADDRESSES, _absent(*sorted(_ADDRESSES)), otherwise=True),
    Fact("without_key", KEY_COLUMNS, _absent(*sorted(KEY_COLUMNS)), otherwise=True),
    Fact("person_shown", _PERSON, _shown),
    Fact("nobody_shown", _PERSON, _nobody),
    Fact("person_protected", _PERSON, lambda items: _person(items, _PROTECTED)),
    Fact("likeness_gap", _PERSON, _likeness_gap, otherwise=True),
    Fact("unread_depicts_person", frozenset({"depicts_person"}), _unread_depicts),
    Fact("unread_person_status", frozenset({"person_status"}), _unread_person),
    Fact("unread_acquired_at", frozenset({"acquired_at"}), _unread_acquired),
    Fact("hash_differs", _MEDIA, lambda items: ibis.coalesce(items.hash_differs, False)),
    Fact("media_gap", _MEDIA, lambda items: items.media_finding.notnull()),
    *(Fact(code, _MEDIA, _finding(code)) for code in MEDIA_CODES),
    *(
        Fact(f"unread_{column}", frozenset({column}), _no_address(column), address=column)
        for column in sorted(_ADDRESSES)
    ),
)
"""In the order of their bits."""


def packed(
    items: ir.Table,
    columns: Collection[str],
    normal: Mapping[str, ir.BooleanValue] = MappingProxyType({}),
) -> ir.IntegerValue:
    """The bits of each item, the first fact in the lowest.

    Args:
        items: columns of `schema.ITEMS` and `schema.MEDIA`, trimmed, NULL where empty.
        columns: those that aren't NULL throughout.
        normal: by column of addresses whether they are in their normal form, where that is known.

    """
    known = frozenset(columns)
    always = sum(
        1 << bit for bit, fact in enumerate(FACTS) if not fact.needs & known and fact.otherwise
    )
    read = [(1 << bit, fact) for bit, fact in enumerate(FACTS) if fact.needs & known]
    bits = ibis.literal(always, "int64") + _sum(
        items, ((bit, fact) for bit, fact in read if not fact.needs <= _PERSON), normal
    )
    persons = [(bit, fact) for bit, fact in read if fact.needs <= _PERSON]
    if not persons:
        return bits
    # Most items say nothing of persons, and what they say is read by several facts.
    silent = sum(bit for bit, fact in persons if fact.otherwise)
    said = ibis.or_(*(items[name].notnull() for name in sorted(_PERSON & known)))
    return bits + ibis.ifelse(said, _sum(items, persons), silent)


def _sum(
    items: ir.Table,
    facts: Iterable[tuple[int, Fact]],
    normal: Mapping[str, ir.BooleanValue] = MappingProxyType({}),
) -> ir.IntegerValue:
    bits: ir.IntegerValue = ibis.literal(0, "int64")
    for bit, fact in facts:
        holds = fact.holds(items)
        if fact.address is not None and fact.address in normal:
            holds = ibis.ifelse(ibis.coalesce(normal[fact.address], False), False, holds)
        bits += holds.cast("int64") * bit
    return bits


def unpacked(bits: ir.IntegerValue) -> dict[str, ir.BooleanValue]:
    """Every fact again, by its name."""
    return {fact.name: (bits // (1 << bit)) % 2 == 1 for bit, fact in enumerate(FACTS)}
