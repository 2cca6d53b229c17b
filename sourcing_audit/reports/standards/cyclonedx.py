"""CycloneDX 1.7 (ECMA-424) as JSON: an ML-BOM's data component, through cyclonedx-python-lib.

1.7 rather than 1.6, because a component may then have both a declared and a concluded expression.
Three parts are added to the library's output: `components[].data`, of which it has no model yet;
`mime-type`, which it writes by a name that the schema refuses; and licences, of which it refuses
two expressions as 1.6 did.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from sourcing_audit.model import NOASSERTION
from sourcing_audit.reports.interface import ReportFormat
from sourcing_audit.reports.standards import facts, licenses, places
from sourcing_audit.reports.standards.documents import json_bytes, need

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cyclonedx.model import Property
    from cyclonedx.model.bom import Bom
    from cyclonedx.model.component import Component

    from sourcing_audit.report import Input, Report

_DATASET: Final = "dataset"
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_NAMESPACE: Final = "sourcing-audit"
"""Of properties: CycloneDX asks for names with the owner's prefix."""


class CycloneDxFormat(ReportFormat):
    """Writes the dataset as a component of a machine-learning bill of materials."""

    @property
    def name(self) -> str:
        """The format as a user asks for it."""
        return "cyclonedx"

    @property
    def filename(self) -> str:
        """The file's name in the output folder."""
        return "report.cdx.json"

    def check(self) -> None:
        """See `ReportFormat.check`."""
        need("cyclonedx", self.name)

    def render(self, report: Report) -> bytes:
        """Return the bill of materials."""
        self.check()
        from cyclonedx.output.json import JsonV1Dot7

        document = json.loads(JsonV1Dot7(_bom(report)).output_as_string())
        dataset = document["components"][0]
        dataset["data"] = [_data(report)]
        if stated := list(_licenses(report)):
            dataset["licenses"] = stated
        types = {
            f"input-{number}": places.media_type(source.format)
            for number, source in enumerate(report.dataset.inputs)
        }
        for file in dataset.get("components", []):
            file["mime-type"] = types[file["bom-ref"]]
        return json_bytes(document)


def _bom(report: Report) -> Bom:
    from cyclonedx.model.bom import Bom, BomMetaData
    from cyclonedx.model.component import Component, ComponentType

    dataset = _component(report)
    tool = Component(
        type=ComponentType.APPLICATION,
        name=report.tool.name,
        version=facts.name(report.tool.version),
        bom_ref="tool",
    )
    bom = Bom(
        serial_number=facts.identifier(report),
        metadata=BomMetaData(timestamp=facts.moment(report)),
        components=[dataset],
    )
    bom.metadata.tools.components.add(tool)
    bom.register_dependency(dataset)
    return bom


def _component(report: Report) -> Component:
    from cyclonedx.model.component import Component, ComponentType

    return Component(
        type=ComponentType.DATA,
        name=facts.name(report.dataset.name),
        bom_ref=_DATASET,
        description=facts.line(report.disclosure.short),
        components=[_input(source, number) for number, source in enumerate(report.dataset.inputs)],
        properties=list(_properties(report)),
    )


def _licenses(report: Report) -> Iterator[dict[str, str]]:
    """What can be asserted; silence is CycloneDX's way of asserting nothing."""
    whole = licenses.of_dataset(report)
    for expression, how in (
        (whole.declared, "declared"),
        (whole.concluded, "concluded"),
    ):
        if expression != NOASSERTION:
            yield {"expression": expression, "acknowledgement": how}


def _input(source: Input, number: int) -> Component:
    from cyclonedx.model import HashAlgorithm, HashType
    from cyclonedx.model.component import Component, ComponentType

    hashed = _SHA256.fullmatch(source.sha256 or "")
    return Component(
        type=ComponentType.FILE,
        name=facts.name(source.name),
        bom_ref=f"input-{number}",
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=str(source.sha256))] if hashed else [],
        properties=[
            _property("items", "not known" if source.unreadable else str(source.items)),
            _property("quarantined", str(source.quarantined)),
            *([_property("version", source.version)] if source.version else []),
        ],
    )


def _properties(report: Report) -> Iterator[Property]:
    whole = licenses.of_dataset(report)
    yield _property("dataset-status", report.dataset_status)
    yield _property("as-of", report.as_of.isoformat())
    yield _property("intended-use", report.use.sentence)
    yield _property("rules-version", report.rules.version)
    yield _property("rules-digest-sha256", report.rules.digest)
    yield _property("license-declared", f"{whole.declared}: {whole.declared_why}")
    yield _property("license-concluded", f"{whole.concluded}: {whole.concluded_why}")
    for key, lines in (
        ("license", licenses.by_items(report)),
        ("status", facts.status_counts(report)),
        ("consent", facts.consent_counts(report)),
        ("source", facts.host_counts(report)),
        ("made-from", facts.lineage(report)),
        ("not-established", facts.known_gaps(report)),
        ("waived", facts.waivers(report)),
        ("limit", facts.limits(report)),
    ):
        for place, one in enumerate(lines, start=1):
            # A number keeps the order: the library sorts properties by their names.
            yield _property(f"{key}:{place:04}", one)


def _data(report: Report) -> dict[str, Any]:
    data: dict[str, Any] = {
        "bom-ref": "data",
        "type": "dataset",
        "name": facts.name(report.dataset.name),
        "description": facts.line(report.sentence),
    }
    if persons := facts.persons(report):
        data["sensitiveData"] = persons
    return data


def _property(key: str, value: str) -> Property:
    from cyclonedx.model import Property

    return Property(name=f"{_NAMESPACE}:{key}", value=facts.line(value))
