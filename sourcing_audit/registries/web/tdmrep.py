"""TDMRep files: which of a host's paths are reserved, the first matching rule counting."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ClassVar

from sourcing_audit.registries.linked.json_records import loads
from sourcing_audit.registries.statements import StatementReader
from sourcing_audit.registries.web import host_archives, tdm_properties
from sourcing_audit.registries.web.responses import text_of
from sourcing_audit.registries.web.signal import FIELDS, Signal, excerpt, said_by_host, unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sourcing_audit.registries.interface import Export
    from sourcing_audit.registries.statements import Statement
    from sourcing_audit.rules.consent import ConsentRules

SCHEME = "tdmrep_file"

DOCUMENT = host_archives.Document(
    name="tdmrep.json", paths=("/.well-known/tdmrep.json",), suffixes=(".json",)
)

_ABSOLUTE = re.compile(r"^https?://[^/?#]*", re.IGNORECASE)


class TdmrepReader(StatementReader):
    """Reads TDMRep files: one, a folder of them by host, JSON lines, or a WARC archive."""

    name: ClassVar[str] = "tdmrep"
    summary: ClassVar[str] = "TDMRep files (tdmrep.json): one, a folder of hosts, JSONL, WARC"
    folders: ClassVar[bool] = True
    fields: ClassVar[tuple[str, ...]] = (*host_archives.FIELDS, *FIELDS)

    def recognises(self, path: Path, head: bytes) -> bool:
        """A file of that name, a folder that holds some, or an archive of them by its name."""
        return host_archives.is_archive(path, head, DOCUMENT)

    def statements(self, export: Export, rules: ConsentRules) -> Iterator[Statement]:
        """See `StatementReader.statements`; a file holds until it was fetched again."""
        times = host_archives.Times(host_archives.captures(export.path, DOCUMENT))
        for capture in host_archives.captures(export.path, DOCUMENT):
            yield from _statements(capture, times.until(capture), rules)


def _statements(
    capture: host_archives.Capture, until: str | None, rules: ConsentRules
) -> Iterator[Statement]:
    if not capture.readable:
        return  # A host that doesn't serve the file doesn't take part.
    for nth, (pattern, signal) in enumerate(_rules(capture, rules)):
        priority = rules.schemes[SCHEME].priority(
            octets=len(pattern.encode("utf-8", "replace")),
            denies=signal.decision == "deny",
            nth=nth,
        )
        yield {
            **host_archives.held(capture, until),
            "record_id": f"{capture.row}-{nth + 1}",
            "statement_id": str(capture.row),
            "subject_kind": "url_pattern",
            "subject_value": capture.host + pattern,
            "priority": None if priority is None else str(priority),
            **said_by_host(capture.host),
            **signal.fields(),
        }


def _rules(capture: host_archives.Capture, rules: ConsentRules) -> Iterator[tuple[str, Signal]]:
    """Path pattern and signal of each rule, in order."""
    text = capture.body.decode("utf-8", "replace").lstrip("\ufeff \t\r\n")
    if not text or text.startswith("<"):
        return  # The page by which servers say that there is no such file.
    try:
        document = loads(text)
    except ValueError:
        problem = "signal_unreadable" if capture.cut else "signal_malformed"
        yield "/", unreadable(SCHEME, text, problem, _reserved(rules))
        return
    in_list = isinstance(document, list)
    if not in_list:
        wrapped = document.get("tdmrep") if isinstance(document, dict) else None
        document = wrapped if isinstance(wrapped, list) else [document]
    for entry in document:
        yield _rule(entry, rules, in_list=in_list)


def _rule(entry: Any, rules: ConsentRules, *, in_list: bool) -> tuple[str, Signal]:
    raw = text_of(entry)
    if not isinstance(entry, dict) or "tdm-reservation" not in entry:
        return "/", unreadable(SCHEME, raw, "signal_unreadable", _reserved(rules))
    value = entry["tdm-reservation"]
    signal = tdm_properties.of_properties(SCHEME, value, entry.get("tdm-policy"), rules)
    location = entry.get("location")
    pattern, as_specified = _pattern(location if isinstance(location, str) else "")
    as_specified = as_specified and in_list and isinstance(value, int)
    read = Signal(
        SCHEME,
        # What isn't written as it should be can still refuse, and permits nothing.
        "unknown" if signal.decision == "allow" and not as_specified else signal.decision,
        signal.uses,
        raw,
        signal.problem or (None if as_specified else "signal_malformed"),
        conditions=signal.conditions,
        scope_text=excerpt(f"location: {text_of(location)}"),
    )
    return pattern, read


def _pattern(location: str) -> tuple[str, bool]:
    """A path pattern, and whether the location was one."""
    if location.startswith("/"):
        return location, True
    if location.startswith("*"):
        return f"/{location}", True
    path = _ABSOLUTE.sub("", location.strip(), count=1)
    return (path if path.startswith("/") else f"/{path}"), False


def _reserved(rules: ConsentRules) -> str:
    """What a rule that can't be read would speak about."""
    return rules.signals.reservations["1"].uses
