"""W3C DPV consent records and receipts (ISO/IEC TS 27560) in JSON-LD."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from sourcing_audit.errors import RegistryError
from sourcing_audit.registries.linked.dpv_record import STATUSES, Event, Fields, Record
from sourcing_audit.registries.linked.jsonld import DEEPEST, Document, TooDeepError
from sourcing_audit.registries.lists.documents import EXCERPT, document, lines
from sourcing_audit.registries.statements import Statement, StatementReader

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sourcing_audit.registries.interface import Export
    from sourcing_audit.rules.consent import ConsentRules

_ROW_MOST = 10_000
"""Rows that one consent record may become; beyond that it is no consent record."""


class DpvReader(StatementReader):
    """Reads consent records as lists of events, each of which becomes statements of its own.

    A record speaks for the person: it is found by the data subject's id (`subject_id`) and by its
    own identifier where the manifest names it (`consent_id`).
    """

    name: ClassVar[str] = "dpv"
    summary: ClassVar[str] = "W3C DPV / ISO/IEC TS 27560 consent records and receipts in JSON-LD"
    fields: ClassVar[tuple[str, ...]] = (
        "record_id",
        "statement_id",
        "record_type",
        "refers_to",
        "signal_raw",
        "problem",
        "subject_kind",
        "subject_value",
        "declarant_id",
        "declarant_role",
        "authority_level",
        "person_status",
        "approver_role",
        "approver_id",
        "approval_at",
        "grantee_id",
        "decision",
        "uses",
        "scope_kind",
        "scope_id",
        "scope_text",
        "territory",
        "media_types",
        "conditions",
        "declared_at",
        "recorded_at",
        "valid_until",
        "duration_kind",
        "duration_event",
        "compensation_kind",
        "revocable",
        "revocation_method",
        "deletion_mechanism",
        "deletion_sla_days",
        "notice_uri",
        "evidence_uri",
    )

    def recognises(self, path: Path, head: bytes) -> bool:
        """By the vocabulary's names."""
        return path.is_file() and (b"ConsentRecord" in head or b"ConsentReceipt" in head)

    def statements(self, export: Export, rules: ConsentRules) -> Iterator[Statement]:
        """See `StatementReader.statements`."""
        nth = 0
        for read in _documents(export.path):
            for node in _records(read):
                nth += 1
                record = Record(read, node, rules.dpv)
                yield from _rows(export.path, nth, record)
        if not nth:
            raise RegistryError(
                f"{export.path}: holds no dpv:ConsentRecord",
                fix="check the FORMAT: before the path",
            )


def _documents(path: Path) -> Iterator[Document]:
    try:
        if path.suffix.lower() in {".jsonl", ".ndjson"}:
            for number, line in lines(path):
                try:
                    yield Document(json.loads(line))
                except ValueError as error:
                    raise RegistryError(
                        f"{path}: line {number}: is no JSON: {error}", fix="export the file again"
                    ) from error
        else:
            yield Document(document(path, repeated=True))
    except (TooDeepError, RecursionError) as error:
        raise RegistryError(
            f"{path}: has more than {DEEPEST} levels", fix="check that it is a registry export"
        ) from error


def _records(read: Document) -> Iterator[dict[str, object]]:
    """Consent records; what only names one that stands elsewhere is none."""
    for node in read.nodes():
        if "dpv:ConsentRecord" in read.types(node) or any(name in node for name in STATUSES):
            mere_name = not set(node) - {"@id", "@type"}
            if not mere_name or read.values({"it": node.get("@id")}, "it") == [node.get("@id")]:
                yield node


@dataclass
class _Story:
    """The statements of one record so far."""

    record: Record
    path: Path
    row: int
    name: str
    open_grants: list[str] = field(default_factory=list)
    """The statements that a withdrawal takes back."""
    first_grant: str | None = None

    def subjects(self) -> list[tuple[str, str]]:
        found = [("consent_id", one) for one in self.record.ids]
        if self.record.person:
            found.insert(0, ("subject_id", self.record.person))
        if not found:
            raise RegistryError(
                f"{self.path}: consent record {self.row} names neither its data subject nor itself",
                fix="give it dpv:hasDataSubject or dct:identifier",
            )
        return found


