"""The rules of signals inside media files: data mining codes, and the entries of assertions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from sourcing_audit.rules.store import Rule

if TYPE_CHECKING:
    from sourcing_audit.rules.store import RuleStore

Decision = Literal["allow", "deny", "conditional", "unknown"]


class DataMiningCode(Rule):
    """A code of the IPTC/PLUS property Data Mining."""

    code: str
    """Without the vocabulary's address; compared without regard to case."""
    decision: Decision
    uses: str = ""
    """As a consent record lists them."""
    problem: str | None = None
    meaning: str
    source: str


class TrainingMiningTerm(Rule):
    """A term of C2PA's and CAWG's training-mining assertion."""

    part: Literal["entry", "value"]
    name: str
    """An entry without the prefix `c2pa.` or `cawg.`, or a value of its `use`."""
    uses: str = ""
    """Of an entry: what it speaks about, as a consent record lists it."""
    decision: Decision | None = None
    """Of a value."""
    meaning: str
    source: str


@dataclass(frozen=True)
class MediaRules:
    """All rules of embedded signals, validated."""

    codes: dict[str, DataMiningCode]
    """By the code in upper case."""
    entries: dict[str, str]
    """The uses of each entry."""
    values: dict[str, Decision]

    @classmethod
    def load(cls, store: RuleStore) -> MediaRules:
        """Read `license_rules/consent/plus-dmi.csv` and `training-mining.csv`.

        Raises:
            RulesError: naming file, row and field.

        """
        codes = store.table("consent/plus-dmi.csv", DataMiningCode, key=["code"])
        terms = store.table("consent/training-mining.csv", TrainingMiningTerm, key=["part", "name"])
        return cls(
            codes={row.code.upper(): row for row in codes},
            entries={row.name: row.uses for row in terms if row.part == "entry"},
            values={
                row.name: row.decision for row in terms if row.part == "value" and row.decision
            },
        )
