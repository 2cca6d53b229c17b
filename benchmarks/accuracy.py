"""Measure the licence rules on labelled values that others published, and write docs/accuracy.md.

    python benchmarks/accuracy.py ../shared/data/licenses --write docs/accuracy.md

A label counts by what it allows: its class and terms, and what `licenses.use` makes of them for
four intended uses. A false permit grants one of these uses where the label doesn't, or drops a
duty of the label while it grants. Each is listed; `accuracy.toml` says of those that were judged
why they stand.
"""

from __future__ import annotations

import argparse
import csv
import sys
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from license_expression import LicenseSymbol, LicenseWithExceptionSymbol, Licensing
from license_expression import get_license_index as scancode_index

from sourcing_audit.licenses import Classifier, LicenseRules
from sourcing_audit.licenses.expression import (
    UNKNOWN,
    Leaf,
    License,
    Tree,
    class_of,
    grants_of,
    join,
    leaves,
    render,
    terms_of,
)
from sourcing_audit.licenses.use import Uses
from sourcing_audit.model import Grant, IntendedUse, LicenseClass, Share, Term
from sourcing_audit.rules import RuleStore
from sourcing_audit.rules.licenses import CategoryRow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

JUDGED = Path(__file__).with_name("accuracy.toml")
USES = {
    "commercial training": IntendedUse(),
    "commercial sharing of adapted works": IntendedUse(
        shares=frozenset({Share.ADAPTED, Share.DATASET})
    ),
    "non-commercial training": IntendedUse(commercial=False, shares=frozenset()),
    "research": IntendedUse(commercial=False, research=True, shares=frozenset()),
}
_RDF = {
    "Attribution": Term.ATTRIBUTION,
    "Notice": Term.NOTICE,
    "ShareAlike": Term.SHARE_ALIKE,
    "CommercialUse": Term.NON_COMMERCIAL,
    "HighIncomeNationUse": Term.TERRITORY,
}
"""Words of `requires` and `prohibits` in the RDF of Creative Commons."""
_MAX_SHOWN = 160


@dataclass(frozen=True)
class Labelled:
    """A value, what its publisher says it is, and an id for the list of judged ones."""

    id: str
    text: str
    label: Tree
    shown: str


@dataclass
class Score:
    """The counts of one file."""

    name: str
    source: str
    values: int = 0
    decided: int = 0
    same: int = 0
    same_expression: int = 0
    permits: list[tuple[Labelled, str, str]] = field(default_factory=list)
    """False permits: value, answer, and what it allows or drops."""

    @property
    def wrong(self) -> int:
        """Decided, but with another class or other terms than the label's."""
        return self.decided - self.same


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
            sys.exit(f"{JUDGED}: {target} is no expression that the rules know")
        return tree


