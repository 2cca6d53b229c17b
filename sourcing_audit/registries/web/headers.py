"""Stored responses: the signals of their headers, and of the meta elements of their pages."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar

from sourcing_audit.errors import RegistryError
from sourcing_audit.registries.linked.json_records import json_records
from sourcing_audit.registries.statements import StatementReader
from sourcing_audit.registries.web import html_meta, noai, tdm_properties, web_archives, windows
from sourcing_audit.registries.web.hosts import host_of
from sourcing_audit.registries.web.responses import (
    Response,
    headers_of,
    moment_of,
    pairs_of,
    text_of,
)
from sourcing_audit.registries.web.signal import (
    FIELDS,
    Signal,
    content_usage,
    said_by_host,
    unreadable,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from typing import Any

    import ibis.expr.types as ir

    from sourcing_audit.engine import Engine
    from sourcing_audit.registries.interface import Export
    from sourcing_audit.registries.statements import Statement
    from sourcing_audit.rules.consent import ConsentRules

CACHED = 16_384
"""Distinct sets of headers that are remembered."""

PAGES = "text/html|application/xhtml+xml"
"""What a reservation in a page speaks about: the page, not the images in it (TDMRep)."""

_LINK = re.compile(r'<([^<>]{0,2048})>((?:\s*;\s*[\w*-]+\s*=\s*(?:"[^"]*"|[^\s;,"]+))*)')
_WEB = re.compile(r"\s*https?://", re.IGNORECASE)
_SPEAKING = frozenset({"content-usage", "x-robots-tag", "tdm-reservation", "tdm-policy", "link"})
_KEYS = (re.compile(rb'"url"\s*:'), re.compile(rb'"(?:headers|html|meta)"\s*:'))
_MAX_LINK = 8192
_WARC = (".warc", ".warc.gz")
_RSL = "application/rsl+xml"
_FIX = "export the archive again; a signal that can't be read might be a refusal"


class HeadersReader(StatementReader):
    """Reads stored responses: JSON lines, or a WARC archive."""

    name: ClassVar[str] = "headers"
    summary: ClassVar[str] = "stored responses: their headers and meta tags; JSONL or WARC"
    fields: ClassVar[tuple[str, ...]] = (
        "record_id",
        "statement_id",
        "subject_kind",
        "subject_value",
        "declarant_id",
        "declarant_name",
        "declarant_role",
        "authority_level",
        *FIELDS,
        *windows.FIELDS,
    )

    def recognises(self, path: Path, head: bytes) -> bool:  # noqa: ARG002
        """JSON lines whose first object has an address and headers."""
        return head.lstrip()[:1] in {b"{", b"["} and all(key.search(head) for key in _KEYS)

    def read(self, engine: Engine, export: Export, rules: ConsentRules) -> ir.Table:
        """See `RegistryReader.read`; what was said holds until the address was fetched again."""
        return windows.until_the_next(engine, super().read(engine, export, rules))

    def statements(self, export: Export, rules: ConsentRules) -> Iterator[Statement]:
        """See `StatementReader.statements`."""
        signals = _Signals(rules)
        for row, stored in _stored(export.path):
            try:
                yield from _statements(_response(row, stored), signals)
            except ValueError as error:
                raise RegistryError(f"{export.path}: record {row}: {error}", fix=_FIX) from error


def _stored(path: Path) -> Iterator[tuple[int, dict[str, Any] | web_archives.Response]]:
    """What an archive holds, with where it stands."""
    with path.open("rb") as file:
        head = file.read(16)
    if path.name.lower().endswith(_WARC) or head.startswith(b"WARC/"):
        answers = enumerate(web_archives.responses(path, html_meta.LIMIT), start=1)
        yield from ((row, found) for row, found in answers if _WEB.match(found.url))
    else:
        yield from json_records(path)


def _response(row: int, stored: dict[str, Any] | web_archives.Response) -> Response:
    if isinstance(stored, dict):
        return _of_json(row, stored)
    return Response(
        row=row,
        url=stored.url,
        headers=tuple((name.lower(), value) for name, value in stored.headers),
        status=stored.status,
        fetched_at=moment_of(stored.date),
        body=stored.body,
    )


def _of_json(row: int, record: dict[str, Any]) -> Response:
    url = record.get("url")
    if not isinstance(url, str) or not _WEB.match(url):
        raise ValueError(f"url is {text_of(url)[:80]!r}, no web address")
    status, headers = None, None
    if record.get("headers") is not None:
        status, headers = headers_of(record["headers"])
    stated = record.get("status")
    if isinstance(stated, int) or (isinstance(stated, str) and stated.isdecimal()):
        status = int(str(stated)[:6])
    meta, page = record.get("meta"), record.get("html")
    if meta is not None and not isinstance(meta, dict):
        raise ValueError("meta is no object of names and contents")
    return Response(
        row=row,
        url=url,
        headers=headers,
        status=status,
        fetched_at=moment_of(record.get("fetched_at", record.get("captured_at"))),
        body=page.encode("utf-8", "replace") if isinstance(page, str) else b"",
        meta=None if meta is None else pairs_of(meta),
    )


def _statements(response: Response, signals: _Signals) -> Iterator[Statement]:
    parts = {}
    if response.headers is not None:
        spoken = tuple(pair for pair in response.headers if pair[0] in _SPEAKING)
        parts["header"] = signals.of_headers(spoken)
    if response.meta is not None or response.body:
        parts["page"] = signals.of_page(response)
    number = 0
    for part, found in parts.items():
        place = f"{part} {response.url}"
        if response.fetched_at is not None and response.successful:
            yield windows.silent(response.row, place, response.fetched_at)
        for signal in found:
            if signal.decision == "allow" and not response.successful:
                continue  # An error's headers describe the error.
            number += 1
            host = host_of(response.url)
            if host is None:
                raise ValueError(f"{response.url[:80]!r} speaks of AI, and has no public host")
            yield {
                "row": response.row,
                "record_id": f"{response.row}-{number}",
                "statement_id": str(response.row),
                "subject_kind": "url",
                "subject_value": response.url,
                **said_by_host(host),
                **signal.fields(),
                **windows.captured(place, response.fetched_at),
            }


class _Signals:
    """Reads what responses say, each thing once; most responses of a host say the same."""

    def __init__(self, rules: ConsentRules) -> None:
        self._rules = rules
        self.of_headers = lru_cache(maxsize=CACHED)(self._of_headers)

    def of_page(self, response: Response) -> tuple[Signal, ...]:
        elements = list(response.meta or ())
        if response.body:
            content_type = next(iter(response.lines("content-type")), "")
            page = html_meta.decoded(response.body, content_type)
            elements += html_meta.meta_elements(page)
        found = [signal for pair in elements for signal in noai.of_meta(*pair, self._rules)]
        found += self._reservation("tdmrep_meta", elements, media_types=PAGES)
        return tuple(dict.fromkeys(found))

    def _of_headers(self, headers: tuple[tuple[str, str], ...]) -> tuple[Signal, ...]:
        usage = _named("content-usage", headers)
        found = list(content_usage(", ".join(usage), self._rules)) if usage else []
        for line in _named("x-robots-tag", headers):
            found += noai.of_header(line, self._rules)
        found += self._reservation("tdmrep_header", headers)
        for line in _named("link", headers):
            found += _license_links(line)
        return tuple(dict.fromkeys(found))

    def _reservation(
        self, scheme: str, pairs: Iterable[tuple[str, str]], *, media_types: str | None = None
    ) -> Iterator[Signal]:
        pairs = list(pairs)
        policy = next(iter(_named("tdm-policy", pairs)), None)
        values = dict.fromkeys(value.strip() for value in _named("tdm-reservation", pairs))
        if values.keys() >= {"0", "1"}:
            raw = f"tdm-reservation: {', '.join(values)}"
            yield tdm_properties.contradictory(scheme, raw, self._rules, media_types)
            return
        for value in values:
            yield tdm_properties.of_properties(
                scheme, value, policy, self._rules, media_types=media_types
            )


def _named(name: str, pairs: Iterable[tuple[str, str]]) -> list[str]:
    return [value for key, value in pairs if key == name]


def _license_links(line: str) -> Iterator[Signal]:
    """Terms by RSL that the header only points to (RSL 1.0: `rel="license"`)."""
    for link in _LINK.finditer(line[:_MAX_LINK]):
        words = link[2].lower().replace('"', " ").replace(";", " ").split()
        if _RSL in link[2].lower() and any(w in {"license", "rel=license"} for w in words):
            yield unreadable("rsl", link[0], "signal_document_missing")
