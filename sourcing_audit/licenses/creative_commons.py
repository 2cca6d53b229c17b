"""Creative Commons: from a unit, a version and a port to a licence; from words or a URL to those.

The URL grammar is that of https://wiki.creativecommons.org/wiki/License_Versions and of the
legal tools' canonical addresses, `/licenses/UNIT/VERSION/PORT/` and `/publicdomain/TOOL/1.0/`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from sourcing_audit.licenses.expression import Leaf, License, Tree, join
from sourcing_audit.licenses.text import NOISE, TOKEN, name_key, tokens

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sourcing_audit.model import LicenseClass
    from sourcing_audit.rules.licenses import Grants, JurisdictionRow, UnitRow, WordRow

VERSION_MISSING = "license_version_missing"
VERSION_IMPOSSIBLE = "license_version_impossible"

_URL = re.compile(
    r"(?:https?:?[\s_]*/+[\s_]*)?(?<![a-z0-9@-])(?:[a-z0-9-]+\.)*"
    r"(?:creativecommons\.org|licensebuttons\.net)[\s_]*/+[\s_]*"
    r"(?P<kind>licenses|licences|license|licence|l|publicdomain|p)[\s_]*/+[\s_]*"
    r"(?P<unit>[a-z]+\+?(?:[\s_]*-[\s_]*(?:by|nc|nd|sa|sampling)\+?)*)(?P<cut>[\s_]*-)?"
    r"(?:/+|(?=[\s)\"'>,;.?#]|$))"
    r"(?:(?P<version>\d[\d.]*(?:-\d[\d.]*)*)(?:/+(?P<port>igo|scotland|[a-z]{2})(?![\w.-]))?)?"
    r"[^\s\"'<>()\[\],;|]*"
)
_CACHED_LICENSES = 4_096
_TOOLS = {"zero": "zero", "mark": "mark"}
_CC_BY_WHOM = re.compile(r"cc[\s_:]+by")
"""In prose this may go on with a name; with a hyphen or a version it is a licence."""
_PART_OF_OTHERS = frozenset({"attribution", "by"})
"""After another word they belong to that word's licence: Common Public Attribution License 1.0."""
_LIMITS = ("nc", "nd")
_GLUED = {
    "".join(("cc", *unit)): ("cc", *unit)
    for unit in (
        ("by", "nc"),
        ("by", "sa"),
        ("by", "nd"),
        ("by", "nc", "sa"),
        ("by", "nc", "nd"),
        ("by", "nd", "nc"),
        ("by", "sa", "nc"),
    )
}
"""Elements written as one word: `CCBYNCSAv3`."""
_OR_NEGATION = "no"
"""The code of Norway; said twice, it is the word."""
_MAX_RUN = 40
"""Tokens of the longest title, restated once; keeps odd texts linear."""
_VERSION_TOKEN = re.compile(r"[1-9](?:\.\d)?")


@dataclass(frozen=True, slots=True)
class Mention:
    """A stretch of text that names Creative Commons licences."""

    start: int
    end: int
    tree: Tree | None
    """None for an address in the licences' style that is no licence."""
    reasons: tuple[str, ...] = ()


