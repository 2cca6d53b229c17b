"""What `filter` does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sourcing_audit import api
from sourcing_audit.commands.folders import only
from sourcing_audit.terminal import say

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sourcing_audit.model import Outcome, Status


def filter_rows(
    folder: Path, target: Path, statuses: Sequence[Status], outcomes: Sequence[Outcome]
) -> None:
    """Write the input rows of the items with a chosen status or outcome."""
    with api.load(only(folder)) as audited:
        written = audited.filter(target, statuses=statuses, outcomes=outcomes)
    say(f"Wrote {written:,} items to {target}")
