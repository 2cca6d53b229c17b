"""The terminal: messages on standard error, width and colour as the user wants them."""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
from typing import TYPE_CHECKING

from sourcing_audit.escape import terminal

if TYPE_CHECKING:
    from typing import TextIO

NARROWEST, WIDEST, PIPED = 60, 200, 100


def say(message: str) -> None:
    """Print a message on standard error; hostile text in it is inert.

    A terminal gets it wrapped between words, a pipe or file on one line.
    """
    line = terminal(message)
    if sys.stderr.isatty():
        line = textwrap.fill(
            line,
            width(sys.stderr),
            subsequent_indent="  ",
            break_long_words=False,
            break_on_hyphens=False,
        )
    sys.stderr.write(f"{line}\n")


def is_watched(stream: TextIO | None = None) -> bool:
    """Whether a stream, by default standard output, is a terminal or is to be treated as one."""
    return (stream or sys.stdout).isatty() or bool(os.environ.get("FORCE_COLOR"))


def width(stream: TextIO | None = None) -> int:
    """Columns of a stream, by default standard output; a fixed number where it is no terminal."""
    if not (stream or sys.stdout).isatty():
        return PIPED
    return max(NARROWEST, min(WIDEST, shutil.get_terminal_size().columns))


def color(stream: TextIO | None = None) -> bool:
    """Whether a stream, by default standard output, takes colour (https://no-color.org)."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return is_watched(stream)
