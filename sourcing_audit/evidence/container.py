"""The zip that holds a bundle: one form for given members, and reading that accepts no other.

Members stand in the order of their names, stored without compression, with one date and one mode.
So their names and contents settle every byte, whatever made the zip; no member can be larger than
the file that holds it; and reading can write the container anew and compare.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import shutil
import struct
import tempfile
import zipfile
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, BinaryIO, cast

from sourcing_audit.errors import InputError, OutputError
from sourcing_audit.escape import is_active
from sourcing_audit.files import replacing_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    Content = bytes | Path
    """A member's bytes, or the file that holds them."""

MOST_MEMBERS = 20_000
LONGEST_NAME = 500
LARGEST_READ = 64 * 2**20
"""Bytes of a member that is read as a whole; tables are streamed."""

_DATE = (1980, 1, 1, 0, 0, 0)
"""The earliest that a zip can say."""
_MODE = 0o100644
_UNIX = 3
_PIECE = 2**20
_IN_MEMORY = 64 * 2**20
_DAMAGED = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    struct.error,
    NotImplementedError,
    RuntimeError,
    EOFError,
    ValueError,
    OverflowError,
    KeyError,
    OSError,
)
"""What reading a zip that somebody changed may raise."""


class ContainerError(Exception):
    """The file isn't the container that the writer would have made."""


@dataclass(frozen=True)
class Container:
    """A container that is exactly as the writer writes one."""

    digests: Mapping[str, str]
    """The SHA-256 of each member by its name, in the order of the names."""
    sizes: Mapping[str, int]
    _archive: zipfile.ZipFile

    def read(self, name: str) -> bytes:
        """A small member's bytes.

        Raises:
            ContainerError: it isn't there, or too large to be what it says.

        """
        if name not in self.digests:
            raise ContainerError(f"{name} is missing")
        if self.sizes[name] > LARGEST_READ:
            raise ContainerError(f"{name}: larger than {LARGEST_READ} bytes")
        return self._archive.read(name)

    @contextlib.contextmanager
    def stream(self, name: str) -> Iterator[IO[bytes]]:
        """Open a member for reading from any place."""
        with self._archive.open(name) as source:
            yield source

    def extract(self, name: str, target: Path) -> None:
        """Write a member to a file; its folder is made."""
        target.parent.mkdir(parents=True, exist_ok=True)
        with self.stream(name) as source, target.open("wb") as sink:
            shutil.copyfileobj(source, sink, _PIECE)


def fault(name: str) -> str | None:
    """What is wrong with a member's name; None for a plain relative path."""
    parts = name.split("/")
    if not name or len(name) > LONGEST_NAME or any(part in {"", ".", ".."} for part in parts):
        return "not a plain relative path"
    if "\\" in name or ":" in name or any(map(is_active, name)):
        return "a path with characters that no bundle has"
    return None


def write(target: Path, members: Mapping[str, Content], digests: Mapping[str, str]) -> None:
    """Write a container, as a whole or not at all.

    Args:
        target: replaced if it is there.
        members: their contents by their names.
        digests: the SHA-256 that each member must have.

    Raises:
        InputError: a name can't be a member's, or a file isn't as its digest says.
        OutputError: the file can't be written.

    """
    try:
        with (
            replacing_file(target) as temporary,
            zipfile.ZipFile(temporary, "w", zipfile.ZIP_STORED) as archive,
        ):
            for name in sorted(members):
                problem = fault(name)
                if problem:
                    raise InputError(f"{name}: {problem}", fix="give the file another name")
                content = members[name]
                if _put(archive, name, content) != digests[name]:
                    raise InputError(
                        f"{name}: changed while it was read", fix="try again when nobody writes it"
                    )
    except OSError as error:
        raise OutputError(
            f"{target}: {error.strerror or error}", fix="choose a place with enough free space"
        ) from error