class CreativeCommons:
    """The suite as the rules describe it."""

    def __init__(
        self,
        units: Iterable[UnitRow],
        jurisdictions: Iterable[JurisdictionRow],
        words: Iterable[WordRow],
        spdx: frozenset[str],
        grants: dict[LicenseClass, Grants],
    ) -> None:
        """Spell out every licence that exists; `spdx` are the ids that SPDX has."""
        self._units = {row.unit: row for row in units}
        self._ports = {row.code: set(row.versions) for row in jurisdictions}
        self._port_names = {name_key(name): row.code for row in jurisdictions for name in row.names}
        self._words = {tuple(name_key(row.words).split()): (row.means,) for row in words}
        self._words |= {(word,): means for word, means in _GLUED.items()}
        self._longest = max(map(len, (*self._words, *map(str.split, self._port_names))))
        self._first = {words[0] for words in self._words}
        self._first_port = {name.split()[0] for name in (*self._ports, *self._port_names)}
        self.limiting = {
            words[0]
            for words, means in self._words.items()
            if len(words) == 1 and means[0] in _LIMITS
        }
        """Words of titles that limit; by themselves they may be meant to."""
        self.vocabulary = {word for words in self._words for word in words}
        self.vocabulary.update(*map(str.split, (*self._ports, *self._port_names)))
        self._spdx = spdx
        self.licenses: dict[str, License] = {}
        self.pages: dict[str, str] = {}
        """The canonical address of each licence that has a version."""
        self.lookup = lru_cache(_CACHED_LICENSES)(self._lookup)
        standard = [
            (version, code) for code in self._ports for version in sorted(self._ports[code])
        ]
        for row in self._units.values():
            ports = [(port[:3], port[4:]) for port in row.ports]
            self._spell_out(
                row,
                standard if row.ports == ("all",) else ports,
                row.grants or grants[row.license_class],
            )
            for version, code in ports if row.ports != ("all",) else ():
                self._ports[code].add(version)

    def _spell_out(self, row: UnitRow, ports: Iterable[tuple[str, str]], grants: Grants) -> None:
        family = f"LicenseRef-{row.stem}"
        known = [(family, row.name, row.broader)]
        known += [(self._id(row, each), f"{row.name} {each}", family) for each in row.versions]
        for version in row.versions:
            self.pages[self._id(row, version)] = _page(row.unit, version)
        for version, code in ports:
            self.pages[self._id(row, version, code)] = _page(row.unit, version, code)
            generic = self._id(row, version) if version in row.versions else family
            name = f"{row.name} {version} {code.upper()}"
            known.append((self._id(row, version, code), name, generic))
        for identifier, name, broader in known:
            self.licenses[identifier] = License(
                identifier, name, row.license_class, row.terms, grants, broader=broader
            )

    def _id(self, row: UnitRow, version: str, code: str | None = None) -> str:
        identifier = "-".join(part for part in (row.stem, version, code and code.upper()) if part)
        return identifier if identifier in self._spdx else f"LicenseRef-{identifier}"

    def _lookup(
        self, unit: str, versions: tuple[str, ...], code: str | None
    ) -> tuple[Tree, tuple[str, ...]] | None:
        """The licence of `unit`, or None if there is no such unit.

        Several versions are a choice, as Wikimedia's "3.0, 2.5, 2.0, 1.0" means it. A version
        or port that doesn't exist is dropped, never replaced by another one. Without a version that
        had one, a licence without BY is taken for the usual one with it, which asks for more.
        """
        row = self._units.get(unit)
        if row is None:
            return None
        usual = self._units.get(f"by-{unit}")
        if usual and not any(self._id(row, each, code) in self.licenses for each in versions):
            reason = VERSION_IMPOSSIBLE if versions else VERSION_MISSING
            return Leaf(self.licenses[f"LicenseRef-{usual.stem}"]), (reason,)
        family = Leaf(self.licenses[f"LicenseRef-{row.stem}"])
        ids = [self._id(row, version, code) for version in versions]
        if not ids:
            return family, (VERSION_MISSING,) if row.versions else ()
        if any(identifier not in self.licenses for identifier in ids):
            return family, (VERSION_IMPOSSIBLE,)
        return join("OR", [Leaf(self.licenses[identifier]) for identifier in ids]), ()

    def urls(self, text: str) -> Iterator[Mention]:
        """The licence addresses in folded text."""
        for match in _URL.finditer(text):
            unit = re.sub(r"[\s_]", "", match["unit"])
            public = match["kind"] in ("publicdomain", "p")
            if match["cut"] or (public and unit not in _TOOLS):
                yield Mention(*match.span(), None)
                continue
            versions = [part for part in (match["version"] or "").strip(".").split("-") if part]
            found = self.lookup(_canonical(unit.split("-")), tuple(versions), match["port"])
            yield Mention(*match.span(), *(found or (None, ())))

    def names(self, text: str) -> Iterator[Mention]:
        """The licences that folded text names in words, e.g. `cc by-sa 3.0 de`."""
        given = tokens(text)
        starts = self._first.intersection(given)
        if not starts or (starts <= _PART_OF_OTHERS and given[0] not in starts):
            return
        found = [match for match in TOKEN.finditer(text) if match[0] not in NOISE]
        words = [match[0] for match in found]
        at = 0
        while at < len(words):
            run = self._run(words, at) if words[at] in self._first else None
            if run is None or (at and words[at] in _PART_OF_OTHERS):
                at += 1
                continue
            end, tree, reasons = run
            mention = Mention(found[at].start(), found[end - 1].end(), tree, reasons)
            if not _CC_BY_WHOM.fullmatch(text[mention.start : mention.end]):
                yield mention
            at = end

    def whole(self, words: Sequence[str]) -> tuple[Tree, tuple[str, ...]] | None:
        """The licence that exactly these tokens name."""
        if words[0] not in self._first and not _VERSION_TOKEN.fullmatch(words[0]):
            return None
        run = self._run(words, 0)
        return (run[1], run[2]) if run and run[0] == len(words) else None

    def _run(self, words: Sequence[str], start: int) -> tuple[int, Tree, tuple[str, ...]] | None:
        """The longest sequence of title words, versions and a port from `start`."""
        means: list[str] = []
        versions: list[str] = []
        code: str | None = None
        at = start
        while at < min(len(words), start + _MAX_RUN):
            length, meaning = self._word(words, at)
            if meaning:
                means += meaning
            elif _VERSION_TOKEN.fullmatch(words[at]):
                versions.append(words[at] if "." in words[at] else f"{words[at]}.0")
                length = 1
            else:
                length, port = self._port(words, at, versions)
                if not port or (code and (port != code or port == _OR_NEGATION)):
                    break
                code = port
            at += length
        elements = [meaning for meaning in means if meaning not in ("cc", "scope")]
        if not elements:
            return None
        if len(set(elements)) == 1 and "cc" not in means and not _stands_alone(elements, versions):
            return None
        found = self.lookup(_canonical(elements), tuple(dict.fromkeys(versions)), code)
        return (at, *found) if found else None

    def _word(self, words: Sequence[str], at: int) -> tuple[int, tuple[str, ...]]:
        if words[at] not in self._first:
            return 0, ()
        for length in range(min(self._longest, len(words) - at), 0, -1):
            meaning = self._words.get(tuple(words[at : at + length]))
            if meaning:
                return length, meaning
        return 0, ()

    def _port(self, words: Sequence[str], at: int, versions: list[str]) -> tuple[int, str | None]:
        """A jurisdiction after a version that it has ported."""
        if not versions or words[at] not in self._first_port:
            return 0, None
        for length in range(min(self._longest, len(words) - at), 0, -1):
            name = " ".join(words[at : at + length])
            code = name if name in self._ports else self._port_names.get(name)
            if code and versions[-1] in self._ports[code]:
                return length, code
        return 0, None


def _page(unit: str, version: str, code: str = "") -> str:
    """Where a licence's deed is; in version 1.0 ND stood before NC."""
    kind = "publicdomain" if unit in _TOOLS else "licenses"
    spelt = unit.replace("nc-nd", "nd-nc") if version == "1.0" or unit == "nc-nd" else unit
    parts = [part for part in (kind, spelt, version, code) if part]
    return f"https://creativecommons.org/{'/'.join(parts)}/"


def _stands_alone(elements: list[str], versions: list[str]) -> bool:
    """Whether one element names a licence without the words Creative Commons beside it."""
    return elements[0] in ("zero", "mark") or (elements[0] == "by" and len(versions) == 1)


def _canonical(elements: Iterable[str]) -> str:
    return "-".join(sorted(set(elements)))
