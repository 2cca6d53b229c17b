"""`SPDX-License-Identifier:` tags."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from sourcing_audit.licenses.texts.detection import TAG, Statement

if TYPE_CHECKING:
    from sourcing_audit.licenses.catalog import LicenseRules

_TAG = re.compile(r"spdx-licen[cs]e-identifiers?[ \t]*[:=][ \t]*([^\n\r]{0,2000})", re.IGNORECASE)
_CLOSING = re.compile(r"(?:\*+[/)]|--+>|#}|-}|%>|\?>|[\"'`,;<>\\|]|\s#|\s//|\s\*).*$")
_MOST_TAGS = 200


@dataclass(frozen=True, slots=True)
class Tags:
    """The tags of a text."""

    statements: tuple[Statement, ...]
    rest: str
    """The text without the tags that were read."""
    unread: bool
    """Whether a tag names something that the rules don't know."""


def read(text: str, rules: LicenseRules) -> Tags:
    """What the tags of `text` say; they stand for themselves alone, whatever else it says."""
    found: dict[str, Statement] = {}
    unread = False
    pieces = []
    at = 0
    seen = 0
    line = 1
    for match in islice(_TAG.finditer(text), _MOST_TAGS + 1):
        value = " ".join(_CLOSING.sub("", match[1]).strip(" \t.").split())
        line += text.count("\n", seen, match.start())
        seen = match.start()
        tree = rules.parse(value)
        if tree is None or len(found) >= _MOST_TAGS:
            unread = True
            continue
        found.setdefault(value, Statement(tree, TAG, (), (line, line)))
        # What follows the expression on its line is text like any other.
        pieces.append(text[at : match.start()])
        at = match.start(1) + _length(match[1])
    pieces.append(text[at:])
    return Tags(tuple(found.values()), " ".join(pieces), unread)


def _length(line: str) -> int:
    closing = _CLOSING.search(line)
    return closing.start() if closing else len(line)
