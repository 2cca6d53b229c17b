"""Where a manifest's own paths lead: to a regular file below its folder, or nowhere."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from pathlib import Path

OUTSIDE = "media_path_outside"
NOT_FOUND = "media_not_found"
NOT_READ = "media_not_read"

ELSEWHERE = r"(?i)^\s*(?:[a-z][a-z0-9+.-]+:|//)"
"""An address, which is no path and is never fetched; as the engine and Python read it."""
_BLOCK = 2**20


class NotReadError(Exception):
    """A file isn't read; the reason is a code of `license_rules/reasons.toml`."""

    def __init__(self, reason: str) -> None:
        """Take the reason."""
        super().__init__(reason)
        self.reason = reason


def elsewhere(text: str) -> bool:
    """Whether the text is an address."""
    return re.match(ELSEWHERE, text) is not None


def resolved(folder: Path, text: str) -> Path:
    """The file that a path means.

    Args:
        folder: of the manifest.
        text: as it stands there.

    Raises:
        NotReadError: it leads out of the folder, through a link or by itself, or to no file.

    """
    plain = text.strip().replace("\\", "/")
    parts = plain.split("/")
    if "\x00" in plain or plain.startswith(("/", "~")) or ".." in parts or ":" in parts[0]:
        raise NotReadError(OUTSIDE)
    try:
        base = os.path.realpath(folder)
        real = os.path.realpath(Path(base, plain))
        if os.path.commonpath([base, real]) != base:
            raise NotReadError(OUTSIDE)
        if not stat.S_ISREG(Path(real).stat().st_mode):
            raise NotReadError(NOT_FOUND)
    except (OSError, ValueError) as error:
        raise NotReadError(NOT_FOUND) from error
    return Path(real)


def digest(path: Path) -> str:
    """The SHA-256 of a file.

    Raises:
        NotReadError: it can't be read.

    """
    whole = hashlib.sha256()
    # A link or a pipe put there in the meantime is neither followed nor waited for.
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        with open(os.open(path, flags | getattr(os, "O_BINARY", 0)), "rb") as stream:  # noqa: PTH123
            while block := stream.read(_BLOCK):
                whole.update(block)
    except OSError as error:
        raise NotReadError(NOT_READ) from error
    return whole.hexdigest()
