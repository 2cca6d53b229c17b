"""`Allow` and `Disallow`: each crawler's rules, gathered from all groups that name it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from sourcing_audit.registries.web.robots.parser import PathRule, product_of
from sourcing_audit.registries.web.robots.said import EVERYWHERE, MAX_PATH, Said

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sourcing_audit.registries.web.robots.parser import Group, Robots
    from sourcing_audit.rules.consent import ConsentRules

SCHEME = "robots_ua"
ANY = "any"

MAX_NAMED = 8
"""Crawlers that a record names; of more it says how many."""

MAX_PIECES = 20

_TO_ALL = "addressed to all crawlers that the file doesn't name"
_ESCAPE = re.compile(r"%([0-9A-F]{2})")
_UNRESERVED = re.compile(r"[A-Za-z0-9\-._~]")
_SPACES = re.compile(r"\s+")
_QUOTES = "\"'` "
_MARKS = ("%C2%A0", "%E2%80%8B", "%E2%80%98", "%E2%80%99", "%E2%80%9C", "%E2%80%9D", "%EF%BB%BF")
"""Invisible characters and quotation marks outside ASCII."""
_WHOLE = ("", ".", "all", "any", "everything", "full", "root", "site", "true", "yes")
"""Words that stand where a path belongs, and mean the whole site."""
_ABSOLUTE = re.compile(r"(?i)https?://([^/\s?#]*\.[^/\s?#]*)")


class Addressee(NamedTuple):
    """Crawlers that the file says the same to."""

    purposes: str
    rules: tuple[PathRule, ...]
    names: list[str]
    """Empty for all that aren't named."""

    @property
    def scope(self) -> str:
        """Whom it is addressed to, in words."""
        return addressed_to(self.names)


def addressed_to(names: Sequence[str]) -> str:
    """Whom a statement is addressed to, in words; no names stand for all others."""
    if not names:
        return _TO_ALL
    more = len(names) - MAX_NAMED
    return f"addressed to {', '.join(names[:MAX_NAMED])}" + (
        f" and {more} more" if more > 0 else ""
    )


def path_rules(robots: Robots, rules: ConsentRules) -> Iterator[Said]:
    """Every path rule for the crawlers that are known, and for those that aren't named.

    Crawlers of one purpose that have the same rules share a statement. Rules for crawlers that
    nobody knows say nothing about AI and are left out.
    """
    scheme = rules.schemes[SCHEME]
    known: dict[tuple[bool, str], Paths] = {}
    for nth, addressee in enumerate(_addressees(robots, rules)):
        statement = f"rules {nth + 1}"
        scope = addressee.scope
        head = f"User-agent: {', '.join(addressee.names[:MAX_NAMED]) or '*'}"
        for place, rule in enumerate(addressee.rules):
            raw = f"{head}\n{rule.raw}"
            key = (rule.allows, rule.pattern)
            paths = known.get(key) or known.setdefault(key, paths_of(rule))
            for path in paths.patterns:
                if paths.guessed:
                    yield Said(
                        SCHEME,
                        f"{statement} line {rule.number}",
                        path,
                        "unknown",
                        addressee.purposes,
                        raw,
                        scope,
                        "signal_malformed",
                        host=paths.host,
                    )
                    continue
                denies = not rule.allows
                yield Said(
                    SCHEME,
                    statement,
                    path,
                    "deny" if denies else "allow",
                    # A permission to all is for every use only as far as a signal permits at all.
                    addressee.purposes if denies or addressee.names else "",
                    raw,
                    scope,
                    priority=scheme.priority(octets=len(path), denies=denies, nth=place),
                    grantee=None if denies or addressee.names else "*",
                )


