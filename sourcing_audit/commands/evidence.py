"""What `evidence`, `verify` and `keygen` do."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sourcing_audit import evidence
from sourcing_audit.commands.folders import only
from sourcing_audit.escape import terminal
from sourcing_audit.recorded import read
from sourcing_audit.rules import RuleStore
from sourcing_audit.terminal import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sourcing_audit.evidence import Verification

_NAME = 12


def write(
    folder: Path,
    target: Path,
    *,
    sign_key: Path | None,
    with_findings: bool,
    rules: Sequence[Path] | None,
) -> None:
    """Write the bundle of a finished audit; its overlays are looked for where they were."""
    audit = only(folder)
    signer = None if sign_key is None else evidence.Signer.of(sign_key)
    overlays = rules or [Path(one) for one in read(audit).rules]
    evidence.write(audit, target, RuleStore(overlays), signer=signer, with_findings=with_findings)
    say(evidence.told(target, signer))


def verify(
    bundle: Path,
    *,
    key: Path | None,
    findings: Path | None,
    rerun: bool,
    unsigned_ok: bool,
    as_json: bool,
) -> int:
    """Check a bundle and print what was found; 0 if it is accepted."""
    trusted = None if key is None else evidence.Verifier.of(key)
    wanted = evidence.Wanted(key=trusted, findings=findings, again=rerun, unsigned_ok=unsigned_ok)
    found = evidence.verify(bundle, wanted)
    sys.stdout.write(_json(found) if as_json else _table(bundle, found))
    if not found.failed and not found.accepted:
        say("Exit code 1: give the signer's public key with --key, or --unsigned-ok.")
    return 0 if found.accepted else 1


def keygen(folder: Path) -> None:
    """Make a key pair and say where it is."""
    private, public, keyid = evidence.make_keys(folder)
    say(f"Private key: {private} (keep it to yourself; it is needed to sign)")
    say(f"Public key:  {public} (give it to whoever checks your evidence)")
    say(f"Key id:      {keyid}")


def _json(found: Verification) -> str:
    return f"{json.dumps(found.document(), indent=1)}\n"


def _table(bundle: Path, found: Verification) -> str:
    lines = [
        f"{bundle}: {found.about or 'not readable'}",
        *(f"  {check.state:11}  {check.name:{_NAME}}{check.detail}" for check in found.checks),
        found.conclusion,
    ]
    return "".join(f"{terminal(line)}\n" for line in lines)
