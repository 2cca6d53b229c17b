"""What changed between two audits."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sourcing_audit.errors import ConfigError


def diff(
    old: Annotated[
        str,
        typer.Argument(
            metavar="OLD", help="An earlier audit's folder; with --history the number of a run."
        ),
    ],
    new: Annotated[str, typer.Argument(metavar="NEW", help="A later one.")],
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
    history: Annotated[
        str | None,
        typer.Option(
            "--history",
            metavar="PLACE",
            help="Compare two runs of this history, dataset by dataset, by their counts.",
        ),
    ] = None,
) -> None:
    """Show what changed between two audits of a dataset, and what it is down to.

    Exits with 1 if anything is worse: items newly prohibited or undetermined, more that can't be
    read; with --history also a dataset that the later run didn't audit.
    """
    from sourcing_audit.commands import diff as command

    if history is None:
        code = command.diff(Path(old), Path(new), as_json=as_json, output=output)
    elif output is not None:
        raise ConfigError(
            "a history holds counts, and no items to write", fix="leave out -o, or give two folders"
        )
    else:
        code = command.diff_runs(old, new, history=history, as_json=as_json)
    raise typer.Exit(code)
