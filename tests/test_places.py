"""Addresses and days as the engine tells them apart, held against what reads them in full."""

from collections.abc import Callable

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pytest

from sourcing_audit import keys, places
from sourcing_audit.engine import Engine

ADDRESSES = [
    "https://www.photo.example/a/b.jpg?w=1",
    "http://www.photo.example/",
    "https://photo.example/www./x",
    "http://photo.example/a",
    "https://www.com/a",
    "https://www.www.example/a",
    "https://wwww.example/a",
]
DAYS = [
    *(f"{year}-{month:02}-{day:02}" for year in (1900, 2023, 2024) for month in (1, 2, 6, 12)
      for day in (1, 9, 10, 19, 20, 28, 29, 30, 31)),
    "2023-00-10", "2023-13-01", "2023-10-00", "2023-10-32", "1899-10-10", "2023-1-1",
    " 2023-10-10", "2023-10-10T10:00", "last summer", "", None,
]  # fmt: skip


def told(
    texts: list[str | None], made: Callable[[ir.Table], dict[str, ir.Value]]
) -> list[dict[str, object]]:
    with Engine.duckdb() as engine:
        table = engine.from_arrow("given", pa.table({"text": pa.array(texts, pa.string())}))
        found: list[dict[str, object]] = engine.arrow(
            table.select("text", **made(table))
        ).to_pylist()
    return found


def test_a_host_as_written_leads_to_that_of_the_wide_key() -> None:
    rows = told(
        [*ADDRESSES],
        lambda table: {
            "host": places.host(places.wide(table.text)),
            "bare": places.without_www(places.plain_host(table.text)),
            "shown": places.shown_host(table.text),
            "plain": places.plain_host(table.text),
        },
    )
    assert [row["bare"] for row in rows] == [row["host"] for row in rows]
    assert [row["plain"] for row in rows] == [row["shown"] for row in rows]
    assert len(rows) == len(ADDRESSES)


@pytest.mark.parametrize("expected", [True, False])
def test_what_is_taken_for_a_day_is_a_moment(*, expected: bool) -> None:
    rows = told(
        DAYS,
        lambda table: {
            "is_day": ibis.coalesce(keys.is_day(table.text), False),
            "moment": keys.moment(table.text),
        },
    )
    found = [row for row in rows if row["is_day"] is expected]
    assert found
    if expected:
        assert all(row["moment"] is not None for row in found)
    else:
        unread = {row["text"] for row in found if row["moment"] is None}
        assert {"2023-02-29", "2023-13-01", "2023-10-32", "last summer"} <= unread
        assert "2024-02-29" not in unread
