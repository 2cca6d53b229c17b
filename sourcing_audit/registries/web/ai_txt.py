"""Spawning's ai.txt. Other formats go by the same name; those are never guessed at."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from sourcing_audit.registries.statements import Statement, StatementReader
from sourcing_audit.registries.web import host_archives
from sourcing_audit.registries.web.host_archives import Capture, Document, Times
from sourcing_audit.registries.web.robots.odd import is_page
from sourcing_audit.registries.web.robots.parser import Group, PathRule, Robots, parse, product_of
from sourcing_audit.registries.web.robots.paths import addressed_to, paths_of
from sourcing_audit.registries.web.signal import FIELDS, Signal, said_by_host, unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sourcing_audit.registries.interface import Export
    from sourcing_audit.rules.consent import ConsentRules

SCHEME = "ai_txt_spawning"
DOCUMENT = Document("ai.txt", ("/ai.txt", "/.well-known/ai.txt"), (".ai.txt",))

MAX_RULES = 20_000
_TRAINING = "train_generative|train_non_generative"
_MINING = f"{_TRAINING}|tdm_other"


class AiTxtReader(StatementReader):
    """Reads ai.txt of many hosts: JSON lines, a folder of files, or WARC."""

    name: ClassVar[str] = "ai-txt"
    summary: ClassVar[str] = "Spawning's ai.txt of many hosts: JSON lines, a folder, or WARC"
    folders: ClassVar[bool] = True
    fields: ClassVar[tuple[str, ...]] = (*host_archives.FIELDS, *FIELDS)

    def recognises(self, path: Path, head: bytes) -> bool:
        """A folder of HOST/ai.txt, or a file that is called so."""
        return host_archives.is_archive(path, head, DOCUMENT)

    def statements(self, export: Export, rules: ConsentRules) -> Iterator[Statement]:
        """See `StatementReader.statements`."""
        times = Times(host_archives.captures(export.path, DOCUMENT))
        for capture in host_archives.captures(export.path, DOCUMENT):
            if capture.absent or (capture.redirected and times.answered(capture.host)):
                continue
            place = f"{capture.host} {capture.at or 'undated'} {capture.row}"
            for nth, (group, path, priority, signal) in enumerate(_said(capture, rules), start=1):
                yield {
                    **host_archives.held(capture, times.until(capture)),
                    "record_id": f"{place}.{nth}",
                    "statement_id": f"{place} {group}",
                    "subject_kind": "host" if path is None else "url_pattern",
                    "subject_value": f"{capture.host}{path or ''}",
                    "priority": None if priority is None else str(priority),
                    **said_by_host(capture.host),
                    **signal.fields(),
                }


_Said = tuple[str, str | None, int | None, Signal]
"""Statement, path pattern (None: the host), priority, and what is said."""


def _said(capture: Capture, rules: ConsentRules) -> Iterator[_Said]:
    if not capture.readable:
        yield "host", None, None, unreadable(SCHEME, f"HTTP {capture.status}", "signal_unreachable")
        return
    if is_page(capture.body) or not capture.body.strip():
        return
    found = parse(capture.body)
    if capture.cut or found.cut or not is_spawning(found):
        text = capture.body[:2000].decode("utf-8", "replace")
        yield "host", None, None, unreadable(SCHEME, text, "signal_unreadable")
        return
    merged: dict[str, list[PathRule]] = {}
    for group in found.groups:
        for line in group.agents:
            merged.setdefault(product_of(line.value) or line.value, []).extend(group.rules)
    for name, listed in merged.items():
        yield from _rules(name, listed, rules)


def _rules(name: str, listed: list[PathRule], rules: ConsentRules) -> Iterator[_Said]:
    """The rules for one crawler, or for all."""
    scheme = rules.schemes[SCHEME]
    everyone = name == "*"
    scope = addressed_to([] if everyone else [name])
    for nth, rule in enumerate(dict.fromkeys(listed)):
        for path in paths_of(rule).patterns:
            signal = Signal(
                SCHEME,
                "allow" if rule.allows else "deny",
                _TRAINING if rule.allows else _MINING,
                f"User-Agent: {name}\n{rule.raw}",
                scope_text=scope,
            )
            priority = scheme.priority(octets=len(path), denies=not rule.allows, nth=nth)
            yield f"for {name}", path, priority, signal


def is_spawning(found: Robots) -> bool:
    """Whether a file has Spawning's grammar in every line, and says anything."""
    groups = [group for group in found.groups if group.agents]
    rules = [rule for group in groups for rule in group.rules if not _derived(rule)]
    return (
        _only_rules(found.before)
        and not found.before.rules
        and all(_only_rules(group) for group in groups)
        and 0 < len(rules) <= MAX_RULES
        and all(rule.pattern[0] in "/*" and not rule.lenient for rule in rules)
        and not any(" " in rule.pattern for rule in rules)
    )


def _only_rules(group: Group) -> bool:
    return not group.odd and not group.others


def _derived(rule: PathRule) -> bool:
    """Added by the parser for crawlers that take an index page for its folder."""
    return rule.lenient and rule.pattern.endswith("/$")
