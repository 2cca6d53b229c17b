"""Look at consent registries."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sourcing_audit.cli.options import (
    ExportArgument,
    RulesOption,
)


def formats() -> None:
    """List the formats that --registry takes."""
    from sourcing_audit.commands import registry as command

    command.list_formats()


def check(
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
    from sourcing_audit.commands import registry as command

    code = command.check(export, as_json=as_json, as_of=as_of, rules=rules or [])
    raise typer.Exit(code)


def convert(
    export: ExportArgument,
    output: Annotated[
        Path,
        typer.Option("-o", "--output", metavar="FILE", help="A .csv, .parquet or .jsonl file."),
    ],
    rules: RulesOption = None,
) -> None:
    """Write an export of any format as canonical records."""
    from sourcing_audit.commands import registry as command

    command.convert(export, output, rules=rules or [])
