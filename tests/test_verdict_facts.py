"""Facts of items as bits: read from columns, and known without them."""

import ibis
import pyarrow as pa
import pytest

from sourcing_audit import schema
from sourcing_audit.engine import Engine
from sourcing_audit.verdict import FACTS, packed
from sourcing_audit.verdict.facts import Fact, unpacked

COLUMNS = {**schema.ITEMS, **schema.MEDIA}


def facts(item: dict[str, object], columns: frozenset[str] | None = None) -> dict[str, bool]:
    fields = ibis.schema({name: kind.lstrip("!") for name, kind in COLUMNS.items()}).to_pyarrow()
    with Engine.duckdb() as engine:
        table = engine.from_arrow("items", pa.Table.from_pylist([item], schema=fields))
        known = frozenset(COLUMNS) if columns is None else columns
        bits = table.select(bits=packed(table, known))
        row: dict[str, bool] = engine.arrow(bits.select(**unpacked(bits.bits))).to_pylist()[0]
    return row


def test_every_fact_without_its_columns_is_what_it_is_of_empty_ones() -> None:
    nothing: dict[str, object] = {"pos": 1, "shard": "s", "row": 1}
    assert facts(nothing, frozenset()) == facts(nothing)
    assert facts(nothing) == {fact.name: fact.otherwise for fact in FACTS}


@pytest.mark.parametrize(
    ("item", "holds"),
    [
        ({"creator": "A"}, {"on_record"}),
        ({"attribution": "A, CC BY"}, {"on_record"}),
        ({"depicts_person": "Yes"}, {"person_shown"}),
        ({"depicts_person": "no"}, {"nobody_shown"}),
        ({"depicts_person": "perhaps"}, {"person_shown", "unread_depicts_person"}),
        ({"depicts_person": "unknown"}, set()),
        ({"person_status": "Minor"}, {"person_shown", "person_protected"}),
        ({"person_status": "adult"}, {"person_shown"}),
        ({"person_status": "not_a_person"}, {"nobody_shown"}),
        ({"person_status": "robot"}, {"person_shown", "unread_person_status"}),
        ({"acquired_at": "2024-01-01"}, set()),
        ({"acquired_at": "yesterday"}, {"unread_acquired_at"}),
        ({"source_url": "https://a.example/1"}, {"on_record"}),
        ({"source_url": '["https://a.example/1"]'}, {"on_record"}),
        ({"source_url": "n/a"}, {"on_record", "unread_source_url"}),
        ({"landing_url": "https://"}, {"on_record", "unread_landing_url"}),
        ({"hash_differs": True}, {"hash_differs"}),
        ({"media_finding": "media_not_found"}, {"media_gap", "media_not_found"}),
    ],
)
def test_what_an_item_says(item: dict[str, object], holds: set[str]) -> None:
    found = facts({"pos": 1, "shard": "s", "row": 1, **item})
    gaps = {"without_creator", "without_source", "without_key", "likeness_gap"}
    assert {name for name, value in found.items() if value} - gaps == holds


def test_the_bits_fit_the_number() -> None:
    assert len(FACTS) < 63
    assert len({fact.name for fact in FACTS}) == len(FACTS)
    assert all(isinstance(fact, Fact) and fact.needs <= set(COLUMNS) for fact in FACTS)
