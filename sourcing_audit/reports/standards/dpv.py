"""W3C Data Privacy Vocabulary 2.3 as JSON-LD: what the registries say, as statuses of consent.

The document tells counts. It holds no `dpv:ConsentRecord`, because nobody's single consent is
known from it. DPV's words are about the consent of data subjects; here creators' answers are told
in them too, which every part says in its description. The context stands in the document, so that
nothing is fetched.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from sourcing_audit.model import WORLDWIDE, Activity, ConsentStatus
from sourcing_audit.reports import endings, wording
from sourcing_audit.reports.interface import ReportFormat
from sourcing_audit.reports.quantities import plural
from sourcing_audit.reports.standards import facts
from sourcing_audit.reports.standards.documents import json_bytes

if TYPE_CHECKING:
    from sourcing_audit.report import ConsentCount, Expiring, Registry, Report

CONTEXT: Final = {
    "dpv": "https://w3id.org/dpv#",
    "ai": "https://w3id.org/dpv/ai#",
    "loc": "https://w3id.org/dpv/loc#",
    "dct": "http://purl.org/dc/terms/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}

_INVALID: Final = "dpv:ConsentStatusInvalidForProcessing"
_UNKNOWN: Final = "dpv:ConsentUnknown"
STATUSES: Final[dict[ConsentStatus, str]] = {
    ConsentStatus.DENIED: "dpv:ConsentRefused",
    # DPV tells apart who took a consent back; the count doesn't.
    ConsentStatus.REVOKED: _INVALID,
    ConsentStatus.EXPIRED: "dpv:ConsentExpired",
    ConsentStatus.APPROVAL_MISSING: _INVALID,
    ConsentStatus.CONDITIONAL_UNMET: _INVALID,
    ConsentStatus.CONSENT_COMPLETE: "dpv:ConsentGiven",
    ConsentStatus.CONSENT_INCOMPLETE: _INVALID,
    ConsentStatus.OUT_OF_SCOPE: _INVALID,
    # A permission by signal isn't consent, and silence is unknown (precedence rules P9, P10).
    ConsentStatus.PERMITTED_BY_SIGNAL: _UNKNOWN,
    ConsentStatus.REVIEW: _UNKNOWN,
    ConsentStatus.UNKNOWN: _UNKNOWN,
}
"""DPV's status for each answer of the registries; an agreement is a contract and no consent."""

_SPEAKERS: Final = " Creators, rightsholders, hosts or persons shown are recorded as saying so."
_TRAINING: Final = frozenset({Activity.TRAIN_GENERATIVE, Activity.TRAIN_NON_GENERATIVE})
_COUNTRY: Final = re.compile(r"[A-Z]{2}")

Node = dict[str, Any]


class DpvFormat(ReportFormat):
    """Writes the consent findings as linked data."""

    @property
    def name(self) -> str:
        """The format as a user asks for it."""
        return "dpv"

    @property
    def filename(self) -> str:
        """The file's name in the output folder."""
        return "report.dpv.jsonld"

    def render(self, report: Report) -> bytes:
        """Return the intended use as a process, with a part for every answer of the registries."""
        base = f"urn:uuid:{facts.identifier(report)}"
        notes = [
            *([] if report.asked else [wording.NO_REGISTRY]),
            *facts.persons(report),
            *facts.limits(report),
            *([endings.sentence(report)] if report.consent.expiring else []),
        ]
        parts = [_answer(one, base) for one in report.consent.counts]
        parts += [_ending(one, f"{base}#ends-{n}") for n, one in enumerate(report.consent.expiring)]
        return json_bytes(
            {
                "@context": CONTEXT,
                "@id": base,
                "@type": "dpv:Process",
                "dct:title": facts.name(report.dataset.name),
                "dct:description": facts.line(f"{report.use.sentence}. {report.sentence}"),
                "dct:issued": {"@value": report.as_of.isoformat(), "@type": "xsd:date"},
                "dct:creator": {"@type": "dct:Agent", "dct:title": facts.author(report)},
                **_use(report),
                "dct:source": [
                    _registry(one, f"{base}#registry-{number}")
                    for number, one in enumerate(report.registries)
                ],
                "dpv:hasProcess": parts,
                "skos:note": notes,
            }
        )


def _use(report: Report) -> Node:
    trains = report.use.activity in _TRAINING
    found: Node = {
        "dpv:hasData": {
            "@type": "ai:TrainingData" if trains else "dpv:Data",
            "dct:title": facts.name(report.dataset.name),
            "dct:extent": _extent(report.totals.items_in),
        }
    }
    if trains:
        found["dpv:hasProcessing"] = {"@id": "ai:ModelTraining"}
    countries = [code for code in report.use.territory if _COUNTRY.fullmatch(code)]
    if countries and WORLDWIDE not in report.use.territory:
        found["dpv:hasJurisdiction"] = [{"@id": f"loc:{code}"} for code in countries]
    return found


def _answer(one: ConsentCount, base: str) -> Node:
    """Items with one answer; an answer that this version doesn't know is told as unknown."""
    known = [status for status in ConsentStatus if status.value == one.consent_status]
    silent = known == [ConsentStatus.UNKNOWN]
    node: Node = {
        "@id": f"{base}#{known[0] if known else 'other'}",
        "@type": "dpv:Process",
        "dct:title": facts.name(one.label),
        "dct:description": facts.line(
            f"{plural(one.items, 'item')}: {one.label}.{'' if silent else _SPEAKERS}"
        ),
        "dct:extent": _extent(one.items),
    }
    if known == [ConsentStatus.AGREEMENT]:
        return node | {"dpv:hasLegalBasis": {"@type": "dpv:Contract"}}
    status = STATUSES[known[0]] if known else _UNKNOWN
    return node | {"dpv:hasConsentStatus": {"@type": status}}


def _ending(one: Expiring, identifier: str) -> Node:
    """What ends: the consent itself, or, of a consent that goes on, the approval that it needs."""
    value = {"@value": one.valid_until.isoformat(), "@type": "xsd:dateTime"}
    until = {"@type": "dpv:UntilTimeDuration", "rdf:value": value}
    node: Node = {
        "@id": identifier,
        "@type": "dpv:Process",
        "dct:title": "Consent that ends within 90 days",
        "dct:extent": _extent(one.items),
    }
    consent: Node = {
        "@type": "dpv:Consent",
        "dct:identifier": facts.name(one.approves or one.record_id),
        "dct:source": {"dct:title": facts.name(one.registry)},
    }
    if one.approves is None:
        return node | {"dpv:hasLegalBasis": consent | {"dpv:hasDuration": until}}
    return node | {
        "dct:title": "Approval of a consent that ends within 90 days (AIMEG 3.4)",
        "dct:identifier": facts.name(one.record_id),
        "dpv:hasLegalBasis": consent,
        "dpv:hasDuration": until,
    }


def _registry(registry: Registry, identifier: str) -> Node:
    node: Node = {
        "@id": identifier,
        "dct:title": facts.name(registry.name),
        "dct:identifier": f"sha256:{facts.name(registry.sha256)}",
        "skos:note": facts.line(
            f"{plural(registry.records, 'record')}, of which {registry.matched_records} speak about"
            f" {plural(registry.matched_items, 'item')}."
        ),
    }
    if registry.snapshot_at is not None:
        stamp = registry.snapshot_at.isoformat()
        node["dct:issued"] = {"@value": stamp, "@type": "xsd:dateTime"}
    return node


def _extent(items: int) -> Node:
    return {"@type": "dct:SizeOrDuration", "rdf:value": items, "dct:title": "items"}
