"""Files: fingerprints, and writing that leaves nothing half-done behind."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from sourcing_audit.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file's bytes, in hexadecimal; read in pieces.

    That of a folder is taken over the names and fingerprints of its files, in order.
    """
    if path.is_dir():
        whole = hashlib.sha256()
        for file in sorted(found for found in path.rglob("*") if found.is_file()):
            whole.update(f"{file.relative_to(path).as_posix()}\0{sha256_of(file)}\n".encode())
        return whole.hexdigest()
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@functools.cache
def own_modules() -> tuple[tuple[str, str], ...]:
    """This tool's own modules, with their SHA-256; two states of a checkout may differ in them."""
    root = Path(__file__).parent
    modules = sorted(path.relative_to(root).as_posix() for path in root.rglob("*.py"))
    return tuple((name, sha256_of(root / name)) for name in modules)


_TABLE = ".parquet"
"""Of folders whose files belong together, so that none of an older one is kept in a newer one."""


@contextlib.contextmanager
def replacing_file(path: Path) -> Iterator[Path]:
    """Give a temporary path beside `path`; it takes its place only when the block succeeds.

    Raises:
        OutputError: the folder can't be written.

    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name[:80]}.", dir=path.parent)
    except OSError as error:
        raise OutputError(
            f"{path}: {error.strerror}", fix="choose a folder you can write"
        ) from error
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


@contextlib.contextmanager
def replacing_folder(
    folder: Path, *, marker: str, outdated: Collection[str] = ()
) -> Iterator[Path]:
    """Give an empty folder beside `folder`; it takes its place only when the block succeeds.

    A folder that is already there is replaced only if it holds `marker`, the file that shows it
    to be ours; what else lies in it is kept, apart from files with a name in `outdated`.

    Raises:
        OutputError: the place is taken by something else, or can't be written.

    """
    folder = folder.resolve()
    if folder.exists() and not folder.is_dir():
        raise OutputError(f"{folder}: is a file", fix="give a folder to write to")
    if folder.is_dir() and any(folder.iterdir()) and not (folder / marker).is_file():
        raise OutputError(
            f"{folder}: holds other files and no {marker}",
            fix="give a new or empty folder, or one that an earlier audit wrote",
        )
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=f".{folder.name[:80]}.", dir=folder.parent))
    except OSError as error:
        raise OutputError(
            f"{folder}: {error.strerror}", fix="choose a place you can write"
        ) from error
    try:
        yield temporary
        temporary.chmod(0o777 & ~_umask())
        _swap(temporary, folder, outdated)
    except OSError as error:
        raise OutputError(
            f"{folder}: {error.strerror or error}",
            fix="choose a new folder, with enough free space, that is not a mount point",
        ) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _swap(new: Path, folder: Path, outdated: Collection[str]) -> None:
    """Put `new` in the place of `folder`; a reader sees the old one, nothing, or the new one."""
    if not folder.exists():
        new.rename(folder)
        return
    old = Path(tempfile.mkdtemp(prefix=f".{folder.name[:80]}.old.", dir=folder.parent)) / "report"
    try:
        folder.rename(old)
    except OSError:
        old.parent.rmdir()
        raise
    for name in outdated:
        (old / name).unlink(missing_ok=True)
    new.rename(folder)
    _keep_the_rest(old, folder)
    shutil.rmtree(old.parent)


def _keep_the_rest(old: Path, new: Path) -> None:
    """Move what lay in `old` and has no successor in `new`."""
    for entry in old.iterdir():
        successor = new / entry.name
        if not successor.exists():
            entry.rename(successor)
        elif entry.is_dir() and successor.is_dir() and entry.suffix != _TABLE:
            _keep_the_rest(entry, successor)


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current


@contextlib.contextmanager
def refused_by_the_system() -> Iterator[None]:
    """Turn what the operating system refuses, wherever it does, into an error with a way out.

    Raises:
        OutputError: naming the file, where the system does.

    """
    try:
        yield
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        raise OutputError(
            f"{place}{error.strerror or error}",
            fix="see that the folders of input, output and --temp-dir can be used and have space",
        ) from error
