"""What `run` does: audit every dataset of an `audit.toml`, whatever becomes of the others.

Each dataset is saved and put into the history as soon as it is audited, so that a run that is
killed has lost nothing of what it finished.
"""

from __future__ import annotations

import sys
import traceback
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sourcing_audit import api, output, pipeline, reports
from sourcing_audit.commands.keeping import evidence
from sourcing_audit.commands.review import review
from sourcing_audit.commands.settings import requests
from sourcing_audit.commands.telling import print_result
from sourcing_audit.errors import ConfigError, NothingToAuditError, SourcingAuditError
from sourcing_audit.escape import one_line
from sourcing_audit.files import replacing_file, sha256_of
from sourcing_audit.history import Done, Failed, History
from sourcing_audit.history.trends import trend
from sourcing_audit.output import MARKER
from sourcing_audit.remembered import Contents, content, tombstones
from sourcing_audit.reports import run_page
from sourcing_audit.reports.quantities import plural
from sourcing_audit.rules import RuleStore

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sourcing_audit.api import AuditReport
    from sourcing_audit.commands.settings import Settings
    from sourcing_audit.pipeline import Request
    from sourcing_audit.progress import Log
    from sourcing_audit.report import Report, TrendPoint

_LONGEST = 300


@dataclass(frozen=True)
class Result:
    """What came of one dataset."""

    dataset: str
    report: Report | None = None
    """None: it could not be audited."""
    passed: bool = False
    returned: int = 0
    """Items whose works were taken down before."""
    problem: str = ""
    """Why it could not be audited; with a report, why its evidence could not be written."""
    exit_code: int = 0


class Run:
    """One run: its settings, and where its results are recorded."""

    def __init__(self, wanted: Settings, *, log: Log) -> None:
        """Check what can be checked before anything is audited.

        Raises:
            ConfigError: a setting isn't understood, or something isn't installed.
            RulesError: a rule is invalid.

        """
        reports.choose(wanted.formats)
        self._wanted = wanted
        self._log = log
        self._rulebook = pipeline.Rulebook.load(RuleStore(wanted.rules))
        self.requests = requests(wanted, self._rulebook)
        names = [request.dataset for request in self.requests]
        if len(set(names)) < len(names):
            twice = next(name for name in names if names.count(name) > 1)
            raise ConfigError(
                f"{wanted.file}: two datasets are called {twice!r}", fix="give each a name"
            )
        self._review = review(wanted, self._rulebook, names)
        if wanted.tombstones is not None:
            if wanted.keys is None:
                raise ConfigError(
                    f"{wanted.file}: tombstones are found by the keys of items",
                    fix="set `keys` to a folder where they are remembered",
                )
            tombstones.read(wanted.tombstones)
        self._keep = evidence(wanted)
        self._history = None if wanted.history is None else History(wanted.history)
        self._number: int | None = None

    @property
    def number(self) -> int | None:
        """Of this run in the history; None where there is none, or nothing is recorded yet."""
        return self._number

    @property
    def history(self) -> str:
        """Where this run is recorded, as it may be told."""
        return "" if self._history is None else self._history.shown

    def audit(self, request: Request) -> Result:
        """Audit one dataset, save and record it; what goes wrong is its result."""
        name = request.dataset
        self._log.dataset(name)
        done: Done | Failed
        try:
            result, done = self._audited(request)
        except SourcingAuditError as error:
            result = Result(name, problem=str(error), exit_code=error.exit_code)
            done = Failed(name, result.problem)
        except Exception as error:  # noqa: BLE001 (a fault of ours mustn't cost the other datasets)
            sys.stderr.write(traceback.format_exc())
            result = Result(name, problem=f"internal error: {error!r}", exit_code=2)
            done = Failed(name, result.problem)
        self._record(done)
        self._log.event("finished", **_told(result))
        return result

    def _audited(self, request: Request) -> tuple[Result, Done]:
        wanted, name = self._wanted, request.dataset
        folder = wanted.output / name
        with next(
            api.audit_all(
                [request],
                self._rulebook,
                registry_specs=wanted.registries,
                memory_limit=wanted.memory_limit,
                temp_dir=wanted.temp_dir,
                state=wanted.state,
                keys=wanted.keys,
                engine=wanted.engine,
                master=wanted.master,
                progress=self._log.progress,
            )
        ) as audited:
            returned = self._returned(audited)
            if returned is not None:
                audited.report = audited.report.model_copy(update={"returned": returned})
            since = self._before(folder, wanted.since, name)
            baseline = self._before(None, wanted.baseline, name)
            passed = self._review.of(audited, since=since, baseline=baseline)
            trend = self._trend(audited.report)
            audited.report = audited.report.model_copy(update={"trend": trend})
            audited.save(folder, wanted.formats)
            result = Result(name, audited.report, passed and not returned, returned or 0)
        done = Done(audited.report, sha256_of(folder / MARKER), folder)
        return self._kept(folder, result), done

    def _kept(self, folder: Path, result: Result) -> Result:
        """Write a dataset's evidence; where that fails the audit stays done, but isn't passed."""
        try:
            told = self._keep(folder, self._rulebook.store, result.dataset)
        except SourcingAuditError as error:
            return replace(
                result,
                passed=False,
                problem=f"no evidence: {error}",
                exit_code=error.exit_code,
            )
        if told is not None:
            self._log.message(told)
        return result

    def _before(self, own: Path | None, given: Path | None, name: str) -> Path | None:
        """An earlier audit of a dataset: where the setting says, or else the one to be replaced."""
        places = (own,) if given is None else (given / name, given)
        for place in filter(None, places):
            there = (place / MARKER).is_file()
            if there and output.read_report(place).dataset.name == name:
                return place
        if given is not None:
            self._log.message(f"{given}: no earlier audit of {name} to compare with")
        return None

    def _returned(self, audited: AuditReport) -> int | None:
        wanted = self._wanted
        if wanted.tombstones is None or wanted.keys is None:
            return None
        dataset = audited.report.dataset
        names = [content(each, dataset.mapping) for each in dataset.inputs]
        return audited.returned(
            wanted.tombstones, Contents(wanted.keys), [each for each in names if each]
        )

    def _trend(self, report: Report) -> list[TrendPoint]:
        """This audit and those before it, the oldest first; none where nothing is recorded."""
        if self._history is None:
            return []
        return trend(self._history, report)

    def _record(self, found: Done | Failed) -> None:
        if self._history is not None:
            self._number = self._history.record([found], run=self._number)


