"""What was audited when, with what result: a history that every run adds to.

It holds digests and counts, and neither items nor keys of items. It is one DuckDB file, or a
PostgreSQL database that a team shares.
"""

from __future__ import annotations

import datetime as dt
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import ibis

from sourcing_audit.engine import store
from sourcing_audit.errors import InputError
from sourcing_audit.history import rows as of
from sourcing_audit.history.tables import AUDITS, TABLES, VERSION

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from sourcing_audit.engine.store import Store
    from sourcing_audit.report import Report

__all__ = ["Audited", "Done", "Entry", "Failed", "History"]

_LOCK = "sourcing-audit history"

_COMPARED = {
    "inputs": "inputs_digest",
    "registries": "registries_digest",
    "rules": "rules_digest",
    "use": "use",
    "as_of": "as_of",
    "tool": "tool_version",
}
"""What decides verdicts, by the column that tells it."""


@dataclass(frozen=True)
class Done:
    """An audit that was saved."""

    report: Report
    sha256: str
    """Of its `report.json`."""
    folder: Path


@dataclass(frozen=True)
class Failed:
    """A dataset that could not be audited."""

    dataset: str
    problem: str


@dataclass(frozen=True)
class Entry:
    """One audit of one dataset, as the history tells it."""

    audit_no: int
    run_no: int
    recorded_at: dt.datetime
    dataset: str
    as_of: dt.date
    use: str
    project: str | None
    tool_version: str
    rules_version: str
    rules_digest: str
    inputs_digest: str
    registries_digest: str
    dataset_status: str
    items_in: int
    verdicts: int
    quarantined: int
    unreadable_files: int
    report_sha256: str
    folder: str

    def differs(self, earlier: Entry) -> list[str]:
        """What isn't as it was in an earlier audit: did the data change, or the rules?"""
        return earlier.differing(self.__dict__)

    def differing(self, later: Mapping[str, Any]) -> list[str]:
        """What isn't any more as it was in this audit, given a later one's columns."""
        return [name for name, field in _COMPARED.items() if getattr(self, field) != later[field]]


@dataclass(frozen=True)
class Audited:
    """An input file as some audits of a dataset read it."""

    dataset: str
    name: str
    content: str | None
    """What its keys are remembered by."""
    first: Entry
    last: Entry
    """Of the audits that read it."""
    models: tuple[str, ...]
    """The projects that these audits named in their use."""
    in_latest: bool
    """Whether the latest audit of the dataset read it."""


