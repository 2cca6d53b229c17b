"""What `attribution` does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sourcing_audit import api
from sourcing_audit.commands.folders import only
from sourcing_audit.reports.quantities import plural
from sourcing_audit.terminal import say

if TYPE_CHECKING:
    from pathlib import Path


def attribution(folder: Path, output: Path) -> None:
    """Write the attribution of an audited dataset, and say what isn't on record.

    Raises:
        ConfigError: several datasets were audited together.
        InputError: an input is gone or has changed since the audit.
        OutputError: the folder can't be written.

    """
    with api.load(only(folder)) as audited:
        counted = audited.attribution(output)
    entries = plural(counted.entries, "attribution")
    say(f"Wrote {entries} for {plural(counted.items, 'item')} to {output}")
    lacks = {
        "creator": counted.without_author,
        "source": counted.without_source,
        "title": counted.without_title,
    }
    for what, items in lacks.items():
        if items:
            say(f"  no {what} on record for {plural(items, 'item')}")
    if counted.unfulfilled:
        say(f"  not fulfilled for {plural(counted.unfulfilled, 'item')}: nobody to credit")
