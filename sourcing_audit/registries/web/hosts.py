"""Hosts and times, as archives write them, in one spelling each."""

from __future__ import annotations

import datetime as dt
import re
from functools import cache, lru_cache

import ada_url
from publicsuffixlist import PublicSuffixList

_DIGITS = re.compile(r"\d{14}")
_HOST = re.compile(r"localhost(?::\d+)?|[^\s/?#@\\:*]*[^\s/?#@\\:.*]\.[^\s/?#@\\:.*]+(?::\d+)?")
_WEB = re.compile(r"(https?)://", re.IGNORECASE)
_YEARS = range(1900, 2200)


def is_host(text: str) -> bool:
    """Whether a text has the form of a host."""
    return _HOST.fullmatch(text) is not None and host_of(text) is not None


@lru_cache(maxsize=65_536)
def host_of(text: str) -> str | None:
    """The host of an address or of a bare host, in one spelling; None where there is none."""
    bare = text.strip()
    address = bare if "://" in bare else f"https://{bare}"
    try:
        url = ada_url.URL(address)
    except ValueError:
        return None
    host = re.sub(r":80$", "", url.host).rstrip(".")
    return host if _HOST.fullmatch(host) else None


def web_scheme_of(text: str) -> str | None:
    """`http` or `https` as an address begins; None where it doesn't say, as of a bare host."""
    found = _WEB.match(text.strip())
    return found[1].lower() if found else None


def same_site(one: str, other: str) -> bool:
    """Whether two hosts are of one registrable domain, by the Public Suffix List."""
    if one == other:
        return True
    suffixes = _suffixes()
    sites = {suffixes.privatesuffix(host.partition(":")[0]) for host in (one, other)}
    return len(sites) == 1 and None not in sites


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()


def moment(text: object) -> str | None:
    """A time in one spelling (ISO 8601, UTC, whole seconds); None where it is none.

    Takes ISO 8601, fourteen digits as archives have them, and seconds since 1970.
    """
    try:
        if isinstance(text, int | float) and not isinstance(text, bool):
            found = dt.datetime.fromtimestamp(text, dt.UTC)
        elif not isinstance(text, str):
            return None
        elif _DIGITS.fullmatch(text.strip()):
            found = dt.datetime.strptime(text.strip() + "+0000", "%Y%m%d%H%M%S%z")
        else:
            found = dt.datetime.fromisoformat(text.strip())
    except (ValueError, OverflowError, OSError):
        return None
    if found.tzinfo is None:
        found = found.replace(tzinfo=dt.UTC)
    try:
        found = found.astimezone(dt.UTC)
    except OverflowError:
        return None
    return found.strftime("%Y-%m-%dT%H:%M:%SZ") if found.year in _YEARS else None
