"""RSL 1.0: licences of sites, from documents in XML."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, ClassVar

from sourcing_audit.errors import RegistryError
from sourcing_audit.registries.statements import Statement, StatementReader
from sourcing_audit.registries.web import host_archives, rsl_document
from sourcing_audit.registries.web.host_archives import Capture, Document, Times
from sourcing_audit.registries.web.hosts import host_of, same_site
from sourcing_audit.registries.web.robots.parser import PathRule, escaped
from sourcing_audit.registries.web.robots.paths import paths_of
from sourcing_audit.registries.web.signal import FIELDS, Signal, said_by_host, unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sourcing_audit.registries.interface import Export
    from sourcing_audit.registries.web.rsl_document import Content, Outcome
    from sourcing_audit.rules.consent import ConsentRules

SCHEME = "rsl"
DOCUMENT = Document(
    "license.xml",
    ("/license.xml", "/rsl.xml", "/.well-known/rsl.xml", "/.well-known/license.xml"),
    (".rsl.xml", ".license.xml", ".xml", ".rsl"),
    names_hosts=True,
)

_ABSOLUTE = re.compile(r"(?i)https?://([^/?#]+)")
_ALL = "any"


class RslReader(StatementReader):
    """Reads RSL documents: one, a folder of them, JSON lines, or WARC."""

    name: ClassVar[str] = "rsl"
    summary: ClassVar[str] = "RSL 1.0 licences in XML: one, a folder, JSON lines, or WARC"
    folders: ClassVar[bool] = True
    fields: ClassVar[tuple[str, ...]] = (
        *host_archives.FIELDS,
        "compensation_kind",
        *FIELDS,
    )

    def recognises(self, path: Path, head: bytes) -> bool:
        """A document in its namespace."""
        return path.is_file() and rsl_document.NAMESPACE.encode() in head and b"<" in head[:256]

    def statements(self, export: Export, rules: ConsentRules) -> Iterator[Statement]:
        """See `StatementReader.statements`."""
        times = Times(host_archives.captures(export.path, DOCUMENT))
        for capture in host_archives.captures(export.path, DOCUMENT):
            if capture.absent or (capture.redirected and times.answered(capture.host)):
                continue
            place = f"{capture.host} {capture.at or 'undated'} {capture.row}"
            when = host_archives.held(capture, times.until(capture))
            for nth, said in enumerate(_of_capture(capture, rules, export), start=1):
                statement = said.pop("statement_id") or f"{nth}"
                yield {
                    **when,
                    "record_id": f"{place}.{nth}",
                    "statement_id": f"{place} {statement}",
                    **said,
                }


def _of_capture(
    capture: Capture, rules: ConsentRules, export: Export
) -> Iterator[dict[str, str | int | None]]:
    if not capture.readable or capture.cut:
        problem = "signal_unreadable" if capture.readable else "signal_unreachable"
        yield _on_host(capture, problem, f"HTTP {capture.status}", export)
        return
    try:
        for content in rsl_document.contents(capture.body, rules.rsl_terms):
            yield from _of_content(content, capture, rules, export)
    except rsl_document.NotRslError as error:
        yield _on_host(capture, "signal_unreadable", f"not RSL: {error}", export)


def _of_content(
    content: Content, capture: Capture, rules: ConsentRules, export: Export
) -> Iterator[dict[str, str | int | None]]:
    host, path = _place(content.url, capture, export)
    subject = {"subject_kind": "url_pattern", "subject_value": f"{host}{path}"}
    foreign = bool(capture.host) and not same_site(host, capture.host)
    speaker = said_by_host(capture.host or host)
    if not content.url or rsl_document.unread(content) or foreign:
        problem = "signal_unverified" if foreign else "signal_unreadable"
        signal = unreadable(SCHEME, content.raw, problem, _ALL)
        yield {"statement_id": None, "priority": None, **subject, **speaker, **signal.fields()}
    if foreign:
        return
    found = rsl_document.outcomes(content)
    for bucket, outcome in found.items():
        signal = _signal(bucket, outcome, found, content, rules)
        octets = len(path)
        denies = outcome.decision == "deny"
        decided = outcome.decision != "unknown"
        priority = rules.schemes[SCHEME].priority(octets=octets, denies=denies, nth=0)
        attributed = "attribution" in outcome.conditions
        yield {
            "statement_id": bucket if decided else None,
            "priority": str(priority) if decided else None,
            "compensation_kind": "attribution" if attributed else None,
            **subject,
            **speaker,
            **signal.fields(),
        }


def _signal(
    bucket: str,
    outcome: Outcome,
    found: dict[str, Outcome],
    content: Content,
    rules: ConsentRules,
) -> Signal:
    uses = rules.rsl_terms["usage", bucket].uses
    trains = found.get("ai-train")
    if bucket == "other":
        # To mine texts and data covers training, and to use all is not to pass all on.
        denied = outcome.decision == "deny"
        mined = not denied or (trains is not None and trains.decision == "deny")
        uses = "|".join(["tdm_other"] * mined + ["dataset_redistribution"] * denied)
    conditions = dict.fromkeys(outcome.conditions, True)
    return Signal(
        SCHEME,
        outcome.decision,
        uses,
        content.raw,
        outcome.problem,
        conditions=json.dumps(conditions) if outcome.decision == "conditional" else None,
        scope_text=f"RSL licence for {content.url}"[:300],
    )


def _place(url: str, capture: Capture, export: Export) -> tuple[str, str]:
    """Host and path pattern of a content's address.

    Raises:
        RegistryError: it is a path, and nobody says of which host.

    """
    absolute = _ABSOLUTE.match(url)
    host = host_of(absolute[1]) if absolute else None
    rest = url[absolute.end() :] if absolute and host else url
    host = host or capture.host
    if not host:
        raise RegistryError(
            f"{export.path}: row {capture.row}: <content url={url[:100]!r}> names no host",
            fix="name the file after its host (example.com.xml), put it into a folder "
            "example.com/, or write JSON lines with host and body",
        )
    if not rest or rest[0] not in "/*":
        rest = f"/{rest}"
    pattern = escaped(rest.partition("#")[0].strip())
    rule = PathRule(allows=False, pattern=pattern, raw=url, number=0)
    return host, paths_of(rule).patterns[0]


def _on_host(
    capture: Capture, problem: str, raw: str, export: Export
) -> dict[str, str | int | None]:
    if not capture.host:
        raise RegistryError(
            f"{export.path}: row {capture.row}: {raw}", fix="give RSL documents, or name the host"
        )
    return {
        "statement_id": None,
        "priority": None,
        "subject_kind": "host",
        "subject_value": capture.host,
        **said_by_host(capture.host),
        **unreadable(SCHEME, raw, problem).fields(),
    }
