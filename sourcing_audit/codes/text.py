"""A code's page in the terminal."""

from __future__ import annotations

import textwrap
from itertools import groupby
from typing import TYPE_CHECKING

from sourcing_audit.codes.lookup import told
from sourcing_audit.escape import ELLIPSIS, terminal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sourcing_audit.codes.lookup import Code, Example

_LABELS = 12
"""Columns that the names of a page's parts take."""
_NARROWEST_TEXT = 24


def page(code: Code, width: int) -> str:
    """All that is known of a code, in lines of at most `width` columns."""
    lines = [f"{code.id}: {code.kind}", ""]
    parts = [("means", code.meaning), ("clause", code.clause)]
    if code.status is not None:
        parts.append(("gives", code.status))
    if code.how_to_fix is not None:
        parts.append(("how to fix", code.how_to_fix))
    parts += [("from term", term) for term in code.terms]
    parts += [
        ("when" if fact.holds else "unless", f"{fact.id}: {fact.meaning}") for fact in code.facts
    ]
    if code.status is not None and not code.facts:
        parts.append(("when", "no line before it applies"))
    parts.append(("defined in", f"license_rules/{code.file}"))
    for name, text in parts:
        lines += _part(name, text, 2, _LABELS, width)
    lines += _examples("example", code.examples[:1], width)
    lines += _examples("and where it doesn't apply", code.counterexamples, width)
    if not code.examples:
        lines += ["", *_part("no example", code.without_example, 2, _LABELS, width)]
    return "\n".join(terminal(line) for line in lines) + "\n"


def listing(every: Iterable[Code], width: int) -> str:
    """Each code with its meaning on one line, by kind."""
    known = list(every)
    longest = max(len(code.id) for code in known)
    lines: list[str] = []
    for kind, group in groupby(known, key=lambda code: code.kind):
        lines += [*([""] if lines else []), kind.plural]
        for code in group:
            line = f"  {code.id:<{longest}}  {code.meaning}"
            lines.append(line if len(line) <= width else line[: width - 1].rstrip() + ELLIPSIS)
    return "\n".join(terminal(line) for line in lines) + "\n"


def _examples(name: str, examples: Iterable[Example], width: int) -> Iterator[str]:
    for example in examples:
        yield from ("", f"  {name}: {example.case.name} (license_rules/cases/{example.file})")
        for heading, fields in told(example.case):
            yield f"    {heading}"
            longest = max(len(field) for field, _ in fields)
            for field, value in fields:
                yield from _part(field, value, 6, longest, width)


def _part(name: str, text: str, indent: int, label: int, width: int) -> Iterator[str]:
    """A name, and beside it a text that wraps below itself; line breaks in it are kept."""
    room = max(width - indent - label - 2, _NARROWEST_TEXT)
    wrapped = [
        piece
        for line in text.splitlines() or [""]
        for piece in textwrap.wrap(line, room, break_on_hyphens=False) or [""]
    ]
    for number, piece in enumerate(wrapped):
        yield f"{' ' * indent}{'' if number else name:<{label}}  {piece}".rstrip()
