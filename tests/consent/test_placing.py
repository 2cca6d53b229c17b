"""Records about one item: whichever way they are compared, they get the same places and answers."""

from __future__ import annotations

import datetime as dt
import random
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from sourcing_audit.consent import answer
from sourcing_audit.consent.placing import Placing
from sourcing_audit.engine import Engine
from sourcing_audit.model import ConsentStatus
from sourcing_audit.rules import ConsentRules
from sourcing_audit.rules.store import RuleStore

if TYPE_CHECKING:
    from collections.abc import Iterator

    import ibis.expr.types as ir

RULES = ConsentRules.load(RuleStore())
COLUMNS = frozenset({"acquired_at"})
SITUATED = {
    "pos": pa.int64(),
    "record_no": pa.int64(),
    "key": pa.string(),
    "agrees": pa.bool_(),
    "distance": pa.int64(),
    "class_no": pa.int64(),
    "declared_since": pa.bool_(),
    "held_then": pa.bool_(),
}
FLAGS = (
    "decides",
    "is_deny",
    "speaks_for_work",
    "speaks_for_person",
    "gives_way",
    "after_training",
    "ended_before_training",
    "revoked",
    "superseded",
    "complete",
    "by_signal",
    "lifts",
    "liftable",
)
STANDINGS = {
    "record_no": pa.int64(),
    "class_no": pa.int64(),
    "registry_id": pa.string(),
    "record_id": pa.string(),
    "statement_id": pa.string(),
    "record_type": pa.string(),
    "declarant": pa.string(),
    "declared_at": pa.timestamp("us"),
    "media_types": pa.string(),
    "strength": pa.int64(),
    "reach": pa.string(),
    "authority": pa.int64(),
    "signal_scheme": pa.string(),
    "family": pa.string(),
    "level": pa.int64(),
    "priority": pa.int64(),
    "standing": pa.string(),
    **dict.fromkeys(FLAGS, pa.bool_()),
}
TELLING = {
    "class_no": pa.int64(),
    "reasons": pa.list_(pa.string()),
    "obligations": pa.list_(pa.string()),
    "speaks_for": pa.string(),
    "review_reason": pa.string(),
    "review_obligation": pa.string(),
    "approved": pa.bool_(),
}
CLASSES = 12
DAYS = [dt.datetime(2026, 1, day, tzinfo=dt.UTC) for day in (1, 2, 3)]


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine.duckdb(threads=2) as found:
        yield found


def table(engine: Engine, fields: dict[str, pa.DataType], rows: list[dict[str, Any]]) -> ir.Table:
    return engine.from_arrow("t", pa.Table.from_pylist(rows, pa.schema(list(fields.items()))))


def record(chance: random.Random, number: int) -> dict[str, Any]:
    """Some record; what is rare in registries is frequent here."""
    standing = chance.choice([None, *map(str, ConsentStatus)])
    scheme = chance.choice([None, *sorted(RULES.schemes)])
    layer = RULES.schemes.get(scheme)
    return {
        "record_no": number,
        "class_no": chance.randrange(CLASSES),
        "registry_id": chance.choice(["a", "b"]),
        "record_id": f"r{chance.randrange(1000)}",
        "statement_id": f"s{chance.randrange(4)}",
        "record_type": chance.choice(["consent", "opt_out", "approval", "licence_agreement"]),
        "declarant": chance.choice([None, "x", "y", "z", *map(str, range(20))]),
        "declared_at": chance.choice([None, *DAYS]),
        "media_types": None,
        "strength": chance.randrange(3),
        "reach": chance.choice(["work", "place", "person"]),
        "authority": chance.randrange(3),
        "signal_scheme": scheme,
        "family": layer and layer.family,
        "level": layer and layer.level,
        "priority": chance.choice([None, None, None, None, 1, 2]),
        "standing": standing,
    } | {name: chance.random() < 0.5 for name in FLAGS}


