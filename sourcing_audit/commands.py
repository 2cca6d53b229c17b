"""What each command does: put settings together, call the API, print the result."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sourcing_audit import config
from sourcing_audit.errors import ConfigError, InputError
from sourcing_audit.rules import RuleStore

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sourcing_audit.model import FailOn, MediaChoice, Outcome, Status
    from sourcing_audit.pipeline import Request, Rulebook
    from sourcing_audit.report import Report
    from sourcing_audit.review import Review

DEFAULT_OUTPUT = Path("audit-out")
SCHEMA_NAME = "audit.schema.json"
"""The file beside `audit.toml` by which editors complete and check it."""


@dataclass(frozen=True)
class Settings:
    """Everything that an `audit` command needs, from flags and file together."""

    datasets: tuple[config.DatasetConfig, ...]
    registries: tuple[str, ...]
    use: str
    as_of: str | None
    output: Path
    formats: tuple[str, ...]
    rules: tuple[Path, ...]
    fail_on: FailOn
    strict: bool
    media: MediaChoice
    memory_limit: str | None
    temp_dir: Path | None
    state: Path | None
    keys: Path | None
    history: str | None
    tombstones: Path | None
    engine: str
    master: str | None
    mapping_origin: str
    since: Path | None
    baseline: Path | None
    limits: dict[str, config.LimitConfig]
    waivers: tuple[config.WaiverConfig, ...]
    file: str
    """Where limits and waivers come from, for messages."""
    evidence: Path | None
    sign_key: Path | None
    with_findings: bool


def settings(
    path: Path | None,
    *,
    inputs: Sequence[str] = (),
    registries: Sequence[str] = (),
    use: str | None = None,
    as_of: str | None = None,
    output: Path | None = None,
    formats: Sequence[str] = (),
    columns: Sequence[str] = (),
    dataset: str | None = None,
    default_license: str | None = None,
    cards: Sequence[Path] = (),
    upstream: Sequence[str] = (),
    rules: Sequence[Path] = (),
    fail_on: FailOn | None = None,
    strict: bool = False,
    media: MediaChoice | None = None,
    memory_limit: str | None = None,
    temp_dir: Path | None = None,
    state: Path | None = None,
    keys: Path | None = None,
    engine: str | None = None,
    master: str | None = None,
    since: Path | None = None,
    baseline: Path | None = None,
    history: str | None = None,
    evidence: Path | None = None,
    sign_key: Path | None = None,
    with_findings: bool = False,
) -> Settings:
    """Lay flags (and their environment variables) over `audit.toml` over the defaults.

    Raises:
        ConfigError: nothing to audit was named, or a value isn't understood.

    """
    file = config.AuditConfig() if path is None else config.load(path)
    datasets = list(file.dataset)
    if inputs:
        groups = [list(inputs)] if dataset else [[one] for one in inputs]
        datasets = [config.DatasetConfig(source=group, name=dataset) for group in groups]
    if not datasets:
        raise ConfigError(
            "nothing to audit was named",
            fix="give a manifest, or -c audit.toml with a [[dataset]]",
        )
    flags = config.parse_columns(columns)
    made_from = config.parse_upstream(upstream)
    datasets = [
        one.model_copy(
            update={
                "columns": {**one.columns, **flags},
                "default_license": default_license or one.default_license,
                "card": [str(path) for path in cards] or one.card,
                "upstream": made_from or one.upstream,
            }
        )
        for one in datasets
    ]
    stated = file.as_of.isoformat() if file.as_of else None
    return Settings(
        datasets=tuple(datasets),
        registries=tuple(registries) or tuple(one.spec for one in file.registry),
        use=use or file.use,
        as_of=as_of or stated,
        output=output or Path(file.output or DEFAULT_OUTPUT),
        formats=tuple(config.parse_formats(formats)) or tuple(file.formats),
        rules=tuple(rules) or tuple(Path(one) for one in file.rules),
        fail_on=fail_on or file.fail_on,
        strict=strict or file.strict,
        media=media or file.media,
        memory_limit=memory_limit or file.memory_limit,
        temp_dir=temp_dir or (Path(file.temp_dir) if file.temp_dir else None),
        state=state or (Path(file.state) if file.state else None),
        keys=keys or (Path(file.keys) if file.keys else None),
        history=history or file.history,
        tombstones=Path(file.tombstones) if file.tombstones else None,
        engine=engine or file.engine,
        master=master or file.master,
        mapping_origin="flag" if flags or not file.dataset else "config",
        since=since or (Path(file.since) if file.since else None),
        baseline=baseline or (Path(file.baseline) if file.baseline else None),
        limits=file.gate,
        waivers=tuple(file.waiver),
        file=str(path or "audit.toml"),
        evidence=evidence or (Path(file.evidence) if file.evidence else None),
        sign_key=sign_key,
        with_findings=with_findings,
    )


def requests(wanted: Settings, rulebook: Rulebook) -> list[Request]:
    """What is asked of each dataset.

    Raises:
        ConfigError: a use or a date isn't understood.

    """
    from sourcing_audit import pipeline, sources

    return [
        pipeline.Request(
            dataset=one.name or sources.dataset_name(one.inputs[0]),
            inputs=one.inputs,
            as_of=config.parse_date(wanted.as_of),
            use=config.parse_use(one.use or wanted.use, rulebook.policy.uses),
            mapping=one.columns,
            mapping_origin=wanted.mapping_origin,
            default_license=one.default_license,
            upstream=tuple(each.dataset() for each in one.upstream),
            cards=tuple(one.card),
            strict=wanted.strict,
            media=wanted.media,
        )
        for one in wanted.datasets
    ]


def review(wanted: Settings, rulebook: Rulebook, names: Sequence[str]) -> Review:
    """What is asked of the audits beyond their verdicts.

    Raises:
        ConfigError: a limit or a waiver names what isn't there.

    """
    from sourcing_audit.review import Review

    return Review(
        where=wanted.file,
        fail_on=wanted.fail_on,
        limits=wanted.limits,
        waivers=wanted.waivers,
        rulebook=rulebook,
        datasets=names,
    )


def audit(wanted: Settings, *, quiet: bool) -> int:
    """Audit every dataset, write its folder, print its summary; return the exit code."""
    from sourcing_audit import api, pipeline, reports
    from sourcing_audit.progress import shown
    from sourcing_audit.review import earlier

    # Whatever is missing is said before the audit, which may take hours.
    reports.choose(wanted.formats)
    rulebook = pipeline.Rulebook.load(RuleStore(wanted.rules))
    asked = requests(wanted, rulebook)
    names = [request.dataset for request in asked]
    folders = _folders(wanted.output, names)
    reviewed = review(wanted, rulebook, names)
    since = earlier(wanted.since, names, what="--since", replaced=wanted.output)
    baseline = earlier(wanted.baseline, names, what="--baseline")
    keep = evidence(wanted)
    failed = False
    with shown(quiet=quiet) as progress:
        results = api.audit_all(
            asked,
            rulebook,
            registry_specs=wanted.registries,
            memory_limit=wanted.memory_limit,
            temp_dir=wanted.temp_dir,
            state=wanted.state,
            keys=wanted.keys,
            engine=wanted.engine,
            master=wanted.master,
            progress=progress,
        )
        places = zip(results, folders, since, baseline, strict=True)
        for result, folder, before, accepted in places:
            with result:
                progress("writing reports", 0, None)
                failed |= not reviewed.of(result, since=before, baseline=accepted)
                result.save(folder, wanted.formats)
                kept = keep(folder, rulebook.store, result.report.dataset.name)
                progress.clear()
                if not quiet:
                    print_result(result.report, folder)
                    _print_evidence(kept)
    return 1 if failed else 0


def evidence(wanted: Settings) -> Callable[[Path, RuleStore, str], str | None]:
    """What writes a dataset's evidence bundle and says so; the key is read before any audit."""
    if wanted.evidence is None:
        if wanted.with_findings:
            raise ConfigError("--with-findings is for --evidence", fix="add --evidence FILE.zip")
        return lambda _folder, _store, _name: None
    from sourcing_audit import evidence as bundles

    signer = None if wanted.sign_key is None else bundles.Signer.of(wanted.sign_key)
    target, several = wanted.evidence, len(wanted.datasets) > 1

    def write(folder: Path, store: RuleStore, name: str) -> str:
        file = target.with_name(f"{target.stem}-{name}{target.suffix}") if several else target
        bundles.write(folder, file, store, signer=signer, with_findings=wanted.with_findings)
        return bundles.told(file, signer)

    return write


