"""Who made an item and which work it is: ids and names, ready to be matched with records.

Most values are in their normal form, which the engine can tell; each distinct other one is read
once, in Python. `about` is `person`, `work` or `name`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis

from sourcing_audit import places
from sourcing_audit.addresses import Address, listed
from sourcing_audit.identifiers import name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import ibis.expr.types as ir

    from sourcing_audit.addresses import Addresses
    from sourcing_audit.identifiers import Identifiers

ABOUT = {"creator_id": "person", "subject_id": "person", "work_id": "work", "creator_name": "name"}
"""Kinds of key that are ids or names."""

_PLAIN = r"^[!-.0-~]+(?: [!-.0-~]+)*$"
"""An id in ASCII that is no address: its own key but for capitals and spaces, unless it is one of
a scheme that is written in several ways."""

_NOT_PLAIN = r"[^ !-.0-~]|^ | $|  |^$|^\[|^(?i:www\.)"
"""What `_PLAIN` doesn't have, or what makes a list or an address of it."""

_PLAIN_NAME = r"^[!-~]+(?: [!-~]+)*$"
"""A name in ASCII with single spaces."""


class Reader:
    """Reads ids and names, and knows which of them have to be read."""

    def __init__(self, identifiers: Identifiers, addresses: Addresses) -> None:
        """Take what reads ids, and the addresses among them."""
        self._identifiers = identifiers
        self._addresses = addresses

    def is_odd(self, value: ir.StringValue, about: str, *, known: bool = False) -> ir.BooleanValue:
        """Whether a value has to be read; for any other one `wide` and `exact` will do.

        Args:
            value: an id or a name.
            about: what of.
            known: an id of a known scheme always has to, so that its check digit is verified.

        """
        if about == "name":
            return ~value.re_search(_PLAIN_NAME) | value.startswith("[")
        # One search tells that there is nothing odd about nearly all.
        doubtful = value.re_search(rf"{self._identifiers.recognised(about)}|{_NOT_PLAIN}")
        return ibis.ifelse(doubtful, self._is_odd(value, about, known=known), doubtful)

    def _is_odd(self, value: ir.StringValue, about: str, *, known: bool) -> ir.BooleanValue:
        recognised = value.re_search(self._identifiers.recognised(about))
        plain = ibis.ifelse(
            value.re_search(_PLAIN) & ~value.lower().startswith("www."),
            ibis.literal(value=True),
            ~places.is_odd(value, self._addresses),
        )
        if known:
            return recognised | ~plain
        normal = value.re_search(self._identifiers.normal(about))
        return value.startswith("[") | (~normal & (recognised | ~plain))

    def forms(self, about: str) -> Callable[[str], Iterable[Address]]:
        """What reads an odd value of an item: its form, also where a check digit is wrong.

        A list has a form for each member. A permission of one of several persons isn't that of
        the others, so no exact key is theirs.
        """
        if about == "name":
            return lambda text: [form for one in listed(text) for form in _names(one)]

        def read(text: str) -> Iterable[Address]:
            members = list(listed(text))
            forms = [self._identifiers.form(one, about) for one in members]
            if len(members) == 1:
                return forms
            return [Address(f"one of {text}", form.wide) for form in forms]

        return read

    def verified(self, about: str) -> Callable[[str], Iterable[Address]]:
        """What reads an odd value of a record: no form where a check digit is wrong."""
        if about == "name":
            return _names
        return lambda text: self._identifiers.verified(text, about)


def _names(text: str) -> tuple[Address, ...]:
    folded = name(text)
    return (Address(folded, folded),) if folded else ()


def exact(value: ir.StringValue, about: str) -> ir.StringValue:
    """The exact key of a value that isn't odd."""
    if about == "name":
        return value.lower()
    key = ibis.ifelse(_is_address(value), value.re_replace(r"/+$", ""), value)
    if about == "person":
        return key
    return ibis.ifelse(_is_doi(value), ibis.literal("doi:").concat(value), key)


def wide(value: ir.StringValue, about: str) -> ir.StringValue:
    """The wide key of a value that isn't odd."""
    if about == "name":
        return exact(value, about)
    address = places.wide(exact(value, about))
    doi = ibis.ifelse(_is_doi(value), ibis.literal("doi:").concat(value), value)
    plain = doi if about == "work" else value
    # Small letters last, for they take the longest, and a branch is written more than once.
    small = ibis.ifelse(plain.contains(" "), plain.replace(" ", ""), plain).lower()
    return ibis.ifelse(_is_address(value), address.lower() if about == "person" else address, small)


def _is_doi(value: ir.StringValue) -> ir.BooleanValue:
    # What isn't odd and has a slash is an address or a DOI.
    return value.startswith("10.") & value.contains("/")


def _is_address(value: ir.StringValue) -> ir.BooleanValue:
    return value.startswith("http://") | value.startswith("https://")


def with_forms(table: ir.Table, given: str, about: str, forms: ir.Table) -> ir.Table:
    """The keys of every value of a column.

    Args:
        table: with a column `odd`: whether a value has to be read.
        given: one of its text columns.
        about: what the values are of.
        forms: what odd values are read as, as `places.read` gives it; one without a form gives no
            row.

    Returns:
        The columns of the table, `exact` and `wide`.

    """
    normal = table.filter(~table.odd)
    normal = normal.mutate(exact=exact(normal[given], about), wide=wide(normal[given], about))
    read = forms.select("exact", "wide", read_from="given")
    found = table.filter(table.odd).inner_join(read, table[given] == read.read_from)
    names = [*table.columns, "exact", "wide"]
    return normal.select(*names).union(found.select(*names))
