"""What a policy is about, as a subject of the canonical record."""

from __future__ import annotations

import re

from sourcing_audit.registries.web.hosts import host_of

_DOI = re.compile(r"^(?:https?://(?:dx\.)?doi\.org/|doi:|urn:doi:)(10\..+)$", re.IGNORECASE)
_ISBN = re.compile(r"^(?:urn:)?isbn:([\dX-]{10,20})$", re.IGNORECASE)
_WEB = re.compile(r"^https?://[^/?#]*(/[^?#]*)?", re.IGNORECASE)


def subject_of(target: str | None, *, fallback: str | None) -> tuple[str, str]:
    """Kind and value of the subject: a work, an address and what is below it, or a host.

    Args:
        target: what the policy names.
        fallback: an address whose host is meant where it names nothing.

    Raises:
        ValueError: nothing says what it is about.

    """
    if target is None:
        host = host_of(fallback) if fallback and _WEB.match(fallback) else None
        if host is None:
            raise ValueError("names no target, and no address of its own")
        return "host", host
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
