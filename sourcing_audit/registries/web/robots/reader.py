"""Archives of robots.txt as consent records."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from itertools import islice
from typing import TYPE_CHECKING, ClassVar

from sourcing_audit.registries.statements import Statement, StatementReader
from sourcing_audit.registries.web import host_archives
from sourcing_audit.registries.web.host_archives import Capture, Document, Times
from sourcing_audit.registries.web.hosts import host_of, same_site
from sourcing_audit.registries.web.robots import odd, parser, preferences
from sourcing_audit.registries.web.robots.paths import path_rules
from sourcing_audit.registries.web.robots.said import Said
from sourcing_audit.registries.web.signal import excerpt, said_by_host
from sourcing_audit.rules import RuleStore
from sourcing_audit.rules.consent import ConsentRules

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sourcing_audit.engine import Engine
    from sourcing_audit.registries.interface import Export

DOCUMENT = Document("robots.txt", ("/robots.txt",), (".robots.txt", ".txt"))

MAX_RECORDS = 50_000
"""Records of one file; real ones have some hundreds."""

_REMEMBERED = 512
"""Distinct files whose meaning is kept, since many hosts publish the same one."""
_SMALL = 5_000
"""Records of a file that is worth keeping."""


class RobotsReader(StatementReader):
    """Reads robots.txt of many hosts: JSON lines, a folder of files, or WARC."""

    name: ClassVar[str] = "robots"
    summary: ClassVar[str] = "robots.txt of many hosts: JSON lines, a folder, or WARC"
    folders: ClassVar[bool] = True
    fields: ClassVar[tuple[str, ...]] = (
        *host_archives.FIELDS,
        "signal_scheme",
        "signal_raw",
        "problem",
        "grantee_id",
        "decision",
        "uses",
        "scope_text",
    )

    def recognises(self, path: Path, head: bytes) -> bool:
        """A folder of HOST/robots.txt, or an archive that is called so."""
        return host_archives.is_archive(path, head, DOCUMENT)

    def statements(self, export: Export, rules: ConsentRules) -> Iterator[Statement]:
        """See `StatementReader.statements`."""
        times = Times(host_archives.captures(export.path, DOCUMENT))
        reading = _Reading(rules)
        for capture in host_archives.captures(export.path, DOCUMENT):
            until = times.until(capture)
            for nth, said in enumerate(reading.of(capture, times), start=1):
                yield statement(capture, said, nth, until)

    def unstated(self, engine: Engine, export: Export) -> int:  # noqa: ARG002
        """Captures that say nothing about AI: no such file, a page in its place, no known rule."""
        times = Times(host_archives.captures(export.path, DOCUMENT))
        reading = _Reading(ConsentRules.load(RuleStore()))
        return sum(
            next(iter(reading.of(capture, times)), None) is None
            for capture in host_archives.captures(export.path, DOCUMENT)
        )


class _Reading:
    """Reads each distinct file once."""

    def __init__(self, rules: ConsentRules) -> None:
        self._rules = rules
        self._known: OrderedDict[bytes, list[Said]] = OrderedDict()

    def of(self, capture: Capture, times: Times) -> Iterator[Said]:
        """What a capture says."""
        if capture.absent or (capture.redirected and times.answered(capture.host)):
            return
        if not capture.readable:
            yield _host("signal_unreachable", f"HTTP {capture.status or 'status unknown'}")
            return
        if capture.cut:
            yield _host("signal_unreadable", "the archive doesn't hold the whole file")
        yield from self._of_body(capture.body)

    def _of_body(self, body: bytes) -> list[Said]:
        digest = hashlib.sha256(body).digest()
        found = self._known.get(digest)
        if found is None:
            found = list(meaning(body, self._rules))
            if len(found) <= _SMALL:
                self._known[digest] = found
                if len(self._known) > _REMEMBERED:
                    self._known.popitem(last=False)
        else:
            self._known.move_to_end(digest)
        return found


def meaning(body: bytes, rules: ConsentRules) -> Iterator[Said]:
    """What one file says. A page that was sent in its place says nothing."""
    if odd.is_page(body):
        return
    robots = parser.parse(body)
    if robots.cut:
        yield _host("signal_unreadable", "longer than what is read of a robots.txt")
    yield from odd.refusals(robots, rules)
    yield from preferences.signals(robots, rules)
    remaining = path_rules(robots, rules)
    yield from islice(remaining, MAX_RECORDS)
    if next(remaining, None) is not None:
        yield _host("signal_unreadable", f"more than {MAX_RECORDS} rules")


def statement(capture: Capture, said: Said, nth: int, until: str | None) -> Statement:
    """The record of what one host said at one time."""
    when = capture.at or "undated"
    place = f"{capture.host} {when} {capture.row}"
    host = capture.host if said.host is None else _related(said.host, capture.host)
    return {
        **host_archives.held(capture, until),
        "record_id": f"{place}.{nth}",
        "statement_id": f"{place} {said.statement}",
        "signal_scheme": said.scheme,
        "signal_raw": excerpt(said.raw),
        "problem": said.problem,
        "priority": None if said.priority is None else str(said.priority),
        "subject_kind": "host" if said.path is None else "url_pattern",
        "subject_value": host if said.path is None else f"{host}{said.path}",
        **said_by_host(capture.host),
        "grantee_id": said.grantee,
        "decision": said.decision,
        "uses": said.uses,
        "scope_text": said.scope,
    }


def _related(named: str, host: str) -> str:
    """The host that a rule names where it is of the same site, else the host that said it."""
    other = host_of(named)
    return other if other and same_site(other, host) else host


def _host(problem: str, raw: str) -> Said:
    return Said("robots_ua", problem, None, "unknown", "any", raw, "", problem)
