"""The labelled files that benchmarks/accuracy.py reads: values, and trees of their labels."""

from __future__ import annotations

import csv
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from license_expression import LicenseSymbol, LicenseWithExceptionSymbol, Licensing
from license_expression import get_license_index as scancode_index

from sourcing_audit.licenses.expression import UNKNOWN, Leaf, License, Tree, class_of, join
from sourcing_audit.model import LicenseClass, Term
from sourcing_audit.rules.licenses import CategoryRow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sourcing_audit.licenses import LicenseRules
    from sourcing_audit.rules import RuleStore

_RDF = {
    "Attribution": Term.ATTRIBUTION,
    "Notice": Term.NOTICE,
    "ShareAlike": Term.SHARE_ALIKE,
    "CommercialUse": Term.NON_COMMERCIAL,
    "HighIncomeNationUse": Term.TERRITORY,
}
"""Words of `requires` and `prohibits` in the RDF of Creative Commons."""


@dataclass(frozen=True)
class Labelled:
    """A value, what its publisher says it is, and an id for the list of judged ones."""

    id: str
    text: str
    label: Tree
    shown: str


class Labels:
    """Trees of other projects' labels: SPDX expressions and ScanCode's keys."""

    def __init__(self, rules: LicenseRules, store: RuleStore, same: dict[str, str]) -> None:
        """`same` names, for keys that SPDX lacks, the rules' own expression of that licence."""
        self._rules = rules
        self._licensing = Licensing()
        rows = store.table("licenses/spdx-categories.toml", CategoryRow, key=["id"])
        self._categories = {row.id: row for row in rows}
        self._entries = {entry["license_key"]: entry for entry in scancode_index()}
        self._same = {key: self._required(target) for key, target in same.items()}
        self._made: dict[str, Tree] = {}

    def tree(self, expression: str) -> Tree:
        """The tree of a label; NOASSERTION for what names no licence."""
        if expression in ("", "NONE"):
            return UNKNOWN
        return self._node(self._licensing.parse(expression))

    def _node(self, node: object) -> Tree:
        if isinstance(node, LicenseWithExceptionSymbol):
            base = self._key(node.license_symbol.key)
            exception = self._entries.get(node.exception_symbol.key, {})
            name = exception.get("spdx_license_key") or node.exception_symbol.key
            return Leaf(base.license, name) if isinstance(base, Leaf) else base
        if isinstance(node, LicenseSymbol):
            return self._key(node.key)
        parts = [self._node(part) for part in getattr(node, "args", ())]
        return join("AND" if type(node).__name__ == "AND" else "OR", parts)

    def _key(self, key: str) -> Tree:
        plain = key.removeprefix("LicenseRef-scancode-")
        if plain in self._same:
            return self._same[plain]
        known = self._rules.parse(key)
        if known is not None:
            return known
        entry = self._entries.get(plain)
        if entry is None:
            return UNKNOWN
        known = self._rules.parse(entry["spdx_license_key"])
        if known is None:
            known = self._made.setdefault(plain, self._categorized(plain, entry["category"]))
        return known

    def _categorized(self, key: str, category: str) -> Tree:
        row = self._categories.get(category)
        if row is None:
            return UNKNOWN
        grants = self._rules.classes[row.license_class].grants
        return Leaf(License(key, key, row.license_class, row.terms, grants))

    def _required(self, target: str) -> Tree:
        tree = self._rules.parse(target)
        if tree is None:
            sys.exit(f"accuracy.toml: {target} is no expression that the rules know")
        return tree


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _scancode(folder: Path, labels: Labels) -> Iterator[Labelled]:
    for row in _rows(folder / "scancode-short-rules.csv"):
        label = row["license_expression"]
        yield Labelled(row["rule"], row["text"], labels.tree(label), label or "no licence")


def _ort(folder: Path, labels: Labels) -> Iterator[Labelled]:
    import yaml  # comes with `datasets`

    path = folder / "ort-declared-license-mapping.yml"
    for text, label in yaml.safe_load(path.read_text(encoding="utf-8")).items():
        yield Labelled(f"ort:{text}", text, labels.tree(label), label)


def _spdx_correct(folder: Path, labels: Labels) -> Iterator[Labelled]:
    for row in _rows(folder / "spdx-correct-pairs.csv"):
        text, label = row["text"], row["spdx"]
        yield Labelled(f"spdx-correct:{text}", text, labels.tree(label), label)


