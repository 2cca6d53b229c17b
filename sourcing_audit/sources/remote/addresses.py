"""Addresses of remote inputs, and what of them may be shown."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from sourcing_audit.errors import InputError

STORES = {"s3": "s3", "s3a": "s3", "gs": "gs", "gcs": "gs", "hf": "hf"}
"""Stores that list their files, by the scheme of their addresses."""
WEB = frozenset({"http", "https"})
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")


def is_address(source: str) -> bool:
    """Whether an input is written with a scheme, as in `s3://…`."""
    return _SCHEME.match(source) is not None


def scheme_of(source: str) -> str:
    """The scheme of an address, in its usual spelling.

    Raises:
        InputError: nothing is read from there.

    """
    match = _SCHEME.match(source)
    written = match.group(1).lower() if match else ""
    if written in WEB:
        return written
    if written not in STORES:
        raise InputError(
            f"{shown(source)}: {written}:// isn't read",
            fix="give a path, or an address with s3://, gs://, hf:// or https://",
        )
    return STORES[written]


def shown(address: str) -> str:
    """An address as it may stand in reports and messages.

    The query and fragment of a web address and whatever stands before the host are left out: these
    are where passwords and signatures are.
    """
    match = _SCHEME.match(address)
    if match is None:
        return address
    scheme, rest = match.group(1).lower(), address[match.end() :]
    if scheme not in STORES:
        rest = re.split(r"[?#]", rest, maxsplit=1)[0]
    host, slash, path = rest.partition("/")
    return f"{scheme}://{host.rpartition('@')[2]}{slash}{path}"


def path_of(source: str) -> str:
    """What names the file in an address: its path, without query and fragment on the web."""
    return urlsplit(shown(source)).path if scheme_of(source) in WEB else shown(source)


def without_secrets(text: str) -> str:
    """A library's message with its addresses as they may be shown, on one line."""
    line = text.strip().partition("\n")[0]
    return re.sub(r"[A-Za-z][A-Za-z0-9+.-]*://[^\s'\"<>)]+", lambda m: shown(m.group()), line)[:200]
