"""Tell a job where an audit.toml keeps what is carried to the next run, and where its reports go.

Takes CONFIG, GITHUB_WORKSPACE and GITHUB_OUTPUT from the environment. Only places in the workspace
are named: a file of somebody's pull request must not have other folders put into a cache or an
artifact. Where the file can't be read nothing is named, and the audit says what is wrong with it.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from pathlib import Path

from sourcing_audit.commands.settings import settings
from sourcing_audit.errors import SourcingAuditError

_SERVERS = ("postgresql://", "postgres://")


def places(config: Path, workspace: Path) -> dict[str, list[str]]:
    """The outputs of the step, each with its lines."""
    wanted = settings(config)
    file = None
    if wanted.history is not None and not wanted.history.startswith(_SERVERS):
        file = Path(wanted.history)
    kept = [file, wanted.keys, wanted.state, wanted.output]
    reports = [wanted.output / "*" / "report.*", wanted.output / "*" / "disclosure.md"]
    if (bundle := wanted.evidence) is not None:
        reports.append(bundle.with_name(f"{bundle.stem}*{bundle.suffix}"))
    return {
        "output": [str(wanted.output.absolute())],
        "kept": _inside(kept, workspace),
        "reports": _inside(reports, workspace),
        "key": [hashlib.sha256(os.fsencode(config)).hexdigest()[:16]],
    }


def _inside(found: list[Path | None], workspace: Path) -> list[str]:
    root = workspace.resolve()
    resolved = [each.resolve() for each in found if each is not None]
    return [
        str(each)
        for each in resolved
        if each != root and each.is_relative_to(root) and str(each).isprintable()
    ]


def main() -> None:
    """Write the outputs."""
    workspace = Path(os.environ["GITHUB_WORKSPACE"])
    try:
        found = places(Path(os.environ["CONFIG"]), workspace)
    except SourcingAuditError:
        return
    with Path(os.environ["GITHUB_OUTPUT"]).open("a", encoding="utf-8") as stream:
        for name, lines in found.items():
            # No line of a value can be this one, so that none ends it early.
            end = secrets.token_hex(32)
            stream.write("\n".join([f"{name}<<{end}", *lines, end, ""]))


if __name__ == "__main__":
    main()
