"""The Python API: `audit()` and `load()`, and the report object that they return."""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Self

import pyarrow.parquet as pq

from sourcing_audit import (
    alike,
    changes,
    config,
    consent,
    disclosures,
    explain,
    gates,
    output,
    pipeline,
    recorded,
    reports,
    results,
    sources,
)
from sourcing_audit import registries as consent_registries
from sourcing_audit.engine import Engine, start
from sourcing_audit.errors import ConfigError
from sourcing_audit.files import refused_by_the_system, replacing_file
from sourcing_audit.model import (
    IntendedUse,
    MediaChoice,
    Outcome,
    ShardInfo,
    Status,
    UpstreamDataset,
)
from sourcing_audit.remembered import Contents, tombstones
from sourcing_audit.rules import RuleStore
from sourcing_audit.rules.changes import ChangeRules
from sourcing_audit.sources.subset import write_subset
from sourcing_audit.state import State
from sourcing_audit.summary import summarise

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    import ibis.expr.types as ir
    import pandas as pd
    import pyarrow as pa

    from sourcing_audit.attribution import Attribution
    from sourcing_audit.notebook import Plots
    from sourcing_audit.report import Changes, Report

Place = str | Path


class AuditReport:
    """An audited dataset: `.report` is plain data, its tables are lazy Ibis expressions.

    Close it, or use it as a context manager, to free the engine; what was saved stays.
    """

    def __init__(
        self,
        engine: Engine,
        folder: Path,
        report: Report,
        store: RuleStore,
    ) -> None:
        """Open what an audit left in a folder; use `audit()` or `load()` instead."""
        self._engine = engine
        self.folder = folder
        """Where its tables are, until `close`."""
        self._tables = output.tables(engine, folder)
        self._store = store
        self.report = report

    @property
    def findings(self) -> ir.Table:
        """One row per item with its verdict: `schema.FINDINGS` and `license_no`."""
        return self._tables[results.FINDINGS]

    @property
    def groups(self) -> ir.Table:
        """One row per group of items that are alike, by host: `schema.GROUPS`."""
        return self._tables[results.GROUPS]

    @property
    def quarantine(self) -> ir.Table:
        """One row per record or file that could not be read: `schema.QUARANTINE`."""
        return self._tables[results.QUARANTINE]

    @property
    def licenses(self) -> ir.Table:
        """One row per distinct set of declared values: `license_no` and `schema.LICENSES`."""
        return self._tables[results.LICENSES]

    @property
    def consent_evidence(self) -> ir.Table:
        """One row per item and consent record that speaks about it, those that lost included."""
        return self._tables[results.CONSENT]

    @property
    def records(self) -> ir.Table:
        """The canonical consent records behind `consent_evidence`."""
        return self._tables[results.RECORDS]

    @property
    def items(self) -> ir.Table:
        """The findings, with what each item declares and what its text states about its licence."""
        declared = ("license_raw", "license_url", "rights_raw", "license_detected")
        return self.findings.left_join(
            self.licenses.select("license_no", *declared), "license_no"
        ).select(*self.findings.columns, *declared)

    @property
    def reasons(self) -> ir.Table:
        """One row per item and reason: `item_id`, `status`, `outcome`, `reason`."""
        findings = self.findings
        return findings.select("item_id", "status", "outcome", reason=findings.reasons.unnest())

    @property
    def plot(self) -> Plots:
        """Charts with Altair, for notebooks: `status`, `licenses`, `hosts`, `consent_over_time`."""
        from sourcing_audit.notebook import Plots

        return Plots(self._engine, self.report, self.groups, self.records)

    def to_pandas(self, table: ir.Table | None = None) -> pd.DataFrame:
        """As `to_arrow`, as a data frame; the findings by default, one row per item."""
        frame: pd.DataFrame = self.to_arrow(table).to_pandas()
        return frame

    def to_arrow(self, table: ir.Table | None = None) -> pa.Table:
        """A table of this audit, or an expression over it, in Arrow; the findings by default."""
        return self._engine.arrow(self.findings if table is None else table)

    def explain(self, item_id: str) -> list[explain.Explanation]:
        """Each rule and record behind an item's verdict; several answers where ids repeat.

        Raises:
            InputError: no item has this id.

        """
        return explain.explain(self._engine, self._tables, self.report, self._store, item_id)

    def compare(self, earlier: Place | AuditReport) -> changes.Comparison:
        """Hold this audit against an earlier one of the same dataset, item by item.

        Args:
            earlier: its folder, or the audit itself, which mustn't be closed yet.

        Returns:
            `.changes`, plain data, and `.items`, a lazy table of the items that aren't as they
            were; it ends with this report.

        Raises:
            InputError: the folder isn't an audit's.

        """
        rules = ChangeRules.load(self._store)
        return changes.compare(self._engine, self._opened(earlier), self._own, rules)

    def diff(self, earlier: Place | AuditReport) -> Changes:
        """What changed since an earlier audit of the same dataset; see `compare`.

        Raises:
            InputError: the folder isn't an audit's.

        """
        return self.compare(earlier).changes

    def judge(
        self,
        limits: Sequence[gates.Limit],
        *,
        waivers: Sequence[config.WaiverConfig] = (),
        baseline: Place | AuditReport | None = None,
    ) -> gates.Judgement:
        """Hold this audit against limits; the report stays as it is.

        Args:
            limits: what may be found, and how often.
            waivers: findings that somebody answers for; they don't count.
            baseline: an earlier audit, as for `compare`; what it found doesn't count.

        Raises:
            InputError: the baseline isn't an audit's folder.

        """
        return gates.judge(
            self._engine,
            self._own,
            limits,
            stated=waivers,
            reasons=ChangeRules.load(self._store).waivers,
            baseline=None if baseline is None else self._opened(baseline),
        )

    @property
    def _own(self) -> changes.Audited:
        return changes.Audited(self.report, self._tables)

    def _opened(self, earlier: Place | AuditReport) -> changes.Audited:
        """An earlier audit's report, and its tables in this one's engine."""
        if isinstance(earlier, AuditReport):
            return changes.Audited(earlier.report, output.tables(self._engine, earlier.folder))
        folder = Path(earlier)
        return changes.Audited(output.read(folder), output.tables(self._engine, folder))

    def disclose(self, form: str, style: str | None = None) -> str:
        """A disclosure form, filled with what this audit bears out.

        Args:
            form: `aimeg`, `eu-ai-act`, `ab-2013` or `dataset-card`.
            style: `markdown` or `json`; `text` for the short `aimeg`, `yaml` for the front matter
                of a card. The form's first by default.

        Raises:
            ConfigError: there is no such form, or it isn't written in this style.

        """
        return disclosures.disclosure(self.report, form, self._store, style)

    def check_disclosure(self, text: str) -> disclosures.Checked:
        """What this audit says to each statement of a disclosure, a card or a form's JSON."""
        return disclosures.check_text(text, self.report, self._store)

    def returned(self, file: Place, contents: Contents, names: Sequence[str]) -> int:
        """How many items of some remembered inputs have a tombstone's key.

        Args:
            file: of tombstones.
            contents: where the keys of this audit's inputs were remembered.
            names: of these contents.

        Raises:
            InputError: the file isn't one of tombstones.

        """
        found = tombstones.returned(self._engine, Path(file), contents, names)
        return 0 if found is None else tombstones.count(self._engine, found)

    def save(self, folder: Place, formats: Sequence[str] = ()) -> Path:
        """Write reports, findings and evidence into a folder, all of it or nothing.

        Args:
            folder: where to.
            formats: names of formats beside JSON, which is always written; Markdown, HTML and the
                disclosure by default.

        Raises:
            ConfigError: a format isn't known or needs what isn't installed.
            OutputError: the folder is taken by something else, or can't be written.

        """
        target = Path(folder)
        output.write(self.folder, self.report, target, formats)
        return target

    def render(self, format_name: str) -> bytes:
        """The report in one format, e.g. `sarif`, as `save` would write it.

        Raises:
            ConfigError: the format isn't known or needs what isn't installed.

        """
        return reports.choose([format_name])[0].render(self.report)

    def filter(
        self,
        file: Place,
        *,
        statuses: Collection[Status | str] = (),
        outcomes: Collection[Outcome | str] = (),
    ) -> int:
        """Write the input rows with a chosen status or outcome, as they stand in the input.

        Args:
            file: where to; its suffix must fit the input's format.
            statuses: any of `model.Status`.
            outcomes: any of `model.Outcome`.

        Returns:
            How many rows were written.

        Raises:
            InputError: an input is gone or has changed since the audit.
            ConfigError: the file doesn't fit the input.
            OutputError: the file can't be written.

        """
        findings = self.findings
        chosen = findings.status.isin([str(Status(one)) for one in statuses]) | (
            findings.outcome.isin([str(Outcome(one)) for one in outcomes])
        )
        keep = findings.filter(chosen).select("shard", "row")
        return write_subset(self._engine, self._shards(), keep, Path(file))

    def attribution(self, folder: Place) -> Attribution:
        """Write the attribution that licences ask for, as Markdown, HTML and CSV.

        Title, author and source aren't kept by an audit: the inputs are read again, and must be
        what was audited.

        Args:
            folder: where to; an earlier attribution there is replaced.

        Returns:
            How many there are, and what isn't on record.

        Raises:
            InputError: an input is gone or has changed since the audit.
            OutputError: the folder is taken by something else, or can't be written.

        """
        from sourcing_audit import attribution

        return attribution.write(
            self._engine, self.findings, self.report, self._shards(), self._store, Path(folder)
        )

    def _shards(self) -> list[ShardInfo]:
        """The inputs as the audit recorded them."""
        return [
            ShardInfo(
                name=one.name,
                format=one.format,
                size=one.size,
                sha256=one.sha256,
                version=one.version,
                items=one.items,
                quarantined=one.quarantined,
                unreadable=one.unreadable,
            )
            for one in self.report.dataset.inputs
        ]

    def write(self, table: ir.Table, file: Place) -> int:
        """Write a table of this audit, or an expression over it, as Parquet, whole or not at all.

        Returns:
            How many rows were written.

        Raises:
            OutputError: the file can't be written.

        """
        with replacing_file(Path(file)) as temporary:
            self._engine.write_parquet(table, temporary)
            written: int = pq.read_metadata(temporary).num_rows
            return written

    def close(self) -> None:
        """Free the engine; the lazy tables end with it."""
        self._engine.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _repr_html_(self) -> str:
        from sourcing_audit.notebook import html

        return html(self.report)

    def __repr__(self) -> str:
        name, totals = self.report.dataset.name, self.report.totals
        return f"<AuditReport {name!r}: {totals.verdicts:,} verdicts, {self.report.dataset_status}>"


