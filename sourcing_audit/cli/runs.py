"""Audit everything that an audit.toml names."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sourcing_audit.cli.options import (
    AsOfOption,
    EvidenceOption,
    FormatOption,
    OutputOption,
    QuietOption,
    SignKeyOption,
)


def run(
    config: Annotated[
        Path,
        typer.Option(
            "-c",
            "--config",
            metavar="FILE",
            envvar="SOURCING_AUDIT_CONFIG",
            help="What to audit.",
        ),
    ] = Path("audit.toml"),
    only: Annotated[
        list[str] | None,
        typer.Option("--only", metavar="NAME", help="Only this dataset. Repeatable."),
    ] = None,
    as_of: AsOfOption = None,
    history: Annotated[
        str | None,
        typer.Option(
            "--history",
            metavar="PLACE",
            envvar="SOURCING_AUDIT_HISTORY",
            help="Add the run to a history: a DuckDB file, or postgresql://user@host/database.",
        ),
    ] = None,
    output: OutputOption = None,
    formats: FormatOption = None,
    evidence: EvidenceOption = None,
    sign_key: SignKeyOption = None,
    summary: Annotated[
        Path | None,
        typer.Option(
            "--summary",
            metavar="FILE.md",
            help="Write what came of the datasets as Markdown, for a mail or the page of a CI job.",
        ),
    ] = None,
    log_json: Annotated[
        bool,
        typer.Option("--log-json", help="Tell what happens as JSON lines on standard error."),
    ] = False,
    quiet: QuietOption = False,
) -> None:
    """Audit every dataset of an audit.toml; one that fails doesn't stop the others."""
    from sourcing_audit.commands import run as command
    from sourcing_audit.commands.settings import settings
    from sourcing_audit.progress import Log, shown

    wanted = settings(
        config,
        as_of=as_of,
        history=history,
        output=output,
        formats=formats or (),
        evidence=evidence,
        sign_key=sign_key,
    )
    with shown(quiet=quiet or log_json) as progress:
        log = Log(progress, as_json=log_json)
        code = command.run(wanted, only=only or [], log=log, quiet=quiet, summary=summary)
    raise typer.Exit(code)
