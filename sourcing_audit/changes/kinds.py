"""In what way a verdict changed: the rows of `changes.toml` as expressions over then and now."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis

from sourcing_audit.rules.changes import LISTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    import ibis.expr.types as ir

    from sourcing_audit.rules.changes import Kind

THEN, NOW = "then_", "now_"
"""Before the names of columns: what they held in the earlier audit and hold in this one."""


def flags(pairs: ir.Table, kinds: Sequence[Kind]) -> dict[str, ir.BooleanValue]:
    """For each kind whether a verdict changed so.

    Args:
        pairs: `VERDICT` of then and now, by their names with `THEN` and `NOW` before them.
        kinds: the rules; the last one takes what the others leave.

    """
    *named, rest = kinds
    found = {kind.id: _flag(pairs, kind) for kind in named}
    return {**found, rest.id: ~ibis.or_(*found.values())}


def codes(flags: dict[str, ir.BooleanValue]) -> ir.ArrayValue:
    """The names whose flag is true, in their order."""
    return ibis.array([ibis.cases((flag, name)) for name, flag in flags.items()]).filter(
        lambda name: name.notnull()
    )


def without(one: ir.ArrayValue, other: ir.ArrayValue) -> ir.ArrayValue:
    """What one list holds and the other doesn't."""
    return one.filter(lambda entry: ~other.contains(entry))


def _flag(pairs: ir.Table, kind: Kind) -> ir.BooleanValue:
    then, now = pairs[f"{THEN}{kind.column}"], pairs[f"{NOW}{kind.column}"]
    if kind.column in LISTS:
        one, other = (now, then) if kind.move == "added" else (then, now)
        moved = without(one, other)
        if not kind.values:
            return moved.length() > 0
        return ibis.or_(*(moved.contains(value) for value in kind.values))
    was, is_now = then.isin(kind.values), now.isin(kind.values)
    if kind.move == "entered":
        return is_now & ~was
    if kind.move == "left":
        return was & ~is_now
    return (then != now) & ~was & ~is_now
