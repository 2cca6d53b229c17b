"""Licences known by name and version: `GPLv3+`, `Apache License, Version 2.0`, `MPL 2`."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sourcing_audit.licenses.creative_commons import VERSION_MISSING
from sourcing_audit.licenses.expression import CLASS_ORDER, License
from sourcing_audit.licenses.text import name_key
from sourcing_audit.model import Term

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from sourcing_audit.model import LicenseClass
    from sourcing_audit.rules.licenses import FamilyRow, Grants, SpdxRow

_VERSION = re.compile(r"\d+(?:\.\d+)*[a-z]?")
_VERSIONED_ID = re.compile(r"(?P<stem>(?!CC-).+)-(?P<version>\d[\d.]*[a-z]?)")
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
        "and later",
        "and above",
        "and newer",
        "later",
    )
}
_ONLY: set[tuple[str, ...]] = {("only",)}
_SUFFIX_WORDS = {word for words in (*_LATER, *_ONLY) for word in words}
_ACRONYM = re.compile(r"[A-Z]{2,}L")
"""Other single words are organisations and languages as well: NASA, OGC, PHP."""


@dataclass(frozen=True, slots=True)
class Family:
    """A licence by its name, with the versions that exist."""

    stem: str
    names: tuple[str, ...]
    name: str
    license_class: LicenseClass
    terms: tuple[Term, ...]
    grants: Grants
    versions: tuple[str, ...]
    gnu: bool = False
    lone: bool = True
    """Whether one word without a version names it."""


class Families:
    """Every family's names and versions."""

    def __init__(self, families: Iterable[Family], spdx: Collection[str]) -> None:
        """Spell out the unversioned licences; versioned ones may also come from SPDX."""
        self._names: dict[tuple[str, ...], Family] = {}
        self.licenses: dict[str, License] = {}
        self.broader: dict[str, str] = {}
        self.nameless: set[str] = set()
        """Licences that their name alone, a single word, doesn't declare."""
        for row in families:
            family = f"LicenseRef-{row.stem}"
            for name in row.names:
                self._names.setdefault(tuple(name_key(name).split()), row)
            if not row.lone:
                self.nameless.add(family)
            self.licenses[family] = License(
                family, row.name, row.license_class, row.terms, row.grants
            )
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
                            row.grants,
                            (),
                            family,
                        )
        self._spdx = spdx
        self._longest = max(map(len, self._names))
        self.vocabulary = _SUFFIX_WORDS.union(*self._names)

    def whole(self, words: Sequence[str]) -> tuple[str, tuple[str, ...]] | None:
        """The id of the licence that exactly these tokens name, and reasons."""
        if not all(word in self.vocabulary or _VERSION.fullmatch(word) for word in words):
            return None
        row: Family | None = None
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
        if row and len(words) == 1 and not row.lone:
            return None
        if row is None or (later and only) or ((later or only) and not versions):
            return None
        return self._identify(row, versions, later=later)

    def _identify(
        self, row: Family, given: set[str], *, later: bool
    ) -> tuple[str, tuple[str, ...]] | None:
        family = f"LicenseRef-{row.stem}"
        if not given:
            return family, (VERSION_MISSING,)
        versions = {_existing(version, row.versions) for version in given}
        version = versions.pop() if len(versions) == 1 else None
        if version is None:
            # `Python-2.7.13` and `GPL 8` are no licences: the number may belong to anything.
            return None
        identifier = _identifiers(row, version)[later and row.gnu]
        return identifier if identifier in self._spdx else f"LicenseRef-{identifier}", ()

    def _name(self, words: Sequence[str], at: int) -> tuple[int, Family | None]:
        for length in range(min(self._longest, len(words) - at), 0, -1):
            row = self._names.get(tuple(words[at : at + length]))
            if row:
                return length, row
        return 0, None


def listed(rows: Iterable[FamilyRow], grants: dict[LicenseClass, Grants]) -> list[Family]:
    """The families of `families.csv`."""
    return [
        Family(
            row.stem,
            row.names,
            row.name,
            row.license_class,
            row.terms,
            row.grants or grants[row.license_class],
            row.versions,
            row.style == "gnu",
        )
        for row in rows
    ]


def derived(
    rows: Iterable[SpdxRow], license_of: Callable[[str], License], known: Collection[str]
) -> list[Family]:
    """The families of SPDX's list that aren't `known`: ids and names that differ by a version.

    What holds for the family is the most restrictive of its versions.
    """
    versions: dict[tuple[str, str], dict[str, License]] = defaultdict(dict)
    titles: dict[tuple[str, str], str] = {}
    for row in rows:
        match = _VERSIONED_ID.fullmatch(row.id)
        words = name_key(row.name).split()
        if not match or match["stem"] in known:
            continue
        numbers = [word for word in words if _VERSION.fullmatch(word)]
        number = _existing(numbers[0], (match["version"],)) if len(numbers) == 1 else None
        if number:
            name = " ".join(word for word in words if word != numbers[0])
            versions[match["stem"], name][number] = license_of(row.id)
            titles.setdefault((match["stem"], name), row.name.replace(numbers[0], "").strip(" ,v"))
    families: list[Family] = []
    for (stem, name), licenses in versions.items():
        if any(family.stem == stem for family in families):
            continue
        each = list(licenses.values())
        strictest = max(each, key=lambda license_: CLASS_ORDER[license_.license_class])
        terms = {term for license_ in each for term in license_.terms}
        families.append(
            Family(
                stem,
                (name, stem),
                titles[stem, name],
                strictest.license_class,
                tuple(term for term in Term if term in terms),
                strictest.grants,
                tuple(licenses),
                lone=bool(_ACRONYM.fullmatch(stem)),
            )
        )
    return families


def _identifiers(row: Family, version: str) -> tuple[str, ...]:
    plain = f"{row.stem}-{version}"
    return (f"{plain}-only", f"{plain}-or-later") if row.gnu else (plain,)


def _existing(version: str, versions: Collection[str]) -> str | None:
    """`version` as the family writes it: `2` and `2.0.0` are `2.0`."""
    for candidate in (version, f"{version}.0", version.removesuffix(".0")):
        if candidate in versions:
            return candidate
    return None


def _starts(words: Sequence[str], at: int, phrases: set[tuple[str, ...]]) -> int:
    """The length of the longest of `phrases` that the words from `at` start with."""
    return max(
        (len(phrase) for phrase in phrases if tuple(words[at : at + len(phrase)]) == phrase),
        default=0,
    )
