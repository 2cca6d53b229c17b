"""Ids of persons and works: every usual written form becomes one key, its check digits verified.

Which schemes there are, and how they are written, are rules. A form has two keys like an address:
a permission must agree on the exact one, refusals are found by the wide one.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Literal, NamedTuple
from urllib.parse import unquote

from sourcing_audit import iscc
from sourcing_audit.addresses import Address

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from sourcing_audit.addresses import Addresses
    from sourcing_audit.rules.places import Check, IdentifierScheme

MAX_LENGTH = 2048
"""Characters of an id that are read; a longer one only counts as it is written."""

_DASHES = re.compile("[\u00ad\u2010-\u2015\u2212\ufe58\ufe63\uff0d]")
_SPACES = re.compile(r"\s+")
_CAPITALS = str.maketrans("abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_SMALL = {new: old for old, new in _CAPITALS.items()}
_AFTER_LABEL = r"(?:\s*[:#=/]\s*|\s+|(?<=[a-z])(?=\d))"
_WEB = r"(?:https?://)?(?:www\.)?"

_ORCID_BLOCKS = (
    ("0000000150000007", "0000000350000001"),
    ("0009000000000000", "0009001000000000"),
)
"""Numbers of ISNI that are reserved for ORCID iDs."""


class Wrong(NamedTuple):
    """A text that says that it is an id, and isn't."""

    scheme: str


class Identifiers:
    """Reads ids of persons and works."""

    def __init__(self, schemes: Iterable[IdentifierScheme], addresses: Addresses) -> None:
        """Take the schemes, and what reads an id that is an address."""
        self._addresses = addresses
        self._about: dict[str, _Schemes] = {}
        by_about: dict[str, list[IdentifierScheme]] = {}
        for row in schemes:
            by_about.setdefault(row.about, []).append(row)
        for about, rows in by_about.items():
            self._about[about] = _Schemes(rows)

    def recognised(self, about: str) -> str:
        """A pattern (of Python and of the engine) for what may be an id of a known scheme."""
        return self._about[about].recognised

    def normal(self, about: str) -> str:
        """A pattern (of both) for ids of known schemes that needn't be read to have their key."""
        return self._about[about].normal

    def key(self, text: str, about: str) -> str | Wrong | None:
        """The key of an id of a known scheme; None for any other text.

        Args:
            text: an id in any written form.
            about: `person` or `work`.

        """
        return self._about[about].key(text)

    def form(self, text: str, about: str) -> Address:
        """The two keys of an id; one with a wrong check digit only counts as it is written."""
        return self._form(text, about, self.key(text, about))

    def _form(self, text: str, about: str, key: str | Wrong | None) -> Address:
        if isinstance(key, str):
            return Address(key, key)
        given = _normalised("NFC", text.strip())
        web = "/" in given or given.lower().startswith("www.")
        address = self._addresses.read(given) if web else None
        if key is None and address is not None:
            # A profile's address names its owner in capitals or small letters.
            wide = address.wide.lower() if about == "person" else address.wide
            return Address(address.exact.rstrip("/"), wide.rstrip("/"))
        return Address(given, _SPACES.sub("", given).lower())

    def verified(self, text: str, about: str) -> tuple[Address, ...]:
        """The form of an id; none where a check digit or the form is wrong."""
        key = self.key(text, about)
        return () if isinstance(key, Wrong) else (self._form(text, about, key),)


def name(text: str) -> str:
    """A name for comparing: no difference of case, of width or of spacing (NFKC, casefold)."""
    folded = _normalised("NFKC", _normalised("NFKC", text).casefold())
    return _SPACES.sub(" ", folded).strip()


def _normalised(form: Literal["NFC", "NFKC"], text: str) -> str:
    # Of a long text it may take time by the square of its length.
    return unicodedata.normalize(form, text) if len(text) <= MAX_LENGTH else text


