"""What went wrong at a remote store, in words, from whatever its library raised."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sourcing_audit.sources.remote.addresses import without_secrets

if TYPE_CHECKING:
    from collections.abc import Iterator

_DENIED = frozenset({401, 403})
_GONE = frozenset({404, 410})
_BUSY = frozenset({408, 425, 429})
_SERVER_ERROR = 500

_CREDENTIALS = (
    "sign in as the store's own tools do (environment, profile, login); for public data say so, "
    "as in FSSPEC_S3_ANON=true"
)


@dataclass(frozen=True)
class Problem:
    """What is told to the user."""

    text: str
    fix: str
    passing: bool = False
    """Whether asking again may help."""


_DENIAL = Problem(
    "permission is denied, or it isn't there",
    f"check the address, and that you may read it; {_CREDENTIALS}",
)
_ABSENCE = Problem("there is no such file, folder or bucket", "check the address")
_BY_CLASS: tuple[tuple[frozenset[str], Problem], ...] = (
    (
        frozenset({"CutShortError"}),
        Problem("it was cut short", "check that the file is whole", passing=True),
    ),
    (
        frozenset(
            {
                "NoCredentialsError",
                "PartialCredentialsError",
                "ProfileNotFound",
                "TokenRetrievalError",
                "DefaultCredentialsError",
                "RefreshError",
            }
        ),
        Problem("no credentials were found that the store takes", _CREDENTIALS),
    ),
    (
        frozenset({"SSLError", "SSLCertVerificationError", "ClientSSLError"}),
        Problem("its server's certificate isn't trusted", "check the address"),
    ),
    (
        frozenset({"TimeoutError", "TimeoutException", "HTTPClientTimeoutError"}),
        Problem("its server took too long", "check the network, and try again", passing=True),
    ),
    (
        frozenset(
            {
                "ClientError",
                "ConnectionError",
                "EndpointConnectionError",
                "HTTPClientError",
                "IncompleteRead",
                "TransportError",
                "gaierror",
            }
        ),
        Problem(
            "its server can't be reached, or broke off",
            "check the address and the network",
            passing=True,
        ),
    ),
    (frozenset({"PermissionError"}), _DENIAL),
    (frozenset({"FileNotFoundError"}), _ABSENCE),
)
"""By the names of errors' classes, the first that fits: the libraries that define them are slow to
import, and installed only where they are used."""


class CutShortError(Exception):
    """A store gave fewer bytes than it was asked for."""


def problem_of(error: BaseException) -> Problem:
    """The problem behind an error, its causes included."""
    chain = list(_chain(error))
    status = next(filter(None, map(_status, chain)), None)
    if status is not None:
        return _answered(status)
    names = {parent.__name__ for each in chain for parent in type(each).__mro__}
    for known, problem in _BY_CLASS:
        if names & known:
            return problem
    said = without_secrets(str(error))
    return Problem(
        f"{type(error).__name__}{': ' if said else ''}{said}",
        "check the address",
        passing=isinstance(error, OSError),
    )


def has_changed(error: BaseException) -> bool:
    """Whether a store says that it no longer has the version that is asked for."""
    return any(type(each).__name__ == "FileExpired" for each in _chain(error))


def _answered(status: int) -> Problem:
    if status in _DENIED:
        return _DENIAL
    if status in _GONE:
        return _ABSENCE
    passing = status in _BUSY or status >= _SERVER_ERROR
    return Problem(f"its server answered {status}", "try again later", passing)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _status(error: BaseException) -> int | None:
    """The number with which an HTTP server answered."""
    response = getattr(error, "response", None)
    for found in (
        getattr(error, "status", None),
        getattr(response, "status_code", None),
        _of_boto(response),
    ):
        if isinstance(found, int) and found:
            return found
    return None


def _of_boto(response: object) -> object:
    if isinstance(response, dict):
        metadata = response.get("ResponseMetadata")
        return metadata.get("HTTPStatusCode") if isinstance(metadata, dict) else None
    return None
