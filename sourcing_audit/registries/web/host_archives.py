"""Archives of one document of many hosts: JSON lines, folders of files, and WARC.

A capture is what a host sent for the document at one time. Each holds until the next one of the
same host by the same scheme, so that the answer of any day can be given.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sourcing_audit.errors import RegistryError
from sourcing_audit.registries.web import host_lines, web_archives
from sourcing_audit.registries.web.host_lines import GZIP, LIMIT, Sent
from sourcing_audit.registries.web.hosts import host_of, is_host, moment, web_scheme_of
from sourcing_audit.registries.web.signal import SPEAKER

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_LINES = (".jsonl", ".ndjson", ".jsonl.gz", ".ndjson.gz")
_WARCS = (".warc", ".warc.gz")
_OK, _REDIRECT, _GONE, _FAILING = 200, 300, 400, 500
_TOO_MANY = 429
_OTHER = {"http": "https", "https": "http"}

_Place = tuple[str, str | None]


@dataclass(frozen=True)
class Document:
    """The document that an archive holds."""

    name: str
    """What a file of it is called, and the last part of its path."""
    paths: tuple[str, ...]
    """Where hosts publish it."""
    suffixes: tuple[str, ...]
    """Endings of files that are named after their host."""
    names_hosts: bool = False
    """Whether it can say itself which hosts it is about, so that a file may have none."""


@dataclass(frozen=True, slots=True)
class Capture:
    """One answer of one host."""

    row: int
    """1-based, over the whole archive."""
    host: str
    """In lower case, in ASCII, with its port where that isn't the usual one; empty where nobody
    says, for documents that name hosts themselves."""
    body: bytes
    status: int | None
    """Of HTTP; None where the archive doesn't say. 0: the host couldn't be reached."""
    at: str | None
    """When it was fetched (ISO 8601, UTC); None where the archive doesn't say."""
    cut: bool = False
    """The archive doesn't hold all of the body."""
    scheme: str | None = None
    """`http` or `https`; None where the archive doesn't say."""

    @property
    def place(self) -> _Place:
        """Whose captures take each other's place: http and https are two (RFC 9309, section 2.3).

        What was refused by one is never permitted by what the other sends later.
        """
        return self.host, self.scheme

    @property
    def readable(self) -> bool:
        """The body is the document."""
        return self.status is None or _OK <= self.status < _REDIRECT

    @property
    def absent(self) -> bool:
        """There is no such document (RFC 9309, section 2.3.1.3); 429 says to come back later."""
        return self.status is not None and _GONE <= self.status < _FAILING and not self.busy

    @property
    def busy(self) -> bool:
        """Too many requests: nothing was learnt."""
        return self.status == _TOO_MANY

    @property
    def redirected(self) -> bool:
        """The document is elsewhere."""
        return self.status is not None and _REDIRECT <= self.status < _GONE


class Times:
    """Until when each capture holds: of all captures of an archive, their hosts and times."""

    def __init__(self, captures: Iterator[Capture]) -> None:
        """Read the archive once. What couldn't be fetched doesn't end what was fetched before.

        A redirection does where the host has answered by the other scheme: sites that moved to
        https send one for what they said before.
        """
        times: dict[_Place, set[str]] = {}
        answered: set[_Place] = set()
        moved: list[tuple[str, str, str]] = []
        for capture in captures:
            if capture.readable or capture.absent:
                answered.add(capture.place)
                if capture.at is not None:
                    times.setdefault(capture.place, set()).add(capture.at)
            elif capture.redirected and capture.at is not None and capture.scheme is not None:
                moved.append((capture.host, capture.scheme, capture.at))
        for host, scheme, at in moved:
            if (host, _OTHER[scheme]) in answered:
                times.setdefault((host, scheme), set()).add(at)
        self._answered = {host for host, _ in answered}
        self._times = {place: sorted(found) for place, found in times.items()}

    def until(self, capture: Capture) -> str | None:
        """When the next capture of the same place is there."""
        times = self._times.get(capture.place, ())
        if capture.at is None or not times:
            return None
        following = bisect_right(times, capture.at)
        return times[following] if following < len(times) else None

    def answered(self, host: str) -> bool:
        """Whether the archive holds an answer of the host that isn't a redirection or failure."""
        return host in self._answered


