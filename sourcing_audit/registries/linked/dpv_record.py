"""What a DPV consent record says: its processes, parties and the events of its consent."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sourcing_audit.registries.linked import durations
from sourcing_audit.registries.linked.jsonld import as_list, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sourcing_audit.registries.linked.jsonld import Document, Node
    from sourcing_audit.rules.dpv import DpvTerms

Fields = dict[str, str | None]

STATUSES = ("dpv:hasConsentStatus", "dpv:hasStatus")
_IDS = ("dct:identifier", "dpv:hasIdentifier")
_CODE = 2
"""Letters of a country's code."""


@dataclass(frozen=True)
class Event:
    """Something that happened to the consent: it was given, refused or withdrawn."""

    what: str | None
    """A value of the rules' field `event`; None for a status that they don't know."""
    raw: str
    at: str | None
    speakers: tuple[str, ...]
    """Roles of those who expressed it."""
    speaker_id: str | None
    term: Fields
    """Duration, as fields of the record."""
    readable: bool
    """Whether its duration could be read."""


@dataclass(frozen=True)
class Record:
    """One node of the type ConsentRecord."""

    document: Document
    node: Node
    terms: DpvTerms
    processes: tuple[Node, ...] = field(init=False)

    def __post_init__(self) -> None:
        found = self.document.values(self.node, "dpv:hasProcess", "dpv:hasPersonalDataHandling")
        nodes = [one for one in found if isinstance(one, dict)]
        object.__setattr__(self, "processes", tuple(nodes or [{}]))

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """What a manifest may call it: its identifier, and its address."""
        given = [text(one) for one in self.document.values(self.node, *_IDS)]
        given += [text(one) for one in as_list(self.node.get("@id"))]
        return tuple(dict.fromkeys(one for one in given if one))

    @cached_property
    def person(self) -> str | None:
        """The id of the data subject; None where only a category is named."""
        for one in self.document.values(self.node, "dpv:hasDataSubject"):
            name = text(one)
            if name and not self.document.is_term(name):
                return name
        return None

    @cached_property
    def common(self) -> Fields:
        """Fields that hold for every event and process."""
        types = self._types("dpv:hasDataSubject")
        controls = self.document.values(self.node, "dpv:hasConsentControl", "dpv:hasRight")
        for process in self.processes:
            controls += self.document.values(process, "dpv:hasConsentControl", "dpv:hasRight")
        ways = [
            text(one.get("dpv:isExercisedAt"))
            for one in controls
            if isinstance(one, dict) and self.terms.of("withdrawal", self.document.types(one))
        ]
        method = next((way for way in ways if way), None)
        notices = (text(one) for one in self.document.values(self.node, "dpv:hasNotice"))
        address = text(self.node.get("@id")) or ""
        return {
            "person_status": _first(self.terms.of("person", types)),
            "revocable": "yes" if method else None,
            "revocation_method": method,
            "notice_uri": next((one for one in notices if one), None),
            "evidence_uri": address if "://" in address else None,
            "recorded_at": text(
                _first(self.document.values(self.node, "dct:issued", "dct:created"))
            ),
        }

    def uses(self, process: Node) -> str:
        """The uses that a permission of this process covers: those that it states itself."""
        return "|".join(sorted(set(_split(self.terms.of("grants", self._said(process))))))

    @cached_property
    def refused_uses(self) -> str:
        """What a refusal is about: everything, unless every purpose is understood."""
        said = {term for process in self.processes for term in self._said(process)}
        if not said or not all(self.terms.knows("refuses", term) for term in said):
            return ""
        return "|".join(sorted(set(_split(self.terms.of("refuses", said)))))

    def limits(self, process: Node) -> tuple[Fields, bool]:
        """Fields that limit a permission of this process, and whether all of them are readable."""
        fields: Fields = {}
        purposes = [one for one in self._said(process) if not self.terms.knows("grants", one)]
        named = self._purposes(process, purposes)
        fields["scope_kind"] = "specific_project" if named else "general_training"
        fields["scope_id"] = " and ".join(named) or None
        fields["scope_text"] = "; ".join(sorted(self._said(process)))[:500] or None
        territory, readable = self._territory(process)
        fields["territory"] = territory
        data = self._types("dpv:hasPersonalData", process)
        unknown = sorted(one for one in data if not self.terms.knows("media", one))
        fields["media_types"] = "|".join(self.terms.of("media", data)) or None
        if unknown:
            fields["conditions"] = json.dumps({"personal_data": unknown}, ensure_ascii=False)
        fees = self._types("dpv:hasFee", process)
        fields["compensation_kind"] = _first(self.terms.of("compensation", fees))
        return fields | self._deletion(process), readable

    def grantees(self, process: Node) -> tuple[str, ...]:
        """Who may: the controllers, and who receives the data in this process."""
        found = []
        for node, names in (
            (self.node, ("dpv:hasDataController",)),
            (process, ("dpv:hasDataController", "dpv:hasRecipient")),
        ):
            found += [text(one) for one in self.document.values(node, *names)]
        return tuple(dict.fromkeys(one for one in found if one and not self.document.is_term(one)))

    def events(self) -> Iterator[Event]:
        """The events in their order in time, or as they are listed where one has no time."""
        found = [
            self._event(one)
            for one in self.document.values(self.node, *STATUSES)
            if self._is_consent(one)
        ]
        if all(event.at for event in found):
            found.sort(key=lambda event: event.at or "")
        yield from found

    def _is_consent(self, status: Any) -> bool:
        types = self.document.types(status)
        here = as_list(self.node.get("dpv:hasConsentStatus"))
        return any("Consent" in term for term in types) or status in here

    def _event(self, status: Any) -> Event:
        node = status if isinstance(status, dict) else {}
        types = self.document.types(status)
        what = self.terms.of("event", types)
        times = self.document.values(node, "dpv:isIndicatedAtTime", "dct:date")
        at = text(_first(times))
        said_by = self.document.values(node, "dpv:isIndicatedBy", "dpv:isImplementedByEntity")
        roles = [role for one in said_by for role in self._roles(one)]
        names = [text(one) for one in said_by if isinstance(one, dict) or not self._is_term(one)]
        term, readable = self._duration(node, at)
        return Event(
            what=what[0] if len(what) == 1 else None,
            raw=", ".join(sorted(types)),
            at=at,
            speakers=tuple(dict.fromkeys(roles)),
            speaker_id=next((name for name in names if name), None),
            term=term,
            readable=readable,
        )

    def _is_term(self, value: Any) -> bool:
        return isinstance(value, str) and self.document.is_term(value)

    def _roles(self, party: Any) -> list[str]:
        roles = self.terms.of("speaker", self.document.types(party))
        if not roles and self.person is not None and text(party) == self.person:
            return self.terms.of("speaker", ["dpv:DataSubject"])
        return roles

    def _duration(self, node: Node, at: str | None) -> tuple[Fields, bool]:
        """The end of the consent; of several the first."""
        found: list[Fields | None] = [
            self._one_duration(one, at)
            for one in self.document.values(node, "dpv:hasDuration", "dct:valid")
        ]
        read = [one for one in found if one is not None]
        if not found:
            return {}, True
        dated = sorted((one for one in read if one.get("valid_until")), key=_end)
        return next(iter(dated or read), {}), len(read) == len(found)

    def _one_duration(self, value: Any, at: str | None) -> Fields | None:
        stated = text(value) or ""
        kinds = self.terms.of("duration", self.document.types(value))
        kind = kinds[0] if kinds else "temporal" if stated.startswith("P") else "until_time"
        match kind:
            case "temporal":
                until = durations.end(at, stated) if at else None
                return {"duration_kind": "fixed", "valid_until": until} if until or not at else None
            case "until_time":
                until = durations.day_after(stated)
                return {"duration_kind": "fixed", "valid_until": until} if until else None
            case "until_event":
                return {"duration_kind": kind, "duration_event": stated or None}
            case _:
                return {"duration_kind": kind}

    def _territory(self, process: Node) -> tuple[str | None, bool]:
        """Where a permission holds; not readable where a place is none that the rules know."""
        places: list[str] = []
        for term in self._types("dpv:hasJurisdiction", process):
            known = self.terms.of("territory", [term])
            code = term.removeprefix("loc:")
            if known:
                places += _split(known)
            elif term.startswith("loc:") and len(code) == _CODE and code.isalpha():
                places.append(code)
            else:
                return None, False
        return "|".join(sorted(set(places))) or None, True

    def _deletion(self, process: Node) -> Fields:
        for one in self.document.values(process, "dpv:hasStorageCondition"):
            kinds = self.terms.of("deletion", self.document.types(one))
            if kinds and isinstance(one, dict):
                within = durations.most_days(text(one.get("dpv:hasDuration")) or "")
                days = None if within is None else str(within)
                return {"deletion_mechanism": kinds[0], "deletion_sla_days": days}
        return {}

    def _said(self, process: Node) -> set[str]:
        return self._types("dpv:hasPurpose", process) | self._types("dpv:hasProcessing", process)

    def _purposes(self, process: Node, terms: list[str]) -> list[str]:
        """Purposes that aren't the training itself: the permission is for these alone."""
        purposes = self._types("dpv:hasPurpose", process)
        return sorted(one for one in terms if one in purposes)

    def _types(self, name: str, process: Node | None = None) -> set[str]:
        values = self.document.values(self.node, name)
        values += self.document.values(process or {}, name)
        return {term for one in values for term in self.document.types(one)}


def _end(term: Fields) -> str:
    return term.get("valid_until") or ""


def _first(values: list[Any]) -> Any:
    return values[0] if values else None


def _split(values: list[str]) -> list[str]:
    return [part for value in values for part in value.split("|")]
