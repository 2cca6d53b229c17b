"""Web addresses in one form, by the WHATWG URL standard and RFC 3986.

Every address has two keys. The *exact* one is the address as it would be fetched, in its one
spelling; a permission must agree on it. The *wide* one leaves out what doesn't tell works apart
(scheme, `www.`, default ports, fragment, tracking parameters); refusals are found by it.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

import ada_url

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

UNRESERVED = "-._~0-9A-Za-z"

MAX_LENGTH = 8192
"""Characters of an address that are read; nothing longer is fetched in practice."""

MAX_LISTED = 100
"""Addresses that are read of one value that lists several."""

HOST = r"(?:[a-z0-9_\-]+\.)+[a-z][a-z0-9_\-]*"
"""A host that is its own normal form."""
_PLAIN = r"A-Za-z0-9\-_~!$&()*+,;=:@?|\[\]"
KEPT_ESCAPE = r"%(?:[01][0-9A-F]|2[0-9A-CF]|3[A-F]|40|5[B-E]|60|7[BCDF]|[89A-F][0-9A-F])"
"""An escape that is its own normal form: of an octet that can't stand as it is."""
_SEGMENT = rf"(?:[{_PLAIN}]|{KEPT_ESCAPE})(?:[{_PLAIN}.]|{KEPT_ESCAPE})*"
NORMAL = rf"^https?://{HOST}/(?:{_SEGMENT}(?:/{_SEGMENT})*/?)?$"
"""An address that is its own exact form: nearly all are. No capital or numeric host, no port, no
dot segment, no empty one (as in an address after another), no escape that could be undone, nothing
that has to be escaped."""

_SCHEME = re.compile(r"^(https?(?=:[^\s@])|[a-z][a-z0-9+.\-]*(?=://)):", re.IGNORECASE)
_REMOTE = re.compile(r"^[A-Za-z0-9_\-]+@([A-Za-z0-9.\-]+\.[A-Za-z]+):([^/:\s]\S*)$")
"""A repository as version control writes it: `git@host:owner/name`."""
_BARE = re.compile(r"^(?:www\.|[^\s/?#@:]+\.[A-Za-z]{2,}(?=[:/?#]|$))", re.IGNORECASE)
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_USER = re.compile(r"^[^/?#]*@")
_DEFAULT_PORT = re.compile(r":(?:80|443)$")
_ENDING_DOT = re.compile(r"\.+(:\d+)?$")
_ANY_LABEL = re.compile(r"^\*?\.")
_NO_HOST = re.compile(r"[*\s/?#]")
_WILD = re.compile(r"[?*]")
_SAFE = "/%!$&'()*+,;=:@?|[]~"
"""What stands as it is in a path and its query (WHATWG URL, path percent-encode set)."""
_WHITE = re.compile(r"[\t\n\r]")
_INVISIBLE = "\ufeff\u200b\u2060"
_IN_MARKS = re.compile(r"""^(?:<(.*)>|"(.*)"|'(.*)')$""", re.DOTALL)
_QUOTED = re.compile(r"\[\s*'[^']*'(?:\s*,\s*'[^']*')*\s*\]")
"""A list as Python writes it, which is how data frames put lists into CSV."""
_BETWEEN = re.compile(r"[\s,;|]{1,9}(?=https?://)", re.IGNORECASE)
"""Between addresses of a list; of few characters, so that a long text takes no longer."""


class Address(NamedTuple):
    """The two keys of one address."""

    exact: str
    """`scheme://host[:port]/path?query#fragment`; without its scheme where none was given."""
    wide: str
    """`host[:port]/path?query`."""


