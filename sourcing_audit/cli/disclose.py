"""Write disclosures, and hold existing ones against an audit."""

from __future__ import annotations

from typing import Annotated

import typer

from sourcing_audit.cli.options import (
    FolderArgument,
    RulesOption,
)
from sourcing_audit.errors import ConfigError


def disclose(
    folder: FolderArgument,
    form: Annotated[
        str | None,
        typer.Option("--form", metavar="NAME", help="aimeg, eu-ai-act, ab-2013 or dataset-card."),
    ] = None,
    style: Annotated[
        str | None,
        typer.Option(
            "--as",
            metavar="STYLE",
            help="markdown or json; text for the short aimeg, yaml for a card's front matter.",
        ),
    ] = None,
    output: Annotated[
        str,
        typer.Option("-o", "--output", metavar="FILE", help="Where to; - is standard output."),
    ] = "-",
    check: Annotated[
        str | None,
        typer.Option(
            "--check",
            metavar="FILE",
            help="Hold an existing disclosure against the audit; exit with 1 if any statement"
            " is contradicted. - is standard input.",
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print what --check found as one JSON object.")
    ] = False,
    rules: RulesOption = None,
) -> None:
    """Fill a disclosure form from an audit, or check a disclosure against it."""
    if (form is None) == (check is None):
        raise ConfigError(
            "disclose needs either --form or --check",
            fix="--form aimeg|eu-ai-act|ab-2013|dataset-card, or --check FILE",
        )
    from sourcing_audit.commands import disclose as command

    if check is not None:
        raise typer.Exit(command.check(folder, check, as_json=as_json, rules=rules or []))
    if as_json:
        raise ConfigError("--json belongs to --check", fix="--as json writes a form as JSON")
    command.disclose(folder, form or "", style=style, target=output, rules=rules or [])
