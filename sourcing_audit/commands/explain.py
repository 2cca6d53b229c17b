"""What `explain` does."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from sourcing_audit import api, output
from sourcing_audit.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path


def explain(folder: Path, item_id: str) -> None:
    """Print the chain behind an item's verdict, from whichever dataset of the audit holds it."""
    missing: InputError | None = None
    found = False
    for one in output.audits_in(folder):
        with api.load(one) as audited:
            try:
                told = audited.explain(item_id)
            except InputError as error:
                missing = error
                continue
        found = True
        for explanation in told:
            sys.stdout.write(f"{explanation}\n")
    if missing is not None and not found:
        raise missing
