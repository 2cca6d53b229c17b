"""Audit, and look at what an audit left behind."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sourcing_audit.cli.options import (
    AsOfOption,
    BaselineOption,
    CardOption,
    ColumnOption,
    ConfigOption,
    DatasetOption,
    DefaultLicenseOption,
    EngineOption,
    EvidenceOption,
    FailOnOption,
    FolderArgument,
    FormatOption,
    InputArgument,
    KeysOption,
    MasterOption,
    MediaOption,
    MemoryLimitOption,
    OutputOption,
    QuietOption,
    RegistryOption,
    RulesOption,
    SignKeyOption,
    SinceOption,
    StateOption,
    StrictOption,
    TempDirOption,
    UpstreamOption,
    UseOption,
    WithFindingsOption,
)
from sourcing_audit.errors import ConfigError
from sourcing_audit.model import Outcome, Status


def audit(
    inputs: InputArgument = None,
    registry: RegistryOption = None,
    use: UseOption = None,
    as_of: AsOfOption = None,
    output: OutputOption = None,
    format: FormatOption = None,  # noqa: A002  the flag's name
    column: ColumnOption = None,
    dataset: DatasetOption = None,
    default_license: DefaultLicenseOption = None,
    card: CardOption = None,
    upstream: UpstreamOption = None,
    rules: RulesOption = None,
    config: ConfigOption = None,
    fail_on: FailOnOption = None,
    since: SinceOption = None,
    baseline: BaselineOption = None,
    strict: StrictOption = False,
    media: MediaOption = None,
    memory_limit: MemoryLimitOption = None,
    temp_dir: TempDirOption = None,
    state: StateOption = None,
    keys: KeysOption = None,
    engine: EngineOption = None,
    master: MasterOption = None,
    evidence: EvidenceOption = None,
    sign_key: SignKeyOption = None,
    with_findings: WithFindingsOption = False,
    quiet: QuietOption = False,
) -> None:
    """Audit datasets and write their sourcing-status reports."""
    from sourcing_audit.commands.settings import settings

    wanted = settings(
        config,
        inputs=inputs or [],
        registries=registry or [],
        use=use,
        as_of=as_of,
        output=output,
        formats=format or [],
        columns=column or [],
        dataset=_name(dataset),
        default_license=default_license,
        cards=card or [],
        upstream=upstream or [],
        rules=rules or [],
        fail_on=fail_on,
        strict=strict,
        media=media,
        memory_limit=memory_limit,
        temp_dir=temp_dir,
        state=state,
        keys=keys,
        engine=engine,
        master=master,
        since=since,
        baseline=baseline,
        evidence=evidence,
        sign_key=sign_key,
        with_findings=with_findings,
    )
    # What audits takes long to import, and settings that are wrong are told at once.
    from sourcing_audit.commands import audit as command

    raise typer.Exit(command.audit(wanted, quiet=quiet))


def _name(dataset: str | None) -> str | None:
    """The name of a dataset, of which folders may be named too."""
    from pydantic import ValidationError

    from sourcing_audit import config

    try:
        return config.DatasetConfig(source="-", name=dataset).name
    except ValidationError as error:
        raise ConfigError(
            f"--dataset {dataset!r}: is no name for a dataset",
            fix="up to 80 letters, digits, spaces and . _ -, a letter or digit first",
        ) from error


def explain(
    folder: FolderArgument,
    item_id: Annotated[str, typer.Argument(metavar="ITEM_ID", help="An id of the findings.")],
) -> None:
    """Show an item's verdict, each rule and record behind it, and those that lost."""
    from sourcing_audit.commands import explain as command

    command.explain(folder, item_id)


def filter_(
    folder: FolderArgument,
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="FILE", help="Where the chosen rows go.")
    ],
    status: Annotated[
        list[Status] | None, typer.Option("--status", help="Keep items of this status. Repeatable.")
    ] = None,
    outcome: Annotated[
        list[Outcome] | None,
        typer.Option("--outcome", help="Keep items of this outcome. Repeatable."),
    ] = None,
) -> None:
    """Write the input rows with the chosen statuses, in the input's own format and columns."""
    if not status and not outcome:
        raise ConfigError(
            "filter needs at least one --status or --outcome", fix="e.g. --outcome permitted"
        )
    from sourcing_audit.commands import filter as command

    command.filter_rows(folder, output, status or [], outcome or [])


def init(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write it.")] = Path(
        "audit.toml"
    ),
    schema: Annotated[
        bool,
        typer.Option("--schema", help="Write its JSON Schema beside it too, for editors."),
    ] = False,
) -> None:
    """Write a commented audit.toml."""
    from sourcing_audit.commands import init as command

    command.init(path, schema=schema)
