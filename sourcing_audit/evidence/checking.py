"""Check a bundle: what it holds, who signed it, and whether its parts agree with each other.

Nothing of a bundle is believed before its container and its digests were checked, and nothing of
it is run.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import BaseModel, ValidationError

from sourcing_audit.evidence import arithmetic, layout
from sourcing_audit.evidence.container import Container, ContainerError
from sourcing_audit.evidence.signing import Envelope, SignatureError
from sourcing_audit.evidence.statement import Statement, Tables, build, json_bytes
from sourcing_audit.recorded import Recorded
from sourcing_audit.report import Report
from sourcing_audit.rules.store import digest_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from sourcing_audit.evidence.signing import Verifier

ModelT = TypeVar("ModelT", bound=BaseModel)


class State(StrEnum):
    """How a check ended."""

    OK = "ok"
    FAILED = "FAILED"
    NOT_CHECKED = "not checked"


@dataclass(frozen=True)
class Check:
    """One thing that was looked at, or wasn't."""

    name: str
    state: State
    detail: str


class CheckError(Exception):
    """A check that failed; its text says what was found."""


@dataclass(frozen=True)
class Contents:
    """The parts of a bundle that everything else is held against."""

    container: Container
    statement: Statement
    report: Report
    request: Recorded
    tables: Tables

    @property
    def rules(self) -> dict[tuple[int, str], str]:
        """The rule files: level and name, and the member that holds them."""
        found = {}
        for name in self.container.digests:
            place = layout.rule_place(name)
            if place is not None and name != layout.VERSION:
                found[place] = name
        return found


def passed(name: str, check: Callable[[], str]) -> Check:
    """Run a check; it says what it found, or raises."""
    try:
        return Check(name, State.OK, check())
    except (CheckError, ContainerError, SignatureError) as error:
        return Check(name, State.FAILED, str(error))


def contents(found: Container) -> Contents:
    """Read the parts that everything else is held against.

    Raises:
        CheckError: one is missing, or isn't what it should be.

    """
    return Contents(
        container=found,
        statement=_model(found, layout.STATEMENT, Statement),
        report=_model(found, layout.REPORT, Report),
        request=_model(found, layout.REQUEST, Recorded),
        tables=_model(found, layout.LISTING, Tables),
    )


def _model(found: Container, name: str, model: type[ModelT]) -> ModelT:
    try:
        return model.model_validate_json(found.read(name))
    except ContainerError as error:
        raise CheckError(str(error)) from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "file"
        raise CheckError(f"{name}: {place}: {first['msg']}") from error


def members(found: Contents) -> str:
    """Every file is the one that the statement names, and there is no other.

    Raises:
        CheckError: naming the first that isn't.

    """
    stated = {one.name: one.digest.sha256 for one in found.statement.subject}
    if len(stated) != len(found.statement.subject):
        raise CheckError("the statement names a file twice")
    there = dict(found.container.digests)
    for name in (layout.STATEMENT, layout.ENVELOPE):
        there.pop(name, None)
        if name in stated:
            raise CheckError(f"the statement names {name} among what it is about")
    for name, digest in there.items():
        if name not in stated:
            raise CheckError(f"{name}: the statement doesn't name it")
        if stated[name] != digest:
            raise CheckError(
                f"{name}: isn't the file that the statement names: its SHA-256 differs"
            )
    listed = {file.name: table.in_bundle for table in found.tables.tables for file in table.files}
    gone = [name for name in stated if name not in there and listed.get(name, True)]
    if gone:
        raise CheckError(f"{gone[0]}: is missing")
    return f"{len(there)} files have the SHA-256 that the statement gives"


def statement(found: Contents) -> str:
    """The statement is the one that follows from the other files.

    Raises:
        CheckError: naming the first field that isn't.

    """
    signer = found.statement.predicate.signer
    digests = {
        name: digest
        for name, digest in found.container.digests.items()
        if name not in {layout.STATEMENT, layout.ENVELOPE}
    }
    keyid = None if signer is None else signer.keyid
    anew = build(found.report, found.request, found.tables, digests, keyid)
    if json_bytes(anew) != found.container.read(layout.STATEMENT):
        raise CheckError(_difference(found.statement, anew))
    if found.container.read(layout.README) != layout.explained(keyid):
        raise CheckError(f"{layout.README} isn't the one that bundles have")
    for what, asked, said in (
        ("dataset", found.request.dataset, found.report.dataset.name),
        ("as_of", found.request.as_of, found.report.as_of),
        ("use", found.request.use, found.report.use),
        ("default_license", found.request.default_license, found.report.dataset.default_license),
    ):
        if asked != said:
            raise CheckError(f"{layout.REQUEST} and {layout.REPORT} differ in {what}")
    totals = found.report.totals
    return f"agrees with {layout.REPORT}: {totals.items_in} items, as of {found.report.as_of}"