FIELDS = (
    "record_id",
    "statement_id",
    "subject_kind",
    "subject_value",
    "priority",
    *SPEAKER,
    "snapshot_at",
    "declared_at",
    "valid_from",
    "valid_until",
)
"""The fields of a record of what a host's document says, beside what it says."""


def held(capture: Capture, until: str | None) -> dict[str, str | int | None]:
    """Fields of the canonical record that say where and when a document was found."""
    return {
        "row": capture.row,
        "snapshot_at": capture.at,
        "declared_at": capture.at,
        "valid_from": capture.at,
        "valid_until": until,
    }


def captures(path: Path, document: Document) -> Iterator[Capture]:
    """Every capture of the document in an archive, in its order.

    Raises:
        RegistryError: naming the file and the place in it.

    """
    row = 0
    for file, host in _files(path, document):
        for found in _of_file(file, host, document):
            row += 1
            yield Capture(row, *found)


def is_archive(path: Path, head: bytes, document: Document) -> bool:
    """Whether a path is plainly an archive of the document."""
    name = path.name.lower()
    if path.is_dir():
        return any((path / each).is_file() for each in _first_names(path, document))
    if name.endswith(_LINES):
        return document.name.partition(".")[0] in name.partition(".")[0] and b'"body"' in head
    return name == document.name


def _first_names(folder: Path, document: Document) -> Iterator[str]:
    """Where the documents of a folder's first hosts would be."""
    for entry in sorted(folder.iterdir())[:10]:
        if entry.is_dir() and is_host(entry.name):
            yield from (f"{entry.name}{path}" for path in document.paths)


def _files(path: Path, document: Document) -> Iterator[tuple[Path, str | None]]:
    """The files of an archive, with the host that their name tells."""
    if not path.is_dir():
        yield path, _host_by_name(path, document)
        return
    for file in sorted(found for found in path.rglob("*") if found.is_file()):
        relative = file.relative_to(path)
        if any(part.startswith(".") and part != ".well-known" for part in relative.parts):
            continue
        first, rest = relative.parts[0], "/" + "/".join(relative.parts[1:])
        below = rest in document.paths or rest == f"/{document.name}"
        host = host_of(first) if below and is_host(first) else _host_by_name(file, document)
        yield file, host


def _host_by_name(file: Path, document: Document) -> str | None:
    """`example.com.txt` is the document of example.com."""
    for suffix in document.suffixes:
        stem = file.name[: -len(suffix)]
        if file.name.lower().endswith(suffix) and is_host(stem) and file.name != document.name:
            return host_of(stem)
    return None


def _of_file(file: Path, host: str | None, document: Document) -> Iterator[Sent]:
    name = file.name.lower()
    if host is not None:
        yield _of_document(file, host)
        return
    with file.open("rb") as stream:
        head = stream.read(64)
    if name.endswith(_WARCS) or head.startswith(b"WARC/"):
        yield from _of_warc(file, document)
    elif name.endswith(_LINES) or head.lstrip().startswith((b"{", GZIP)):
        yield from host_lines.entries(file)
    elif document.names_hosts:
        yield _of_document(file, "")
    else:
        raise RegistryError(
            f"{file}: it can't be told which host this {document.name} is of",
            fix=f"name it after its host (example.com{document.suffixes[0]}), or give a folder in "
            f"which it lies as example.com/{document.name}",
        )


def _of_document(file: Path, host: str) -> Sent:
    with file.open("rb") as stream:
        body = stream.read(LIMIT + 1)
    return Sent(host, body[:LIMIT], cut=len(body) > LIMIT)


def _of_warc(file: Path, document: Document) -> Iterator[Sent]:
    for answer in web_archives.responses(file, LIMIT, document.paths):
        host = host_of(answer.url)
        if host is None:
            raise RegistryError(
                f"{file}: {answer.url[:200]!r} has no host",
                fix="take the record out of the archive",
            )
        scheme = web_scheme_of(answer.url)
        yield Sent(host, answer.body, answer.status, moment(answer.date), answer.cut, scheme)