def audit(
    *inputs: Place,
    registries: Sequence[Place] = (),
    use: str | IntendedUse = "commercial-training",
    as_of: dt.date | str | None = None,
    dataset: str | None = None,
    columns: Mapping[str, str] | None = None,
    default_license: str | None = None,
    cards: Sequence[Place] = (),
    upstream: Sequence[str | UpstreamDataset] = (),
    rules: Sequence[Place] = (),
    strict: bool = False,
    media: str | MediaChoice = MediaChoice.AUTO,
    memory_limit: str | None = None,
    temp_dir: Place | None = None,
    state: Place | None = None,
    keys: Place | None = None,
    engine: str = "duckdb",
    master: str | None = None,
    progress: pipeline.Progress = pipeline.silent,
) -> AuditReport:
    """Audit one dataset.

    Args:
        inputs: its files, folders or globs (Parquet, CSV, TSV, JSONL, saved Hugging Face
            datasets); `hf:org/name@revision`; or addresses with s3://, gs://, hf:// or https://.
            Only the last two kinds use the network.
        registries: consent-registry exports, `[FORMAT:]FILE`.
        use: a named use and `key=value` pairs as `--use` takes them, or an `IntendedUse`.
        as_of: the date that verdicts hold for (`YYYY-MM-DD`); today by default.
        dataset: its name; taken from the first input by default.
        columns: canonical field to column or template, for names that aren't recognised.
        default_license: what the dataset as a whole declares, for items without a licence.
        cards: documents about it (README.md, Croissant, SPDX, licence files), beside those in its
            folder.
        upstream: the datasets that it was made from, `NAME` or `NAME=LICENCE` as `--upstream`
            takes them, or `UpstreamDataset`.
        rules: folders of rules laid over the shipped ones.
        strict: refuse records that can't be read instead of quarantining them.
        media: `auto` reads the signals inside media files on this disk where the extra is
            installed, `on` those of datasets elsewhere too, `off` none.
        memory_limit: of the engine, e.g. `4GB`; more is spilled to disk.
        temp_dir: where work files and what is spilled are put; the system's choice by default.
        state: a folder where audits keep what later ones can use again: unchanged shards aren't
            classified again, and an audit that was killed goes on where it was.
        keys: a folder where the keys of items are remembered as numbers, so that `trace` finds
            later what was in this dataset.
        engine: `duckdb`, or `spark` for what is too large for one machine.
        master: where Spark runs, e.g. `local[4]`; by default what its own settings say.
        progress: called with a step, how much is done and how much there is.

    Raises:
        SourcingAuditError: what is wrong, where, and the way out.

    """
    rulebook = pipeline.Rulebook.load(RuleStore([Path(folder) for folder in rules]))
    request = pipeline.Request(
        dataset=dataset or sources.dataset_name(str(inputs[0] if inputs else "")),
        inputs=tuple(str(one) for one in inputs),
        as_of=config.parse_date(as_of),
        use=use if isinstance(use, IntendedUse) else config.parse_use(use, rulebook.policy.uses),
        mapping=dict(columns or {}),
        default_license=default_license,
        upstream=config.upstream_datasets(upstream),
        cards=tuple(str(one) for one in cards),
        strict=strict,
        media=config.parse_media(media),
    )
    audits = audit_all(
        [request],
        rulebook,
        registry_specs=[str(spec) for spec in registries],
        memory_limit=memory_limit,
        temp_dir=None if temp_dir is None else Path(temp_dir),
        state=None if state is None else Path(state),
        keys=None if keys is None else Path(keys),
        engine=engine,
        master=master,
        progress=progress,
    )
    return next(audits)


