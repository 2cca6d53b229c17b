"""The attribution that licences ask for."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sourcing_audit.cli.options import FolderArgument


def attribution(
    folder: FolderArgument,
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="FOLDER", help="Where the files go.")
    ],
) -> None:
    """Write who is to be credited for what, ready to publish."""
    from sourcing_audit.commands import attribution as command

    command.attribution(folder, output)
