"""Work folders of audits that were killed: found by their locks, which end with their processes."""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path
from typing import IO

try:
    import fcntl
except ImportError:  # Windows: what is left behind stays until somebody removes it.
    fcntl = None  # type: ignore[assignment]

PREFIX = "sourcing-audit-"
"""What the names of work folders begin with."""

_LOCK = "lock"


def hold(folder: Path) -> IO[bytes] | None:
    """Lock a work folder; close what is returned to give it up. None where there are no locks."""
    if fcntl is None:
        return None
    early = folder / f"{_LOCK}-early"
    held = early.open("wb")
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # It gets its name when it is locked, so that nobody finds it before.
        early.rename(folder / _LOCK)
    except OSError:
        # Some network file systems have no locks: such a folder isn't swept.
        held.close()
        early.unlink(missing_ok=True)
        return None
    return held


def sweep(parent: Path) -> None:
    """Remove the work folders in a folder whose audits have ended without removing them."""
    if fcntl is None:
        return
    try:
        found = [Path(entry) for entry in os.scandir(parent) if entry.name.startswith(PREFIX)]
    except OSError:
        return
    for folder in found:
        if _is_left(folder):
            shutil.rmtree(folder, ignore_errors=True)


def _is_left(folder: Path) -> bool:
    """Whether a work folder is our user's, and no process holds it."""
    try:
        about = folder.lstat()
        if not stat.S_ISDIR(about.st_mode) or about.st_uid != os.getuid():
            return False
        with (folder / _LOCK).open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
