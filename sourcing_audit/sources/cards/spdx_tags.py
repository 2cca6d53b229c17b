"""SPDX 2 documents in their tag-value form, as the JSON form of the same document."""

from __future__ import annotations

import re
from typing import Any

_TAG = re.compile(r"(?P<tag>[A-Za-z]+):[ \t]*(?P<value>.*)")
_OPENS, _CLOSES = "<text>", "</text>"
_DOCUMENT = {"SPDXVersion": "spdxVersion", "DocumentName": "name", "DocumentComment": "comment"}
_PACKAGE = {
    "PackageLicenseDeclared": "licenseDeclared",
    "PackageLicenseConcluded": "licenseConcluded",
    "PackageLicenseComments": "licenseComments",
    "PackageCopyrightText": "copyrightText",
    "PackageDownloadLocation": "downloadLocation",
    "PackageHomePage": "homepage",
    "PackageComment": "comment",
    "PackageDescription": "description",
    "PackageSummary": "summary",
    "PrimaryPackagePurpose": "primaryPackagePurpose",
}
_EXTRACTED = {"ExtractedText": "extractedText", "LicenseName": "name"}
_STARTS = {
    "PackageName": "packages",
    "FileName": "files",
    "SnippetSPDXID": "files",
    "LicenseID": "hasExtractedLicensingInfos",
}
"""Tags with which a section begins, and the list that it is a member of."""
_SECTIONS: dict[str, tuple[str, dict[str, str]]] = {
    "PackageName": ("name", _PACKAGE),
    "FileName": ("fileName", {}),
    "SnippetSPDXID": ("SPDXID", {}),
    "LicenseID": ("licenseId", _EXTRACTED),
}
_SIDES = ("spdxElementId", "relationshipType", "relatedSpdxElement")
_RELATIONSHIP = re.compile(r"(\S+)\s+([A-Z_]+)\s+(\S+)")


def is_tags(text: str) -> bool:
    """Whether a text looks like an SPDX document in tag-value form."""
    return bool(re.match(r"\s*(?:#[^\n]*\n\s*)*SPDXVersion:", text))


def content(text: str) -> dict[str, Any]:
    """What the JSON form of the document would hold of what is read here."""
    document: dict[str, Any] = {name: [] for name in (*_STARTS.values(), "relationships")}
    current: dict[str, Any] = document
    fields = _DOCUMENT
    for tag, value in _entries(text):
        if tag in _STARTS:
            key, fields = _SECTIONS[tag]
            current = {key: value}
            document[_STARTS[tag]].append(current)
        elif tag == "SPDXID":
            current["SPDXID"] = value
        elif tag == "LicenseCrossReference":
            current.setdefault("seeAlsos", []).append(value)
        elif tag == "Relationship" and (match := _RELATIONSHIP.match(value)):
            document["relationships"].append(dict(zip(_SIDES, match.groups(), strict=True)))
        elif tag in fields:
            current[fields[tag]] = value
    return document


def _entries(text: str) -> list[tuple[str, str]]:
    """Each tag with its value; a text that spans lines is one value."""
    found: list[tuple[str, str]] = []
    tag = ""
    held: list[str] = []
    for line in text.splitlines():
        if tag:
            before, closes, _ = line.partition(_CLOSES)
            held.append(before)
            if closes:
                found.append((tag, "\n".join(held).strip()))
                tag = ""
            continue
        match = _TAG.match(line)
        if match is None:
            continue
        value = match["value"].strip()
        if value.startswith(_OPENS):
            inner, closes, _ = value.removeprefix(_OPENS).partition(_CLOSES)
            if not closes:
                tag, held = match["tag"], [inner]
                continue
            value = inner
        found.append((match["tag"], value.strip()))
    if tag:
        found.append((tag, "\n".join(held).strip()))
    return found
