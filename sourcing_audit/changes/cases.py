"""The examples of `changes.toml`: verdicts then and now, and the kinds that must follow."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis
import pyarrow as pa

from sourcing_audit.changes.kinds import NOW, THEN, codes, flags
from sourcing_audit.engine import Engine
from sourcing_audit.model import NOASSERTION, ConsentStatus, Outcome, Status
from sourcing_audit.rules import Rule
from sourcing_audit.rules.changes import ChangeRules

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sourcing_audit.rules import RuleStore

FILE = "changes.toml"


class Side(Rule):
    """A verdict; what isn't named is as for an item of which nothing is known."""

    outcome: Outcome = Outcome.UNDETERMINED
    status: Status = Status.NOT_ESTABLISHED
    consent_status: ConsentStatus = ConsentStatus.UNKNOWN
    license_concluded: str = NOASSERTION
    reasons: tuple[str, ...] = ()
    obligations: tuple[str, ...] = ()


class ChangeCase(Rule):
    """What an item's verdict was and is, and the kinds of change that this is."""

    name: str
    then: Side
    now: Side
    kinds: tuple[str, ...]


def load_cases(store: RuleStore) -> list[ChangeCase]:
    """Every example, overlays included."""
    return store.cases(FILE, ChangeCase)


def check_cases(store: RuleStore) -> list[str]:
    """Find the kinds of each example; return what is wrong with those that fail."""
    cases = load_cases(store)
    kinds = ChangeRules.load(store).kinds
    with Engine.duckdb() as engine:
        pairs = engine.from_arrow("cases", _pairs(cases))
        found = engine.arrow(pairs.select("number", kinds=codes(flags(pairs, kinds)))).to_pylist()
    by_number = {row["number"]: row["kinds"] for row in found}
    return [
        f"{case.name}: kinds are {by_number[number]}, not {list(case.kinds)}"
        for number, case in enumerate(cases)
        if by_number[number] != list(case.kinds)
    ]


def _pairs(cases: Sequence[ChangeCase]) -> pa.Table:
    texts = dict.fromkeys(("outcome", "status", "consent_status", "license_concluded"), "string")
    lists = dict.fromkeys(("reasons", "obligations"), "array<string>")
    kinds = (texts | lists).items()
    sides = {f"{side}{name}": kind for side in (THEN, NOW) for name, kind in kinds}
    rows = [
        {
            "number": number,
            **{f"{THEN}{name}": value for name, value in case.then.model_dump(mode="json").items()},
            **{f"{NOW}{name}": value for name, value in case.now.model_dump(mode="json").items()},
        }
        for number, case in enumerate(cases)
    ]
    return pa.Table.from_pylist(rows, ibis.schema({"number": "int64", **sides}).to_pyarrow())