class _Schemes:
    """The schemes of ids of one kind of thing."""

    def __init__(self, rows: list[IdentifierScheme]) -> None:
        self._rows = {row.scheme: row for row in rows}
        self._grammars = {row.scheme: re.compile(row.grammar) for row in rows}
        self._bare = [(row.scheme, re.compile(row.bare)) for row in rows if row.bare]
        self._labelled: dict[str, list[str]] = {}
        self._resolved: dict[str, list[str]] = {}
        for row in rows:
            for label in row.names:
                self._labelled.setdefault(_pressed(label), []).append(row.scheme)
            for resolver in row.addresses:
                self._resolved.setdefault(resolver.lower(), []).append(row.scheme)
        labels = _any(label for row in rows for label in row.names).replace(r"\-", r"[\s_\-]?")
        resolvers = _any(self._resolved)
        self._label = re.compile(rf"(?:urn:|info:)?({labels}){_AFTER_LABEL}", re.IGNORECASE)
        self._resolver = re.compile(rf"{_WEB}({resolvers})", re.IGNORECASE)
        bare = "|".join(f"(?:{row.bare})$" for row in rows if row.bare)
        self.recognised = (
            rf"^\s*(?:(?i:(?:urn:|info:)?(?:{labels})(?:[^a-z]|$)|{_WEB}(?:{resolvers}))|{bare})"
        )
        self.normal = "|".join(f"^(?:{row.normal})$" for row in rows if row.normal)

    def key(self, text: str) -> str | Wrong | None:
        if len(text) > MAX_LENGTH:
            return None
        plain = _DASHES.sub("-", text.strip())
        said, number = self._stripped(plain)
        schemes = said or tuple(name for name, form in self._bare if form.fullmatch(number))
        for scheme in schemes:
            if (found := self._keyed(scheme, number)) is not None:
                return found
        return Wrong(said[0]) if said else None

    def _stripped(self, text: str) -> tuple[tuple[str, ...], str]:
        """The schemes that labels and resolvers name, the innermost ones, and what remains."""
        said: tuple[str, ...] = ()
        for _ in range(4):
            if found := self._label.match(text):
                said, text = tuple(self._labelled[_pressed(found[1].lower())]), text[found.end() :]
            elif found := self._resolver.match(text):
                said = tuple(self._resolved[found[1].lower()])
                text = unquote(re.split(r"[?#&]", text[found.end() :])[0]).rstrip("/")
            else:
                break
        return said, text.strip()

    def _keyed(self, scheme: str, number: str) -> str | None:
        row = self._rows[scheme]
        plain = number
        if plain.endswith(")") and " (" in plain:  # `0306406152 (pbk.)`, as libraries write
            plain = plain[: plain.rindex(" (")].rstrip()
        if row.separators:
            plain = plain.translate(dict.fromkeys(map(ord, row.separators + " ")))
        plain = plain.translate(_CAPITALS)
        if not self._grammars[scheme].fullmatch(plain) or not _CHECKS[row.check](plain):
            return None
        return _written(scheme, plain)


def _pressed(label: str) -> str:
    return re.sub(r"[\s_\-]", "", label)


def _any(words: Iterable[str]) -> str:
    """A pattern for any of these; the longest first, so that none hides another."""
    ordered = sorted(words, key=lambda word: (-len(word), word))
    return "|".join(re.escape(word) for word in ordered) or r"[^\s\S]"


def _written(scheme: str, number: str) -> str:
    """The key of a verified id."""
    small = number.translate(_SMALL)
    match scheme:
        case "orcid" | "isni":
            if any(first <= number <= last for first, last in _ORCID_BLOCKS):
                return "orcid:" + "-".join(_groups(small, 4))
            return f"isni:{small}"
        case "ipi":
            return f"ipi:{small:0>11}"
        case "isbn":
            return f"isbn:{small if len(small) == _ISBN_13 else _isbn13(number)}"
        case "eidr":
            *groups, check = _groups(small[-21:], 4)
            return f"eidr:10.5240/{'-'.join(groups)}-{check}"
        case _:
            return f"{scheme}:{small}"


def _groups(text: str, size: int) -> list[str]:
    return [text[at : at + size] for at in range(0, len(text), size)]


_ISBN_13 = 13


def _mod11_2(number: str) -> bool:
    total = 0
    for digit in number[:-1]:
        total = (total + int(digit)) * 2
    return "0123456789X"[(12 - total % 11) % 11] == number[-1]


def _mod37_36(number: str) -> bool:
    product = 36
    for character in number[-21:-1]:
        total = (product + int(character, 36)) % 36 or 36
        product = total * 2 % 37
    return (product + int(number[-1], 36)) % 36 == 1


def _isbn13(isbn10: str) -> str:
    digits = "978" + isbn10[:9]
    return digits + str(-_weighed(digits) % 10)


def _weighed(digits: str) -> int:
    return sum(int(digit) * (3 if n % 2 else 1) for n, digit in enumerate(digits))


def _isbn(number: str) -> bool:
    if len(number) == _ISBN_13:
        return _weighed(number) % 10 == 0
    values = [int(digit) for digit in number[:9]] + ["0123456789X".index(number[-1])]
    return sum(value * (10 - n) for n, value in enumerate(values)) % 11 == 0


def _iswc(number: str) -> bool:
    digits = [int(digit) for digit in number[1:]]
    return (1 + sum(n * digit for n, digit in enumerate(digits[:-1], 1)) + digits[-1]) % 10 == 0


_CHECKS: Mapping[Check, Callable[[str], bool]] = {
    "none": lambda _: True,
    "mod11_2": _mod11_2,
    "mod37_36": _mod37_36,
    "isbn": _isbn,
    "iswc": _iswc,
    "iscc": lambda number: iscc.units(number) is not None,
}
