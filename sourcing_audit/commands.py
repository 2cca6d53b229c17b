"""What each command does: put settings together, call the API, print the result."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sourcing_audit import config
from sourcing_audit.errors import ConfigError, InputError
from sourcing_audit.model import Outcome
from sourcing_audit.rules import RuleStore

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sourcing_audit.model import FailOn, MediaChoice, Status
    from sourcing_audit.report import Report

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
    rules: tuple[Path, ...]
    fail_on: FailOn
    strict: bool
    media: MediaChoice
    memory_limit: str | None
    temp_dir: Path | None
    state: Path | None
    engine: str
    master: str | None
    mapping_origin: str


def settings(
    path: Path | None,
    *,
    inputs: Sequence[str],
    registries: Sequence[str],
    use: str | None,
    as_of: str | None,
    output: Path | None,
    columns: Sequence[str],
    dataset: str | None,
    default_license: str | None,
    cards: Sequence[Path],
    upstream: Sequence[str],
    rules: Sequence[Path],
    fail_on: FailOn | None,
    strict: bool,
    media: MediaChoice | None,
    memory_limit: str | None,
    temp_dir: Path | None,
    state: Path | None,
    engine: str | None,
    master: str | None,
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
        rules=tuple(rules) or tuple(Path(one) for one in file.rules),
        fail_on=fail_on or file.fail_on,
        strict=strict or file.strict,
        media=media or file.media,
        memory_limit=memory_limit or file.memory_limit,
        temp_dir=temp_dir or (Path(file.temp_dir) if file.temp_dir else None),
        state=state or (Path(file.state) if file.state else None),
        engine=engine or file.engine,
        master=master or file.master,
        mapping_origin="flag" if flags or not file.dataset else "config",
    )


def audit(wanted: Settings, *, quiet: bool) -> int:
    """Audit every dataset, write its folder, print its summary; return the exit code."""
    from sourcing_audit import api, pipeline, sources
    from sourcing_audit.progress import shown

    rulebook = pipeline.Rulebook.load(RuleStore(wanted.rules))
    use = config.parse_use(wanted.use, rulebook.policy.uses)
    requests = [
        pipeline.Request(
            dataset=one.name or sources.dataset_name(one.inputs[0]),
            inputs=one.inputs,
            as_of=config.parse_date(wanted.as_of),
            use=use,
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
    folders = _folders(wanted.output, [request.dataset for request in requests])
    failed = False
    with shown(quiet=quiet) as progress:
        results = api.audit_all(
            requests,
            rulebook,
            registry_specs=wanted.registries,
            memory_limit=wanted.memory_limit,
            temp_dir=wanted.temp_dir,
            state=wanted.state,
            engine=wanted.engine,
            master=wanted.master,
            progress=progress,
        )
        for result, folder in zip(results, folders, strict=True):
            with result:
                progress("writing reports", 0, None)
                result.save(folder)
                progress.clear()
                if not quiet:
                    _print_result(result.report, folder)
                covered = wanted.fail_on.covers()
                failed |= any(row.items for row in result.report.outcomes if row.outcome in covered)
                totals = result.report.totals
                unread = totals.quarantined or totals.unreadable_files
                failed |= bool(unread and Outcome.UNDETERMINED in covered)
    return 1 if failed else 0


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


def _print_result(report: Report, folder: Path) -> None:
    from sourcing_audit.reports.quantities import plural
    from sourcing_audit.reports.terminal import summary
    from sourcing_audit.terminal import color, say, width

    for origin, mapped in _by_origin(report).items():
        say(f"Columns by {origin}: {', '.join(mapped)}")
    for row in report.quarantine:
        places = ", ".join(row.samples)
        counted = ((row.records, "record"), (row.files, "file"))
        amounts = [plural(number, noun) for number, noun in counted if number]
        say(f"Quarantined {' and '.join(amounts)}: {row.label}: {places}")
    sys.stdout.write(summary(report, width=width(), color=color()))
    say(f"Report: {folder / 'report.html'}")


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
    from sourcing_audit import api

    missing: InputError | None = None
    found = False
    for one in _audits_in(folder):
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


def _audits_in(folder: Path) -> list[Path]:
    """The folder itself, or the folders of the datasets that were audited together."""
    from sourcing_audit.output import MARKER

    if (folder / MARKER).is_file():
        return [folder]
    return sorted(path.parent for path in folder.glob(f"*/{MARKER}")) or [folder]


def filter_rows(
    folder: Path, output: Path, statuses: Sequence[Status], outcomes: Sequence[Outcome]
) -> None:
    """Write the input rows of the items with a chosen status or outcome."""
    from sourcing_audit import api
    from sourcing_audit.terminal import say

    audits = _audits_in(folder)
    if len(audits) > 1:
        raise ConfigError(
            f"{folder}: holds {len(audits)} datasets",
            fix=f"filter one of them, e.g. {audits[0]}",
        )
    with api.load(audits[0]) as audited:
        written = audited.filter(output, statuses=statuses, outcomes=outcomes)
    say(f"Wrote {written:,} items to {output}")


def init(path: Path, *, schema: bool = False) -> None:
    """Write a commented `audit.toml`, with the schema that editors check it by; never over a file.

    Raises:
        ConfigError: a file of that name is there, or can't be written.

    """
    from sourcing_audit.config_schema import audit_schema
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