def main() -> None:
    """Measure, print the table and the unexplained, write the page."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", type=Path, help="folder with the labelled files")
    parser.add_argument("--write", type=Path, help="the page to write")
    parser.add_argument("--misses", action="store_true", help="list what was left undecided")
    options = parser.parse_args()
    with JUDGED.open("rb") as stream:
        judged = tomllib.load(stream)
    store = RuleStore()
    rules = LicenseRules.load(store)
    labels = Labels(rules, store, {row["key"]: row["same"] for row in judged["label"]})
    reasons = {value: row["reason"] for row in judged["judged"] for value in row["values"]}
    measure = Measure(rules)
    scores = []
    for name, source, read in FILES:
        score = measure.file(name, source, read(options.data, labels))
        scores.append(score)
    page = _page(scores, reasons)
    print(page)
    if options.misses:
        for text in measure.undecided:
            print(text)
    if options.write:
        options.write.write_text(page, encoding="utf-8")
    if any(value.id not in reasons for score in scores for value, _, _ in score.permits):
        sys.exit("There are false permits that nobody judged.")


class Measure:
    """Answers of the rules held against labels."""

    def __init__(self, rules: LicenseRules) -> None:
        """One set of rules serves all files."""
        self._rules = rules
        self._classifier = Classifier(rules)
        self._uses = {name: Uses(rules, use) for name, use in USES.items()}
        self.undecided: list[str] = []

    def file(self, name: str, source: str, values: Iterator[Labelled]) -> Score:
        """Score every value of one file."""
        score = Score(name, source)
        for value in values:
            tree = self._classifier.resolve(value.text).tree
            score.values += 1
            if class_of(tree) is LicenseClass.UNKNOWN:
                self.undecided.append(f"{name}: {value.id}: {value.text[:_MAX_SHOWN]!r}")
                continue
            score.decided += 1
            score.same += _meaning(tree) == _meaning(value.label)
            score.same_expression += render(tree) == render(value.label)
            more = self._more_permissive(tree, value.label)
            if more:
                score.permits.append((value, render(tree), more))
        return score

    def _more_permissive(self, tree: Tree, label: Tree) -> str:
        """What `tree` allows, or doesn't ask for, beyond `label`; empty if nothing."""
        for name, uses in self._uses.items():
            ours, theirs = uses.outcome(tree), uses.outcome(label)
            if ours.grant is not Grant.GRANTED:
                continue
            if theirs.grant is not Grant.GRANTED:
                return f"grants {name}"
            dropped = set(theirs.obligations) - set(ours.obligations)
            if dropped:
                return f"drops {', '.join(sorted(dropped))}"
        return ""


def _meaning(tree: Tree) -> tuple[object, ...]:
    return class_of(tree), frozenset(terms_of(tree)), grants_of(tree)


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
    "nd-nc": "ND-NC",
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


def _page(scores: list[Score], reasons: dict[str, str]) -> str:
    lines = [
        "# Accuracy of the licence rules",
        "",
        "Values that others labelled, held against what the rules make of them. Written by",
        "",
        "```sh",
        "python benchmarks/accuracy.py ../shared/data/licenses --write docs/accuracy.md",
        "```",
        "",
        "- **decided**: the answer is something else than unknown.",
        "- **same meaning**: class and terms are those of the label; **same expression**: the SPDX",
        "  expression is, too. A licence named without its version stays without one here, where",
        "  ORT and SPDX-correct guess one: same meaning, another expression.",
        "- **wrong**: decided with another class or other terms; most are stricter than the label.",
        "- **abstained**: unknown, which is never permission.",
        "- **false permits**: the answer grants commercial training, commercial sharing of adapted",
        "  works, non-commercial training or research where the label doesn't, or drops one of the",
        "  label's duties while it grants. Each is listed below with the reason why it stands.",
        "",
        "| file | values | decided | same meaning | same expression | wrong | abstained "
        "| false permits | of them unexplained |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for score in scores:
        unexplained = sum(value.id not in reasons for value, _, _ in score.permits)
        numbers = (
            f"{score.values:,}",
            _share(score.decided, score.values),
            _share(score.same, score.values),
            _share(score.same_expression, score.values),
            f"{score.wrong:,}",
            f"{score.values - score.decided:,}",
            f"{len(score.permits):,}",
            f"{unexplained:,}",
        )
        lines.append(f"| {score.name} | {' | '.join(numbers)} |")
    lines += ["", "## False permits", ""]
    grouped: dict[str, list[str]] = {}
    for score in scores:
        for value, answer, what in score.permits:
            shown = " ".join(value.text.split()).replace("`", "'").replace("|", "/")[:_MAX_SHOWN]
            line = f"- `{shown}`: `{answer}` ({what}); label: {value.shown}"
            grouped.setdefault(reasons.get(value.id, ""), []).append(f"{line} ({score.name})")
    for reason, found in sorted(grouped.items()):
        lines += [f"{reason or '**Not explained**'}:", "", *found, ""]
    if not grouped:
        lines += ["None.", ""]
    return "\n".join(lines)


def _share(part: int, whole: int) -> str:
    return f"{part:,} ({part / whole:.1%})" if whole else "0"


if __name__ == "__main__":
    main()
