"""What audits keep for later ones: entries that are whole or not there, known by what made them.

    STATE/KIND/KEY/…          an entry's files, and `entry.json`, which lists them
    STATE/datasets/NAME.json  the entries that the last finished audit of a dataset used

An entry never changes, so audits may share a state; one that is damaged is made anew.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import platform
import shutil
import tempfile
import time
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sourcing_audit.errors import OutputError
from sourcing_audit.files import own_modules, replacing_file, sha256_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_LIST = "entry.json"
_DATASETS = "datasets"
_UNFINISHED = "unfinished"
UNUSED_DAYS = 30
"""After so long an entry that no finished audit used is removed."""

_DAY = 24 * 60 * 60


_READ_WITH = (
    "ada-url",
    "c2pa-python",
    "duckdb",
    "http-sf",
    "ibis-framework",
    "license-expression",
    "pillow",
    "publicsuffixlist",
    "pyarrow",
    "pyyaml",
    "scancode-toolkit",
    "sourcing-audit",
)
"""Packages that have a part in what is found out; of another version they might find another."""


def made_with() -> list[tuple[str, str]]:
    """This tool, and the packages and the Python that it runs on, with their versions."""
    versions = [("python", platform.python_version())]
    for name in _READ_WITH:
        with contextlib.suppress(PackageNotFoundError):
            versions.append((name, version(name)))
    return versions


@cache
def made_by() -> list[tuple[str, str]]:
    """As `made_with`, and a digest of this tool's own modules.

    Two states of a checkout may have the same version, and find out different things.
    """
    return [*made_with(), ("code", key(own_modules()))]


def key(*parts: Any) -> str:
    """The key of what follows from `parts`: anything that JSON can hold, in a fixed order."""
    text = json.dumps(parts, sort_keys=True, default=str, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


class State:
    """A folder of entries."""

    def __init__(self, folder: Path) -> None:
        """Use a folder, which is made if it isn't there.

        Raises:
            OutputError: it can't be written.

        """
        self.folder = folder
        self._used: set[str] = set()
        with self._written():
            (folder / _UNFINISHED).mkdir(parents=True, exist_ok=True)
            (folder / _DATASETS).mkdir(exist_ok=True)

    def recall(self, kind: str, known: str, into: Path) -> bool:
        """Put the files of an entry into a folder, where nobody else changes or removes them.

        Returns:
            Whether the entry was there and whole; one that isn't whole is removed.

        """
        entry = self.folder / kind / known
        if not entry.is_dir():
            return False
        try:
            files = json.loads((entry / _LIST).read_text(encoding="utf-8"))
            for name in files:
                _linked(entry / name, into / name)
            whole = all(sha256_of(into / name) == digest for name, digest in files.items())
        except (OSError, ValueError, AttributeError, RecursionError):
            whole = False
        if not whole:
            shutil.rmtree(entry, ignore_errors=True)
            return False
        self._used.add(f"{kind}/{known}")
        with contextlib.suppress(OSError):
            os.utime(entry)
        return True

    def needed(self, kind: str, known: str) -> None:
        """Keep an entry for the next audit that this one could do without."""
        entry = self.folder / kind / known
        if entry.is_dir():
            self._used.add(f"{kind}/{known}")
            with contextlib.suppress(OSError):
                os.utime(entry)

    def replaced(self, kind: str, known: str) -> None:
        """Don't keep an entry on this audit's behalf, which has made another in its place."""
        self._used.discard(f"{kind}/{known}")

    def has(self, kind: str, known: str) -> bool:
        """Whether there is such an entry, whole or not."""
        return (self.folder / kind / known).is_dir()

    def latest(self, kind: str) -> str | None:
        """The key of the entry of a kind that was used last; None where there is none."""
        used = []
        for name in self.names(kind):
            # Another audit may have removed it meanwhile.
            with contextlib.suppress(OSError):
                used.append(((self.folder / kind / name).stat().st_mtime_ns, name))
        return max(used)[1] if used else None

    def names(self, kind: str) -> list[str]:
        """The keys of all entries of a kind."""
        folder = self.folder / kind
        return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []

    @contextlib.contextmanager
    def remember(self, kind: str, known: str) -> Iterator[Path]:
        """Give an empty folder; it becomes the entry when the block succeeds.

        Raises:
            OutputError: it can't be written.

        """
        with self._written():
            temporary = Path(tempfile.mkdtemp(dir=self.folder / _UNFINISHED))
        try:
            yield temporary
            with self._written():
                files = {
                    path.relative_to(temporary).as_posix(): sha256_of(path)
                    for path in sorted(temporary.rglob("*"))
                    if path.is_file()
                }
                (temporary / _LIST).write_text(json.dumps(files), encoding="utf-8")
                entry = self.folder / kind / known
                entry.parent.mkdir(exist_ok=True)
                # Another audit may have been faster; then its entry is the same as this one.
                try:
                    temporary.rename(entry)
                except OSError:
                    if not entry.is_dir():
                        raise
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
        self._used.add(f"{kind}/{known}")

    def finished(self, dataset: str) -> None:
        """Note what the audit of a dataset used, and remove what its last one used and it didn't.

        Raises:
            OutputError: the folder can't be written.

        """
        note = self.folder / _DATASETS / f"{key(dataset)[:16]}.json"
        before = _entries(note)
        with self._written(), replacing_file(note) as temporary:
            content = {"dataset": dataset, "entries": sorted(self._used)}
            temporary.write_text(json.dumps(content, indent=1), encoding="utf-8")
        wanted = {
            entry for other in (self.folder / _DATASETS).glob("*.json") for entry in _entries(other)
        }
        for entry in (before | set(self._forgotten())) - wanted:
            shutil.rmtree(self.folder / entry, ignore_errors=True)
        self._used = set()

    def _forgotten(self) -> Iterable[str]:
        """Entries and unfinished ones that nobody touched for long."""
        long_ago = time.time() - UNUSED_DAYS * _DAY
        for kind in self.folder.iterdir():
            if kind.is_dir() and kind.name != _DATASETS:
                for entry in kind.iterdir():
                    with contextlib.suppress(OSError):
                        if entry.is_dir() and entry.stat().st_mtime < long_ago:
                            yield f"{kind.name}/{entry.name}"

    @contextlib.contextmanager
    def _written(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise OutputError(
                f"{self.folder}: {error.strerror or error}",
                fix="choose another folder with --state, with enough free space",
            ) from error


def _linked(source: Path, target: Path) -> None:
    """The same file in two places, or a copy where that can't be."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def _entries(note: Path) -> set[str]:
    try:
        return set(json.loads(note.read_text(encoding="utf-8"))["entries"])
    except (OSError, ValueError, KeyError, TypeError):
        return set()
