"""What a bundle states and what is signed: an in-toto Statement v1 about an audit.

https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md

A statement follows from the bundle's other files, so that whoever has them can make it anew and
compare. `docs/evidence.md` explains each field; `docs/evidence.schema.json` is made from these
models.
"""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from sourcing_audit.model import DatasetStatus
from sourcing_audit.report import Input, RulesUsed, Totals, Use

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sourcing_audit.recorded import Recorded
    from sourcing_audit.report import Report

SCHEMA_VERSION: Final = "1.0"
STATEMENT_TYPE: Final = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE: Final = "urn:uuid:34c9591f-1183-5edd-a506-088ac01dffbe"
"""Names version 1 of `Predicate`. A UUID needs no domain that somebody must keep for years."""


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class TableFile(_Model):
    """One file of a table."""

    name: str
    size: int = Field(description="bytes")
    rows: int
    sha256: str


class SavedTable(_Model):
    """One table that the audit left behind."""

    name: str
    rows: int
    files: list[TableFile]
    in_bundle: bool = Field(description="false: only its digests are")


class Tables(_Model):
    """`tables.json`: every table of the audit, those that aren't in the bundle included."""

    schema_version: Literal["1.0"] = SCHEMA_VERSION
    tables: list[SavedTable]

    def rows(self, name: str) -> int | None:
        """How many rows a table has; None if there is no such table."""
        return next((table.rows for table in self.tables if table.name == name), None)


class ToolUsed(_Model):
    """The program that audited, and what had a part in what it found out."""

    name: Literal["sourcing-audit"]
    version: str
    libraries: dict[str, str]


class DatasetAudited(_Model):
    """What was audited."""

    name: str
    status: DatasetStatus
    inputs: list[Input]


class RegistryConsulted(_Model):
    """A consent registry, as it was read."""

    name: str
    path: str
    format: str
    sha256: str
    records: int
    snapshot_at: dt.datetime | None


class Signed(_Model):
    """The key that signs the statement."""

    keyid: str = Field(description="SHA-256 of the public key's DER (SubjectPublicKeyInfo)")


class Predicate(_Model):
    """What is stated about the subjects."""

    schema_version: Literal["1.0"] = SCHEMA_VERSION
    tool: ToolUsed
    dataset: DatasetAudited
    use: Use
    as_of: dt.date
    rules: RulesUsed
    registries: list[RegistryConsulted] = Field(description="none: nobody was asked")
    totals: Totals
    statuses: dict[str, int]
    outcomes: dict[str, int]
    sentence: str
    limits: list[str] = Field(description="what the audit says that it doesn't show")
    left_out: list[str] = Field(description="subjects that aren't in the bundle")
    signer: Signed | None = Field(description="null: nobody signed it")


class Digest(_Model):
    """An in-toto DigestSet."""

    sha256: str


class Subject(_Model):
    """An in-toto ResourceDescriptor: a file and its digest."""

    name: str
    digest: Digest


class Statement(_Model):
    """An in-toto Statement."""

    type: Literal["https://in-toto.io/Statement/v1"] = Field(alias="_type")
    subject: list[Subject]
    predicate_type: Literal["urn:uuid:34c9591f-1183-5edd-a506-088ac01dffbe"] = Field(
        alias="predicateType"
    )
    predicate: Predicate


def build(
    report: Report,
    request: Recorded,
    tables: Tables,
    digests: Mapping[str, str],
    keyid: str | None,
) -> Statement:
    """The statement about an audit.

    Args:
        report: what came out.
        request: what was asked.
        tables: those that were saved.
        digests: the SHA-256 of the bundle's files, but for the statement and its envelope.
        keyid: of the key that will sign it, or None.

    """
    left_out = {
        file.name: file.sha256
        for table in tables.tables
        if not table.in_bundle
        for file in table.files
    }
    subjects = {**digests, **left_out}
    return Statement(
        type=STATEMENT_TYPE,
        subject=[
            Subject(name=name, digest=Digest(sha256=subjects[name])) for name in sorted(subjects)
        ],
        predicate_type=PREDICATE_TYPE,
        predicate=_predicate(report, request, sorted(left_out), keyid),
    )


def _predicate(
    report: Report, request: Recorded, left_out: list[str], keyid: str | None
) -> Predicate:
    return Predicate(
        tool=ToolUsed(
            name=report.tool.name, version=report.tool.version, libraries=request.libraries
        ),
        dataset=DatasetAudited(
            name=report.dataset.name, status=report.dataset_status, inputs=report.dataset.inputs
        ),
        use=report.use,
        as_of=report.as_of,
        rules=report.rules,
        registries=[
            RegistryConsulted(
                name=one.name,
                path=one.path,
                format=one.format,
                sha256=one.sha256,
                records=one.records,
                snapshot_at=one.snapshot_at,
            )
            for one in report.asked
        ],
        totals=report.totals,
        statuses={str(row.status): row.items for row in report.statuses},
        outcomes={str(row.outcome): row.items for row in report.outcomes},
        sentence=report.sentence,
        limits=report.disclosure.limits,
        left_out=left_out,
        signer=None if keyid is None else Signed(keyid=keyid),
    )


def json_bytes(model: BaseModel) -> bytes:
    """A model as JSON, in its own order and in ASCII; equal models give the same bytes."""
    return _dumped(model.model_dump(mode="json", by_alias=True))


def is_canonical(content: bytes, model: BaseModel) -> bool:
    """Whether JSON is written as `json_bytes` writes the model that was read from it.

    Fields that a later version knows may be missing; nothing else may be different.
    """
    document = json.loads(content)
    same = _within(document, model.model_dump(mode="json", by_alias=True))
    return same and _dumped(document) == content


def _within(document: object, whole: object) -> bool:
    if isinstance(document, dict) and isinstance(whole, dict):
        return all(key in whole and _within(document[key], whole[key]) for key in document)
    if isinstance(document, list) and isinstance(whole, list):
        return len(document) == len(whole) and all(map(_within, document, whole))
    return type(document) is type(whole) and document == whole


def _dumped(document: object) -> bytes:
    return (json.dumps(document, indent=1) + "\n").encode("ascii")
