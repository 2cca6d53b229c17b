"""robots.txt as RFC 9309 and google/robotstxt read it: groups, their rules, and what is left over.

Nothing is decided here. What a line says verbatim is kept beside what was read of it, and lines
that can't be read are kept as well, since one of them may be a refusal.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

LIMIT = 2**20
"""Octets of a file that are read; RFC 9309, section 2.5, asks for 500 KiB at least."""

MAX_LINE = 16_664
"""Characters of a line that are read: eight times the longest address that browsers take."""

MAX_ODD = 2_000
"""Unreadable lines of a file that are kept."""

_BOM = b"\xef\xbb\xbf"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_LINE_END = re.compile(r"\r\n|\r|\n")
_SPACE = " \t\n\r\v\f"
_PRODUCT = re.compile(r"[A-Za-z_\-]*")
_UNSAFE = re.compile(r"%[0-9A-Fa-f]{2}|[^\x00-\x7f]+")

Kind = Literal["agent", "allow", "disallow", "content-signal", "content-usage", "license", "other"]

_ADDRESSING = re.compile(r"(?i)agent|^\W*use?r")
"""What a line that can't be read may begin with or hold if it is meant to name a crawler."""

_AGENT = ("user-agent", "useragent", "user agent")
_DISALLOW = ("disallow", "dissallow", "dissalow", "disalow", "diasllow", "disallaw")
_OTHERS: dict[str, Kind] = {
    "content-signal": "content-signal",
    "content-signals": "content-signal",
    "content-usage": "content-usage",
    "license": "license",
    "licence": "license",
}
_HARMLESS = ("sitemap", "site-map", "crawl-delay", "crawldelay", "host", "clean-param", "noindex")
"""Records of others that say nothing about AI."""


@dataclass(frozen=True, slots=True)
class Line:
    """One record that is no path rule, or a line that can't be read."""

    kind: Kind
    value: str
    raw: str
    number: int


@dataclass(frozen=True, slots=True)
class PathRule:
    """An `Allow` or `Disallow` that isn't empty."""

    allows: bool
    pattern: str
    """With the octets outside ASCII escaped, and escapes in capitals."""
    raw: str
    number: int
    lenient: bool = False
    """A permission that only some crawlers read so; it permits nothing here."""


@dataclass(slots=True)
class Group:
    """Crawlers, and what is said to them."""

    agents: list[Line] = field(default_factory=list)
    rules: list[PathRule] = field(default_factory=list)
    others: list[Line] = field(default_factory=list)
    odd: list[Line] = field(default_factory=list)
    """Lines that can't be read, where they stand in this group."""
    frees: bool = False
    """Holds an empty `Disallow`: nothing is refused."""


@dataclass(slots=True)
class Robots:
    """What one file says."""

    groups: list[Group] = field(default_factory=list)
    before: Group = field(default_factory=Group)
    """What stands before the first group; its rules are nobody's by RFC 9309."""
    cut: bool = False
    """The file, or one of its lines, is longer than what is read."""


def parse(body: bytes) -> Robots:
    """Read a file; whatever it holds, this never fails."""
    text, cut = _text(body)
    reading = _Reading(Robots(cut=cut))
    for number, line in enumerate(_LINE_END.split(text), start=1):
        reading.take(line, number)
    return reading.found


def product_of(agent: str) -> str:
    """The product token of a `User-agent` value: what comes before the first other character."""
    if agent[:1] == "*" and (len(agent) == 1 or agent[1].isspace()):
        return "*"
    found = _PRODUCT.match(agent)
    return found[0].lower() if found else ""


