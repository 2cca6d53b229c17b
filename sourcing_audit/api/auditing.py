"""Auditing datasets, and opening what was audited."""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from sourcing_audit import alike, config, consent, output, pipeline, recorded, sources
from sourcing_audit import registries as consent_registries
from sourcing_audit.api.audited import AuditReport
from sourcing_audit.engine import Engine, start
from sourcing_audit.errors import ConfigError
from sourcing_audit.files import refused_by_the_system
from sourcing_audit.garbage import seldom
from sourcing_audit.model import IntendedUse, MediaChoice, UpstreamDataset
from sourcing_audit.remembered import Contents
from sourcing_audit.rules import RuleStore
from sourcing_audit.state import State
from sourcing_audit.summary import summarise

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from sourcing_audit.api.tables import Place


@seldom()
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
        groups = alike.Groups.of(running, judged)
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
