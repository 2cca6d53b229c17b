"""Signals in the manifest's own columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from sourcing_audit import schema
from sourcing_audit.consent import own
from sourcing_audit.engine import Engine
from tests.registries.support import RULES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

AI = "train_generative|train_non_generative|ai_input"


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    folder: Path = tmp_path_factory.mktemp("engine")
    with Engine.duckdb(temp_directory=folder) as engine:
        yield engine


def read(field: str, value: str) -> list[tuple[str, str, str | None]]:
    found = own.statements(field, value, RULES)
    return [(s.decision, s.uses, s.problem) for s in found]


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("x_robots_tag", "noai", [("deny", AI, None)]),
        ("x_robots_tag", "X-Robots-Tag: noindex\nX-Robots-Tag: noai", [("deny", AI, None)]),
        ("x_robots_tag", '["googlebot: noindex", "noai"]', [("deny", AI, None)]),
        ("x_robots_tag", "noindex", []),
        ("x_robots_tag", "['googlebot: noindex', 'noai']", [("deny", AI, None)]),
        ("x_robots_tag", "[noai", [("deny", AI, None)]),
        ("meta_robots", "noindex, noai", [("deny", AI, None)]),
        ("meta_robots", '<meta name="robots" content="noai">', [("deny", AI, None)]),
        ("content_usage", "train-ai=n", [("deny", "train_generative|train_non_generative", None)]),
        ("content_usage", "Content-Usage: search=y", [("allow", "search_index", None)]),
        (
            "content_usage",
            '["train-ai=n", "search=y"]',
            [
                ("deny", "train_generative|train_non_generative", None),
                ("allow", "search_index", None),
            ],
        ),
        ("content_usage", "Search=y", [("unknown", "any", "signal_malformed")]),
        ("tdm_reservation", "1", [("deny", "tdm_other", None)]),
        ("tdm_reservation", "TDM-Reservation: 1", [("deny", "tdm_other", None)]),
        # Numbers with gaps between them are read as decimal ones by many tools.
        ("tdm_reservation", "1.0", [("deny", "tdm_other", None)]),
        ("tdm_reservation", '["1", "0"]', [("deny", "tdm_other", "signal_contradictory")]),
        ("tdm_reservation", "true", [("unknown", "tdm_other", "signal_unreadable")]),
    ],
)
def test_values(field: str, value: str, expected: list[Any]) -> None:
    assert read(field, value) == expected


def test_the_columns_are_fields_of_items() -> None:
    assert set(own.COLUMNS) <= set(schema.ITEM_TEXT_FIELDS)


def items(engine: Engine, **columns: list[str | None]) -> Any:
    count = len(next(iter(columns.values())))
    arrays = {"pos": pa.array(range(count), pa.int64())}
    arrays |= {name: pa.array(values, pa.string()) for name, values in columns.items()}
    return engine.from_arrow("items", pa.table(arrays))


def test_each_distinct_value_is_one_statement(engine: Engine) -> None:
    table = items(
        engine,
        x_robots_tag=["noai", " noai ", "noindex", None, ""],
        content_usage=["train-ai=n, search=n", None, None, None, None],
    )
    found = own.records(engine, table, {"x_robots_tag", "content_usage", "title"}, RULES)
    assert found is not None
    [export] = found.exports
    assert (export.name, export.own, export.records) == ("manifest", True, 3)
    rows = engine.arrow(found.records.order_by("record_no")).to_pylist()
    assert [(r["record_no"], r["subject_value"], r["uses"]) for r in rows] == [
        (1, "content_usage train-ai=n, search=n", "train_generative|train_non_generative"),
        (2, "content_usage train-ai=n, search=n", "search_index"),
        (3, "x_robots_tag noai", AI),
    ]
    assert all(r["wide"] == r["exact"] == r["subject_value"] for r in rows)
    assert {r["registry_no"] for r in rows} == {0}
    assert {(r["subject_kind"], r["declarant_role"]) for r in rows} == {("own", "host")}


def test_the_order_of_items_changes_nothing(engine: Engine) -> None:
    values: list[str | None] = ["noai", "noml", "noindex", "GPTBot: noai"]
    digests = set()
    for one in (values, values[::-1]):
        found = own.records(engine, items(engine, x_robots_tag=one), {"x_robots_tag"}, RULES)
        assert found is not None
        digests.add((found.exports[0].sha256, found.exports[0].records))
    assert len(digests) == 1


def test_columns_that_aren_t_there_or_say_nothing(engine: Engine) -> None:
    table = items(engine, x_robots_tag=["noindex", None])
    assert own.records(engine, table, {"x_robots_tag"}, RULES) is None
    assert own.records(engine, table, {"source_url"}, RULES) is None
