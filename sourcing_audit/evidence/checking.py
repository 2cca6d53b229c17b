"""The parts of a bundle, and whether its rules and numbers agree with its report.

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
from sourcing_audit.evidence.signing import SignatureError
from sourcing_audit.evidence.statement import Statement, Tables
from sourcing_audit.recorded import Recorded
from sourcing_audit.report import Report

if TYPE_CHECKING:
    from collections.abc import Callable

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
        statement=model(found, layout.STATEMENT, Statement),
        report=model(found, layout.REPORT, Report),
        request=model(found, layout.REQUEST, Recorded),
        tables=model(found, layout.LISTING, Tables),
    )


def model(found: Container, name: str, kind: type[ModelT]) -> ModelT:
    """Read a member that is a model as JSON.

    Raises:
        CheckError: it is missing, or isn't one.

    """
    try:
        return kind.model_validate_json(found.read(name))
    except ContainerError as error:
        raise CheckError(str(error)) from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "file"
        raise CheckError(f"{name}: {place}: {first['msg']}") from error


def rules(found: Contents) -> str:
    """The rules are those that the report names.

    Raises:
        CheckError: version or digest differ.

    """
    files = found.rules
    used = found.report.rules
    digest = layout.rules_digest(found.container.digests)
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
