"""Input files as URI references, as the standards ask for them (RFC 3986)."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote

from sourcing_audit.escape import terminal

_ADDRESS: Final = re.compile(r"[a-z][a-z0-9+.-]*://|hf:", re.IGNORECASE)
_STRAY_PERCENT: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
_OF_ADDRESSES: Final = "/:?=&@+,;~!$'()*%"
"""What an address may hold as it is; an `hf:` name has a revision behind an @."""

MEDIA_TYPES: Final = {
    "arrow": "application/vnd.apache.arrow.file",
    "csv": "text/csv",
    "json": "application/json",
    "jsonl": "application/jsonl",
    "parquet": "application/vnd.apache.parquet",
    "tsv": "text/tab-separated-values",
}
"""Media types of input formats: registered with IANA, but for JSON lines, which has no own."""

UNKNOWN_TYPE: Final = "application/octet-stream"
"""RFC 2046: of what isn't known."""


def uri(name: str) -> str:
    """The name of an input as a URI, or as a reference relative to where the audit ran."""
    if _ADDRESS.match(name):
        return quote(_STRAY_PERCENT.sub("%25", name), safe=_OF_ADDRESSES, errors="replace")
    path = quote(terminal(name), safe="/", errors="replace")
    return f"file://{path}" if path.startswith("/") else path


def media_type(format_name: str) -> str:
    """The media type of an input's format; compression isn't told."""
    return MEDIA_TYPES.get(format_name.partition(".")[0].lower(), UNKNOWN_TYPE)
