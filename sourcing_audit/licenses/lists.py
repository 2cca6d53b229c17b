"""Lists of licences: in JSON, and in one text with `and`, `or`, commas or slashes between them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from sourcing_audit.licenses.expression import Joint, class_of, grants_of, leaves, terms_of
from sourcing_audit.model import NOASSERTION, LicenseClass, Term

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from sourcing_audit.licenses.catalog import Known
    from sourcing_audit.licenses.expression import Tree
    from sourcing_audit.licenses.naming import Names

_OR = re.compile(r"\s*\s(?:-or-|or|and/or|oder|ou)\s\s*")
_AND = re.compile(
    r"\s*(?:\s(?:and|und|et|with(?: the)?)\s|[;&\n]|,(?: and\s)?|\s\+\s|\+(?=[a-z]{2})|\s::\s)\s*"
)
_SLASH = re.compile(r"\s*[/|]\s*")
# fmt: off
_JSON_KEYS = (
    "license", "licence", "license_url", "licenseurl", "license_name", "spdx_id", "spdx", "id",
    "@id", "identifier", "type", "name", "label", "url", "uri", "href", "link", "title",
)
# fmt: on
_SCHEMA_KEYS = ("@type", "@context")
"""Members that say what kind of thing this is."""
_EMPTY: tuple[Any, ...] = (None, "", [], {})
"""Members that say nothing; `false` does: `"commercial": false`."""
_MAX_PARTS = 20
_MAX_LIST = 400
"""Lists of licences are shorter; longer text is prose."""
_MAX_JOINED = 3
"""Pieces of a list that a name with `and` or `or` in it may span."""
_REFUSALS = (LicenseClass.ALL_RIGHTS_RESERVED, LicenseClass.NO_LICENSE)


@dataclass(frozen=True, slots=True)
class Listed:
    """The licences of a list that was read as a whole."""

    op: Literal["AND", "OR"]
    parts: list[Known]


class Lists:
    """Reads a list in one text, if every part of it is understood."""

    def __init__(
        self, names: Names, restrictions: Collection[str], nested: Callable[[str], Known | None]
    ) -> None:
        """`restrictions` are ids of limits; `nested` reads a list between two `or`."""
        self._names = names
        self._restrictions = restrictions
        self._nested = nested

    def read(self, text: str) -> Listed | None:
        """The parts, and whether all of them hold or one is to be chosen."""
        if len(text) > _MAX_LIST:
            return None
        for separator in (_OR, _AND, _SLASH):
            known = self._pieces(text, separator)
            if known:
                together = (
                    separator is _AND
                    or any(self._limits(each.tree) for each in known)
                    or (separator is _SLASH and not _alternatives(known))
                )
                return Listed("AND" if together else "OR", known)
        return None

    def _limits(self, part: Tree) -> bool:
        """Whether a part limits all that it stands beside: nobody chooses a restriction.

        In `A or B, with restrictions` nobody can tell whether they are meant for B alone.
        """
        return any(
            leaf.license.id in self._restrictions
            or leaf.license.license_class in _REFUSALS
            or (isinstance(part, Joint) and part.op == "AND" and leaf.license.grants != "yes")
            for leaf in leaves(part)
        )

    def _pieces(self, text: str, separator: re.Pattern[str]) -> list[Known]:
        """The licences between separators, if all is read; a name may span separators itself."""
        spans = _spans(text, separator)
        if not 1 < len(spans) <= _MAX_PARTS:
            return []
        known: list[Known] = []
        at = 0
        while at < len(spans):
            for end in range(min(len(spans), at + _MAX_JOINED), at, -1):
                part = text[spans[at][0] : spans[end - 1][1]]
                each = self._names.any(part)
                if each is None and end == at + 1 and separator is _OR:
                    each = self._nested(part)
                if each:
                    known.append(each)
                    break
            else:
                return []
            at = end
        return known


def in_json(text: str) -> list[str] | None:
    """The values of a JSON list or object, or of a Python list; None if it is neither."""
    for candidate in (text, text.replace("'", '"')):
        try:
            value = json.loads(candidate)
        except (ValueError, RecursionError):
            continue
        items = value if isinstance(value, list) else [value]
        values = [found for item in items[:_MAX_PARTS] for found in _strings(item)]
        return values if len(items) <= _MAX_PARTS else [*values, NOASSERTION]
    return None


def _strings(item: Any) -> list[str]:
    """What a member states; one that isn't understood may limit the rest, so it says unknown."""
    if item is None or item == "":
        return []
    if isinstance(item, dict):
        known = [v for k in _JSON_KEYS if isinstance(v := item.get(k), str) and v.strip()]
        other = [
            value
            for name, value in item.items()
            if value not in _EMPTY
            and name not in _SCHEMA_KEYS
            and not (name in _JSON_KEYS and isinstance(value, str))
            and not (name == "id" and isinstance(value, int))
        ]
        return [*known, NOASSERTION] if other else known
    return [" ".join(item.split())] if isinstance(item, str) else [NOASSERTION]


def _spans(text: str, separator: re.Pattern[str]) -> list[tuple[int, int]]:
    """Where the pieces between separators are, without empty ones."""
    cuts = [match.span() for match in separator.finditer(text)]
    starts = [0, *(end for _, end in cuts)]
    ends = [*(start for start, _ in cuts), len(text)]
    pairs = zip(starts, ends, strict=True)
    return [(start, end) for start, end in pairs if text[start:end].strip(" .()")]


def _alternatives(known: list[Known]) -> bool:
    """Whether `A/B` offers a choice: only between licences that hold nothing back.

    Creative Commons beside a software licence covers the texts and images beside the code.
    """
    classes = {class_of(each.tree) for each in known}
    if len(classes) > 1 and LicenseClass.CREATIVE_COMMONS in classes:
        return False
    mild = {Term.ATTRIBUTION, Term.NOTICE, Term.SHARE_ALIKE}
    return all(grants_of(each.tree) == "yes" and mild >= {*terms_of(each.tree)} for each in known)
