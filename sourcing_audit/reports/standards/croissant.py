"""Croissant 1.0 (MLCommons) with its RAI fields, as JSON-LD: a card that stands by itself.

What Croissant asks for and an audit doesn't know (`url`, `creator`, `datePublished`) is left out
rather than made up; the dataset's own card has it. Records aren't described: the audit reads
columns as text, and a field without its true type would be a claim.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from sourcing_audit.model import NOASSERTION
from sourcing_audit.reports.interface import ReportFormat
from sourcing_audit.reports.standards import facts, licenses, places
from sourcing_audit.reports.standards.documents import json_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sourcing_audit.report import Report

CONFORMS_TO: Final = (
    "http://mlcommons.org/croissant/1.0",
    "http://mlcommons.org/croissant/RAI/1.0",
)
_CONTEXT: Final = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "dct": "http://purl.org/dc/terms/",
    "conformsTo": "dct:conformsTo",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
"""The context that Croissant 1.0 prescribes, here in full so that nobody has to fetch it."""

_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_LISTED: Final = re.compile(r"[A-Za-z0-9.+-]+")

Json = dict[str, Any]


class CroissantFormat(ReportFormat):
    """Writes the dataset as Croissant's metadata with its fields of responsible AI."""

    @property
    def name(self) -> str:
        """The format as a user asks for it."""
        return "croissant"

    @property
    def filename(self) -> str:
        """The file's name in the output folder."""
        return "report.croissant.json"

    def render(self, report: Report) -> bytes:
        """Return the card."""
        card: Json = {
            "@context": _CONTEXT,
            "@type": "sc:Dataset",
            "@id": f"urn:uuid:{facts.identifier(report)}",
            "conformsTo": list(CONFORMS_TO),
            "name": facts.name(report.dataset.name),
            "description": facts.line(report.disclosure.short),
            "sdPublisher": {"@type": "sc:SoftwareApplication", "name": facts.author(report)},
            "sdDatePublished": report.as_of.isoformat(),
            **_license(report),
            "distribution": list(_files(report)),
            **{key: value for key, value in _rai(report) if value},
        }
        return json_bytes(card)


def _license(report: Report) -> Json:
    """The licence where one is concluded for every item; what is declared is told in words."""
    concluded = licenses.of_dataset(report).concluded
    if concluded == NOASSERTION:
        return {}
    if _LISTED.fullmatch(concluded) and not concluded.startswith("LicenseRef-"):
        return {"license": f"https://spdx.org/licenses/{concluded}.html"}
    return {"license": concluded}


def _files(report: Report) -> Iterator[Json]:
    """The inputs; one without a SHA-256 would not be Croissant, and is named among the limits."""
    for number, source in enumerate(report.dataset.inputs):
        if _SHA256.fullmatch(source.sha256 or ""):
            file: Json = {
                "@type": "cr:FileObject",
                "@id": f"input-{number}",
                "name": facts.name(source.name),
                "contentUrl": places.uri(source.name),
                "encodingFormat": places.media_type(source.format),
                "sha256": source.sha256,
            }
            if source.size is not None:
                file["contentSize"] = f"{source.size} B"
            yield file


def _rai(report: Report) -> Iterator[tuple[str, str | list[str]]]:
    """The fields of RAI 1.0 that an audit can say something in."""
    whole = licenses.of_dataset(report)
    hosts = facts.joined(facts.host_counts(report))
    made_from = facts.joined(facts.lineage(report))
    collection = [
        f"Hosts of items, as on record: {hosts}." if hosts else "No host is on record.",
        f"Made from: {made_from}." if made_from else "",
    ]
    yield "rai:dataCollection", facts.line(" ".join(one for one in collection if one))
    yield "rai:dataCollectionMissingData", facts.joined(facts.known_gaps(report), " ")
    yield (
        "rai:dataLimitations",
        [
            facts.line(f"Licence declared: {whole.declared}. {whole.declared_why}"),
            facts.line(f"Licence concluded: {whole.concluded}. {whole.concluded_why}"),
            *(f"Licence: {one}." for one in licenses.by_items(report)),
            *(f"Status: {one}." for one in facts.status_counts(report)),
            *(
                facts.line(f"Input without a SHA-256, not in `distribution`: {source.name}.")
                for source in report.dataset.inputs
                if not _SHA256.fullmatch(source.sha256 or "")
            ),
            *(f"Waived: {facts.stopped(one)}" for one in facts.waivers(report)),
            *facts.limits(report),
        ],
    )
    yield (
        "rai:personalSensitiveInformation",
        [
            *facts.persons(report),
            *(f"Consent: {facts.stopped(one)}" for one in facts.consent_counts(report)),
        ],
    )
    yield (
        "rai:dataUseCases",
        [
            facts.line(
                f"Audited as of {report.as_of.isoformat()} for: {report.use.sentence}. Other uses"
                " were not judged."
            )
        ],
    )
