"""What a policy is about, as a subject of the canonical record."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sourcing_audit.identifiers import Wrong
from sourcing_audit.registries.web.hosts import host_of

if TYPE_CHECKING:
    from sourcing_audit.identifiers import Identifiers

_DOI = re.compile(r"^(?:https?://(?:dx\.)?doi\.org/|doi:|urn:doi:)(10\..+)$", re.IGNORECASE)
_ISBN = re.compile(r"^(?:urn:)?isbn:([\dX-]{10,20})$", re.IGNORECASE)
_WEB = re.compile(r"^https?://[^/?#]*(/[^?#]*)?", re.IGNORECASE)


def host_of_policy(address: str | None) -> tuple[str, str]:
    """The subject of a policy that doesn't say, or not so that it can be read, what it is about.

    Raises:
        ValueError: it has no address of its own.

    """
    host = host_of(address) if address and _WEB.match(address) else None
    if host is None:
        raise ValueError("names no target that can be read, and no address of its own")
    return "host", host


def subject_of(target: str, identifiers: Identifiers) -> tuple[str, str] | None:
    """Kind and value of the subject: a work, an address and what is below it, or a host.

    Args:
        target: what the policy names.
        identifiers: reads ids of works.

    Returns:
        None where it is an id of a known scheme whose form or check digit is wrong: it may be that
        of any work.

    """
    kind, value = _subject_of(target)
    wrong = kind == "work_id" and isinstance(identifiers.key(value, "work"), Wrong)
    return None if wrong else (kind, value)


def _subject_of(target: str) -> tuple[str, str]:
    for scheme, pattern in (("doi", _DOI), ("isbn", _ISBN)):
        if work := pattern.match(target):
            return "work_id", f"{scheme}:{work[1]}"
    web = _WEB.match(target)
    if web is None or host_of(target) is None:
        return "work_id", target
    if web.end() < len(target) or "*" in target:
        return "url", target
    path = (web[1] or "").strip("/")
    return ("url_prefix", target) if path else ("host", host_of(target) or target)