def _addressees(robots: Robots, rules: ConsentRules) -> Iterator[Addressee]:
    """Whom the file addresses, in the order in which it names them."""
    merged: dict[str, list[Group]] = {}
    purposes: dict[str, str] = {}
    names: dict[str, str] = {}
    for group in robots.groups:
        for token, purpose in _known(group, rules):
            key = token.lower()
            groups = merged.setdefault(key, [])
            if not groups or groups[-1] is not group:
                groups.append(group)
            purposes[key] = purpose
            names.setdefault(key, token)
    alike: dict[tuple[str, frozenset[tuple[bool, str]], bool], Addressee] = {}
    for key, groups in merged.items():
        gathered = _gathered(groups)
        if not gathered:
            if key == "*" or not any(group.frees for group in groups):
                continue
            gathered = (PathRule(allows=True, pattern=EVERYWHERE, raw="Disallow:", number=0),)
        same = (
            purposes[key],
            frozenset((rule.allows, rule.pattern) for rule in gathered),
            key == "*",
        )
        if same not in alike:
            alike[same] = Addressee(purposes[key], gathered, [])
        if key != "*":
            alike[same].names.append(names[key])
    yield from alike.values()


def _known(group: Group, rules: ConsentRules) -> Iterator[tuple[str, str]]:
    """The tokens that a group names and somebody knows, with their purposes."""
    for line in group.agents:
        if product_of(line.value) == "*":
            yield "*", ANY
        elif agent := rules.crawlers.named(line.value):
            yield agent.token, agent.purposes


def _gathered(groups: Iterable[Group]) -> tuple[PathRule, ...]:
    """The rules of several groups, each once."""
    found: dict[tuple[bool, str], PathRule] = {}
    for group in groups:
        for rule in group.rules:
            if not rule.lenient:
                found.setdefault((rule.allows, rule.pattern), rule)
    return tuple(found.values())


class Paths(NamedTuple):
    """The path patterns of one rule."""

    patterns: list[str]
    guessed: bool = False
    """The rule isn't well formed, and this is what it seems to mean."""
    host: str | None = None
    """The host that the rule itself names."""


def paths_of(rule: PathRule) -> Paths:
    """The patterns of a rule. Nothing is guessed of a permission."""
    pattern = rule.pattern
    if rule.allows:
        usable = pattern[0] in "/*" and len(pattern) <= MAX_PATH
        return Paths([_normal(_SPACES.sub("%20", pattern))] if usable else [])
    pieces = pattern.split(None, MAX_PIECES)
    if len(pieces) > 1:
        if all(piece[0] in "/*" for piece in pieces):
            return Paths([_normal(piece) for piece in pieces[:MAX_PIECES]], guessed=True)
        pattern = _SPACES.sub("%20", pattern)
    if absolute := _ABSOLUTE.match(pattern):
        rest = pattern[absolute.end() :]
        path = _normal(rest if rest.startswith("/") else f"/{rest}")
        return Paths([path], guessed=True, host=absolute[1])
    if pattern[0] in "/*":
        return Paths([_normal(pattern)])
    return Paths([_normal(_guess(pattern))], guessed=True)


def _guess(pattern: str) -> str:
    """What a path seems to mean that begins with neither `/` nor `*`."""
    bare = _unquoted(pattern).replace("\\", "/")
    if bare.lower() in _WHOLE:
        return EVERYWHERE
    if bare[0] in "/*":
        return bare
    if bare.startswith("./"):
        return bare[1:]
    return f"/{bare}" if bare[0].isalnum() else f"/*{bare}"


def _unquoted(pattern: str) -> str:
    """Without what stands around a path and is no part of one."""
    before = ""
    while before != pattern:
        before = pattern
        pattern = pattern.strip(_QUOTES)
        for mark in _MARKS:
            pattern = pattern.removeprefix(mark).removesuffix(mark)
    return pattern


def _normal(pattern: str) -> str:
    """A pattern in the spelling of addresses: what needs no escape isn't escaped (RFC 9309, 2.2.2).

    A refusal of a path that is too long is one of what the path begins with.
    """
    if pattern.startswith("*"):
        pattern = f"/{pattern}"
    if "%" in pattern:
        pattern = _ESCAPE.sub(_undone, pattern)
    return pattern[:MAX_PATH]


def _undone(match: re.Match[str]) -> str:
    character = chr(int(match[1], 16))
    return character if _UNRESERVED.match(character) else match[0]