def _rows(path: Path, nth: int, record: Record) -> Iterator[Statement]:
    name = record.ids[0] if record.ids else f"record {nth}"
    story = _Story(record, path, nth, f"{nth} {name}"[:200])
    events = list(record.events())
    count = 0
    for place, event in enumerate(events or [_NO_EVENT], start=1):
        later = [one.at for one in events[place:] if one.what == "expired" and one.at]
        for statement in _of_event(story, place, event, min(later, default=None)):
            count += 1
            if count > _ROW_MOST:
                raise RegistryError(
                    f"{path}: consent record {nth} has more than {_ROW_MOST:,} combinations of "
                    "parties, processes and events",
                    fix="split the record",
                )
            yield statement


_NO_EVENT = Event(None, "no consent status", None, (), None, {}, readable=True)


def _of_event(story: _Story, place: int, event: Event, expiry: str | None) -> Iterator[Statement]:
    match event.what:
        case "given" | "renewed":
            yield from _grants(story, place, event, expiry)
        case "refused" | "withdrawn":
            yield from _refusals(story, place, event)
        case "expired" if event.at or not story.open_grants:
            yield from _plain(story, place, event, "unknown", None)
        case "expired":
            # Nobody says when: every consent before it is over.
            yield from _refusals(story, place, event)
        case "undecided":
            yield from _plain(story, place, event, "unknown", None)
        case _:
            yield from _plain(story, place, event, "unknown", "signal_unreadable")


def _grants(story: _Story, place: int, event: Event, expiry: str | None) -> Iterator[Statement]:
    record, statement_id = story.record, f"{story.name}#{place}"
    rows: list[dict[str, str | int | None]] = []
    for process in record.processes:
        limits, readable = record.limits(process)
        readable = readable and event.readable
        ends = [one for one in (event.term.get("valid_until"), expiry) if one]
        until = {"valid_until": min(ends), "duration_kind": "fixed"} if ends else {}
        for grantee in record.grantees(process) or (None,):
            for kind, value in story.subjects():
                decision = "conditional" if limits.get("conditions") else "allow"
                rows.append(
                    {
                        **_row(story, f"{statement_id}.{len(rows) + 1}", event, (kind, value)),
                        **limits,
                        **event.term,
                        **until,
                        "statement_id": statement_id,
                        "record_type": "consent" if readable else None,
                        "grantee_id": grantee,
                        "decision": decision if readable else "unknown",
                        "problem": None if readable else "signal_unreadable",
                        "uses": record.uses(process) or None,
                        **_approval(event),
                    }
                )
    if event.what == "renewed" and story.first_grant:
        for at, row in enumerate(rows, start=1):
            if row["record_type"]:
                row |= {"record_type": "renewal", "refers_to": f"{story.first_grant}.{at}"}
    elif rows and rows[0]["record_type"]:
        story.first_grant = story.first_grant or statement_id
    story.open_grants.append(statement_id)
    yield from rows


def _approval(event: Event) -> Fields:
    if "guardian" not in event.speakers:
        return {}
    return {
        "approver_role": "guardian",
        "approver_id": event.speaker_id,
        "approval_at": event.at,
    }


def _refusals(story: _Story, place: int, event: Event) -> Iterator[Statement]:
    """A refusal, for each consent that it takes back."""
    taken_back = list(story.open_grants) if event.what != "refused" else []
    story.open_grants.clear()
    statement_id = f"{story.name}#{place}"
    number = 0
    for target in taken_back or (None,):
        for subject in story.subjects():
            number += 1
            yield {
                **_row(story, f"{statement_id}.{number}", event, subject),
                "statement_id": statement_id,
                "record_type": "revocation" if target else "refusal",
                "refers_to": target,
                "decision": "deny",
                "uses": story.record.refused_uses or None,
            }


def _plain(
    story: _Story, place: int, event: Event, decision: str, problem: str | None
) -> Iterator[Statement]:
    statement_id = f"{story.name}#{place}"
    for number, subject in enumerate(story.subjects(), start=1):
        yield {
            **_row(story, f"{statement_id}.{number}", event, subject),
            "statement_id": statement_id,
            "decision": decision,
            "problem": problem,
        }


def _row(
    story: _Story, record_id: str, event: Event, subject: tuple[str, str]
) -> dict[str, str | int | None]:
    roles = event.speakers
    role = "performer" if "performer" in roles else roles[0] if roles else "unknown"
    person = story.record.person if role == "performer" else None
    return {
        "row": story.row,
        "record_id": record_id,
        "signal_raw": event.raw[:EXCERPT],
        "subject_kind": subject[0],
        "subject_value": subject[1],
        "declarant_id": person or event.speaker_id,
        "declarant_role": role,
        # The controller keeps the record; nobody else vouches for it.
        "authority_level": "self_asserted",
        "declared_at": event.at,
        **story.record.common,
    }
