"""Files that aren't on this disk, read by the engine through a file system made for them."""

from __future__ import annotations

import datetime as dt
from typing import IO, TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

_ANY_TIME = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
"""The engine asks when a file was changed, to know what it may keep; each is served only once."""


class Served(Protocol):
    """What can be read from any position."""

    @property
    def size(self) -> int | None:
        """Bytes."""

    def open(self) -> IO[bytes]:
        """A handle of its own for each reader."""


def file_system(scheme: str, file: Served) -> AbstractFileSystem:
    """A file system that holds one file, under any path."""
    from fsspec import AbstractFileSystem

    class One(AbstractFileSystem):  # type: ignore[misc]  # fsspec publishes no types
        protocol = scheme
        cachable = False

        def open(self, path: str, mode: str = "rb", **_options: Any) -> IO[bytes]:
            if mode != "rb":
                raise PermissionError(path)
            return file.open()

        def glob(self, path: str, **_options: Any) -> list[str]:
            return [path]

        def info(self, path: str, **_options: Any) -> dict[str, Any]:
            return {"name": path, "size": file.size, "type": "file"}

        def modified(self, path: str) -> dt.datetime:
            del path
            return _ANY_TIME

    return One()
