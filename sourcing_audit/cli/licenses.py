"""Look at what a licence value or text becomes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sourcing_audit.cli.options import (
    RulesOption,
)
from sourcing_audit.errors import ConfigError


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
    from sourcing_audit.commands import rules as command

    command.license_values(text or [], files=file or [], as_json=as_json, rules=rules or [])
