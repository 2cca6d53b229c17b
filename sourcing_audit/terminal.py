"""The terminal: messages on standard error, width and colour as the user wants them."""

from __future__ import annotations

import os
import shutil
import sys

from sourcing_audit.escape import terminal

NARROWEST, WIDEST, PIPED = 60, 200, 100


def say(message: str) -> None:
    """Print one line on standard error; hostile text in it is inert."""
    sys.stderr.write(f"{terminal(message)}\n")


def width() -> int:
    """Columns to fit into; a fixed number when the output isn't a terminal."""
    if not sys.stdout.isatty():
        return PIPED
    return max(NARROWEST, min(WIDEST, shutil.get_terminal_size().columns))


def color() -> bool:
    """Whether standard output takes colour (https://no-color.org)."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return sys.stdout.isatty() or bool(os.environ.get("FORCE_COLOR"))
