"""What the tests of every reader need: an export read as an audit reads it, as plain rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sourcing_audit import registries, schema
from sourcing_audit.registries.statements import StatementReader
from sourcing_audit.rules import RuleStore
from sourcing_audit.rules.consent import ConsentRules

if TYPE_CHECKING:
    from sourcing_audit.engine import Engine

RULES = ConsentRules.load(RuleStore())


def records(engine: Engine, spec: str) -> list[dict[str, Any]]:
    """The canonical records of an export, in its order, without what nothing was said about."""
    found = registries.load(engine, [spec], RULES).records.order_by("record_no")
    rows = engine.arrow(found.select("row", *schema.RECORDS)).to_pylist()
    return [{name: value for name, value in row.items() if value is not None} for row in rows]


def said(spec: str) -> list[dict[str, Any]]:
    """What a reader yields before anything is checked, without what it leaves out."""
    export = registries.parse(spec)
    reader = registries.READERS[export.format]
    assert isinstance(reader, StatementReader)
    return [
        {name: value for name, value in one.items() if value is not None}
        for one in reader.statements(export, RULES)
    ]


def pick(rows: list[dict[str, Any]], *names: str) -> list[tuple[Any, ...]]:
    """Some fields of each record."""
    return [tuple(row.get(name) for name in names) for row in rows]
