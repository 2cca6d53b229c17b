"""Files that a document names: only those that lie beside it, or below."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from pathlib import Path


def beneath(folder: Path, path: Path) -> bool:
    """Whether a path leads into a folder, links followed."""
    try:
        return path.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError, ValueError):
        return False


def file_name(url: str) -> str:
    """What stands for a file's name in an address or a pattern."""
    return unquote(url).partition("?")[0].rpartition("/")[2].replace("\0", "") or "unnamed"


def scheme(url: str) -> str:
    """An address's scheme; empty for a path."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "unknown"
    return parts.scheme or ("unknown" if parts.netloc else "")


def outside(path: str) -> bool:
    """Whether a path is written so that it leads out of the folder it is taken from."""
    return path.startswith(("/", "\\", "~")) or ".." in re.split(r"[\\/]", path) or "\0" in path
