"""XMP: the properties `plus:DataMining` and `tdm:reservation`, wherever a packet holds them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from sourcing_audit.media import packets
from sourcing_audit.media.found import (
    MALFORMED,
    PLUS,
    TDM_XMP,
    Found,
    shortened,
    unreadable,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from mmap import mmap

PLUS_NAMESPACE = "http://ns.useplus.org/ldf/xmp/1.0/"
TDM_NAMESPACES = ("http://www.w3.org/ns/tdmrep/", "http://www.w3.org/ns/tdmrep#")
_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_USUAL = {
    "plus": PLUS_NAMESPACE,
    "tdm": TDM_NAMESPACES[0],
    "rdf": _RDF.strip("{}"),
}
_PREFIX = re.compile(rb"(?<=[<\s/])([A-Za-z_][A-Za-z0-9_.-]{0,30}):(?=[A-Za-z_])")
_MOST_PREFIXES = 100
_MARKS = {PLUS: (b"DataMining", b"DMI-"), TDM_XMP: (b"tdm:reservation", b"ns/tdmrep")}
"""What the bytes of a packet hold that speaks of data mining."""


def read(data: mmap | bytes, kind: str) -> list[Found]:
    """Everything that a file's XMP says about data mining."""
    found: list[Found] = []
    try:
        for packet in packets.all_of(data, kind):
            found += _packet(packet)
    except packets.TooManyError:
        found.append(unreadable(PLUS, "more XMP than is read"))
    schemes = {each.scheme for each in found}
    for scheme, (mark, other) in _MARKS.items():
        # The name of the property outside of anything that could be parsed.
        if scheme not in schemes and data.find(mark) >= 0 and data.find(other) >= 0:
            found.append(unreadable(scheme, f"{mark.decode()} stands outside of readable XMP"))
    return list(dict.fromkeys(found))


def _packet(packet: bytes) -> Iterator[Found]:
    try:
        root = _parsed(packet)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        for scheme, marks in _MARKS.items():
            if any(mark in packet for mark in marks):
                yield unreadable(scheme, f"XMP that can't be parsed: {error}")
        return
    properties = list(_properties(root))
    constraints = "; ".join(text for _, name, text in properties if name == "OtherConstraints")
    policies = "; ".join(
        text for space, name, text in properties if name == "policy" and space in TDM_NAMESPACES
    )
    for space, name, text in properties:
        if name == "DataMining":
            yield _data_mining(space, text, constraints)
        elif name == "reservation" and space in TDM_NAMESPACES:
            yield Found(
                TDM_XMP, shortened(f"tdm:reservation {text}"), text, detail=shortened(policies)
            )


def _parsed(packet: bytes) -> Element:
    """A packet's root; of one cut out of a document that declares its prefixes, with usual ones."""
    try:
        root: Element = fromstring(packet, forbid_dtd=True)
    except ParseError as error:
        if "unbound prefix" not in str(error):
            raise
        used = {prefix.decode() for prefix in _PREFIX.findall(packet)} - {"xml", "xmlns"}
        declared = " ".join(
            f'xmlns:{prefix}="{_USUAL.get(prefix, f"urn:undeclared:{prefix}")}"'
            for prefix in sorted(used)[:_MOST_PREFIXES]
        )
        root = fromstring(f"<r {declared}>".encode() + packet + b"</r>", forbid_dtd=True)
    return root


def _data_mining(space: str, text: str, constraints: str) -> Found:
    raw = f"plus:DataMining {text}"
    if constraints and "SEECONSTRAINT" in text.upper():
        raw += f"; plus:OtherConstraints {constraints}"
    return Found(
        PLUS,
        shortened(raw),
        # The vocabulary's address stands before the code, or doesn't.
        text.rstrip("/").rpartition("/")[2].upper(),
        detail=shortened(constraints),
        problem="" if space == PLUS_NAMESPACE else MALFORMED,
    )


def _properties(root: Element) -> Iterator[tuple[str, str, str]]:
    """Each property's namespace, name and values, written as an element or as an attribute."""
    for element in root.iter():
        for key, value in element.attrib.items():
            if (named := _named(key)) and value.strip():
                yield *named, value.strip()
        if isinstance(element.tag, str) and (named := _named(element.tag)):
            # An empty property says nothing, but it was meant to: it stays a value.
            for value in list(_values(element)) or [""]:
                yield *named, value


def _named(tag: str) -> tuple[str, str] | None:
    space, _, name = tag.rpartition("}")
    if name in {"DataMining", "OtherConstraints", "reservation", "policy"}:
        return space.removeprefix("{"), name
    return None


def _values(element: Element) -> Iterator[str]:
    """Its text or address, or those of the members of its list."""
    for each in element.iter():
        value = each.get(f"{_RDF}resource") or (each.text or "").strip()
        if value.strip():
            yield value.strip()
