"""Find where somebody's works were."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sourcing_audit.cli.options import RegistryOption, RulesOption
from sourcing_audit.errors import ConfigError


def trace(
    subject: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="SUBJECT...",
            help="An address, KIND:VALUE such as sha256:… or host:…, or the name or id of a"
            " creator or work.",
        ),
    ] = None,
    history: Annotated[
        str,
        typer.Option(
            "--history",
            metavar="PLACE",
            envvar="SOURCING_AUDIT_HISTORY",
            help="The history of the audits.",
        ),
    ] = "audit-history.duckdb",
    keys: Annotated[
        Path,
        typer.Option(
            "--keys",
            metavar="DIR",
            envvar="SOURCING_AUDIT_KEYS",
            help="Where audits remembered keys.",
        ),
    ] = Path("audit-keys"),
    registry: RegistryOption = None,
    record: Annotated[
        list[str] | None,
        typer.Option(
            "--record",
            metavar="ID",
            help="Only this record of the registries; without it every refusal and revocation."
            " Repeatable.",
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE",
            help="Write the rows to remove: .csv, .jsonl or .parquet.",
        ),
    ] = None,
    tombstones: Annotated[
        Path | None,
        typer.Option(
            "--tombstones",
            metavar="FILE",
            help="Remember the works found as taken down, so that they are found if they return.",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    rules: RulesOption = None,
) -> None:
    """Tell which datasets, runs and models held somebody's works; exit with 1 if any did.

    Exits with 2 if none did, as far as could be seen, and not everything could be looked through.
    """
    if not subject and not registry:
        raise ConfigError("nothing to look for", fix="give an address, an id, or --registry FILE")
    if record and not registry:
        raise ConfigError("--record needs the registry that holds it", fix="add --registry FILE")
    from sourcing_audit.commands import trace as command

    code = command.trace(
        subject or [],
        history=history,
        keys=keys,
        registries=registry or [],
        records=record or [],
        output=output,
        tombstones=tombstones,
        as_json=as_json,
        rules=rules or [],
    )
    raise typer.Exit(code)