def _legal_codes(folder: Path, labels: Labels) -> Iterator[Labelled]:
    for row in _rows(folder / "cc-legal-codes.csv"):
        stated = {_RDF[word] for word in row["requires"].split() if word in _RDF}
        stated |= {_RDF[word] for word in row["prohibits"].split() if word in _RDF}
        if "DerivativeWorks" not in row["permits"].split():
            stated.add(Term.NO_DERIVATIVES)
        if "sampling" in row["url"]:
            stated.add(Term.USE_RESTRICTIONS)
        unit = row["url"].split("/")[4]
        kind = labels.tree(_SOFTWARE[unit]) if unit in _SOFTWARE else None
        class_ = class_of(kind) if kind else LicenseClass.CREATIVE_COMMONS
        if "publicdomain" in row["url"]:
            class_ = LicenseClass.PUBLIC_DOMAIN
        terms = tuple(term for term in Term if term in stated)
        label = Leaf(License(row["url"], row["url"], class_, terms, "yes", _territory(terms)))
        yield Labelled(row["url"], row["url"], label, " ".join(terms) or "no terms")


_SOFTWARE = {"BSD": "BSD-3-Clause", "MIT": "MIT", "GPL": "GPL-2.0-only", "LGPL": "LGPL-2.1-only"}


def _territory(terms: tuple[Term, ...]) -> tuple[str, ...]:
    return ("BD",) if Term.TERRITORY in terms else ()


def _legal_tools(column: str) -> Callable[[Path, Labels], Iterator[Labelled]]:
    def read(folder: Path, labels: Labels) -> Iterator[Labelled]:
        for row in _rows(folder / "cc-legal-tools.csv"):
            unit = _UNITS.get(row["UNIT"], row["UNIT"].upper())
            parts = ["LicenseRef-CC", unit, row["VERSION"], row["JURISDICTION"].upper()]
            own = "-".join(part for part in parts if part).replace("-CC-CC", "-CC")
            label = "CC-PDDC" if row["UNIT"] == "certification" else row["SPDX_IDENTIFIER"] or own
            text = row[column] if column == "CANONICAL_URL" else f"CC {row[column]}"
            text = text.replace("CC CC", "CC")
            yield Labelled(f"{column}:{row['CANONICAL_URL']}", text, labels.tree(label), label)

    return read


_UNITS = {
    "zero": "CC0",
    "mark": "PDM",
    "sampling": "Sampling",
    "sampling+": "Sampling-Plus",
    "nc-sampling+": "NC-Sampling-Plus",
    "devnations": "DevNations",
    "by-nd-nc": "BY-NC-ND",
}
"""How the rules' ids spell units that aren't just in upper case."""


def _hub(column: str) -> Callable[[Path, Labels], Iterator[Labelled]]:
    def read(folder: Path, labels: Labels) -> Iterator[Labelled]:
        for row in _rows(folder / "huggingface-hub-license-ids.csv"):
            label = _HUB.get(row["id"], row["id"])
            yield Labelled(f"hub:{row[column]}", row[column], labels.tree(label), label)

    return read


_HUB = {
    "cc": "NONE",
    "other": "NONE",
    "unknown": "NONE",
    "bsd": "LicenseRef-BSD",
    "gfdl": "LicenseRef-GFDL",
    "gpl": "LicenseRef-GPL",
    "lgpl": "LicenseRef-LGPL",
    "odbl": "LicenseRef-ODbL",
    "odc-by": "LicenseRef-ODC-By",
    "pddl": "LicenseRef-PDDL",
    "c-uda": "C-UDA-1.0",
    "lgpl-lr": "LGPLLR",
}
"""Ids that name no licence, or no version; the rules have no other source for the rest."""

FILES = [
    ("ORT's mapping", "ort-declared-license-mapping.yml", _ort),
    ("SPDX-correct's pairs", "spdx-correct-pairs.csv", _spdx_correct),
    ("ScanCode's short rules", "scancode-short-rules.csv", _scancode),
    ("Creative Commons legal codes", "cc-legal-codes.csv", _legal_codes),
    ("Creative Commons tools, addresses", "cc-legal-tools.csv", _legal_tools("CANONICAL_URL")),
    ("Creative Commons tools, identifiers", "cc-legal-tools.csv", _legal_tools("IDENTIFIER")),
    ("Creative Commons tools, titles", "cc-legal-tools.csv", _legal_tools("TITLE")),
    ("Hugging Face hub, ids", "huggingface-hub-license-ids.csv", _hub("id")),
    ("Hugging Face hub, names", "huggingface-hub-license-ids.csv", _hub("name")),
]
