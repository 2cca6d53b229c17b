"""Compiled queries kept on disk, so that the next process needn't build and compile them.

    FOLDER/queries/DIGEST   a line with the SHA-256 of the SQL, and the SQL

A cache like those of other tools: it may be removed at any time, and whatever is wrong with it is
as if it held nothing. Who could write into it could change what an audit finds; so it is only used
where nobody but its owner can.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import tempfile
from pathlib import Path

VARIABLE = "SOURCING_AUDIT_CACHE"
"""The environment variable that names the folder; `off`: nothing is kept."""

MOST_BYTES = 50 * 1024 * 1024
"""What the cache may hold; an entry has some 10 KB."""

_LONGEST = 4 * 1024 * 1024
_UNSEEN = 1024 * 1024
"""What a process adds at most without seeing what others have added."""

_SHARE = 0.8
"""To how much of the bound it is cut, so that it isn't cut at each new entry."""

_PRIVATE = 0o700
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


def recalled(key: str) -> str | None:
    """The SQL that was kept under a key; None where there is none that is whole."""
    folder = _folder()
    if folder is None:
        return None
    path = folder / key
    try:
        if path.stat().st_size > _LONGEST:
            return None
        digest, _, query = path.read_bytes().partition(b"\n")
        if digest.decode("ascii") != hashlib.sha256(query).hexdigest():
            return None
        found = query.decode()
    except (OSError, ValueError):
        return None
    # What is used stays; that can't be noted where nothing can be written.
    with contextlib.suppress(OSError):
        os.utime(path)
    return found


def keep(key: str, query: str) -> None:
    """Keep SQL under a key, if it can be kept."""
    folder = _folder(new=True)
    content = query.encode(errors="surrogatepass")
    whole = hashlib.sha256(content).hexdigest().encode() + b"\n" + content
    if folder is None or len(whole) > _LONGEST:
        return
    with contextlib.suppress(OSError):
        _make_room(folder, len(whole))
        handle, name = tempfile.mkstemp(prefix=".", dir=folder)
        temporary = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(whole)
            temporary.replace(folder / key)
        finally:
            temporary.unlink(missing_ok=True)


def _folder(*, new: bool = False) -> Path | None:
    """The folder, where it can be trusted; made if `new` and it isn't there."""
    named = os.environ.get(VARIABLE, "")
    if named == "off" or not hasattr(os, "getuid"):
        return None
    try:
        top = Path(named) if named else _of_user() / "sourcing-audit"
        folder = top / "queries"
        if new:
            top.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)
            folder.mkdir(mode=_PRIVATE, exist_ok=True)
        return folder if _is_private(top) and _is_private(folder) else None
    except (OSError, RuntimeError, ValueError):
        return None


def _of_user() -> Path:
    """Where the user's caches are, as the XDG base directories have it."""
    given = Path(os.environ.get("XDG_CACHE_HOME", ""))
    return given if given.is_absolute() else Path.home() / ".cache"


def _is_private(folder: Path) -> bool:
    found = folder.lstat()
    own = stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid()
    return own and not found.st_mode & _OTHERS_WRITE


_left: dict[Path, int] = {}
"""By folder: what may be added before it is looked through again."""


def _make_room(folder: Path, size: int) -> None:
    """See that an entry fits, and look through the others only now and then: they are many."""
    left = _left.get(folder, 0)
    if left < size:
        held = _without_oldest(folder, MOST_BYTES - size)
        left = max(size, min(MOST_BYTES - held, _UNSEEN))
    _left[folder] = left - size


def _without_oldest(folder: Path, room: int) -> int:
    """Remove entries that weren't used for longest, until the others fit; how large these are."""
    found = []
    for entry in os.scandir(folder):
        # Another process may remove them at the same time.
        with contextlib.suppress(FileNotFoundError):
            about = entry.stat(follow_symlinks=False)
            found.append((about.st_mtime_ns, about.st_size, entry.path))
    size = sum(entry[1] for entry in found)
    if size <= room:
        return size
    for _, bytes_, path in sorted(found):
        if size <= room * _SHARE:
            break
        with contextlib.suppress(FileNotFoundError):
            Path(path).unlink()
        size -= bytes_
    return size
