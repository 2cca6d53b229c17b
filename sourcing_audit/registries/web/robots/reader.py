"""Archives of robots.txt as consent records."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from itertools import islice
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from sourcing_audit.registries.statements import (
    Sheet,
    Statement,
    StatementReader,
    spooled_sheets,
)
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
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    import ibis.expr.types as ir

    from sourcing_audit.engine import Engine
    from sourcing_audit.registries.interface import Export

DOCUMENT = Document("robots.txt", ("/robots.txt",), (".robots.txt", ".txt"))

MAX_RECORDS = 50_000
"""Records of one file; real ones have some hundreds."""

_REMEMBERED = 200_000
"""Records of distinct files that are kept, since many hosts publish the same one."""


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

    def read(self, engine: Engine, export: Export, rules: ConsentRules) -> ir.Table:
        """See `RegistryReader.read`."""
        return spooled_sheets(engine, self._sheets(export, rules), self.fields)

    def statements(self, export: Export, rules: ConsentRules) -> Iterator[Statement]:
        """See `StatementReader.statements`."""
        for sheet in self._sheets(export, rules):
            yield from sheet.statements()

    def _sheets(self, export: Export, rules: ConsentRules) -> Iterator[Sheet]:
        times = Times(host_archives.captures(export.path, DOCUMENT))
        reading = _Reading(rules)
        for capture in host_archives.captures(export.path, DOCUMENT):
            found = reading.of(capture, times)
            if found.size:
                yield sheet(capture, found, times.until(capture))

    def unstated(self, engine: Engine, export: Export) -> int:  # noqa: ARG002
        """Captures that say nothing about AI: no such file, a page in its place, no known rule."""
        times = Times(host_archives.captures(export.path, DOCUMENT))
        reading = _Reading(ConsentRules.load(RuleStore()))
        return sum(
            not reading.of(capture, times).size
            for capture in host_archives.captures(export.path, DOCUMENT)
        )


class _Reading:
    """Reads each distinct file once."""

    def __init__(self, rules: ConsentRules) -> None:
        self._rules = rules
        self._known: OrderedDict[bytes, Spoken] = OrderedDict()
        self._held = 0

    def of(self, capture: Capture, times: Times) -> Spoken:
        """What a capture says."""
        if capture.absent or (capture.redirected and times.answered(capture.host)):
            return spoken([])
        if not capture.readable:
            raw = f"HTTP {capture.status or 'status unknown'}"
            return spoken([_host("signal_unreachable", raw)])
        if capture.cut:
            cut = _host("signal_unreadable", "the archive doesn't hold the whole file")
            return spoken([cut, *meaning(capture.body, self._rules)])
        return self._of_body(capture.body)

    def _of_body(self, body: bytes) -> Spoken:
        digest = hashlib.sha256(body).digest()
        found = self._known.get(digest)
        if found is not None:
            self._known.move_to_end(digest)
            return found
        found = spoken(meaning(body, self._rules))
        self._known[digest] = found
        self._held += found.size
        while self._held > _REMEMBERED and len(self._known) > 1:
            _, oldest = self._known.popitem(last=False)
            self._held -= oldest.size
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


class Spoken(NamedTuple):
    """What a file says, whichever host sent it."""

    size: int
    statements: list[str]
    paths: list[str | None]
    """Of each record the pattern of its paths; None: it is about the host."""
    hosts: dict[int, str]
    """The hosts that records name themselves, by their place."""
    fields: dict[str, list[str | None]]
    """Fields of the canonical record that don't depend on the host."""


def spoken(said: Iterable[Said]) -> Spoken:
    """Make fields of what a file says."""
    found = list(said)
    return Spoken(
        size=len(found),
        statements=[one.statement for one in found],
        paths=[one.path for one in found],
        hosts={nth: one.host for nth, one in enumerate(found) if one.host is not None},
        fields={
            "signal_scheme": [one.scheme for one in found],
            "signal_raw": [excerpt(one.raw) for one in found],
            "problem": [one.problem for one in found],
            "priority": [None if one.priority is None else str(one.priority) for one in found],
            "subject_kind": ["host" if one.path is None else "url_pattern" for one in found],
            "grantee_id": [one.grantee for one in found],
            "decision": [one.decision for one in found],
            "uses": [one.uses for one in found],
            "scope_text": [one.scope for one in found],
        },
    )


def sheet(capture: Capture, spoken: Spoken, until: str | None) -> Sheet:
    """The records of what one host said at one time."""
    host = capture.host
    place = f"{host} {capture.at or 'undated'} {capture.row}"
    subjects = [host if path is None else host + path for path in spoken.paths]
    for nth, named in spoken.hosts.items():
        subjects[nth] = _related(named, host) + (spoken.paths[nth] or "")
    return Sheet(
        spoken.size,
        {
            **host_archives.held(capture, until),
            **said_by_host(host),
            **spoken.fields,
            "record_id": [f"{place}.{nth}" for nth in range(1, spoken.size + 1)],
            "statement_id": [f"{place} {statement}" for statement in spoken.statements],
            "subject_value": subjects,
        },
    )


def _related(named: str, host: str) -> str:
    """The host that a rule names where it is of the same site, else the host that said it."""
    other = host_of(named)
    return other if other and same_site(other, host) else host


def _host(problem: str, raw: str) -> Said:
    return Said("robots_ua", problem, None, "unknown", "any", raw, "", problem)
