"""The signals of others in robots.txt: Content-Signal, Content-Usage and RSL's License."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from sourcing_audit.registries.web.aipref import preferences
from sourcing_audit.registries.web.robots.parser import PathRule, escaped, product_of
from sourcing_audit.registries.web.robots.paths import addressed_to, paths_of
from sourcing_audit.registries.web.robots.said import EVERYWHERE, Said

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sourcing_audit.registries.web.robots.parser import Group, Kind, Line, Robots
    from sourcing_audit.rules.agents import ContentSignal
    from sourcing_audit.rules.consent import ConsentRules

ANY = "any"
_WORDS = {"yes": "allow", "no": "deny"}
_WHOLE = "about the whole site"
_ITEM = re.compile(r"[^\s,;]+")
_EQUALS = re.compile(r"\s*=\s*")


class _Part(NamedTuple):
    """A group, and whom it addresses as far as anybody knows."""

    group: Group
    scope: str
    known: bool
    """For all crawlers, or for one that is known."""
    everyone: bool


def signals(robots: Robots, rules: ConsentRules) -> Iterator[Said]:
    """All of them, each value once for each path."""
    parts = list(_parts(robots, rules))
    yield from _content_signals(parts, rules)
    yield from _content_usages(parts, rules)
    yield from _licenses(parts)


def _parts(robots: Robots, rules: ConsentRules) -> Iterator[_Part]:
    if robots.before.others:
        yield _Part(robots.before, _WHOLE, known=True, everyone=True)
    for group in robots.groups:
        if not group.others:
            continue
        everyone = any(product_of(line.value) == "*" for line in group.agents)
        agents = [found for line in group.agents if (found := rules.crawlers.named(line.value))]
        named = [agent.token for agent in agents] or [line.value for line in group.agents]
        scope = addressed_to([] if everyone else named)
        yield _Part(group, scope, known=everyone or bool(agents), everyone=everyone)


def _lines(parts: list[_Part], kind: Kind) -> Iterator[tuple[_Part, str, str]]:
    """Each distinct value with the first part in which it stands, and the line."""
    seen = set()
    for part in parts:
        for line in part.group.others:
            if line.kind == kind and (line.value, part.everyone) not in seen:
                seen.add((line.value, part.everyone))
                yield part, line.value, line.raw


def _content_signals(parts: list[_Part], rules: ConsentRules) -> Iterator[Said]:
    """A refusal counts whomever it addresses; a permission only where it addresses all or AI."""
    for nth, (part, value, raw) in enumerate(_lines(parts, "content-signal")):
        path, items = _path_and(value)
        for decision, uses, problem in read_signal(items, rules.content_signals):
            if decision != "allow" or part.known:
                yield Said(
                    "content_signal",
                    f"content-signal {nth + 1}",
                    path,
                    decision,
                    uses,
                    raw,
                    part.scope,
                    problem,
                    grantee="*" if decision == "allow" and part.everyone else None,
                )


def read_signal(
    items: str, keys: Mapping[str, ContentSignal]
) -> Iterator[tuple[str, str, str | None]]:
    """Decision, uses and problem of what a `Content-Signal` says, its uses put together."""
    said: dict[str, set[str]] = {}
    unknown = False
    for item in _ITEM.findall(_EQUALS.sub("=", items)):
        key, _, word = item.partition("=")
        signal = keys.get(key.lower())
        if signal is None:
            unknown = True
        elif signal.uses is not None:
            said.setdefault(signal.uses, set()).add(_WORDS.get(word.lower(), "unknown"))
    found: dict[tuple[str, str | None], list[str]] = {}
    for uses, decisions in said.items():
        if len(decisions) == 1:
            decision = next(iter(decisions))
            problem = "signal_unreadable" if decision == "unknown" else None
        else:
            decision = "deny" if "deny" in decisions else "unknown"
            problem = "signal_contradictory" if decision == "deny" else "signal_unreadable"
        found.setdefault((decision, problem), []).append(uses)
    for (decision, problem), listed in found.items():
        yield decision, "|".join(listed), problem
    if unknown or not items.strip():
        yield "unknown", ANY, "signal_unreadable"


def _content_usages(parts: list[_Part], rules: ConsentRules) -> Iterator[Said]:
    """AIPREF: of a group's rules that match, the one with the longest path.

    What can't be read competes with nothing. Groups that say the same say it once.
    """
    seen: set[tuple[tuple[str, ...], bool]] = set()
    for part in parts:
        lines = [line for line in part.group.others if line.kind == "content-usage"]
        values = (tuple(line.value for line in lines), part.everyone)
        if lines and values not in seen:
            seen.add(values)
            yield from _usages(lines, part, f"content-usage {len(seen)}", rules)


def _usages(lines: list[Line], part: _Part, statement: str, rules: ConsentRules) -> Iterator[Said]:
    scheme = rules.schemes["aipref_robots"]
    merged: dict[tuple[str, str, str | None], tuple[set[str], str]] = {}
    for line in lines:
        path, expression = _path_and(line.value)
        for found in preferences(expression, rules.signals.usage_labels):
            uses, _ = merged.setdefault((path, found.decision, found.problem), (set(), line.raw))
            uses.update(found.uses.split("|"))
    for nth, ((path, decision, problem), (uses, raw)) in enumerate(merged.items()):
        if decision == "allow" and not part.known:
            continue
        competes = decision in {"allow", "deny"}
        priority = scheme.priority(octets=len(path), denies=decision == "deny", nth=nth)
        yield Said(
            "aipref_robots",
            statement if competes else f"{statement} unread {nth + 1}",
            path,
            decision,
            "|".join(sorted(uses)),
            raw,
            part.scope,
            problem,
            priority=priority if competes else None,
            grantee="*" if decision == "allow" and part.everyone else None,
        )


def _licenses(parts: list[_Part]) -> Iterator[Said]:
    """RSL: the terms are in another document; without it nobody knows what is permitted."""
    for nth, (part, _, raw) in enumerate(_lines(parts, "license")):
        yield Said(
            "rsl",
            f"license {nth + 1}",
            EVERYWHERE,
            "unknown",
            ANY,
            raw,
            part.scope,
            "signal_document_missing",
        )


def _path_and(value: str) -> tuple[str, str]:
    """The path pattern before a value, `/` where there is none, and the value."""
    if not value.startswith(("/", "*")):
        return EVERYWHERE, value
    path, *rest = value.split(None, 1)
    paths = paths_of(PathRule(allows=False, pattern=escaped(path), raw=value, number=0))
    return paths.patterns[0], rest[0] if rest else ""
