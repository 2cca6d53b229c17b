"""TDMRep in EPUB: the `meta` elements of its package documents. A hostile archive stays small."""

from __future__ import annotations

import zipfile
import zlib
from typing import TYPE_CHECKING, BinaryIO
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from sourcing_audit.media.found import TDM_EPUB, Found, shortened, unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator

_CONTAINER = "META-INF/container.xml"
_MIMETYPE = b"application/epub+zip"
_LONGEST = 4 * 2**20
"""Bytes of one document, unpacked."""
_MOST_PACKAGES = 8
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    OSError,
    KeyError,
    ValueError,
    RuntimeError,
    NotImplementedError,
    EOFError,
    ParseError,
    DefusedXmlException,
)
"""What archives and documents do that are damaged, encrypted, too large or hostile."""


def read(stream: BinaryIO, head: bytes) -> list[Found]:
    """What an EPUB says; nothing for any other archive."""
    meant = _MIMETYPE in head
    try:
        with zipfile.ZipFile(stream) as archive:
            if not meant and _CONTAINER not in archive.NameToInfo:
                return []
            return list(_statements(archive))
    except _BROKEN as error:
        return [unreadable(TDM_EPUB, f"an EPUB that can't be read: {error}")] if meant else []


def _statements(archive: zipfile.ZipFile) -> Iterator[Found]:
    container = _document(archive, _CONTAINER)
    packages = [
        path
        for element in container.iter()
        if _name(element) == "rootfile" and (path := element.get("full-path"))
    ]
    if not packages or len(packages) > _MOST_PACKAGES:
        yield unreadable(TDM_EPUB, f"an EPUB with {len(packages)} package documents")
    for path in packages[:_MOST_PACKAGES]:
        yield from _metas(_document(archive, path))


def _metas(package: Element) -> Iterator[Found]:
    found = [
        ((element.get("property") or element.get("name") or "").strip(), _value(element))
        for element in package.iter()
        if _name(element) == "meta"
    ]
    policy = next((value for name, value in found if name == "tdm:policy"), "")
    for name, value in found:
        if name == "tdm:reservation":
            yield Found(
                TDM_EPUB, shortened(f"tdm:reservation {value}"), value, detail=shortened(policy)
            )


def _value(element: Element) -> str:
    """EPUB 2 has it in `content`, EPUB 3 in the text."""
    return (element.get("content") or element.text or "").strip()


def _document(archive: zipfile.ZipFile, name: str) -> Element:
    with archive.open(name) as stream:
        content = stream.read(_LONGEST + 1)
    if len(content) > _LONGEST:
        raise ValueError(f"{name} is too large")
    root: Element = fromstring(content)
    return root


def _name(element: Element) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""
