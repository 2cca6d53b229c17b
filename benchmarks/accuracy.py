"""Measure the licence rules on labelled values that others published, and write docs/accuracy.md.

    python benchmarks/accuracy.py ../shared/data/licenses --write docs/accuracy.md

A label counts by what it allows: its class and terms, and what `licenses.use` makes of them for
four intended uses. A false permit grants one of these uses where the label doesn't, or drops a
duty of the label while it grants. Each is listed with the reason why it stands, from
`accuracy.toml`. Those where the label is judged to be at fault are counted apart, never left out.
"""

from __future__ import annotations

import argparse
import sys
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from labelled import FILES, Labelled, Labels

from sourcing_audit.licenses import Classifier, LicenseRules
from sourcing_audit.licenses.expression import Tree, class_of, render, terms_of
from sourcing_audit.licenses.use import Uses
from sourcing_audit.model import Grant, IntendedUse, LicenseClass, Share
from sourcing_audit.rules import RuleStore

if TYPE_CHECKING:
    from collections.abc import Iterator

JUDGED = Path(__file__).with_name("accuracy.toml")
USES = {
    "commercial training": IntendedUse(),
    "commercial sharing of adapted works": IntendedUse(
        shares=frozenset({Share.ADAPTED, Share.DATASET})
    ),
    "non-commercial training": IntendedUse(commercial=False, shares=frozenset()),
    "research": IntendedUse(commercial=False, research=True, shares=frozenset()),
}
COLUMNS = (
    "values",
    "decided",
    "same meaning",
    "same expression",
    "wrong",
    "abstained (rightly)",
    "false permits",
    "of them unexplained",
    "more permissive than a faulty label",
)
_MAX_SHOWN = 160


@dataclass
class Score:
    """The counts of one file."""

    name: str
    source: str
    values: int = 0
    decided: int = 0
    rightly_unknown: int = 0
    """Not decided, and the label says as well that nothing is known."""
    same: int = 0
    same_expression: int = 0
    permits: list[tuple[Labelled, str, str]] = field(default_factory=list)
    """False permits: value, answer, and what it allows or drops."""

    @property
    def wrong(self) -> int:
        """Decided, but with another class or other terms than the label's."""
        return self.decided - self.same


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
    judgements = Judgements(judged["judged"])
    measure = Measure(rules)
    scores = []
    for name, source, read in FILES:
        score = measure.file(name, source, read(options.data, labels))
        scores.append(score)
    page = _page(scores, judgements)
    print(page)
    if options.misses:
        for text in measure.undecided:
            print(text)
    if options.write:
        options.write.write_text(page, encoding="utf-8")
    if any(not judgements.reason(value) for score in scores for value, _, _ in score.permits):
        sys.exit("There are false permits that nobody judged.")


class Judgements:
    """What was decided, by reading, about values whose answer allows more than their label."""

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        """A row names values, the reason, and whose fault the difference is."""
        self._rows = {value: row for row in rows for value in row["values"]}

    def reason(self, value: Labelled) -> str:
        """Why the answer stands; empty if nobody judged it."""
        row = self._rows.get(value.id)
        return row["reason"] if row else ""

    def faulty_label(self, value: Labelled) -> bool:
        """Whether the label, not the answer, is wrong."""
        row = self._rows.get(value.id)
        return row is not None and row["fault"] == "label"


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
                score.rightly_unknown += class_of(value.label) is LicenseClass.UNKNOWN
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
    return class_of(tree), frozenset(terms_of(tree))


def _page(scores: list[Score], judgements: Judgements) -> str:
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
        "- **abstained**: unknown, which is never permission; rightly, where the label is unknown,",
        "  too (`other`, `OSI Approved`, a notice without a name, a line of program text).",
        "- **false permits**: the answer grants commercial training, commercial sharing of adapted",
        "  works, non-commercial training or research where the label doesn't, or drops one of the",
        "  label's duties while it grants. Each is listed below with the reason why it stands.",
        "- **more permissive than a faulty label**: the same, where the label was read and judged",
        "  to be wrong or a mere placeholder; the answer isn't bent to it. Each is listed, too.",
        "",
        f"| file | {' | '.join(COLUMNS)} |",
        f"|---|{'---:|' * len(COLUMNS)}",
    ]
    for score in scores:
        own = [value for value, _, _ in score.permits if not judgements.faulty_label(value)]
        unexplained = sum(not judgements.reason(value) for value in own)
        numbers = (
            f"{score.values:,}",
            _share(score.decided, score.values),
            _share(score.same, score.values),
            _share(score.same_expression, score.values),
            f"{score.wrong:,}",
            f"{score.values - score.decided:,} ({score.rightly_unknown:,})",
            _share(len(own), score.values, digits=2) if own else "0",
            f"{unexplained:,}",
            f"{len(score.permits) - len(own):,}",
        )
        lines.append(f"| {score.name} | {' | '.join(numbers)} |")
    for title, faulty in (("False permits", False), ("Labels at fault", True)):
        lines += ["", f"## {title}", "", *_listing(scores, judgements, faulty=faulty)]
    return "\n".join(lines) + "\n"


def _listing(scores: list[Score], judgements: Judgements, *, faulty: bool) -> list[str]:
    """The values whose answer allows more than their label, by the reason why it stands."""
    grouped: dict[str, list[str]] = {}
    for score in scores:
        for value, answer, what in score.permits:
            if judgements.faulty_label(value) is not faulty:
                continue
            shown = " ".join(value.text.split()).replace("`", "'").replace("|", "/")[:_MAX_SHOWN]
            line = f"- `{shown}`: `{answer}` ({what}); label: {value.shown} ({score.name})"
            grouped.setdefault(judgements.reason(value), []).append(line)
    lines: list[str] = []
    for reason, found in sorted(grouped.items()):
        lines += [f"{reason or '**Not explained**'}:", "", *found, ""]
    return lines[:-1] or ["None."]


def _share(part: int, whole: int, *, digits: int = 1) -> str:
    return f"{part:,} ({part / whole:.{digits}%})" if whole else "0"


if __name__ == "__main__":
    main()
