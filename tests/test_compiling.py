"""Compiled queries are shared by all engines of a process, and never by different expressions."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import ibis
import pyarrow as pa
import pytest

from sourcing_audit.engine import Engine, compiling, hashed, lasting_number

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import ibis.expr.types as ir

_UTC = dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC)

DIFFERENT: dict[str, tuple[object, object]] = {
    "number and truth": (ibis.literal(1), ibis.literal(value=True)),
    "whole and broken number": (ibis.literal(1), ibis.literal(1.0)),
    "signs of zero": (ibis.literal(0.0), ibis.literal(-0.0)),
    "number and text": (ibis.literal(1), ibis.literal("1")),
    "widths of a number": (ibis.literal(1, "int8"), ibis.literal(1, "int64")),
    "days": (ibis.literal(dt.date(2026, 11, 21)), ibis.literal(dt.date(2026, 11, 22))),
    "zones": (
        ibis.literal(_UTC),
        ibis.literal(_UTC.astimezone(dt.timezone(dt.timedelta(hours=1)))),
    ),
    "nothing of two types": (ibis.null("string"), ibis.null("boolean")),
    "texts that look like parts": (ibis.literal("#0,#1"), ibis.literal("#0")),
}


@pytest.fixture
def engine() -> Iterator[Engine]:
    with Engine.duckdb(threads=1) as found:
        yield found


@pytest.fixture
def nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiling, "_kept", {})


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch, nothing_kept: None) -> list[str]:
    """The queries that Ibis really compiles."""
    del nothing_kept
    queries: list[str] = []
    original = Engine._compile

    def compile_(self: Engine, expr: ir.Table, *, merged: bool) -> str:
        queries.append(original(self, expr, merged=merged))
        return queries[-1]

    monkeypatch.setattr(Engine, "_compile", compile_)
    return queries


def texts(engine: Engine, *values: str) -> ir.Table:
    return engine.from_arrow("texts", pa.table({"t": list(values)}))


def found(engine: Engine, table: ir.Table) -> list[object]:
    values: list[object] = engine.arrow(table)["t"].to_pylist()
    return values


def test_the_same_question_to_other_tables_of_other_engines_is_compiled_once(
    built: list[str],
) -> None:
    for value in ("a", "b"):
        with Engine.duckdb(threads=1) as engine:
            # So that its table is called differently.
            texts(engine, *value * ord(value))
            table = texts(engine, value)
            joined = table.inner_join(texts(engine, value, "c"), "t")
            assert found(engine, joined.select(t=joined.t.upper())) == [value.upper()]
    assert len(built) == 1


@pytest.mark.parametrize("pair", DIFFERENT.values(), ids=DIFFERENT)
def test_what_differs_is_never_taken_for_the_same(
    engine: Engine, pair: tuple[ir.Value, ...]
) -> None:
    table = texts(engine, "a")
    keys = [compiling.said(table.select(t=value).op()) for value in pair]
    assert None not in keys
    assert keys[0] != keys[1]


def test_tables_of_other_columns_are_others(engine: Engine) -> None:
    given = engine.from_arrow("numbers", pa.table({"t": [1]}))
    assert found(engine, texts(engine, "a").select("t")) == ["a"]
    assert found(engine, given.select("t")) == [1]


def test_which_table_stands_where_matters(engine: Engine) -> None:
    one, two = texts(engine, "a", "b"), texts(engine, "b")
    assert found(engine, one.anti_join(two, "t")) == ["a"]
    assert found(engine, two.anti_join(one, "t")) == []
    assert found(engine, one.anti_join(one, "t")) == []


def test_functions_of_the_engine_are_told_apart(engine: Engine) -> None:
    table = texts(engine, "a")
    different: list[Callable[[ir.StringValue], ir.Value]] = [hashed, lasting_number]
    first, second = (found(engine, table.select(t=function(table.t))) for function in different)
    assert first != second


def test_text_that_looks_like_the_name_of_a_table_stays(engine: Engine) -> None:
    table = texts(engine, "a")
    hostile = f'"{table.get_name()}" "0" "given 0"'
    for _ in range(2):
        assert found(engine, table.select(t=ibis.literal(hostile))) == [hostile]


def test_what_cannot_be_told_is_compiled_each_time(engine: Engine, built: list[str]) -> None:
    @ibis.udf.scalar.python  # type: ignore[untyped-decorator]
    def in_python(text: str) -> str:
        raise NotImplementedError

    table = texts(engine, "a")
    for _ in range(2):
        engine.compiled(table.select(t=in_python(table.t)))
    assert len(built) == 2


def test_what_is_kept_is_bounded(
    engine: Engine, nothing_kept: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    del nothing_kept
    monkeypatch.setattr(compiling, "MOST", 2)
    table = texts(engine, "a")
    for number in range(5):
        assert found(engine, table.select(t=ibis.literal(number))) == [number]
    assert 0 < len(compiling._kept) <= 2
