"""Subjects that are places: nearly all are in their normal form, whose keys are expressions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sourcing_audit import places
from sourcing_audit.addresses import HOST, KEPT_ESCAPE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import ibis.expr.types as ir

    from sourcing_audit.addresses import Address, Addresses

KINDS = frozenset({"url", "url_prefix", "url_pattern", "host", "domain"})
"""What a place is matched with."""

_PATTERN = rf"^(?:https?://)?{HOST}/(?:[A-Za-z0-9_.\-~/!$&'()*+,;=:@?|\[\]]|{KEPT_ESCAPE})*$"
"""A path pattern in which nothing has to be escaped, and no escape could be undone."""

_ONLY_WWW = r"^(?:https?://)?www\.[^./]*(?:/|$)"
"""Without its `www.` this is no host."""


def is_odd(value: ir.StringValue, match: str, reader: Addresses) -> ir.BooleanValue:
    """Whether a trimmed value has to be read; for any other one `wide` and `exact` will do."""
    match match:
        case "url":
            return places.is_odd(value, reader)
        case "url_prefix":
            return places.is_odd(value, reader) | value.re_search(r"[?*]")
        case "url_pattern":
            return ~value.re_search(_PATTERN) | value.re_search(_ONLY_WWW)
        case _:
            return ~value.re_search(rf"^{HOST}$") | value.re_search(_ONLY_WWW)


def exact(value: ir.StringValue, match: str) -> ir.StringValue:
    """The exact key of a value that isn't odd."""
    match match:
        case "url_prefix":
            return value.re_replace("/$", "")
        case "url_pattern":
            return value.re_replace("^(?:https?://)?", "//")
        case _:
            return value


def wide(value: ir.StringValue, match: str) -> ir.StringValue:
    """The wide key of a value that isn't odd."""
    match match:
        case "url":
            return places.wide(value)
        case "url_prefix":
            return places.wide(value).re_replace("/$", "")
        case _:
            return value.re_replace(r"^(?:https?://)?(?:www\.)?", "")


def reader(match: str, addresses: Addresses) -> Callable[[str], Iterable[Address]]:
    """What reads an odd value; one that is no such place gives nothing."""
    readers: dict[str, Callable[[str], Iterable[Address]]] = {
        "url": lambda text: filter(None, [addresses.read(text)]),
        "url_prefix": addresses.prefix,
        "url_pattern": addresses.pattern,
        "host": addresses.place,
        "domain": addresses.place,
    }
    return readers[match]
