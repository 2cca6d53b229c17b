"""The command line: parse, call the API, print, exit. No logic of its own."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from sourcing_audit import __version__
from sourcing_audit.errors import ConfigError, SourcingAuditError
from sourcing_audit.model import FailOn, MediaChoice, Outcome, Status

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

RulesOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--rules",
        metavar="DIR",
        envvar="SOURCING_AUDIT_RULES",
        help="Lay a folder of rules over the shipped ones; later ones win. Repeatable.",
    ),
]


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
    inputs: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="INPUT...",
            help="Manifests (Parquet, CSV, TSV, JSONL; files, folders, globs), a saved Hugging "
            "Face dataset, or hf:org/name@revision, which alone uses the network.",
        ),
    ] = None,
    registry: Annotated[
        list[str] | None,
        typer.Option(
            "-r",
            "--registry",
            metavar="[FORMAT:]FILE",
            help="A consent-registry export. Repeatable.",
        ),
    ] = None,
    use: Annotated[
        str | None,
        typer.Option(
            "--use",
            metavar="NAME|KEY=VALUE,...",
            envvar="SOURCING_AUDIT_USE",
            help="The intended use: commercial-training (default), internal-commercial, "
            "open-model, research; then activity, project, commercial, research, share, "
            "territory, grantee, trained.",
        ),
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option(
            "--as-of",
            metavar="DATE",
            envvar="SOURCING_AUDIT_AS_OF",
            help="The date that verdicts hold for. [default: today]",
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            metavar="DIR",
            envvar="SOURCING_AUDIT_OUTPUT",
            help="Where reports, findings and evidence go. [default: audit-out]",
        ),
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(
            "--column",
            metavar="FIELD=COLUMN",
            help="Read a canonical field from a column, or from text with {column} in it. "
            "Repeatable.",
        ),
    ] = None,
    dataset: Annotated[
        str | None,
        typer.Option(
            "--dataset",
            metavar="NAME",
            help="Name the dataset; all inputs become its shards. Without it each input is one.",
        ),
    ] = None,
    default_license: Annotated[
        str | None,
        typer.Option(
            "--default-license",
            metavar="TEXT",
            help="What the dataset as a whole declares, for items without a licence.",
        ),
    ] = None,
    card: Annotated[
        list[Path] | None,
        typer.Option(
            "--card",
            metavar="FILE",
            help="A document about the dataset: a card (README.md), Croissant, SPDX or licence "
            "file. Those in its folder are read anyway. Repeatable.",
        ),
    ] = None,
    upstream: Annotated[
        list[str] | None,
        typer.Option(
            "--upstream",
            metavar="NAME[=LICENCE]",
            help="A dataset that this one was made from; its terms are carried on. Repeatable.",
        ),
    ] = None,
    rules: RulesOption = None,
    config: Annotated[
        Path | None,
        typer.Option("-c", "--config", metavar="FILE", help="Read audit.toml; flags win over it."),
    ] = None,
    fail_on: Annotated[
        FailOn | None,
        typer.Option(
            "--fail-on",
            envvar="SOURCING_AUDIT_FAIL_ON",
            help="Exit with 1 when an item has this outcome or a worse one. [default: prohibited]",
        ),
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Stop at records or files that can't be read.")
    ] = False,
    media: Annotated[
        MediaChoice | None,
        typer.Option(
            "--media",
            help="Read the signals inside media files: auto (on this disk, with the extra media),"
            " on (on the hub too), off. [default: auto]",
        ),
    ] = None,
    memory_limit: Annotated[
        str | None,
        typer.Option(
            "--memory-limit",
            metavar="SIZE",
            envvar="SOURCING_AUDIT_MEMORY_LIMIT",
            help="Memory of the engine, e.g. 4GB; more is spilled to disk.",
        ),
    ] = None,
    engine: Annotated[
        str | None,
        typer.Option(
            "--engine",
            metavar="duckdb|spark",
            envvar="SOURCING_AUDIT_ENGINE",
            help="What runs the audit: duckdb on this machine, or spark. [default: duckdb]",
        ),
    ] = None,
    master: Annotated[
        str | None,
        typer.Option(
            "--master",
            metavar="URL",
            envvar="SOURCING_AUDIT_MASTER",
            help="Where Spark runs, e.g. spark://host:7077. [default: as Spark's settings say]",
        ),
    ] = None,
    quiet: Annotated[
        bool, typer.Option("-q", "--quiet", help="No progress and no summary.")
    ] = False,
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
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="What `audit -o DIR` wrote.")],
    item_id: Annotated[str, typer.Argument(metavar="ITEM_ID", help="An id of the findings.")],
) -> None:
    """Show an item's verdict, each rule and record behind it, and those that lost."""
    from sourcing_audit import commands

    commands.explain(folder, item_id)


@app.command("filter")
def filter_(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="What `audit -o DIR` wrote.")],
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


ExportArgument = Annotated[
    str, typer.Argument(metavar="[FORMAT:]PATH", help="An export, as --registry takes it.")
]


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
