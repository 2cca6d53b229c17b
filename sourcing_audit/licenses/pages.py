"""What to call a licence in an attribution, and where its text or deed can be read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from sourcing_audit.licenses.expression import Joint, leaves
from sourcing_audit.model import NOASSERTION, NONE
from sourcing_audit.rules.licenses import LicenseRow

if TYPE_CHECKING:
    from sourcing_audit.licenses.catalog import LicenseRules
    from sourcing_audit.rules import RuleStore

_FILES: Final = ("rights", "data", "models", "generators", "software")
_SPDX: Final = "https://spdx.org/licenses/{}.html"


class NamedLicense(NamedTuple):
    """A concluded expression as people know it."""

    name: str
    """E.g. `MIT License (MIT) or Apache License 2.0 (Apache-2.0)`."""
    urls: tuple[str, ...]
    """An address for each of its licences; empty as soon as one of them has none."""


class LicensePages:
    """Names and addresses of the licences that the rules know."""

    def __init__(self, rules: LicenseRules, store: RuleStore) -> None:
        """Take the addresses from the rows' own sources.

        Raises:
            RulesError: a row is invalid.

        """
        self._rules = rules
        rows = [
            row
            for name in _FILES
            for row in store.table(f"licenses/{name}.csv", LicenseRow, key=["id"])
        ]
        self._sources = {row.id: row.source for row in rows if _is_address(row.source)}

    def named(self, expression: str) -> NamedLicense | None:
        """The name and addresses of an SPDX expression; None where no licence was concluded.

        An id that the rules don't know, such as one of an overlay, is its own name.
        """
        if expression in (NOASSERTION, NONE):
            return None
        tree = self._rules.parse(expression)
        if tree is None:
            return NamedLicense(expression, ())
        known = list(dict.fromkeys(leaf.license for leaf in leaves(tree)))
        names = [f"{each.name} ({each.id})" for each in known]
        nested = isinstance(tree, Joint) and any(isinstance(part, Joint) for part in tree.parts)
        if nested or any(leaf.exception for leaf in leaves(tree)):
            name = f"{expression}: {', '.join(names)}"
        else:
            word = f" {tree.op.lower()} " if isinstance(tree, Joint) else ""
            name = word.join(names)
        urls = [self.page(each.id) for each in known]
        return NamedLicense(name, tuple(url for url in urls if url) if all(urls) else ())

    def page(self, identifier: str) -> str | None:
        """The canonical address of a licence: CC's deed, the rules' source, or SPDX's page."""
        found = self._rules.creative_commons.pages.get(identifier) or self._sources.get(identifier)
        if found is None and identifier in self._rules.spdx.ids:
            return _SPDX.format(identifier)
        return found


def _is_address(text: str) -> bool:
    return text.startswith("https://") and not any(mark in text for mark in " ;,")
