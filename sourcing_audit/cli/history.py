"""Look at what was audited when."""

from __future__ import annotations

from typing import Annotated

import typer

from sourcing_audit.cli.options import HistoryArgument


def history(
    place: HistoryArgument,
    dataset: Annotated[
        str | None, typer.Option("--dataset", metavar="NAME", help="Only audits of this dataset.")
    ] = None,
    last: Annotated[
        int, typer.Option("--last", metavar="N", min=1, help="Only so many audits.")
    ] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """List the audits of a history, the latest first, and what was different each time."""
    from sourcing_audit.commands import history as command

    command.list_audits(place, dataset=dataset, last=last, as_json=as_json)
