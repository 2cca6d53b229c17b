"""Licences known by name and version: `GPLv3+`, `Apache License, Version 2.0`, `MPL 2`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sourcing_audit.licenses.creative_commons import VERSION_MISSING
from sourcing_audit.licenses.expression import License
from sourcing_audit.licenses.text import name_key

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from sourcing_audit.rules.licenses import FamilyRow, Grants

_VERSION = re.compile(r"\d+(?:\.\d+)*[a-z]?")
_LATER = {
    tuple(words.split())
    for words in (
        "+",
        "or later",
        "or later any",
        "or newer",
        "or greater",
        "or higher",
        "or above",
        "or any later",
        "or plus",
    )
}
_ONLY: set[tuple[str, ...]] = {("only",)}
_SUFFIX_WORDS = {word for words in (*_LATER, *_ONLY) for word in words}


class Families:
    """Every family's names and versions."""

    def __init__(
        self, rows: Iterable[FamilyRow], spdx: Collection[str], grants: dict[str, Grants]
    ) -> None:
        """Spell out the unversioned licences; versioned ones may also come from SPDX."""
        self._names = {}
        self.licenses: dict[str, License] = {}
        self.broader: dict[str, str] = {}
        for row in rows:
            family = f"LicenseRef-{row.stem}"
            given = row.grants or grants[row.license_class]
            for name in row.names:
                self._names[tuple(name_key(name).split())] = row
            self.licenses[family] = License(family, row.name, row.license_class, row.terms, given)
            for version in row.versions:
                for identifier in _identifiers(row, version):
                    self.broader[identifier] = family
                    if identifier not in spdx:
                        own = f"LicenseRef-{identifier}"
                        self.broader[own] = family
                        self.licenses[own] = License(
                            own,
                            f"{row.name} {version}",
                            row.license_class,
                            row.terms,
                            given,
                            (),
                            family,
                        )
        self._spdx = spdx
        self._longest = max(map(len, self._names))
        self._vocabulary = _SUFFIX_WORDS.union(*self._names)

    def whole(self, words: list[str]) -> tuple[str, tuple[str, ...]] | None:
        """The id of the licence that exactly these tokens name, and reasons."""
        if not all(word in self._vocabulary or _VERSION.fullmatch(word) for word in words):
            return None
        row: FamilyRow | None = None
        versions: set[str] = set()
        later = only = False
        at = 0
        while at < len(words):
            length, found = self._name(words, at)
            if found:
                if row and found is not row:
                    return None
                row = found
            elif _VERSION.fullmatch(words[at]):
                versions.add(words[at])
                length = 1
            elif size := _starts(words, at, _LATER):
                later, length = True, size
            elif size := _starts(words, at, _ONLY):
                only, length = True, size
            else:
                return None
            at += length
        if row is None or (later and only) or ((later or only) and not versions):
            return None
        return self._identify(row, versions, later=later)

    def _identify(
        self, row: FamilyRow, given: set[str], *, later: bool
    ) -> tuple[str, tuple[str, ...]] | None:
        family = f"LicenseRef-{row.stem}"
        if not given:
            return family, (VERSION_MISSING,)
        versions = {_existing(version, row.versions) for version in given}
        version = versions.pop() if len(versions) == 1 else None
        if version is None:
            # `Python-2.7.13` and `GPL 8` are no licences: the number may belong to anything.
            return None
        identifier = _identifiers(row, version)[later and row.style == "gnu"]
        return identifier if identifier in self._spdx else f"LicenseRef-{identifier}", ()

    def _name(self, words: list[str], at: int) -> tuple[int, FamilyRow | None]:
        for length in range(min(self._longest, len(words) - at), 0, -1):
            row = self._names.get(tuple(words[at : at + length]))
            if row:
                return length, row
        return 0, None


def _identifiers(row: FamilyRow, version: str) -> tuple[str, ...]:
    plain = f"{row.stem}-{version}"
    return (f"{plain}-only", f"{plain}-or-later") if row.style == "gnu" else (plain,)


def _existing(version: str, versions: Collection[str]) -> str | None:
    """`version` as the family writes it: `2` and `2.0.0` are `2.0`."""
    for candidate in (version, f"{version}.0", version.removesuffix(".0")):
        if candidate in versions:
            return candidate
    return None


def _starts(words: list[str], at: int, phrases: set[tuple[str, ...]]) -> int:
    """The length of the longest of `phrases` that the words from `at` start with."""
    return max(
        (len(phrase) for phrase in phrases if tuple(words[at : at + len(phrase)]) == phrase),
        default=0,
    )
