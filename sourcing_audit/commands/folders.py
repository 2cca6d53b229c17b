"""Which audit a folder stands for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sourcing_audit.errors import ConfigError
from sourcing_audit.output import audits_in

if TYPE_CHECKING:
    from pathlib import Path


def only(folder: Path) -> Path:
    """The one audit in a folder, for commands that take no more than one.

    Raises:
        ConfigError: several datasets were audited together.

    """
    found = audits_in(folder)
    if len(found) > 1:
        raise ConfigError(
            f"{folder}: holds {len(found)} datasets", fix=f"give one of them, e.g. {found[0]}"
        )
    return found[0]
