"""What changed between two audits."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def diff(
    old: Annotated[Path, typer.Argument(metavar="OLD", help="An earlier audit's folder.")],
    new: Annotated[Path, typer.Argument(metavar="NEW", help="A later audit's folder.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE",
            help="Write each item that isn't as it was, with its verdicts then and now (.parquet).",
        ),
    ] = None,
) -> None:
    """Show what changed between two audits of a dataset, and what it is down to.

    Exits with 1 if anything is worse: items newly prohibited or undetermined, more that can't be
    read.
    """
    from sourcing_audit.commands import diff as command

    raise typer.Exit(command.diff(old, new, as_json=as_json, output=output))
