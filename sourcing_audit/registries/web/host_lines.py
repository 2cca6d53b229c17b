"""JSON lines with what hosts sent: `{"host" or "url", "body", "status", "fetched_at"}`."""

from __future__ import annotations

import gzip
import json
from typing import IO, TYPE_CHECKING, Any, NamedTuple, cast

from sourcing_audit.errors import RegistryError
from sourcing_audit.registries.web.hosts import host_of, moment, web_scheme_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LIMIT = 8 * 2**20
"""Octets of a document that are taken out of an archive; readers may read less of it."""

MAX_LINE = 64 * 2**20
"""Octets of one line of JSON."""

GZIP = b"\x1f\x8b"
_DATES = ("fetched_at", "captured_at", "timestamp", "date")


class Sent(NamedTuple):
    """What a host sent, as `host_archives.Capture` has it."""

    host: str
    body: bytes
    status: int | None = None
    at: str | None = None
    cut: bool = False
    scheme: str | None = None


def entries(file: Path) -> Iterator[Sent]:
    """Every line that isn't blank, decompressed where it has to be.

    Raises:
        RegistryError: naming file and line.

    """
    with file.open("rb") as raw:
        compressed = raw.read(2) == GZIP
    with cast("IO[bytes]", gzip.open(file)) if compressed else file.open("rb") as stream:
        number = 0
        while line := _line(stream, file, number + 1):
            number += 1
            if line.strip():
                yield _of_entry(line, f"{file}: line {number}")


def _line(stream: IO[bytes], file: Path, number: int) -> bytes:
    try:
        line = stream.readline(MAX_LINE + 1)
    except (OSError, EOFError) as error:
        raise RegistryError(
            f"{file}: can't be read: {error}", fix="fetch the file again"
        ) from error
    if len(line) > MAX_LINE:
        raise RegistryError(
            f"{file}: line {number} is longer than {MAX_LINE} bytes", fix="leave it out"
        )
    return line


def _of_entry(line: bytes, where: str) -> Sent:
    """Read `{"host" or "url", "body", "status", "fetched_at"}`."""
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise RegistryError(f"{where} is not JSON: {error}", fix="correct the line") from error
    if not isinstance(entry, dict):
        raise RegistryError(f"{where} is no JSON object", fix='write {"host": …, "body": …}')
    given = [one for one in (entry.get("host"), entry.get("url")) if isinstance(one, str)]
    named = entry.get("host") or entry.get("url")
    host = host_of(named) if isinstance(named, str) else None
    if host is None:
        raise RegistryError(
            f"{where}: {str(named)[:200]!r} is not a host", fix="give each line its host or url"
        )
    body, status = entry.get("body"), _status(entry, where)
    if status is None and not isinstance(body, str | list | dict):
        raise RegistryError(
            f"{where} has no body", fix="give what the host sent as body, or its HTTP status"
        )
    if isinstance(body, list | dict):
        body = json.dumps(body)  # The document is JSON, and whoever archived it parsed it.
    octets = body.encode("utf-8", "surrogatepass") if isinstance(body, str) else b""
    scheme = next(filter(None, map(web_scheme_of, given)), None)
    return Sent(host, octets[:LIMIT], status, _date(entry, where), len(octets) > LIMIT, scheme)


def _status(entry: dict[str, Any], where: str) -> int | None:
    """The HTTP status; 0 where the host wasn't reached, None where nothing is said."""
    if "status" not in entry or (entry["status"] is None and isinstance(entry.get("body"), str)):
        return None
    given = entry["status"]
    if isinstance(given, str) and given.strip().isdigit():
        given = int(given)
    if given is None or isinstance(given, str):
        return 0
    if isinstance(given, int) and 0 <= given < 1000:  # noqa: PLR2004
        return given
    raise RegistryError(f"{where}: {given!r} is no HTTP status", fix="correct or leave out status")


def _date(entry: dict[str, Any], where: str) -> str | None:
    for name in _DATES:
        if entry.get(name) is not None:
            at = moment(entry[name])
            if at is None:
                raise RegistryError(
                    f"{where}: {name} is {str(entry[name])[:80]!r}, not a date (ISO 8601)",
                    fix="correct it, or leave it out",
                )
            return at
    return None
