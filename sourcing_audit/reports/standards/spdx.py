"""SPDX 2.3 as JSON, through spdx-tools: the dataset and its inputs as packages.

Not SPDX 3.0: what spdx-tools 0.8 calls 3.0 is a model from before the release, with names that
the released one hasn't, which it can write but neither read nor validate. 2.3 is what tools read,
and the library checks it in full.

Inputs are packages rather than files, because 2.3 asks for the SHA-1 of every file, which an audit
doesn't take.
"""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Final

from sourcing_audit.escape import json_text
from sourcing_audit.model import NOASSERTION
from sourcing_audit.reports.interface import ReportFormat
from sourcing_audit.reports.quantities import plural
from sourcing_audit.reports.standards import facts, licenses
from sourcing_audit.reports.standards.documents import need

if TYPE_CHECKING:
    from license_expression import LicenseExpression
    from spdx_tools.spdx.model import (
        Annotation,
        Document,
        ExtractedLicensingInfo,
        Package,
        SpdxNoAssertion,
    )

    from sourcing_audit.report import Input, Report

_DOCUMENT: Final = "SPDXRef-DOCUMENT"
_PACKAGE: Final = "SPDXRef-Dataset"
_SHA256: Final = re.compile(r"[0-9a-f]{64}")


class SpdxFormat(ReportFormat):
    """Writes the dataset with its declared and its concluded licence."""

    @property
    def name(self) -> str:
        """The format as a user asks for it."""
        return "spdx"

    @property
    def filename(self) -> str:
        """The file's name in the output folder."""
        return "report.spdx.json"

    def check(self) -> None:
        """See `ReportFormat.check`."""
        need("spdx_tools", self.name)

    def render(self, report: Report) -> bytes:
        """Return the document."""
        from spdx_tools.spdx.writer.json.json_writer import write_document_to_stream

        self.check()
        text = io.StringIO()
        # The tests hold that what is built here is valid, with hostile names too; to check
        # thousands of inputs at every audit would only take time.
        write_document_to_stream(_document(report), text, validate=False)
        return (json_text(text.getvalue()) + "\n").encode()


def _document(report: Report) -> Document:
    from spdx_tools.spdx.model import (
        Actor,
        ActorType,
        CreationInfo,
        Document,
        Relationship,
        RelationshipType,
    )

    whole = licenses.of_dataset(report)
    inputs = [_input(source, number) for number, source in enumerate(report.dataset.inputs)]
    describes = Relationship(_DOCUMENT, RelationshipType.DESCRIBES, _PACKAGE)
    parts = [Relationship(one.spdx_id, RelationshipType.DATA_FILE_OF, _PACKAGE) for one in inputs]
    return Document(
        CreationInfo(
            spdx_version="SPDX-2.3",
            spdx_id=_DOCUMENT,
            name=facts.name(report.dataset.name),
            document_namespace=f"urn:uuid:{facts.identifier(report)}",
            creators=[Actor(ActorType.TOOL, facts.author(report))],
            created=facts.moment(report),
            creator_comment="`created` is the day that the audit holds for.",
            document_comment=facts.line(report.disclosure.short),
        ),
        packages=[_package(report, whole), *inputs],
        annotations=list(_annotations(report)),
        relationships=[describes, *parts],
        extracted_licensing_info=[
            _own_license(ref, report)
            for ref in licenses.references([whole.declared, whole.concluded])
        ],
    )


def _package(report: Report, whole: licenses.Licenses) -> Package:
    from spdx_tools.spdx.model import Package, PackagePurpose, SpdxNoAssertion

    hosts = facts.joined(facts.host_counts(report)) or "not on record"
    return Package(
        spdx_id=_PACKAGE,
        name=facts.name(report.dataset.name),
        download_location=SpdxNoAssertion(),
        files_analyzed=False,
        source_info=facts.line(f"Hosts of items: {hosts}."),
        license_concluded=_expression(whole.concluded),
        license_declared=_expression(whole.declared),
        license_comment=facts.line(
            f"Declared: {whole.declared_why} Concluded: {whole.concluded_why} By item:"
            f" {facts.joined(licenses.by_items(report)) or 'none'}."
        ),
        copyright_text=SpdxNoAssertion(),
        summary=facts.line(report.sentence),
        comment=facts.line(
            f"Intended use that the audit was for: {report.use.sentence}. Rules: version"
            f" {report.rules.version}, SHA-256 {report.rules.digest}."
        ),
        primary_package_purpose=PackagePurpose.OTHER,
    )


def _input(source: Input, number: int) -> Package:
    from spdx_tools.spdx.model import (
        Checksum,
        ChecksumAlgorithm,
        Package,
        PackagePurpose,
        SpdxNoAssertion,
    )

    hashed = _SHA256.fullmatch(source.sha256 or "")
    told = f"{source.format}: {plural(source.items, 'item')}, {source.quarantined} quarantined."
    return Package(
        spdx_id=f"SPDXRef-Input-{number}",
        name=facts.name(source.name),
        download_location=SpdxNoAssertion(),
        version=facts.name(source.version) if source.version else None,
        file_name=facts.name(source.name),
        files_analyzed=False,
        checksums=[Checksum(ChecksumAlgorithm.SHA256, str(source.sha256))] if hashed else [],
        license_concluded=SpdxNoAssertion(),
        license_declared=SpdxNoAssertion(),
        copyright_text=SpdxNoAssertion(),
        comment="Could not be read; its items are not known." if source.unreadable else told,
        primary_package_purpose=PackagePurpose.FILE,
    )


def _annotations(report: Report) -> list[Annotation]:
    from spdx_tools.spdx.model import Actor, ActorType, Annotation, AnnotationType

    tool = Actor(ActorType.TOOL, facts.author(report))
    return [
        Annotation(
            _PACKAGE,
            AnnotationType.OTHER,
            tool,
            facts.moment(report),
            facts.line(f"{title}: {facts.joined(lines, ' ')}"),
        )
        for title, lines in facts.findings(report)
    ]


def _expression(text: str) -> LicenseExpression | SpdxNoAssertion:
    from spdx_tools.common.spdx_licensing import spdx_licensing
    from spdx_tools.spdx.model import SpdxNoAssertion

    return SpdxNoAssertion() if text == NOASSERTION else spdx_licensing.parse(text)


def _own_license(reference: str, report: Report) -> ExtractedLicensingInfo:
    from spdx_tools.spdx.model import ExtractedLicensingInfo

    return ExtractedLicensingInfo(
        license_id=reference,
        extracted_text=f"The report does not hold the text. The id is one of the audit's rules,"
        f" version {facts.name(report.rules.version)}.",
    )
