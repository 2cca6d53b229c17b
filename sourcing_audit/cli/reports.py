"""Render the report of an audit again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sourcing_audit.cli.options import FolderArgument, FormatOption


def report(
    folder: FolderArgument,
    format: FormatOption = None,  # noqa: A002  the flag's name
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE|DIR|-",
            help="Where to: a file or - (standard output) for one format, or a folder. "
            "[default: DIR]",
        ),
    ] = None,
) -> None:
    """Write the report of an audit in other formats, without auditing again."""
    from sourcing_audit.commands import report as command

    command.render(folder, format or [], output)
