"""What `diff` does: print what changed between two audits."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from sourcing_audit import api
from sourcing_audit.commands.folders import only
from sourcing_audit.errors import ConfigError
from sourcing_audit.escape import json_text
from sourcing_audit.reports.review import diff as words
from sourcing_audit.terminal import color, say, width

if TYPE_CHECKING:
    from pathlib import Path

    from sourcing_audit.report import Changes, Report


def diff(old: Path, new: Path, *, as_json: bool, output: Path | None) -> int:
    """Print what changed between two audits; return the exit code.

    Raises:
        InputError: a folder isn't an audit's.
        ConfigError: a folder holds several datasets, or the file has another suffix.
        OutputError: the file can't be written.

    """
    if output is not None and output.suffix != ".parquet":
        raise ConfigError(f"{output}: the items are written as Parquet", fix="end it in .parquet")
    with api.load(only(new)) as audited:
        compared = audited.compare(only(old))
        found = compared.changes
        if as_json:
            document = json.dumps(found.model_dump(mode="json"), ensure_ascii=False, indent=2)
            sys.stdout.write(f"{json_text(document)}\n")
        else:
            sys.stdout.write(words(found, width=width(), color=color()))
        if output is not None:
            written = audited.write(compared.items.order_by(["change", "item_id"]), output)
            say(f"Wrote {written:,} items to {output}")
        return 1 if worse(found, audited.report) else 0


def worse(found: Changes, now: Report) -> bool:
    """Whether anything is worse than it was: verdicts, or what could not be read."""
    then, totals = found.since.totals, now.totals
    return bool(
        found.newly_prohibited
        or found.newly_undetermined
        or totals.quarantined > then.quarantined
        or totals.unreadable_files > then.unreadable_files
    )