class Addresses:
    """Reads addresses; knows which query parameters only track."""

    def __init__(self, tracking: Iterable[str]) -> None:
        """Take names of tracking parameters; one that ends with `*` stands for a prefix."""
        names = sorted(tracking)
        words = "|".join(re.escape(name).replace(r"\*", r"[^=&#]*") for name in names)
        self.tracking = rf"(?i)[?&](?:{words})(?:[=&#]|$)"
        """Finds such a parameter; the pattern of Python and of the engine."""
        self._drop = re.compile(rf"(?<=[?&])(?:{words})(?:=[^&#]*)?(?:&|(?=#|$))", re.IGNORECASE)
        self.read = lru_cache(maxsize=4096)(self._read)

    def _read(self, text: str) -> Address | None:
        """The keys of one address; None for what is no address on any network."""
        given = _WHITE.sub("", _bare(text))[:MAX_LENGTH]
        given = _REMOTE.sub(r"ssh://\1/\2", given)
        scheme = _SCHEME.match(given)
        if scheme is None:
            if not given.startswith("//") and not _BARE.match(given):
                return None
            found = _normal("https://" + given.removeprefix("//"))
            return self._keys("//", found.partition("://")[2])
        found = _normal(given)
        name, _, rest = found.partition("://")
        return self._keys(f"{name}://", rest)

    def _keys(self, scheme: str, rest: str) -> Address | None:
        bare = _USER.sub("", rest)
        host, path = _split(bare)
        host = _ENDING_DOT.sub(r"\1", host)
        if not host:
            return None
        path = _undo_escapes(path)
        wide = path.partition("#")[0]
        if "?" in wide:
            wide = self._drop.sub("", wide).rstrip("?&") if self._drop.search(wide) else wide
        wide_host = _DEFAULT_PORT.sub("", host).removeprefix("www.")
        return Address(f"{scheme}{host}{path}", f"{wide_host}{wide}")

    def read_all(self, text: str) -> Sequence[Address]:
        """The keys of every address that a value holds: one, or those of a list.

        One with tracking parameters has a second wide key that keeps them: a pattern may be about
        addresses with a query.
        """
        members = list(listed(text))
        found = [key for one in members for key in self._spelt(self.read(one))]
        if len(members) == 1:
            return found
        # A permission for one of several addresses isn't one for what is at the others.
        return [Address(f"several:{key.exact[key.exact.find('//') :]}", key.wide) for key in found]

    def _spelt(self, address: Address | None) -> Iterator[Address]:
        if address is None:
            return
        yield address
        host, slash, _ = address.wide.partition("/")
        path = address.exact.partition("//")[2].partition("/")[2].partition("#")[0]
        if (whole := f"{host}{slash}{path}") != address.wide:
            yield Address(address.exact, whole)

    def place(self, text: str) -> Sequence[Address]:
        """The keys of a host or domain, also written `*.example.com` or as an address; or none."""
        bare = _ANY_LABEL.sub("", _SCHEME.sub("", text.strip()).removeprefix("//"))
        found = self.read(f"//{bare}")
        if found is None or "@" in bare or not _is_host(found.wide.removesuffix("/")):
            return ()
        return (Address(found.exact.removeprefix("//").rstrip("/"), found.wide.rstrip("/")),)

    def prefix(self, text: str) -> Sequence[Address]:
        """The keys of a path prefix that holds for whole segments, without its ending slash."""
        found = self.read(re.sub(r"/?\*$", "", text.strip()))
        if found is None or _WILD.search(found.wide):
            return ()
        return (Address(found.exact.rstrip("/"), found.wide.rstrip("/")),)

    def pattern(self, text: str) -> Sequence[Address]:
        """The keys of `[scheme://]host[:port]/pattern` with `*` and an ending `$`."""
        given = text.strip()
        scheme = _SCHEME.match(given)
        rest = given[scheme.end() + 2 :] if scheme else given
        host, slash, path = rest.partition("/")
        found = self.read(f"{scheme[1] if scheme else 'https'}://{host}/")
        if found is None or not slash or not _is_host(found.wide.removesuffix("/")):
            return ()
        escaped = _undo_escapes(quote(path, safe=_SAFE))
        place = found.exact.partition("//")[2].rstrip("/")
        return (Address(f"//{place}/{escaped}", f"{found.wide.rstrip('/')}/{escaped}"),)


def _bare(text: str) -> str:
    """A text without what stands around it: spaces, quotation marks, angle brackets."""
    plain = text.strip().strip(_INVISIBLE).strip()
    marked = _IN_MARKS.match(plain)
    return plain if marked is None else plain[1:-1].strip()


def _is_host(text: str) -> bool:
    named = text.startswith(("localhost", "[")) or "." in text.strip(".")
    return named and _NO_HOST.search(text) is None


def listed(text: str) -> Iterator[str]:
    """Yield the members of a JSON list, up to `MAX_LISTED` of them, or the text itself."""
    bare = _bare(text)
    if _QUOTED.fullmatch(bare):
        yield from re.findall(r"'([^']*)'", bare)[:MAX_LISTED]
        return
    if not bare.startswith("["):
        # What follows a question mark may be an address that was passed on.
        before, question, rest = bare.partition("?")
        *others, last = _BETWEEN.split(before, MAX_LISTED - 1)
        yield from (*others, f"{last}{question}{rest}")
        return
    try:
        members = json.loads(bare)
    except (ValueError, RecursionError):
        yield bare
        return
    for member in members[:MAX_LISTED]:
        if isinstance(member, str):
            yield member


def _normal(address: str) -> str:
    """As a browser would write it; the text itself in its main parts where it can't be read."""
    try:
        found: str = ada_url.normalize_url(address)
    except ValueError:
        found = address.replace("\\", "/")
    scheme, separator, rest = found.partition("://")
    host, path = _split(rest)
    return f"{scheme.lower()}{separator}{host.lower()}{path}"


def _split(bare: str) -> tuple[str, str]:
    """The authority, and the path with query and fragment; `/` when there is none."""
    end = re.search(r"[/?#]", bare)
    if end is None:
        return bare, "/"
    host, path = bare[: end.start()], bare[end.start() :]
    return host, path if path.startswith("/") else f"/{path}"


def _undo_escapes(path: str) -> str:
    """Escapes of unreserved characters undone, the others in capitals (RFC 3986, section 6.2.2)."""

    def undone(match: re.Match[str]) -> str:
        character = chr(int(match[1], 16))
        return character if re.fullmatch(f"[{UNRESERVED}]", character) else match[0].upper()

    return _ESCAPE.sub(undone, path)