class History:
    """A history at a place: a file, or the address of a PostgreSQL database."""

    def __init__(self, place: str, *, wait: float = store.WAIT) -> None:
        """Name the place; nothing is opened before it is needed.

        Args:
            place: a file, made by the first `record`, or `postgresql://…`.
            wait: seconds for which another process may hold the file.

        """
        self.place = place
        self._wait = wait

    def record(
        self,
        found: Sequence[Done | Failed],
        *,
        run: int | None = None,
        now: dt.datetime | None = None,
    ) -> int:
        """Add what came of some datasets, all of it or nothing.

        Args:
            found: what came of each dataset.
            run: the run that they belong to; a new one unless given.
            now: the moment that is noted; by the machine's clock unless given.

        Returns:
            The number of the run.

        Raises:
            OutputError: the history can't be written.
            SourcingAuditError: another process holds it for too long.

        """
        moment = (now or dt.datetime.now(dt.UTC)).astimezone(dt.UTC).replace(tzinfo=None)
        with store.writing(self.place, TABLES, lock=_LOCK, wait=self._wait) as open_store:
            self._check(open_store, new=True)
            run_no = run or 1 + max(
                _largest(open_store, "audits", "run_no"), _largest(open_store, "failures", "run_no")
            )
            audit_no = _largest(open_store, "audits", "audit_no")
            for each in found:
                if isinstance(each, Failed):
                    failed = {"dataset": each.dataset, "problem": each.problem}
                    open_store.add(
                        "failures", [{"run_no": run_no, "recorded_at": moment, **failed}]
                    )
                    continue
                audit_no += 1
                numbers = {"audit_no": audit_no, "run_no": run_no, "recorded_at": moment}
                _add(open_store, each, numbers)
        return run_no

    @property
    def shown(self) -> str:
        """The place as it may be told: without the password of a server."""
        return store.shown(self.place)

    @property
    def begun(self) -> bool:
        """Whether anything was ever recorded.

        Raises:
            SourcingAuditError: the place can't be read.

        """
        if not store.is_there(self.place):
            return False
        with store.reading(self.place, wait=self._wait) as open_store:
            return open_store.has("meta")

    def entries(
        self, *, dataset: str | None = None, last: int | None = None
    ) -> list[tuple[Entry, Entry | None]]:
        """The audits, the latest first, each with the one of its dataset before it.

        Args:
            dataset: only of this one.
            last: only so many.

        Raises:
            InputError: there is no history at the place.

        """
        with self._reading() as open_store:
            table = open_store.table("audits")
            if dataset is not None:
                table = table.filter(table.dataset == dataset)
            # Ibis takes over from a column that is never NULL that the one before it isn't either.
            number = table.audit_no.nullif(0)
            before = number.lag().over(group_by="dataset", order_by="audit_no")
            chosen = table.mutate(before=before).order_by(ibis.desc("audit_no"))
            rows = open_store.rows(chosen if last is None else chosen.limit(last))
            numbers = {row["before"] for row in rows if row["before"] is not None}
            known = {row["audit_no"]: row for row in rows}
            missing = sorted(numbers - set(known))
            if missing:
                older = open_store.rows(table.filter(table.audit_no.isin(missing)))
                known |= {row["audit_no"]: row for row in older}
        entries = {
            number: Entry(**{name: row[name] for name in AUDITS}) for number, row in known.items()
        }
        return [(entries[row["audit_no"]], entries.get(row["before"])) for row in rows]

    def run(self, number: int) -> list[Entry]:
        """The audits of one run.

        Raises:
            InputError: there is no such run.

        """
        with self._reading() as open_store:
            table = open_store.table("audits")
            rows = open_store.rows(table.filter(table.run_no == number).order_by("audit_no"))
        if not rows:
            raise InputError(
                f"{self.shown}: no run {number} with an audit that was finished",
                fix="`sourcing-audit history` lists the runs",
            )
        return [Entry(**row) for row in rows]

    def counts(self, audits: Collection[int]) -> dict[int, dict[str, dict[str, int]]]:
        """By audit the items by kind and code; see `tables.COUNTS`."""
        with self._reading() as open_store:
            table = open_store.table("counts")
            rows = open_store.rows(table.filter(table.audit_no.isin(list(audits))))
        found: dict[int, dict[str, dict[str, int]]] = {number: {} for number in audits}
        for row in rows:
            found[row["audit_no"]].setdefault(row["kind"], {})[row["code"]] = row["items"]
        return found

    def audited(self) -> list[Audited]:
        """Every input file that was ever audited, as it was then.

        Raises:
            InputError: there is no history at the place.

        """
        same = ["dataset", "inputs_digest"]
        with self._reading() as open_store:
            table = open_store.table("audits")
            spans = open_store.rows(
                table.group_by([*same, "project"]).aggregate(
                    first=table.audit_no.min(), last=table.audit_no.max()
                )
            )
            inputs = open_store.rows(
                open_store.table("inputs")
                .select(*same, "name", "content")
                .order_by([*same, "name"])
            )
            ends = {row[end] for row in spans for end in ("first", "last")}
            rows = open_store.rows(table.filter(table.audit_no.isin(sorted(ends))))
        entries = {row["audit_no"]: Entry(**{n: row[n] for n in AUDITS}) for row in rows}
        return list(_spanned(inputs, spans, entries))

    def failures(self, *, last: int | None = None) -> list[dict[str, Any]]:
        """The datasets that could not be audited, the latest first."""
        with self._reading() as open_store:
            table = open_store.table("failures").order_by(ibis.desc("run_no"))
            return open_store.rows(table if last is None else table.limit(last))

    @contextmanager
    def _reading(self) -> Iterator[Store]:
        with store.reading(self.place, wait=self._wait) as open_store:
            # A first run that was killed may have left a database without tables.
            if not open_store.has("meta"):
                raise InputError(f"{self.shown}: holds no history", fix="give one that runs keep")
            self._check(open_store)
            yield open_store

    def _check(self, open_store: Store, *, new: bool = False) -> None:
        meta = open_store.table("meta")
        found = {row["name"]: row["value"] for row in open_store.rows(meta)}
        if new and not found:
            open_store.add("meta", [{"name": "schema", "value": VERSION}])
        elif found.get("schema") != VERSION:
            raise InputError(
                f"{self.shown}: a history of version {found.get('schema')}, not {VERSION}",
                fix="use the version of sourcing-audit that wrote it, or begin a new history",
            )


def _spanned(
    inputs: Iterable[dict[str, Any]], spans: Iterable[dict[str, Any]], entries: dict[int, Entry]
) -> Iterator[Audited]:
    """Inputs with the audits that read them, told by what they were as a whole."""
    by_inputs: dict[tuple[str, str], list[dict[str, Any]]] = {}
    latest: dict[str, int] = {}
    for span in spans:
        by_inputs.setdefault((span["dataset"], span["inputs_digest"]), []).append(span)
        latest[span["dataset"]] = max(latest.get(span["dataset"], 0), span["last"])
    same: dict[tuple[str, str, str | None], list[dict[str, Any]]] = {}
    for each in inputs:
        place = (each["dataset"], each["name"], each["content"])
        same.setdefault(place, []).extend(by_inputs[each["dataset"], each["inputs_digest"]])
    for (dataset, name, content), own in same.items():
        last = max(span["last"] for span in own)
        yield Audited(
            dataset=dataset,
            name=name,
            content=content,
            first=entries[min(span["first"] for span in own)],
            last=entries[last],
            models=tuple(sorted({span["project"] for span in own} - {None})),
            in_latest=last == latest[dataset],
        )


def _add(open_store: Store, done: Done, numbers: dict[str, Any]) -> None:
    report = done.report
    audit = of.audit(report, done.sha256, str(done.folder))
    open_store.add("audits", [{**numbers, **audit}])
    open_store.add(
        "counts", [{"audit_no": numbers["audit_no"], **row} for row in of.counts(report)]
    )
    # Most audits read what the one before them read.
    inputs, registries = open_store.table("inputs"), open_store.table("registries")
    same_inputs = inputs.filter(
        (inputs.dataset == report.dataset.name) & (inputs.inputs_digest == audit["inputs_digest"])
    )
    if not open_store.rows(same_inputs.limit(1)):
        open_store.add("inputs", of.inputs(report))
    same_registries = registries.filter(registries.registries_digest == audit["registries_digest"])
    if not open_store.rows(same_registries.limit(1)):
        open_store.add("registries", of.registries(report))


def _largest(open_store: Store, table: str, column: str) -> int:
    found = open_store.table(table)
    largest = ibis.coalesce(found[column].max(), 0)
    return int(open_store.rows(found.aggregate(n=largest))[0]["n"])
