"""The rules of comparing audits: what may have changed, what it is down to, why to waive."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Self, get_args

from pydantic import model_validator

from sourcing_audit.errors import RulesError
from sourcing_audit.rules.store import Rule, RuleStore

Move = Literal["entered", "left", "differs", "added", "removed", "otherwise"]
Column = Literal[
    "outcome", "status", "consent_status", "license_concluded", "reasons", "obligations"
]
LISTS = frozenset({"reasons", "obligations"})
_OF_LISTS = frozenset({"added", "removed"})

CauseId = Literal[
    "declaration",
    "record",
    "record_edited",
    "as_of",
    "rules",
    "use",
    "tool",
    "documents",
    "mapping",
    "inputs",
    "registries",
    "unclear",
]


class Kind(Rule):
    """A way in which an item's verdict may have changed."""

    id: str
    column: Column | None = None
    move: Move
    values: tuple[str, ...] = ()
    label: str
    meaning: str
    act: str
    """Who should do what about it."""
    source: str

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if (self.move == "otherwise") != (self.column is None):
            raise ValueError("every move but `otherwise` has a column, and that one has none")
        if self.column and (self.move in _OF_LISTS) != (self.column in LISTS):
            raise ValueError(f"{self.column} can't be {self.move}")
        if self.move in {"entered", "left"} and not self.values:
            raise ValueError("values are missing")
        return self


class Cause(Rule):
    """What a change may be down to."""

    id: CauseId
    label: str
    meaning: str
    act: str


class WaiverReason(Rule):
    """Why a finding may be waived."""

    id: str
    label: str
    meaning: str
    source: str


@dataclass(frozen=True)
class ChangeRules:
    """All rules of comparing audits, validated."""

    kinds: tuple[Kind, ...]
    causes: dict[str, Cause]
    waivers: dict[str, WaiverReason]

    @classmethod
    def load(cls, store: RuleStore) -> ChangeRules:
        """Read `changes.toml`, `causes.toml` and `waivers.toml`.

        Raises:
            RulesError: naming file, rule and field; also when no kind, or more than one, takes
                the changes that the others don't speak of, or a cause isn't explained.

        """
        kinds = store.table("changes.toml", Kind, key=["id"])
        rest = [kind for kind in kinds if kind.move == "otherwise"]
        if len(rest) != 1:
            raise RulesError("changes.toml: exactly one kind must be `otherwise`")
        causes = {row.id: row for row in store.table("causes.toml", Cause, key=["id"])}
        if missing := set(get_args(CauseId)) - causes.keys():
            raise RulesError(f"causes.toml: {', '.join(sorted(missing))} isn't explained")
        return cls(
            kinds=(*(kind for kind in kinds if kind.move != "otherwise"), *rest),
            causes={str(key): row for key, row in causes.items()},
            waivers={row.id: row for row in store.table("waivers.toml", WaiverReason, key=["id"])},
        )
