"""The command line: parse, call the API, print, exit. No logic of its own."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from sourcing_audit import __version__
from sourcing_audit.errors import ConfigError, SourcingAuditError
from sourcing_audit.model import Outcome, Status
from sourcing_audit.options import (
    AsOfOption,
    CardOption,
    ColumnOption,
    ConfigOption,
    DatasetOption,
    DefaultLicenseOption,
    EngineOption,
    ExportArgument,
    FailOnOption,
    FolderArgument,
    InputArgument,
    MasterOption,
    MediaOption,
    MemoryLimitOption,
    OutputOption,
    QuietOption,
    RegistryOption,
    RulesOption,
    StateOption,
    StrictOption,
    TempDirOption,
    UpstreamOption,
    UseOption,
)

app = typer.Typer(
    name="sourcing-audit",
    help="Tell, item by item and with evidence, whether a training dataset was sourced ethically.",
    epilog="Exit codes: 0 nothing at or above --fail-on; 1 findings; 2 could not run; "
    "3 nothing to audit.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
rules_app = typer.Typer(help="List and test the rules.", no_args_is_help=True)
app.add_typer(rules_app, name="rules")
registry_app = typer.Typer(
    help="Check and convert consent registries.",
    epilog="Exit codes: 0 nothing to look at; 1 findings; 2 the export can't be trusted.",
    no_args_is_help=True,
)
app.add_typer(registry_app, name="registry")


def main() -> None:
    """Run the command line; an error that a user can act on ends in one message."""
    try:
        app()
    except SourcingAuditError as error:
        from sourcing_audit.escape import terminal

        for line in str(error).splitlines():
            sys.stderr.write(f"{terminal(line)}\n")
        raise SystemExit(error.exit_code) from None
    except BrokenPipeError:
        # The reader has gone (`| head`); keep Python from complaining when it flushes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(0) from None


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"sourcing-audit {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Hold the options that come before a command."""


@app.command()
def audit(
    inputs: InputArgument = None,
    registry: RegistryOption = None,
    use: UseOption = None,
    as_of: AsOfOption = None,
    output: OutputOption = None,
    column: ColumnOption = None,
    dataset: DatasetOption = None,
    default_license: DefaultLicenseOption = None,
    card: CardOption = None,
    upstream: UpstreamOption = None,
    rules: RulesOption = None,
    config: ConfigOption = None,
    fail_on: FailOnOption = None,
    strict: StrictOption = False,
    media: MediaOption = None,
    memory_limit: MemoryLimitOption = None,
    temp_dir: TempDirOption = None,
    state: StateOption = None,
    engine: EngineOption = None,
    master: MasterOption = None,
    quiet: QuietOption = False,
) -> None:
    """Audit datasets and write their sourcing-status reports."""
    from sourcing_audit import commands

    settings = commands.settings(
        config,
        inputs=inputs or [],
        registries=registry or [],
        use=use,
        as_of=as_of,
        output=output,
        columns=column or [],
        dataset=dataset,
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
        engine=engine,
        master=master,
    )
    raise typer.Exit(commands.audit(settings, quiet=quiet))


@app.command()
def license(  # noqa: A001
    text: Annotated[
        list[str] | None,
        typer.Argument(metavar="TEXT...", help="Licence values; - reads one a line from stdin."),
    ] = None,
    file: Annotated[
        list[Path] | None,
        typer.Option(
            "--file", metavar="FILE", help="Read the licence that a file's text states. Repeatable."
        ),
    ] = None,
    as_json: Annotated[
        bool,
        typer.Option("--json", help="One object a line: raw, expression, class, terms, rule."),
    ] = False,
    rules: RulesOption = None,
) -> None:
    """Show what a licence value becomes, or what a licence text states, and why."""
    if not text and not file:
        raise ConfigError("nothing to classify", fix="give a value, - or --file FILE")
    from sourcing_audit import rule_commands

    rule_commands.license_values(text or [], files=file or [], as_json=as_json, rules=rules or [])


@app.command()
def explain(
    folder: FolderArgument,
    item_id: Annotated[str, typer.Argument(metavar="ITEM_ID", help="An id of the findings.")],
) -> None:
    """Show an item's verdict, each rule and record behind it, and those that lost."""
    from sourcing_audit import commands

    commands.explain(folder, item_id)


@app.command("filter")
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
    from sourcing_audit import commands

    commands.filter_rows(folder, output, status or [], outcome or [])


@app.command()
def init(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write it.")] = Path(
        "audit.toml"
    ),
) -> None:
    """Write a commented audit.toml."""
    from sourcing_audit import commands

    commands.init(path)


@rules_app.command("list")
def rules_list(rules: RulesOption = None) -> None:
    """List the rule files, how many rules each holds, and the overrides."""
    from sourcing_audit import rule_commands

    rule_commands.list_rules(rules or [])


@rules_app.command("test")
def rules_test(rules: RulesOption = None) -> None:
    """Run every example of the rules; exit with 1 if one fails."""
    from sourcing_audit import rule_commands

    raise typer.Exit(rule_commands.test_rules(rules or []))


@rules_app.command("add")
def rules_add(
    value: Annotated[
        str, typer.Argument(metavar="VALUE", help="The value, as manifests write it.")
    ],
    expression: Annotated[
        str,
        typer.Argument(
            metavar="EXPRESSION", help="What it means: SPDX ids that `license` knows, or NONE."
        ),
    ],
    source: Annotated[
        str,
        typer.Option("--source", metavar="TEXT", help="Where a reviewer can read that it does."),
    ],
    rules: Annotated[
        list[Path],
        typer.Option(
            "--rules",
            metavar="DIR",
            envvar="SOURCING_AUDIT_RULES",
            help="Your rules folder, made if it isn't there. Of several the last is written.",
        ),
    ],
    kind: Annotated[
        str,
        typer.Option("--kind", metavar="NAME", help="`name`, or the platform whose word it is."),
    ] = "name",
) -> None:
    """Turn a value that isn't understood into a rule with its example."""
    from sourcing_audit import rule_commands

    rule_commands.add_rule(value, expression, source=source, folders=rules, kind=kind)


@registry_app.command("formats")
def registry_formats() -> None:
    """List the formats that --registry takes."""
    from sourcing_audit import registry_commands

    registry_commands.list_formats()


@registry_app.command("check")
def registry_check(
    export: ExportArgument,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    as_of: Annotated[
        str | None,
        typer.Option(
            "--as-of",
            metavar="DATE",
            envvar="SOURCING_AUDIT_AS_OF",
            help="The day to which the export's age is counted. [default: today]",
        ),
    ] = None,
    rules: RulesOption = None,
) -> None:
    """Show what is in an export, and what about it needs a person; exit with 1 if anything does."""
    from sourcing_audit import registry_commands

    code = registry_commands.check(export, as_json=as_json, as_of=as_of, rules=rules or [])
    raise typer.Exit(code)


@registry_app.command("convert")
def registry_convert(
    export: ExportArgument,
    output: Annotated[
        Path,
        typer.Option("-o", "--output", metavar="FILE", help="A .csv, .parquet or .jsonl file."),
    ],
    rules: RulesOption = None,
) -> None:
    """Write an export of any format as canonical records."""
    from sourcing_audit import registry_commands

    registry_commands.convert(export, output, rules=rules or [])
