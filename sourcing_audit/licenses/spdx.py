"""SPDX: the ids and categories that `license-expression` bundles, and its expression parser."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from license_expression import (
    ExpressionError,
    ExpressionParseError,
    LicenseSymbol,
    LicenseWithExceptionSymbol,
    Licensing,
    get_license_index,
)

from sourcing_audit.licenses.expression import Leaf, Tree, join

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_TOKEN = re.compile(r"[^\s()]+|[()]")
_OPERATORS = frozenset({"and", "or", "with", "(", ")"})
MAX_OPERANDS = 40
"""Longer expressions are lists of components rather than one licence."""


class SpdxIndex:
    """What SPDX lists, with ScanCode's category of each licence."""

    def __init__(self) -> None:
        """Read the bundled index; licences that only ScanCode lists have ids `LicenseRef-…`."""
        self.categories: dict[str, str] = {}
        self.exceptions: dict[str, str] = {}
        self.former: dict[str, str] = {}
        """Deprecated SPDX ids in lower case, with the ids that replaced them."""
        self.keys: dict[str, str] = {}
        """ScanCode's keys, with the ids that stand for them."""
        self.other_exceptions: dict[str, str] = {}
        """Exceptions that only ScanCode lists; declared values don't name them."""
        for entry in get_license_index():
            identifier = entry.get("spdx_license_key")
            if not identifier:
                continue
            self.keys[entry["license_key"]] = identifier
            if identifier.startswith("LicenseRef-"):
                if entry["is_exception"]:
                    self.other_exceptions[identifier.casefold()] = identifier
                else:
                    self.categories[identifier] = entry["category"]
                continue
            if entry["is_exception"]:
                self.exceptions[identifier.casefold()] = identifier
                continue
            self.categories[identifier] = entry["category"]
            for other in entry["other_spdx_license_keys"]:
                # An id without a version, as `GPL`, would hide that the version is missing.
                if not other.startswith("LicenseRef-") and any(map(str.isdigit, other)):
                    self.former[other.casefold()] = identifier
        self.ids = frozenset(i for i in self.categories if not i.startswith("LicenseRef-"))


class Operators:
    """Expressions with AND, OR, WITH and parentheses over operands that the rules know."""

    def __init__(
        self, operand: Callable[[str], Tree | None], exceptions: Mapping[str, str]
    ) -> None:
        """Resolve operands with `operand` and exceptions, by lower-case id, with the table."""
        self._operand = operand
        self._exceptions = exceptions
        self._licensing = Licensing()

    def parse(self, text: str) -> Tree | None:
        """The expression as a tree; None if an operand is unknown or the syntax is wrong."""
        if " " not in text and "(" not in text:
            return self._operand(text)
        words = _TOKEN.findall(text)
        if len(words) > MAX_OPERANDS * 2 or not _OPERATORS.intersection(map(str.casefold, words)):
            return None
        operands = [word for word in words if word.casefold() not in _OPERATORS]
        if not operands or any(
            self._operand(word) is None and word.casefold() not in self._exceptions
            for word in operands
        ):
            return None
        try:
            return self._tree(self._licensing.parse(text))
        except (ExpressionError, ExpressionParseError, RecursionError):
            return None

    def _tree(self, node: object) -> Tree | None:
        if isinstance(node, LicenseWithExceptionSymbol):
            exception = self._exceptions.get(node.exception_symbol.key.casefold())
            base = self._operand(node.license_symbol.key)
            if exception is None or not isinstance(base, Leaf):
                return None
            return Leaf(base.license, exception)
        if isinstance(node, LicenseSymbol):
            return self._operand(node.key)
        parts = [self._tree(part) for part in getattr(node, "args", ())]
        known = [part for part in parts if part is not None]
        if not known or len(known) < len(parts):
            return None
        return join("AND" if type(node).__name__ == "AND" else "OR", known)