class _Reading:
    """Where in the file the reader stands."""

    def __init__(self, found: Robots) -> None:
        self.found = found
        self._group = found.before
        self._begun = False
        """Whether the current group has rules, so that the next crawler begins another."""
        self._addressed: Line | None = None
        """An unreadable line that seems to name a crawler, until rules for it have followed."""
        self._odd = 0

    def take(self, line: str, number: int) -> None:
        if len(line) > MAX_LINE:
            self.found.cut = True
            line = line[:MAX_LINE]
        bare = line.partition("#")[0].strip(_SPACE)
        if not bare:
            return
        key, colon, value = _split(bare)
        kind = _kind(key.lower()) if key else "other"
        if kind in {"allow", "disallow"}:
            self._rule(kind == "allow", key, value, bare, number, strict=colon)
        elif kind == "agent":
            if self._begun or self._group is self.found.before:
                self._group = Group()
                self.found.groups.append(self._group)
                self._begun = False
            self._group.agents.append(Line("agent", value, bare, number))
            self._addressed = None
        elif kind != "other":
            # AIPREF makes its rule one of the group's, so that it ends the list of crawlers.
            self._begun |= kind == "content-usage" and self._group is not self.found.before
            self._group.others.append(Line(kind, value, bare, number))
        elif not key.lower().startswith(_HARMLESS):
            self._unreadable(bare, number)

    def _rule(
        self, allows: bool, key: str, value: str, raw: str, number: int, *, strict: bool
    ) -> None:
        group = self._group
        if group is not self.found.before:
            self._begun = True
        if not value:
            group.frees |= not allows
            return
        pattern = escaped(value)
        lenient = allows and not (strict and key.lower() == "allow")
        group.rules.append(PathRule(allows, pattern, raw, number, lenient))
        slash = pattern.rfind("/")
        if allows and slash >= 0 and pattern.startswith("/index.htm", slash):
            group.rules.append(
                PathRule(True, f"{pattern[: slash + 1]}$", raw, number, lenient=True)
            )
        if self._addressed is not None and not allows:
            self._keep(Line("other", "", f"{self._addressed.raw}\n{raw}", number))
            self._addressed = None

    def _unreadable(self, bare: str, number: int) -> None:
        line = Line("other", "", bare, number)
        if self._addressed is not None:
            line = Line("other", "", f"{self._addressed.raw}\n{bare}", number)
            self._addressed = None
        if _ADDRESSING.search(bare):
            self._addressed = Line("other", "", bare, number)
        self._keep(line)

    def _keep(self, line: Line) -> None:
        self._odd += 1
        if self._odd <= MAX_ODD:
            self._group.odd.append(line)
        else:
            self.found.cut = True


def _text(body: bytes) -> tuple[str, bool]:
    """The file's lines as text, octets that are no UTF-8 kept apart; whether any were left out."""
    cut = len(body) > LIMIT
    if cut:
        body = body[:LIMIT]
        body = body[: max(body.rfind(b"\n"), body.rfind(b"\r")) + 1]
    if body.startswith(_UTF_16):
        return body.decode("utf-16", "replace"), cut
    start = 0
    while start < len(_BOM) and body[start : start + 1] == _BOM[start : start + 1]:
        start += 1
    return body[start:].decode("utf-8", "surrogateescape"), cut


def _split(bare: str) -> tuple[str, bool, str]:
    """Key, whether a colon follows it, and value; no key where there is none to be told."""
    key, colon, value = bare.partition(":")
    if colon:
        return key.strip(_SPACE), True, value.strip(_SPACE)
    words = bare.split()
    return (words[0], False, words[1]) if len(words) == 2 else ("", False, "")  # noqa: PLR2004


@lru_cache(maxsize=1024)
def _kind(key: str) -> Kind:
    if key.startswith(_AGENT):
        return "agent"
    if key.startswith("allow"):
        return "allow"
    if key.startswith(_DISALLOW):
        return "disallow"
    return _OTHERS.get(key, "other")


def escaped(path: str) -> str:
    """A path with its octets outside ASCII escaped, and its escapes in capitals."""
    if path.isascii() and "%" not in path:
        return path
    return _UNSAFE.sub(_as_escape, path)


def _as_escape(match: re.Match[str]) -> str:
    found = match[0]
    if found[0] == "%":
        return found.upper()
    octets = found.encode("utf-8", "surrogateescape") if _is_bytes(found) else _wide(found)
    return "".join(f"%{octet:02X}" for octet in octets)


def _is_bytes(text: str) -> bool:
    """Whether the text can be had back as octets: it holds no surrogates of its own."""
    try:
        text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return False
    return True


def _wide(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
