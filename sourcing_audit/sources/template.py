"""Templates: literal text with `{column}` references, and what they read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_TOKEN = re.compile(r"\{\{|\}\}|\{(?P<name>[^{}]+)\}|(?P<text>[^{}]+)|(?P<stray>[{}])")


@dataclass(frozen=True)
class Reference:
    """A column, and for JSON text or a struct the path inside it."""

    column: str
    path: tuple[str, ...] = ()


@dataclass(frozen=True)
class Template:
    """A template whose references are resolved against an input's columns."""

    source: str
    parts: tuple[str | Reference, ...]

    @property
    def references(self) -> tuple[Reference, ...]:
        """The references in order."""
        return tuple(part for part in self.parts if isinstance(part, Reference))


class UnknownColumnError(ValueError):
    """A reference names no column of the input."""

    def __init__(self, column: str) -> None:
        """Remember the name that was asked for."""
        super().__init__(f"no column {column!r}")
        self.column = column


def split(source: str) -> list[tuple[str, bool]]:
    """The tokens of a template, each with whether it is a reference.

    Text without any brace is the name of one column.

    Raises:
        ValueError: a brace is left alone.

    """
    if "{" not in source and "}" not in source:
        return [(source.strip(), True)]
    tokens: list[tuple[str, bool]] = []
    for match in _TOKEN.finditer(source):
        if match["stray"]:
            raise ValueError(
                f"unmatched {match['stray']!r}; write {{{{ or }}}} for a literal brace"
            )
        reference = match["name"]
        literal = match["text"] or match.group()[0]
        tokens.append((reference.strip(), True) if reference else (literal, False))
    return tokens


def resolve(source: str, columns: Sequence[str]) -> Template:
    """A template over the given columns.

    Raises:
        UnknownColumnError: a reference names none of them.
        ValueError: the template is malformed.

    """
    parts = [
        find(token, columns) if is_reference else token for token, is_reference in split(source)
    ]
    shown = source if "{" in source or "}" in source else f"{{{source.strip()}}}"
    return Template(shown, tuple(parts))


def resolve_known(source: str, columns: Sequence[str]) -> Template | None:
    """As `resolve`, but absent columns are empty; None if all are absent."""
    parts: list[str | Reference] = []
    for token, is_reference in split(source):
        if not is_reference:
            parts.append(token)
            continue
        try:
            parts.append(find(token, columns))
        except UnknownColumnError:
            continue
    template = Template(source, tuple(parts))
    return template if template.references else None


def find(reference: str, columns: Sequence[str]) -> Reference:
    """The column that a reference means: exact, else without regard to case, else with a path.

    Raises:
        UnknownColumnError: no column fits.

    """
    pieces = reference.split(".")
    for length in range(len(pieces), 0, -1):
        column = match(".".join(pieces[:length]), columns)
        if column is not None:
            return Reference(column, tuple(pieces[length:]))
    raise UnknownColumnError(reference)


def match(name: str, columns: Sequence[str]) -> str | None:
    """The column of this name: exact, else the first that differs only by case."""
    if name in columns:
        return name
    folded = name.casefold()
    return next((column for column in columns if column.casefold() == folded), None)
