"""Processes of our own that work until nothing more can come."""

from __future__ import annotations

import contextlib
import subprocess
from typing import TYPE_CHECKING, AnyStr

if TYPE_CHECKING:
    from collections.abc import Callable


def end(
    process: subprocess.Popen[AnyStr],
    patience: float,
    kill: Callable[[subprocess.Popen[AnyStr]], None],
) -> None:
    """Close what a process reads from, wait for it to end, and kill it if it doesn't.

    Args:
        process: ends by itself when its standard input does.
        patience: seconds to wait.
        kill: ends it at once.

    """
    with contextlib.suppress(OSError):
        if process.stdin is not None:
            process.stdin.close()
    try:
        process.wait(timeout=patience)
    except subprocess.TimeoutExpired:
        kill(process)
        process.wait()
