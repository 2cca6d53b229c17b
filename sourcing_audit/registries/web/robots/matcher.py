"""What one crawler may fetch by a file: the reference for how its rules compete."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sourcing_audit.registries.web.robots.parser import product_of

if TYPE_CHECKING:
    from sourcing_audit.registries.web.robots.parser import PathRule, Robots
    from sourcing_audit.rules.consent import Scheme


def allowed(robots: Robots, agent: str, url: str, scheme: Scheme) -> bool:
    """Whether the crawler may fetch an address, by the priorities that records have too.

    Args:
        robots: the file.
        agent: the crawler's product token.
        url: an address with its octets outside ASCII escaped.
        scheme: the rule of precedence for path rules.

    """
    path = path_of(url)
    best = -1
    allows = True
    for nth, rule in enumerate(rules_for(robots, agent)):
        octets = len(rule.pattern)
        priority = scheme.priority(octets=octets, denies=not rule.allows, nth=nth)
        if priority is not None and priority > best and matches(rule.pattern, path):
            best, allows = priority, rule.allows
    return allows


def rules_for(robots: Robots, agent: str) -> list[PathRule]:
    """The rules of all groups that name the crawler; those for `*` only where none does."""
    for wanted in (agent.lower(), "*"):
        groups = [g for g in robots.groups if wanted in {product_of(a.value) for a in g.agents}]
        if groups:
            return [rule for group in groups for rule in group.rules]
    return []


def matches(pattern: str, path: str) -> bool:
    """Whether a pattern with `*` and a final `$` matches a path from its beginning."""
    anchored = pattern.endswith("$")
    first, *rest = (pattern[:-1] if anchored else pattern).split("*")
    if not path.startswith(first):
        return False
    if not rest:
        return not anchored or path == first
    position = len(first)
    for part in rest[:-1]:
        found = path.find(part, position)
        if found < 0:
            return False
        position = found + len(part)
    last = rest[-1]
    if anchored:
        return path.endswith(last) and len(path) - len(last) >= position
    return path.find(last, position) >= 0


def path_of(url: str) -> str:
    """Path, parameters and query of an address; it always begins with a slash."""
    bare = url.partition("#")[0]
    after = bare.find("://")
    start = min((at for at in map(bare.find, "/?;") if at >= 0), default=-1)
    if after >= 0 and not 0 <= start < after:
        bare = bare[after + 3 :]
    elif bare.startswith("//"):
        bare = bare[2:]
    start = min((at for at in map(bare.find, "/?;") if at >= 0), default=-1)
    path = bare[start:] if start >= 0 else "/"
    return path if path.startswith("/") else f"/{path}"