def _print_evidence(told: str | None) -> None:
    from sourcing_audit.terminal import say

    if told is not None:
        say(told)


def _folders(output: Path, names: Sequence[str]) -> list[Path]:
    """One dataset goes into the output folder itself, several into folders of their names."""
    if len(names) == 1:
        return [output]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise ConfigError(
            f"two inputs are both called {twice!r}",
            fix="audit them as one dataset with --dataset NAME, or name them in audit.toml",
        )
    return [output / name for name in names]


def print_result(report: Report, folder: Path) -> None:
    """Show a summary on a terminal, and one line for each finding in a pipe.

    What the result is in a sentence, and where the report is, goes to standard error.
    """
    from sourcing_audit.reports import lines, terminal
    from sourcing_audit.terminal import color, is_watched, say, width

    for origin, mapped in _by_origin(report).items():
        say(f"Columns by {origin}: {', '.join(mapped)}")
    if is_watched():
        _say_quarantined(report)
        sys.stdout.write(terminal.summary(report, width=width(), color=color()))
    else:
        sys.stdout.writelines(f"{line}\n" for line in lines.findings(report))
        say(terminal.totals_line(report))
        sys.stderr.write(
            terminal.reviewed(report, width=width(sys.stderr), color=color(sys.stderr))
        )
    # What stands on standard output comes before the sentence about it.
    sys.stdout.flush()
    sys.stderr.write(terminal.conclusion(report, width=width(sys.stderr), color=color(sys.stderr)))
    if not is_watched() and (rest := lines.left_out(report)):
        say(f"Not shown: {rest}")
    page = folder / "report.html"
    say(f"Report: {page if page.is_file() else folder}")