@pytest.fixture(scope="module")
def tables(engine: Engine) -> dict[str, ir.Table]:
    chance = random.Random(7)
    records = [record(chance, number) for number in range(400)]
    for each in records[200:]:
        # Among these are many that have nothing to do with each other.
        each |= {"lifts": False, "priority": None, "signal_scheme": None, "family": None}
    pairs = [
        {
            "pos": item,
            "record_no": each["record_no"],
            "class_no": each["class_no"],
            "key": chance.choice(["creator_id", "subject_id", "host"]),
            "agrees": chance.random() < 0.8,
            "distance": chance.choice([None, None, None, 3]),
            "declared_since": chance.random() < 0.5,
            "held_then": chance.random() < 0.5,
        }
        for item in range(3000)
        for each in chance.sample(records[200 * (item % 2) :], chance.randrange(2, 6))
    ]
    return {
        "situated": table(engine, SITUATED, pairs),
        "several": table(engine, {"pos": pa.int64()}, [{"pos": item} for item in range(3000)]),
        "standings": table(engine, STANDINGS, records),
    }


def sorted_rows(engine: Engine, found: ir.Table) -> list[dict[str, Any]]:
    names = [name for name in ("pos", "record_no") if name in found.columns]
    return engine.arrow(found.order_by(names)).to_pylist()


def test_strangers_have_the_places_that_they_had_among_all(
    engine: Engine, tables: dict[str, ir.Table]
) -> None:
    placing = Placing(RULES, COLUMNS)
    related = engine.materialise(placing.related(**tables), "related")
    there = len(sorted_rows(engine, related))
    assert 500 < there < 2500
    split = sorted_rows(engine, placing.together(**tables, related=related))
    whole = sorted_rows(engine, placing.together(**tables, related=tables["several"]))
    assert split == whole
    assert {row["place"] for row in split} > {"decides", "stands", "lost", "review", "person"}
    assert any(row["lifted"] for row in split)


def test_an_answer_holds_what_each_of_its_records_adds(
    engine: Engine, tables: dict[str, ir.Table]
) -> None:
    chance = random.Random(8)
    classes = [
        {
            "class_no": number,
            "reasons": chance.sample(["r1", "r2", "r3", "r4"], chance.randrange(3)),
            "obligations": chance.sample(["o1", "o2", "o3"], chance.randrange(3)),
            "speaks_for": chance.choice([None, "creator", "host"]),
            "review_reason": "asked",
            "review_obligation": "ask",
            "approved": chance.random() < 0.5,
        }
        for number in range(CLASSES)
    ]
    placed = engine.materialise(
        Placing(RULES, COLUMNS).together(**tables, related=tables["several"]), "placed"
    )
    told = answer.of_items(placed, table(engine, TELLING, classes))
    answers = {row["pos"]: row for row in sorted_rows(engine, told)}
    assert len(answers) == 3000
    of_items: dict[int, list[dict[str, Any]]] = {}
    for row in sorted_rows(engine, placed):
        of_items.setdefault(row["pos"], []).append(row)
    for item, rows in of_items.items():
        found = answers[item]
        deciding = [row for row in rows if row["decides_item"]]
        assert len(deciding) <= 1
        assert found["record_no"] == (deciding[0]["record_no"] if deciding else None)
        assert found["person_consented"] == any(row["for_person"] for row in rows)
        approved = [row["for_person"] and classes[row["class_no"]]["approved"] for row in rows]
        assert found["person_approved"] == any(approved)
        assert set(found["consent_reasons"]) == set().union(*(_reasons(r, classes) for r in rows))
        if deciding:
            own = classes[deciding[0]["class_no"]]
            assert found["consent_status"] == deciding[0]["standing"]
            assert found["consent_basis"] == own["speaks_for"]
            assert set(own["obligations"]) <= set(found["consent_obligations"])


def _reasons(row: dict[str, Any], classes: list[dict[str, Any]]) -> set[str]:
    """What a record adds to the reasons of its item."""
    if not (row["remains"] or not row["speaks"] or row["lifted"] or row["reviews"]):
        return set()
    own = classes[row["class_no"]]
    named = {
        "after_acquisition": "opted_out_after_acquisition",
        "opted_out_after_training": "opted_out_after_training",
        "ended_in_between": "consent_expired_between_acquisition_and_training",
        "lifted": "opt_out_lifted_by_agreement",
    }
    found = {code for flag, code in named.items() if row[flag]}
    if row["reviews"]:
        alike = row["distance"] is not None
        found.add("near_duplicate_match" if alike else own["review_reason"])
    if row["decides"] and not row["lifted"]:
        instead = {"": []}.get(row["instead"], [row["instead"]])
        found |= set(own["reasons"] if row["instead"] is None else instead)
    return found
