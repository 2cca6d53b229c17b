"""List, show, test and add rules."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sourcing_audit.cli.options import (
    RulesOption,
)


def list_(rules: RulesOption = None) -> None:
    """List the rule files, how many rules each holds, and the overrides."""
    from sourcing_audit.commands import rules as command

    command.list_rules(rules or [])


def show(
    code: Annotated[
        str | None,
        typer.Argument(
            metavar="CODE",
            help="A reason, obligation, verdict line (V4), quarantine reason or consent rule (P8);"
            " without it all are listed.",
        ),
    ] = None,
    rules: RulesOption = None,
) -> None:
    """Show what a code means: its clause, how to fix it, and an example."""
    from sourcing_audit.commands import rules as command

    command.show_rule(code, rules or [])


def run_examples(rules: RulesOption = None) -> None:
    """Run every example of the rules; exit with 1 if one fails."""
    from sourcing_audit.commands import rules as command

    raise typer.Exit(command.test_rules(rules or []))


def add(
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
    from sourcing_audit.commands import rules as command

    command.add_rule(value, expression, source=source, folders=rules, kind=kind)
