"""One remote file: read piece by piece with patience, and known by its version."""

from __future__ import annotations

import shutil
import time
from contextlib import suppress
from functools import cached_property
from typing import IO, TYPE_CHECKING, Any, NoReturn, TypeVar

from sourcing_audit.sources.interface import UnreadableError
from sourcing_audit.sources.remote import readers
from sourcing_audit.sources.remote.addresses import WEB
from sourcing_audit.sources.remote.problems import CutShortError, has_changed, problem_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_CHANGED = "another version took its place while it was read"
_SPARE = 256 * 2**20
"""Bytes of the work folder's disk that a copy leaves free."""

T = TypeVar("T")


class RemoteFile:
    """A file at a remote store; several threads may read it at once."""

    def __init__(
        self,
        name: str,
        scheme: str,
        path: str,
        store: Any,
        info: dict[str, Any],
        commit: str | None,
    ) -> None:
        """Take a file as its store lists it; nothing is read yet.

        Args:
            name: as it may be shown.
            scheme: of its address.
            path: as the store's file system takes it; may hold secrets.
            store: an fsspec file system.
            info: what the store says about the file.
            commit: of the hub's repository that the path is fixed to.

        """
        self.name = name
        self._scheme = scheme
        self._path = path
        self._store = store
        self._info = info
        self._commit = commit
        self._idle: list[Any] = []
        self.version = self._version(info)
        """What the store calls this state of the file; None if it doesn't say."""
        self.size: int | None = info.get("size")
        self.sha256: str | None = None
        """The digest of the file, once it has been read from its beginning to its end."""
        self.copy: Path | None = None
        """Where on this disk a copy of it lies, if one had to be made."""
        self.problem: UnreadableError | None = None
        """Why it could not be read. An engine that reads through this may not pass it on."""

    @property
    def place(self) -> str:
        """Where it lies, in full; for telling files apart only, because it may hold secrets."""
        return f"{self._scheme}:{self._path}"

    @cached_property
    def in_pieces(self) -> bool:
        """Whether any piece of it can be read, and its version is known without reading it."""
        if not self.size or self.version is None:
            return False
        if self._scheme not in WEB:
            return True
        if self._info.get("partial") is False:
            return False
        return self._patiently(self._answers_pieces)

    def open(self) -> IO[bytes]:
        """The bytes, unbuffered; with `in_pieces` from any position."""
        if self.in_pieces:
            return readers.in_pieces(self, self.size or 0)
        return readers.flowing(self)

    def stream(self) -> IO[bytes]:
        """The bytes from the beginning; the end reached, `sha256` is known."""
        return readers.digesting(self, self.open())

    def copied(self, folder: Path) -> Path:
        """A copy of the whole file in a folder of this disk, made once.

        Raises:
            UnreadableError: it can't be read to its end, or there is no room for it.

        """
        if self.copy is None:
            free = shutil.disk_usage(folder).free
            if self.size is not None and self.size + _SPARE > free:
                self.fail(
                    "file_unreadable",
                    f"is copied as a whole and needs {self.size} bytes in the work folder, where "
                    f"{free} are free",
                    "set --temp-dir to a folder with more free space",
                )
            target = folder / f"{len(list(folder.iterdir()))}.copy"
            with self.stream() as source, target.open("wb") as file:
                shutil.copyfileobj(source, file, readers.BLOCK)
            self.copy = target
        return self.copy

    def require_unchanged(self) -> None:
        """See that the store still has the version that was read.

        Raises:
            UnreadableError: it has another, or can't be asked.

        """
        self._idle.clear()
        if self._commit is not None:
            return
        now = self._patiently(lambda: self._store.info(self._path))
        if (self._version(now), now.get("size")) != (self.version, self.size):
            self.fail("file_changed", _CHANGED)

    def fetch(self, start: int, end: int) -> bytes:
        """A piece of the file.

        Raises:
            UnreadableError: it can't be had, even when asked for again.

        """
        return self._patiently(lambda: self._piece(start, end))

    def flow(self, start: int) -> Any:
        """A handle that reads on from a position without asking for pieces."""

        def opened() -> Any:
            handle = self._store.open(self._path, "rb", block_size=0)
            try:
                _skip(handle, start)
            except BaseException:
                handle.close()
                raise
            return handle

        return self._patiently(opened)

    def read_to_the_end(self, digest: str) -> None:
        """Take the digest of the file, which has been read as a whole.

        Raises:
            UnreadableError: it was read before, and was another.

        """
        if self.sha256 not in {None, digest}:
            self.fail("file_changed", _CHANGED)
        self.sha256 = digest

    def fail(self, reason: str, detail: str, fix: str | None = None) -> NoReturn:
        """Raise and remember what is wrong.

        Raises:
            UnreadableError: always.

        """
        # Not the same one: what is raised holds on to the engine that it went through.
        self.problem = UnreadableError(reason, detail, fix=fix)
        raise UnreadableError(reason, detail, fix=fix)

    def _patiently(self, ask: Callable[[], T]) -> T:
        tries = readers.TRIES if self._scheme in WEB else readers.TRIES_OF_STORES
        for attempt in range(tries):
            try:
                return ask()
            except UnreadableError:
                raise
            except Exception as error:  # noqa: BLE001 - stores raise whatever their transport does
                if has_changed(error):
                    self.fail("file_changed", _CHANGED)
                problem = problem_of(error)
                if not problem.passing or attempt == tries - 1:
                    self.fail("file_unreadable", problem.text, problem.fix)
            time.sleep(readers.WAIT * 2**attempt)
        raise AssertionError

    def _piece(self, start: int, end: int) -> bytes:
        handle = self._idle.pop() if self._idle else self._opened()
        try:
            handle.seek(start)
            data: bytes = handle.read(end - start)
        except BaseException:
            with suppress(Exception):
                handle.close()
            raise
        self._idle.append(handle)
        if len(data) != end - start:
            raise CutShortError
        return data

    def _opened(self) -> Any:
        size = {"size": self.size} if self._scheme in WEB else {}
        return self._store.open(
            self._path, "rb", block_size=readers.BLOCK, cache_type="none", **size
        )

    def _answers_pieces(self) -> bool:
        try:
            return len(self._piece(1, 2)) == 1
        except ValueError:
            return False

    def _version(self, info: dict[str, Any]) -> str | None:
        if self._commit is not None:
            return f"commit:{self._commit}"
        known = (
            ("generation", info.get("generation") if self._scheme == "gs" else None),
            ("etag", str(info.get("ETag") or "").strip('"')),
            ("last-modified", info.get("Last-Modified")),
        )
        return next((f"{kind}:{value}" for kind, value in known if value), None)


def _skip(handle: Any, count: int) -> None:
    while count:
        skipped = handle.read(min(count, readers.BLOCK))
        if not skipped:
            raise CutShortError
        count -= len(skipped)
