"""A stored HTTP response: what was fetched where and when, with its headers."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sourcing_audit.registries.web.hosts import moment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_STATUS_LINE = re.compile(r"^HTTP/[\d.]+\s+(\d{3})")


@dataclass(frozen=True)
class Response:
    """One response, as an archive holds it."""

    row: int
    """1-based, where in the archive it stands."""
    url: str
    headers: tuple[tuple[str, str], ...] | None
    """Names in lower case; None where the archive doesn't hold them."""
    status: int | None = None
    fetched_at: str | None = None
    """ISO 8601; None where the archive doesn't say."""
    body: bytes = b""
    """Its beginning."""
    meta: tuple[tuple[str, str], ...] | None = None
    """Its meta elements, where the archive holds them apart from the page."""

    @property
    def successful(self) -> bool:
        """Whether it is what the address stands for; an error or a redirection isn't."""
        return self.status is None or 200 <= self.status < 300 or self.status == 304  # noqa: PLR2004

    def lines(self, name: str) -> list[str]:
        """Every value of a header, in order."""
        return [value for header, value in self.headers or () if header == name]


def headers_of(value: Any) -> tuple[int | None, tuple[tuple[str, str], ...]]:
    """Status and headers, however an archive writes them.

    Takes an object of names and values or lists of values, a list of pairs, or the text that was
    sent. The status is None where the headers don't tell.

    Raises:
        ValueError: saying what it is instead.

    """
    if isinstance(value, str):
        return _of_text(value)
    if isinstance(value, dict):
        return None, tuple(_pairs(value))
    if isinstance(value, list) and all(isinstance(one, list) and len(one) == 2 for one in value):  # noqa: PLR2004
        return None, tuple((_name(name), text_of(one)) for name, one in value)
    raise ValueError("headers are neither an object, a list of pairs nor text")


def moment_of(value: Any) -> str | None:
    """When something was fetched, as ISO 8601.

    Raises:
        ValueError: it is no date.

    """
    if value is None or value == "":
        return None
    found = moment(value)
    if found is None:
        raise ValueError(f"{text_of(value)[:40]!r} is no date (ISO 8601)")
    return found


def text_of(value: Any) -> str:
    """A JSON value as text."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def pairs_of(value: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Names in lower case with each of their values."""
    return tuple(_pairs(value))


def _pairs(value: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, values in value.items():
        for one in values if isinstance(values, list) else [values]:
            if one is not None:
                yield _name(name), text_of(one)


def _name(value: Any) -> str:
    return text_of(value).strip().lower()


def _of_text(text: str) -> tuple[int | None, tuple[tuple[str, str], ...]]:
    lines = text.splitlines()
    status = _STATUS_LINE.match(lines[0]) if lines else None
    found: list[tuple[str, str]] = []
    for line in lines[1 if status else 0 :]:
        if not line.strip():
            break
        if line[0] in " \t" and found:
            name, value = found[-1]
            found[-1] = (name, f"{value} {line.strip()}")
        elif ":" in line:
            name, _, value = line.partition(":")
            found.append((_name(name), value.strip()))
    return int(status[1]) if status else None, tuple(found)