def _put(archive: zipfile.ZipFile, name: str, content: Content) -> str:
    """Add a member; return the SHA-256 of what was written."""
    if isinstance(content, bytes):
        with archive.open(_info(name, len(content)), "w") as sink:
            sink.write(content)
        return hashlib.sha256(content).hexdigest()
    with content.open("rb") as source:
        return _copy(archive, name, content.stat().st_size, source)


def _copy(archive: zipfile.ZipFile, name: str, size: int, source: IO[bytes]) -> str:
    whole = hashlib.sha256()
    with archive.open(_info(name, size), "w") as sink:
        while piece := source.read(_PIECE):
            whole.update(piece)
            sink.write(piece)
    return whole.hexdigest()


def _info(name: str, size: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _DATE)
    info.create_system = _UNIX
    info.external_attr = _MODE << 16
    info.compress_type = zipfile.ZIP_STORED
    info.file_size = size
    return info


@contextlib.contextmanager
def opened(path: Path) -> Iterator[Container]:
    """Read a container, whoever made it.

    Raises:
        InputError: the file can't be opened.
        ContainerError: it isn't, byte for byte, what the writer writes for these members.

    """
    try:
        stream = path.open("rb")
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}", fix="give an evidence bundle") from error
    with stream, contextlib.ExitStack() as stack:
        try:
            archive = stack.enter_context(zipfile.ZipFile(stream))
            infos = _members(archive, stream.seek(0, 2))
            digests = _compared(stream, archive, infos)
        except _DAMAGED as error:
            if isinstance(error, OSError) and error.errno == errno.ENOSPC:
                raise OutputError(
                    f"{tempfile.gettempdir()}: no space for a copy of the bundle",
                    fix="let TMPDIR name a folder with more",
                ) from error
            raise ContainerError(f"not a whole zip file: {error}") from error
        yield Container(digests, {info.filename: info.file_size for info in infos}, archive)


def _members(archive: zipfile.ZipFile, size: int) -> list[zipfile.ZipInfo]:
    """The members as the directory tells of them; nothing of them is read yet."""
    infos = sorted(archive.infolist(), key=lambda info: info.filename)
    if len(infos) > MOST_MEMBERS:
        raise ContainerError(f"more than {MOST_MEMBERS} members")
    seen: set[str] = set()
    for info in infos:
        name = info.filename
        # What the reader made of a name must be what stands there.
        problem = fault(name) or (fault(info.orig_filename) and "a path with hidden characters")
        if problem:
            raise ContainerError(f"{name}: {problem}")
        if name in seen:
            raise ContainerError(f"{name}: there twice")
        if info.compress_type != zipfile.ZIP_STORED or info.compress_size != info.file_size:
            raise ContainerError(f"{name}: compressed, which members of a bundle aren't")
        seen.add(name)
    if sum(info.file_size for info in infos) > size:
        raise ContainerError("its members say that they are larger than the file")
    return infos


def _compared(
    stream: IO[bytes], archive: zipfile.ZipFile, infos: list[zipfile.ZipInfo]
) -> dict[str, str]:
    """The members' digests, once the container was written anew and is the same."""
    digests = {}
    with tempfile.SpooledTemporaryFile(_IN_MEMORY) as anew:
        with zipfile.ZipFile(cast("BinaryIO", anew), "w", zipfile.ZIP_STORED) as again:
            for info in infos:
                with archive.open(info) as source:
                    digests[info.filename] = _copy(again, info.filename, info.file_size, source)
        anew.seek(0)
        stream.seek(0)
        place = 0
        while True:
            found, expected = stream.read(_PIECE), anew.read(_PIECE)
            if found != expected:
                raise ContainerError(f"byte {place + _first(found, expected)} isn't as written")
            if not found:
                return digests
            place += len(found)


def _first(found: bytes, expected: bytes) -> int:
    """Where two texts differ first."""
    pairs = enumerate(zip(found, expected, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(found), len(expected)))