def run(
    wanted: Settings, *, only: Sequence[str], log: Log, quiet: bool, summary: Path | None = None
) -> int:
    """Audit the datasets, print what came of each; return the exit code.

    Args:
        wanted: of `audit.toml`, flags laid over it.
        only: names of datasets; all of them for none.
        log: is told what happens.
        quiet: print no summaries.
        summary: a file for what came of the datasets, as Markdown; not written if the run can't
            begin.

    Returns:
        0 all passed; 1 one did not; 2 one could not be audited, or its evidence not be written;
        3 there was nothing to audit.

    """
    begun = Run(wanted, log=log)
    names = {request.dataset for request in begun.requests}
    if missing := sorted(set(only) - names):
        raise ConfigError(
            f"{wanted.file}: has no dataset {missing[0]}", fix=f"it has {', '.join(sorted(names))}"
        )
    chosen = [each for each in begun.requests if not only or each.dataset in only]
    results = []
    for request in chosen:
        result = begun.audit(request)
        results.append(result)
        if result.problem:
            log.message(f"{result.dataset}: {result.problem}")
        if result.report is not None and not quiet:
            log.clear()
            print_result(result.report, wanted.output / result.dataset)
    code = _exit_code(results)
    if summary is not None:
        _write_summary(results, summary)
    if not quiet:
        _print_results(results)
    where = "" if begun.number is None else f"; run {begun.number} of {begun.history}"
    log.message(_summed(results) + where)
    log.event("ended", run=begun.number, exit_code=code)
    return code


def _write_summary(results: Sequence[Result], target: Path) -> None:
    rows = [
        run_page.Row(each.dataset, each.report, passed=each.passed, problem=each.problem)
        for each in results
    ]
    with replacing_file(target) as temporary:
        temporary.write_text(run_page.render(rows), encoding="utf-8")


def _exit_code(results: Sequence[Result]) -> int:
    codes = {each.exit_code for each in results}
    if codes == {NothingToAuditError.exit_code}:
        return NothingToAuditError.exit_code
    if any(codes):
        return 2
    return 0 if all(each.passed for each in results) else 1


def _print_results(results: Sequence[Result]) -> None:
    width = max(len(each.dataset) for each in results)
    for each in results:
        sys.stdout.write(f"{one_line(each.dataset, 80):<{width}}  {_words(each)}\n")


def _summed(results: Sequence[Result]) -> str:
    failed = sum(each.report is None for each in results)
    refused = sum(each.report is not None and not each.passed for each in results)
    parts = [f"{len(results) - failed} of {plural(len(results), 'dataset')} audited"]
    parts += [f"{refused} did not pass"] if refused else []
    parts += [f"{failed} could not be audited"] if failed else []
    return ", ".join(parts)


def _words(result: Result) -> str:
    if result.report is None:
        return f"□ not audited: {one_line(result.problem.partition(chr(10))[0], _LONGEST)}"
    totals = result.report.totals
    counts = ", ".join(f"{each.items:,} {each.outcome}" for each in result.report.outcomes)
    passed = "✓ passed" if result.passed else "✗ did not pass"
    back = f"; {plural(result.returned, 'item')} came back after a takedown" * bool(result.returned)
    problem = f"; {one_line(result.problem.partition(chr(10))[0], _LONGEST)}" * bool(result.problem)
    return f"{passed}: {plural(totals.items_in, 'item')}: {counts}{back}{problem}"


def _told(result: Result) -> dict[str, object]:
    told: dict[str, object] = {"dataset": result.dataset, "passed": result.passed}
    if result.report is None:
        return {**told, "problem": result.problem}
    outcomes = {str(each.outcome): each.items for each in result.report.outcomes}
    problem = {"problem": result.problem} if result.problem else {}
    return {**told, "items_in": result.report.totals.items_in, **outcomes, **problem}
