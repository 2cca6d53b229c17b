"""The command line: parse, call the API, print, exit. No logic of its own."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from sourcing_audit import __version__
from sourcing_audit.cli import (
    attribution,
    audits,
    diff,
    disclose,
    evidence,
    history,
    licenses,
    registry,
    reports,
    rules,
    runs,
    trace,
)
from sourcing_audit.errors import SourcingAuditError
from sourcing_audit.garbage import seldom

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
rules_app = typer.Typer(help="List, show, test and add rules.", no_args_is_help=True)
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
        with seldom():
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


app.command()(audits.audit)
app.command()(runs.run)
app.command()(licenses.license)
app.command()(audits.explain)
app.command()(diff.diff)
app.command("filter")(audits.filter_)
app.command()(history.history)
app.command()(trace.trace)
app.command()(reports.report)
app.command()(attribution.attribution)
app.command()(audits.init)
app.command()(disclose.disclose)
app.command()(evidence.evidence)
app.command()(evidence.verify)
app.command()(evidence.keygen)

rules_app.command("list")(rules.list_)
rules_app.command("show")(rules.show)
rules_app.command("test")(rules.run_examples)
rules_app.command("add")(rules.add)

registry_app.command("formats")(registry.formats)
registry_app.command("check")(registry.check)
registry_app.command("convert")(registry.convert)