def _say_quarantined(report: Report) -> None:
    from sourcing_audit.reports.quantities import plural
    from sourcing_audit.terminal import say

    for row in report.quarantine:
        places = ", ".join(row.samples)
        counted = ((row.records, "record"), (row.files, "file"))
        amounts = [plural(number, noun) for number, noun in counted if number]
        say(f"Quarantined {' and '.join(amounts)}: {row.label}: {places}")


def _by_origin(report: Report) -> dict[str, list[str]]:
    """The column mapping in few lines: where each field is read from, by who said so."""
    found: dict[str, list[str]] = {}
    for mapped in report.dataset.mapping:
        same = mapped.template.strip("{}") == mapped.field
        text = mapped.field if same else f"{mapped.field} from {mapped.template}"
        found.setdefault(mapped.origin, []).append(text)
    return found


def explain(folder: Path, item_id: str) -> None:
    """Print the chain behind an item's verdict, from whichever dataset of the audit holds it."""
    from sourcing_audit import api, output

    missing: InputError | None = None
    found = False
    for one in output.audits_in(folder):
        with api.load(one) as audited:
            try:
                told = audited.explain(item_id)
            except InputError as error:
                missing = error
                continue
        found = True
        for explanation in told:
            sys.stdout.write(f"{explanation}\n")
    if missing is not None and not found:
        raise missing


def filter_rows(
    folder: Path, target: Path, statuses: Sequence[Status], outcomes: Sequence[Outcome]
) -> None:
    """Write the input rows of the items with a chosen status or outcome."""
    from sourcing_audit import api, output
    from sourcing_audit.terminal import say

    audits = output.audits_in(folder)
    if len(audits) > 1:
        raise ConfigError(
            f"{folder}: holds {len(audits)} datasets",
            fix=f"filter one of them, e.g. {audits[0]}",
        )
    with api.load(audits[0]) as audited:
        written = audited.filter(target, statuses=statuses, outcomes=outcomes)
    say(f"Wrote {written:,} items to {target}")


def init(path: Path, *, schema: bool = False) -> None:
    """Write a commented `audit.toml`, with the schema that editors check it by; never over a file.

    Raises:
        ConfigError: a file of that name is there, or can't be written.

    """
    from sourcing_audit.config.schema import audit_schema
    from sourcing_audit.terminal import say

    files = {path: config.TEMPLATE}
    if schema:
        files = {
            path: f"#:schema ./{SCHEMA_NAME}\n\n{config.TEMPLATE}",
            path.with_name(SCHEMA_NAME): audit_schema(),
        }
    for taken in (file for file in files if file.exists()):
        raise ConfigError(f"{taken}: already exists", fix="give another name or folder")
    for file, text in files.items():
        _write_new(file, text)
    say(f"Wrote {' and '.join(map(str, files))}. Next: sourcing-audit audit -c {path}")


def _write_new(path: Path, text: str) -> None:
    try:
        with path.open("x", encoding="utf-8") as stream:
            stream.write(text)
    except FileExistsError as error:
        raise ConfigError(f"{path}: already exists", fix="give another name") from error
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from error
