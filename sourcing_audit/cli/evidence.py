"""Keep what an audit left behind as evidence, and check such evidence."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sourcing_audit.cli.options import (
    FolderArgument,
    RulesOption,
    SignKeyOption,
    WithFindingsOption,
)


def evidence(
    folder: FolderArgument,
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="FILE.zip", help="Where the bundle goes.")
    ],
    sign_key: SignKeyOption = None,
    with_findings: WithFindingsOption = False,
    rules: RulesOption = None,
) -> None:
    """Put a finished audit, its rules and its evidence into one file, signed if there is a key."""
    from sourcing_audit.commands import evidence as command

    command.write(folder, output, sign_key=sign_key, with_findings=with_findings, rules=rules)


def verify(
    bundle: Annotated[Path, typer.Argument(metavar="BUNDLE", help="What `--evidence` wrote.")],
    key: Annotated[
        Path | None,
        typer.Option("--key", metavar="FILE", help="The signer's public key, which you trust."),
    ] = None,
    findings: Annotated[
        Path | None,
        typer.Option(
            "--findings", metavar="DIR", help="The audit's folder, if its findings were left out."
        ),
    ] = None,
    rerun: Annotated[
        bool,
        typer.Option("--rerun", help="Audit again, where the inputs were, and compare each byte."),
    ] = False,
    unsigned_ok: Annotated[
        bool,
        typer.Option("--unsigned-ok", help="Accept a bundle without checking who made it."),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Check an evidence bundle: signature, bytes and numbers; exit with 1 if it is refused."""
    from sourcing_audit.commands import evidence as command

    code = command.verify(
        bundle,
        key=key,
        findings=findings,
        rerun=rerun,
        unsigned_ok=unsigned_ok,
        as_json=as_json,
    )
    raise typer.Exit(code)


def keygen(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where the two files go.")],
) -> None:
    """Make an Ed25519 key pair to sign evidence with."""
    from sourcing_audit.commands import evidence as command

    command.keygen(folder)