def audit_all(
    requests: Sequence[pipeline.Request],
    rulebook: pipeline.Rulebook,
    *,
    registry_specs: Sequence[str] = (),
    memory_limit: str | None = None,
    temp_dir: Path | None = None,
    state: Path | None = None,
    keys: Path | None = None,
    engine: str = "duckdb",
    master: str | None = None,
    progress: pipeline.Progress = pipeline.silent,
) -> Iterator[AuditReport]:
    """Audit datasets one after another, for one use and date, against the same registries.

    Raises:
        SourcingAuditError: what is wrong, where, and the way out.

    """
    if state is not None and engine == "spark":
        raise ConfigError(
            "what audits keep for later ones is of duckdb's", fix="leave out the state, or spark"
        )
    begin = partial(
        start, engine, master=master, memory_limit=memory_limit, temp_directory=temp_dir
    )
    for request in requests:
        done = _audited(request, rulebook, registry_specs, begin, state, keys, progress)
        asked = recorded.of(request, done.report, rulebook.store, registry_specs, engine)
        recorded.write(done.folder, asked)
        yield done


def _audited(
    request: pipeline.Request,
    rulebook: pipeline.Rulebook,
    registry_specs: Sequence[str],
    begin: Callable[[], Engine],
    state: Path | None,
    keys: Path | None,
    progress: pipeline.Progress,
) -> AuditReport:
    kept = None if state is None else State(state)
    checked = None if kept is None else consent_registries.Kept(kept, rulebook.store.digest())
    with refused_by_the_system(), ExitStack() as stack:
        running = stack.enter_context(begin())
        progress("reading consent registries", 0, None)
        records = consent_registries.load(running, registry_specs, rulebook.consent, checked)
        consulted = consent.consult(running, records, rulebook.consent, request.use, request.as_of)
        judged = pipeline.audit_dataset(running, request, rulebook, consulted, progress, kept)
        progress("summing up", 0, None)
        groups = alike.groups(running, judged)
        report = summarise(running, judged, rulebook, groups)
        output.complete(running, judged, groups)
        if keys is not None:
            progress("remembering keys", 0, None)
            Contents(keys).remember(running, judged.ingested, rulebook.consent)
        if kept is not None:
            kept.finished(request.dataset)
        stack.pop_all()
        return AuditReport(running, judged.folder, report, rulebook.store)


def load(folder: Place) -> AuditReport:
    """Open the result of an earlier audit.

    Raises:
        InputError: the folder isn't an audit's.

    """
    with ExitStack() as stack:
        engine = stack.enter_context(Engine.duckdb())
        report = output.read(Path(folder))
        stack.pop_all()
        return AuditReport(engine, Path(folder), report, RuleStore())
