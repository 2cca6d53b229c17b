"""What was found out about the licence that a text states."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sourcing_audit.licenses.expression import UNKNOWN, Tree, join, leaves, render, terms_of
from sourcing_audit.model import NOASSERTION, Term

if TYPE_CHECKING:
    from collections.abc import Iterable

TAG = "text:tag"
KNOWN = "text:known"
PHRASE = "text:phrase"
EXACT = "text:exact"
APPROXIMATE = "text:approximate"
UNREAD = "text:unread"
SILENT = "text:none"
_WEAKEST_LAST = (TAG, KNOWN, EXACT, PHRASE, APPROXIMATE, UNREAD)

TOO_LARGE = "license_text_not_read"
NOT_TEXT = "license_text_not_text"
TIMEOUT = "license_text_timeout"
CRASHED = "license_text_crashed"
NO_SCANCODE = "license_text_no_scancode"
NO_FORK = "license_text_no_fork"
UNIDENTIFIED = "license_text_unidentified"
DIFFERS = "license_text_approximate"
TAG_UNREAD = "license_tag_not_read"
PARTLY_UNREAD = "license_partly_unread"


@dataclass(frozen=True, slots=True)
class Detection:
    """The licence that a text states, how that was found out, and where."""

    expression: str | None
    """SPDX expression; None: the text states nothing about a licence; NOASSERTION: it looks as
    if it did, but couldn't be read."""
    rule: str
    """`text:tag`, `text:known`, `text:exact`, `text:phrase`, `text:approximate`, `text:none` or
    `text:unread`: the weakest method that the answer rests on."""
    reasons: tuple[str, ...] = ()
    lines: str = ""
    """Where it stands, e.g. `1-21`."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One thing that a text says; `tree` is UNKNOWN for what couldn't be read."""

    tree: Tree
    rule: str
    reasons: tuple[str, ...] = ()
    lines: tuple[int, int] | None = None


def unread(reason: str) -> Statement:
    """That the text, or a part of it, couldn't be read."""
    return Statement(UNKNOWN, UNREAD, (reason,))


def combined(statements: Iterable[Statement]) -> Detection:
    """All statements of one text: they hold together (AND)."""
    found = list(statements)
    if not found:
        return Detection(None, SILENT)
    trees = [each.tree for each in found]
    if any(Term.NO_AI_TRAINING in terms_of(tree) for tree in trees):
        # What couldn't be read can't take this back, and as an operand it would hide it.
        trees = [tree for tree in trees if UNKNOWN not in leaves(tree)]
    tree = join("AND", trees)
    places = [each.lines for each in found if each.lines]
    lines = f"{min(p[0] for p in places)}-{max(p[1] for p in places)}" if places else ""
    reasons = dict.fromkeys(reason for each in found for reason in each.reasons)
    expression = render(tree)
    if expression == NOASSERTION and not reasons:
        reasons[UNIDENTIFIED] = None
    rule = max((each.rule for each in found), key=_WEAKEST_LAST.index)
    return Detection(expression, rule, tuple(reasons), lines)
