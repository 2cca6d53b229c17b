"""Lines that plainly mean a refusal and aren't in the grammar: reported, never dropped."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from sourcing_audit.registries.web.robots.parser import product_of
from sourcing_audit.registries.web.robots.paths import ANY, SCHEME, addressed_to, paths_of
from sourcing_audit.registries.web.robots.said import Said

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sourcing_audit.registries.web.robots.parser import Group, Robots
    from sourcing_audit.rules.agents import Agent
    from sourcing_audit.rules.consent import ConsentRules

PROBLEM = "signal_malformed"
MAX_FOUND = 100
"""Such records of one file."""

_LEADING = re.compile(r"^[\W_]+")
_GLUED = re.compile(r"(?i)(?<=[a-z0-9])(?=disallow)")
"""Where a line break was lost."""
_MARKUP = re.compile(r"\s*<(?:!doctype|html|head|\?xml)", re.IGNORECASE)


def is_page(body: bytes) -> bool:
    """Whether a web page was sent instead of robots.txt, as for an address that doesn't exist."""
    return _MARKUP.match(body[:1024].decode("utf-8", "ignore").lstrip("\ufeff")) is not None


def refusals(robots: Robots, rules: ConsentRules) -> Iterator[Said]:
    """At most `MAX_FOUND` records of what is meant to refuse and can't be read as a rule."""
    for nth, said in enumerate(islice(_all(robots, rules), MAX_FOUND), start=1):
        yield said._replace(statement=f"unread {nth}")


def _all(robots: Robots, rules: ConsentRules) -> Iterator[Said]:
    yield from _without_crawler(robots)
    for group in (robots.before, *robots.groups):
        yield from _crawlers_in_passing(group, rules)
        yield from _misplaced(group, rules)
        uses = _uses_of(group, rules, first=group is robots.before)
        seen = set()
        for line in group.odd:
            text = _GLUED.sub(" ", line.raw)
            if line.raw not in seen and rules.crawlers.refuses(text):
                seen.add(line.raw)
                mentioned = list(rules.crawlers.mentioned(text))
                if mentioned:
                    yield _said(_together(mentioned), line.raw, _scope(mentioned))
                elif uses is not None and _begins_so(line.raw, rules):
                    yield _said(uses, line.raw, "")


def _without_crawler(robots: Robots) -> Iterator[Said]:
    """Rules before any `User-agent`: nobody's by RFC 9309, and meant for somebody."""
    for rule in robots.before.rules:
        if not rule.allows:
            paths = paths_of(rule)
            for path in paths.patterns:
                said = _said(ANY, rule.raw, addressed_to([]), path)
                yield said._replace(host=paths.host)


def _crawlers_in_passing(group: Group, rules: ConsentRules) -> Iterator[Said]:
    """Names that stand in a `User-agent` line beside the one that counts, or in a wrong form."""
    refused = any(not rule.allows for rule in group.rules)
    for line in group.agents:
        value = _GLUED.sub(" ", line.value)
        known = rules.crawlers.named(value)
        others = [agent for agent in rules.crawlers.mentioned(value) if agent is not known]
        if known is not None and others and _is_one_name(value, known):
            continue
        on_the_line = rules.crawlers.refuses(value)
        if on_the_line and known is not None:
            others = [known, *others]
        if others and (on_the_line or refused):
            raw = line.raw if on_the_line else f"{line.raw}\n{_first_refusal(group)}"
            yield _said(_together(others), raw, _scope(others))


def _is_one_name(value: str, known: Agent) -> bool:
    """Whether what stands after a known name is only its version or its address."""
    rest = value.strip()[len(known.token) :].lower()
    return rest.startswith(("/", " (", "(")) and "," not in rest


def _first_refusal(group: Group) -> str:
    return next(rule.raw for rule in group.rules if not rule.allows)


def _misplaced(group: Group, rules: ConsentRules) -> Iterator[Said]:
    """`Disallow: GPTBot`: a crawler's name where a path belongs."""
    for rule in group.rules:
        if not rule.allows and rule.pattern[0] not in "/*":
            mentioned = list(rules.crawlers.mentioned(rule.pattern))
            if mentioned:
                yield _said(_together(mentioned), rule.raw, _scope(mentioned))


def _uses_of(group: Group, rules: ConsentRules, *, first: bool) -> str | None:
    """What a refusal in a group is about; None where nobody knows its crawlers."""
    if first or any(product_of(line.value) == "*" for line in group.agents):
        return ANY
    agents = [found for line in group.agents if (found := rules.crawlers.named(line.value))]
    return _together(agents) if agents else None


def _begins_so(raw: str, rules: ConsentRules) -> bool:
    """Whether a line begins with a word that refuses, bullets and quotes aside."""
    last = raw.rpartition("\n")[2]
    bare = _LEADING.sub("", last, count=1).lower()
    return bare.startswith(rules.crawlers.refusing)


def _together(agents: Iterable[Agent]) -> str:
    uses = {use for agent in agents for use in agent.purposes.split("|")}
    return ANY if ANY in uses else "|".join(sorted(uses))


def _scope(agents: Iterable[Agent]) -> str:
    return addressed_to([agent.token for agent in agents])


def _said(uses: str, raw: str, scope: str, path: str | None = None) -> Said:
    return Said(SCHEME, "", path, "unknown", uses, raw, scope, PROBLEM)