def _difference(stated: Statement, anew: Statement) -> str:
    before, after = stated.model_dump(mode="json"), anew.model_dump(mode="json")
    for part in ("predicate", "subject"):
        if before[part] != after[part]:
            fields = (
                []
                if part == "subject"
                else [k for k in after[part] if before[part][k] != after[part][k]]
            )
            return f"{layout.STATEMENT}: {'.'.join([part, *fields[:1]])} isn't what the files give"
    return f"{layout.STATEMENT}: isn't written as the writer writes it"


def signature(found: Contents, key: Verifier | None) -> Check:
    """Who signed the statement, as far as that was checked."""
    name = "signature"
    signer = found.statement.predicate.signer
    enveloped = layout.ENVELOPE in found.container.digests
    if signer is None:
        if enveloped:
            return Check(name, State.FAILED, "there is a signature, and the statement denies it")
        if key is not None:
            return Check(name, State.FAILED, "this bundle is not signed")
        return Check(
            name, State.NOT_CHECKED, "this bundle is not signed: anybody could have made it"
        )
    if not enveloped:
        return Check(name, State.FAILED, f"signed by {signer.keyid}, but the signature was removed")
    looked = passed(name, lambda: _envelope(found, signer.keyid, key))
    if looked.state is State.OK and key is None:
        return Check(name, State.NOT_CHECKED, looked.detail)
    return looked


def _envelope(found: Contents, keyid: str, key: Verifier | None) -> str:
    envelope = _model(found.container, layout.ENVELOPE, Envelope)
    if json_bytes(envelope) != found.container.read(layout.ENVELOPE):
        raise CheckError(f"{layout.ENVELOPE}: isn't written as the writer writes it")
    if envelope.body() != found.container.read(layout.STATEMENT):
        raise CheckError(f"what was signed isn't {layout.STATEMENT}")
    if envelope.signatures[0].keyid != keyid:
        raise CheckError("statement and envelope name different keys")
    if key is None:
        return f"names the key {keyid}; it wasn't checked, because no key was given with --key"
    key.check(envelope)
    return f"by the key {key.keyid}"


def rules(found: Contents) -> str:
    """The rules are those that the report names.

    Raises:
        CheckError: version or digest differ.

    """
    files = found.rules
    used = found.report.rules
    digest = digest_of(
        (level, name, found.container.digests[member]) for (level, name), member in files.items()
    )
    if digest != used.digest:
        raise CheckError(f"their digest is {digest}, and the report names {used.digest}")
    version = found.container.read(layout.VERSION).decode("utf-8", "replace").strip()
    if version != used.version:
        raise CheckError(f"their version is {version}, and the report names {used.version}")
    overlays = max((level for level, _ in files), default=0)
    if overlays > len(found.request.rules):
        raise CheckError("there are more overlays than were asked for")
    return f"version {version}, {len(files)} files with the digest that the report names"


def numbers(found: Contents) -> str:
    """The report's sums come out, and each table has the rows that it should.

    Raises:
        CheckError: naming what doesn't.

    """
    names = [table.name for table in found.tables.tables]
    if len(set(names)) < len(names):
        raise CheckError(f"{layout.LISTING} lists a table twice")
    for table in found.tables.tables:
        if sum(file.rows for file in table.files) != table.rows:
            raise CheckError(f"{table.name}: its files don't have as many rows as it has")
        for file in table.files if table.in_bundle else ():
            if (found.container.sizes.get(file.name), _rows(found, file.name)) != (
                file.size,
                file.rows,
            ):
                raise CheckError(f"{file.name}: isn't as {layout.LISTING} says")
    faults = arithmetic.faults(found.report, found.tables)
    if faults:
        raise CheckError("; ".join(faults[:3]))
    totals = found.report.totals
    return (
        f"{totals.items_in} items in = {totals.verdicts} verdicts + {totals.quarantined} "
        "quarantined; all counts of the report come to that"
    )


def _rows(found: Contents, name: str) -> int:
    try:
        with found.container.stream(name) as source:
            return int(pq.read_metadata(source).num_rows)
    except (OSError, KeyError, pa.ArrowException) as error:
        raise CheckError(f"{name}: not a table: {error}") from error
