"""SPDX 3.0.1 as JSON-LD, through SPDX' own bindings: the dataset as a `DatasetPackage`.

The document says that it conforms to the profiles Core, Software and SimpleLicensing. To the
Dataset profile it can't: that asks who originated the dataset, when it was built and released, and
where it can be downloaded, none of which an audit knows. Of the profile's fields those are filled
that an audit can say something in.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from sourcing_audit.model import NOASSERTION
from sourcing_audit.reports.interface import ReportFormat
from sourcing_audit.reports.quantities import plural
from sourcing_audit.reports.standards import facts, licenses, places
from sourcing_audit.reports.standards.documents import json_bytes, need

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sourcing_audit.report import Input, Report

SPEC_VERSION: Final = "3.0.1"
_SHA256: Final = re.compile(r"[0-9a-f]{64}")


class Spdx3Format(ReportFormat):
    """Writes the dataset with its licences, inputs and gaps as SPDX 3."""

    @property
    def name(self) -> str:
        """The format as a user asks for it."""
        return "spdx3"

    @property
    def filename(self) -> str:
        """The file's name in the output folder."""
        return "report.spdx3.json"

    def check(self) -> None:
        """See `ReportFormat.check`."""
        need("spdx_python_model", self.name)

    def render(self, report: Report) -> bytes:
        """Return the document."""
        self.check()
        from spdx_python_model import v3_0_1 as spdx

        elements = spdx.SHACLObjectSet()
        for element in _Elements(report).all():
            elements.add(element)
        return json_bytes(spdx.JSONLDSerializer().serialize_data(elements, force_at_graph=True))


class _Elements:
    """The elements of one document, which all have the same creation information."""

    def __init__(self, report: Report) -> None:
        from spdx_python_model import v3_0_1 as spdx

        self._spdx = spdx
        self._report = report
        self._base = f"urn:uuid:{facts.identifier(report)}"
        self._agent = f"{self._base}#tool"
        self._info = spdx.CreationInfo(
            specVersion=SPEC_VERSION,
            created=facts.moment(report),
            createdBy=[self._agent],
            comment="`created` is the day that the audit holds for.",
        )

    def all(self) -> Iterator[Any]:
        """Every element, the document first."""
        spdx, report = self._spdx, self._report
        dataset = self._dataset()
        inputs = [self._input(source, n) for n, source in enumerate(report.dataset.inputs)]
        stated = list(self._licenses(dataset))
        parts = [
            self._element(spdx.SoftwareAgent, "tool", name=facts.author(report)),
            dataset,
            *inputs,
            *stated,
            *self._annotations(dataset),
        ]
        if inputs:
            parts.append(self._relation(dataset, "hasDataFile", [one.spdxId for one in inputs]))
        yield self._element(
            spdx.SpdxDocument,
            "document",
            name=facts.name(report.dataset.name),
            comment=facts.line(report.disclosure.short),
            rootElement=[dataset.spdxId],
            element=[one.spdxId for one in parts],
            profileConformance=[
                spdx.ProfileIdentifierType.core,
                spdx.ProfileIdentifierType.software,
                spdx.ProfileIdentifierType.simpleLicensing,
            ],
        )
        yield from parts

    def _element(self, kind: Any, key: str, **fields: Any) -> Any:
        return kind(spdxId=f"{self._base}#{key}", creationInfo=self._info, **fields)

    def _dataset(self) -> Any:
        spdx, report = self._spdx, self._report
        hosts = facts.joined(facts.host_counts(report))
        made_from = facts.joined(facts.lineage(report))
        collected = [
            f"Hosts of items, as on record: {hosts}." if hosts else "No host is on record.",
            f"Made from: {made_from}." if made_from else "",
        ]
        return self._element(
            spdx.dataset_DatasetPackage,
            "dataset",
            name=facts.name(report.dataset.name),
            summary=facts.line(report.sentence),
            comment=facts.line(
                f"Audited for: {report.use.sentence}. Rules: version {report.rules.version},"
                f" SHA-256 {report.rules.digest}."
            ),
            software_primaryPurpose=spdx.software_SoftwarePurpose.data,
            dataset_datasetType=[spdx.dataset_DatasetType.noAssertion],
            dataset_dataCollectionProcess=facts.line(" ".join(collected).strip()),
            # Whether persons are shown is told in an annotation; how sensitive that is isn't known.
            dataset_hasSensitivePersonalInformation=spdx.PresenceType.noAssertion,
        )

    def _input(self, source: Input, number: int) -> Any:
        spdx = self._spdx
        hashed = _SHA256.fullmatch(source.sha256 or "")
        told = f"{plural(source.items, 'item')}, {source.quarantined} quarantined."
        version = f" Version read: {source.version}." if source.version else ""
        return self._element(
            spdx.software_File,
            f"input-{number}",
            name=facts.name(source.name),
            comment=facts.line(
                ("Could not be read; its items are not known." if source.unreadable else told)
                + version
            ),
            contentType=places.media_type(source.format),
            software_primaryPurpose=spdx.software_SoftwarePurpose.data,
            verifiedUsing=[
                spdx.Hash(algorithm=spdx.HashAlgorithm.sha256, hashValue=str(source.sha256))
            ]
            if hashed
            else [],
        )

    def _licenses(self, dataset: Any) -> Iterator[Any]:
        whole = licenses.of_dataset(self._report)
        for key, relation, expression, why in (
            ("declared", "hasDeclaredLicense", whole.declared, whole.declared_why),
            ("concluded", "hasConcludedLicense", whole.concluded, whole.concluded_why),
        ):
            nothing = self._spdx.expandedlicensing_IndividualLicensingInfo.NoAssertionLicense
            target = nothing
            if expression != NOASSERTION:
                stated = self._element(
                    self._spdx.simplelicensing_LicenseExpression,
                    f"license-{key}",
                    simplelicensing_licenseExpression=expression,
                )
                target = stated.spdxId
                yield stated
            yield self._relation(dataset, relation, [target], comment=facts.line(why))

    def _relation(self, origin: Any, kind: str, targets: list[str], **fields: Any) -> Any:
        return self._element(
            self._spdx.Relationship,
            f"relation-{kind}",
            from_=origin.spdxId,
            relationshipType=getattr(self._spdx.RelationshipType, kind),
            to=targets,
            **fields,
        )

    def _annotations(self, dataset: Any) -> Iterator[Any]:
        for number, (title, lines) in enumerate(facts.findings(self._report)):
            yield self._element(
                self._spdx.Annotation,
                f"annotation-{number}",
                annotationType=self._spdx.AnnotationType.other,
                subject=dataset.spdxId,
                statement=facts.line(f"{title}: {facts.joined(lines, ' ')}"),
            )
