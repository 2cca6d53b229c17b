"""From the address that a user names to the files that it means."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from sourcing_audit.errors import InputError, NothingToAuditError
from sourcing_audit.sources.remote import stores
from sourcing_audit.sources.remote.addresses import WEB, path_of, scheme_of, shown
from sourcing_audit.sources.remote.files import RemoteFile

if TYPE_CHECKING:
    from collections.abc import Iterable

_MAGIC = re.compile(r"[*?\[]")
_REPOSITORIES = {"dataset": "datasets/", "space": "spaces/", "model": ""}
"""What stands before the name of a repository of the hub, by its type."""

Listed = dict[str, dict[str, Any]]
"""What a store says about its files, by their paths."""


@dataclass(frozen=True)
class Found:
    """The files that an address means, in order."""

    files: tuple[RemoteFile, ...]
    folder: str | None = None
    """The folder they lie in, if a folder was named; `files` are then all that it holds."""

    def within(self, file: RemoteFile) -> PurePosixPath:
        """A file's path inside the folder."""
        return PurePosixPath(file.name.removeprefix(f"{self.folder}/"))


def find(source: str) -> Found:
    """The files of a remote input.

    Args:
        source: a file, or where the store lists its files a folder or a pattern.

    Raises:
        InputError: it isn't there, or can't be asked for.
        NothingToAuditError: nothing matches a pattern.

    """
    scheme = scheme_of(source)
    if _MAGIC.search(path_of(source)) and scheme in WEB:
        raise InputError(
            f"{shown(source)}: a web server can't be asked for its files",
            fix="name each file with its address",
        )
    if "@" in source.split("://", 1)[1].partition("/")[0] and scheme not in WEB:
        raise InputError(
            f"{shown(source)}: credentials don't belong into an address",
            fix="give them as the store's own tools take them (environment, profile)",
        )
    place = _Place(source, scheme)
    return place.web() if scheme in WEB else place.stored()


def reopened(name: str) -> RemoteFile:
    """A file that an earlier audit recorded, as it is now.

    Raises:
        InputError: it isn't there, or can't be asked for.

    """
    found = find(name)
    if len(found.files) != 1:
        raise InputError(f"{name}: is no longer a file", fix="audit it again")
    return found.files[0]


class _Place:
    """An address and the store behind it."""

    def __init__(self, source: str, scheme: str) -> None:
        self._source = source
        self._scheme = scheme
        self._store = stores.opened(source)
        self._commit: str | None = None

    def web(self) -> Found:
        """The one file that an address of the web stands for."""
        info = stores.asked(self._source, lambda: self._store.info(self._source))
        return Found((self._file(self._source, shown(self._source), info),))

    def stored(self) -> Found:
        """The files at a store that lists them."""
        path = self._path()
        try:
            info = self._store.info(path)
        except FileNotFoundError as error:
            if not _MAGIC.search(path):
                raise stores.unreachable(self._source, error) from error
            return self._matching(path)
        except Exception as error:
            raise stores.unreachable(self._source, error) from error
        if info["type"] == "file" and not self._source.endswith("/"):
            return Found((self._file(path, self._name(path), info),))
        listed: Listed = stores.asked(self._source, lambda: self._store.find(path, detail=True))
        return Found(self._files(listed), self._name(path))

    def _path(self) -> str:
        """The path as the store takes it; one on the hub with the commit that is read."""
        path: str = self._store._strip_protocol(self._source).rstrip("/")  # noqa: SLF001
        if self._scheme != "hf":
            return path
        resolved = stores.asked(self._source, lambda: self._store.resolve_path(path))
        if not hasattr(resolved, "repo_id"):
            return path
        from huggingface_hub import HfApi

        api = HfApi(endpoint=self._store.endpoint, token=self._store.token)
        info = stores.asked(
            self._source,
            lambda: api.repo_info(
                resolved.repo_id, repo_type=resolved.repo_type, revision=resolved.revision
            ),
        )
        self._commit = info.sha
        root = f"{_REPOSITORIES[resolved.repo_type]}{resolved.repo_id}@{info.sha}"
        return f"{root}/{resolved.path_in_repo}".rstrip("/")

    def _matching(self, pattern: str) -> Found:
        listed: Listed = stores.asked(self._source, lambda: self._store.glob(pattern, detail=True))
        if not _hidden(pattern):
            listed = {path: info for path, info in listed.items() if not _hidden(path)}
        files = self._files(listed)
        if not files:
            raise NothingToAuditError(f"{shown(self._source)}: no file matches")
        return Found(files)

    def _files(self, listed: Listed) -> tuple[RemoteFile, ...]:
        return tuple(
            self._file(path, self._name(path), listed[path])
            for path in _in_order(listed)
            if listed[path]["type"] == "file"
        )

    def _file(self, path: str, name: str, info: dict[str, Any]) -> RemoteFile:
        return RemoteFile(name, self._scheme, path, self._store, info, self._commit)

    def _name(self, path: str) -> str:
        return f"{self._scheme}://{path}"


def _in_order(paths: Iterable[str]) -> list[str]:
    """Sorted as the files of a folder on this disk are: by each part of the path."""
    return sorted(paths, key=lambda path: path.split("/"))


def _hidden(path: str) -> bool:
    """Whether a pattern with `*` passes over a path, as it does on this disk."""
    return any(part.startswith(".") for part in path.split("/"))
