"""ScanCode's licence keys and expressions as trees of licences that the rules know."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from sourcing_audit.licenses.expression import UNKNOWN, Joint, Leaf, License, Tree, join, leaves
from sourcing_audit.licenses.spdx import Operators
from sourcing_audit.model import LicenseClass

if TYPE_CHECKING:
    from sourcing_audit.licenses.catalog import LicenseRules

_KEY = re.compile(r"[^\s()]+")
_OPERATORS = frozenset({"and", "or", "with"})
_VERSION = re.compile(r"\d\.\d")
_CACHED = 4_096
_NEUTRAL = Leaf(License("neutral", "neither permits nor limits", LicenseClass.UNKNOWN))


class Expressions:
    """Turns what ScanCode says into trees; whatever the rules don't know is UNKNOWN."""

    def __init__(self, rules: LicenseRules) -> None:
        """Use the licence database that the rules were read with."""
        self._rules = rules
        self._neutral = {row.key for row in rules.texts.neutral}
        exceptions = rules.spdx.exceptions | rules.spdx.other_exceptions
        self._operators = Operators(self._operand, exceptions)
        self.tree = lru_cache(_CACHED)(self._tree)

    def as_versioned(self, tree: Tree, text: str) -> Tree:
        """`tree` with no version of a Creative Commons licence that `text` doesn't name.

        ScanCode takes a bare `CC BY` for the latest version.
        """
        if isinstance(tree, Joint):
            return join(tree.op, [self.as_versioned(part, text) for part in tree.parts])
        version = _VERSION.search(tree.license.id)
        known = self._rules.creative_commons.licenses
        if version is None or version[0] in text or tree.license.id not in known:
            return tree
        broader = self._rules.license(tree.license.broader or "")
        return Leaf(broader, tree.exception) if broader else tree

    def _tree(self, expression: str) -> Tree | None:
        """The tree of an expression over ScanCode's keys; None if it says nothing about use."""
        tree = self._operators.parse(_KEY.sub(self._name, expression)) or UNKNOWN
        parts = tree.parts if isinstance(tree, Joint) and tree.op == "AND" else (tree,)
        stated = [
            UNKNOWN if _NEUTRAL in leaves(part) else part for part in parts if part != _NEUTRAL
        ]
        return join("AND", stated) if stated else None

    def _name(self, match: re.Match[str]) -> str:
        key = match[0].casefold()
        if key in _OPERATORS or key in self._neutral:
            return match[0]
        return self._rules.spdx.keys.get(key, match[0])

    def _operand(self, identifier: str) -> Tree | None:
        if identifier.casefold() in self._neutral:
            return _NEUTRAL
        if identifier.casefold() in self._rules.spdx.exceptions:
            return None
        return self._rules.parse(identifier) or UNKNOWN
