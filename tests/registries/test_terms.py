"""What records share is read once: the same records come out, however much they share."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from sourcing_audit import registries, schema
from sourcing_audit.addresses import Addresses
from sourcing_audit.combinations import MOST, Combinations
from sourcing_audit.errors import RegistryError
from sourcing_audit.registries import places_of_records, shared
from tests.registries.support import RULES

if TYPE_CHECKING:
    from pathlib import Path

    from sourcing_audit.engine import Engine

ADDRESSES = Addresses(RULES.tracking)


def row(number: int, **more: Any) -> dict[str, Any]:
    return {
        "record_id": f"R{number}",
        "subject_kind": ("url", "host", "creator_name", "sha256")[number % 4],
        "subject_value": (f"https://a.example/{number}", f"h{number}.example", "Jo", "0" * 64)[
            number % 4
        ],
        "decision": ("deny", "allow", "Conditional ")[number % 3],
        "uses": ("any", "train_generative, Search_Index")[number % 2],
        "declarant_id": f"who:{number % 7}",
        "declared_at": f"2026-01-{1 + number % 28:02}",
        "valid_until": f"2027-01-01T00:00:{number % 60:02}Z",
        "scope_text": " a 'quoted' \t text\n" if number % 5 else None,
        "priority": number % 11,
        "revocable": None,
        "conditions": '{"attribution": true}' if number % 6 == 0 else None,
    } | more


def write(folder: Path, rows: list[dict[str, Any]]) -> Path:
    path = folder / "export.jsonl"
    path.write_text("".join(f"{json.dumps(one)}\n" for one in rows), encoding="utf-8")
    return path


def read(engine: Engine, path: Path) -> list[dict[str, Any]]:
    found = registries.load(engine, [str(path)], RULES).records.order_by("record_no")
    return engine.arrow(found.select("row", "wide", "exact", *schema.RECORDS)).to_pylist()


def apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing be shared that needn't be."""
    monkeypatch.setattr(shared, "_FEW", 0)
    monkeypatch.setattr(shared, "_FEWER", 10**9)


def test_sharing_changes_nothing(engine, tmp_path, monkeypatch):
    path = write(tmp_path, [row(number) for number in range(300)])
    shared = read(engine, path)
    assert shared[6] == shared[6] | {
        "row": 7,
        "decision": "deny",
        "record_type": "opt_out",
        "uses": "any",
        "scope_text": "a 'quoted' \t text",
        "priority": 6,
        "statement_id": "R6",
        "registry_id": "export",
        "person_status": "unknown",
        "conditions": '{"attribution": true}',
    }
    apart(monkeypatch)
    assert read(engine, path) == shared


@pytest.mark.parametrize("share", [True, False])
@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"declared_at": "soon"}, "row 18: declared_at is 'soon', not a date"),
        ({"priority": "x"}, "row 18: priority is 'x', not a whole number"),
        ({"valid_until": "2020-01-01", "valid_from": "2021-01-01"}, "row 18: valid_until 2020"),
        ({"record_id": " "}, "row 18: record_id is missing"),
        ({"subject_value": None}, "row 18: subject_value is missing"),
        ({"decision": "no"}, "row 18: decision is 'no'; allowed are"),
        ({"record_type": "approval"}, "row 18: a record of type approval must say in refers_to"),
        ({"record_id": "R3"}, "rows 4 and 18 have the same record_id 'R3'"),
    ],
)
def test_what_is_wrong_is_found(engine, tmp_path, monkeypatch, share, wrong, message):
    rows = [row(number) for number in range(40)]
    rows[17] |= wrong
    if not share:
        apart(monkeypatch)
    with pytest.raises(RegistryError, match=message):
        read(engine, write(tmp_path, rows))


def test_a_column_with_a_name_of_our_own(engine, tmp_path):
    with pytest.raises(RegistryError, match="a column is called seq"):
        read(engine, write(tmp_path, [row(0, seq="7")]))


def test_an_export_without_records(engine, tmp_path):
    text = {name: pa.array([], pa.string()) for name in row(0)}
    pq.write_table(pa.table(text), tmp_path / "none.parquet")
    assert read(engine, tmp_path / "none.parquet") == []


def test_very_many_combinations(engine):
    numbers = list(range(MOST + 5))
    table = engine.from_arrow(
        "many", pa.table({"n": numbers, "same": [None] * len(numbers), "odd": [1, *numbers[1:]]})
    )
    found = Combinations.of(engine, table, ["n", "same"], "no")
    assert found.differing == ("n", "same")
    numbered = engine.arrow(found.onto(table)).to_pylist()
    assert sorted(one["n"] for one in numbered) == numbers
    assert len({one["no"] for one in numbered}) == len(numbers)


PIECES = st.sampled_from(
    [
        *("www.", "a.b", "example.com", "com", "xn--bcher-kva", "localhost", "1.2.3.4", "[::1]"),
        *("https://", "http://", "HTTPS://", ":80", ":8080", "/", "//", "?", "?utm_source=x", "#"),
        *("%7E", "%2F", "%2f", "~", "é", "@", "*", "$", ".", "..", "-", "_", " ", "'", '"', "\\"),
        *("A", "img.jpg"),
    ]
)


@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
)
@example(texts=["www.com", "www.com/x", "www.a.com", "a.com/", "a.com/*.jpg$", "https://a.com/b/"])
@example(texts=["https://a.com", "https://a.com/b?c", "*.a.com", "a.com/%41", "a.com/%2F", "a..b"])
@given(
    texts=st.lists(
        st.lists(PIECES, min_size=1, max_size=6).map("".join).map(str.strip).filter(bool),
        min_size=1,
        max_size=60,
    )
)
def test_plain_places_are_read_as_odd_ones_are(engine, texts):
    table = engine.from_arrow("places", pa.table({"text": sorted(set(texts))}))
    for match in sorted(places_of_records.KINDS):
        keyed = table.mutate(
            odd=places_of_records.is_odd(table.text, match, ADDRESSES),
            exact=places_of_records.exact(table.text, match),
            wide=places_of_records.wide(table.text, match),
        )
        reader = places_of_records.reader(match, ADDRESSES)
        for one in engine.arrow(keyed.filter(~keyed.odd)).to_pylist():
            assert [(one["exact"], one["wide"])] == list(map(tuple, reader(one["text"]))), match
