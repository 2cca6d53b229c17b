"""Queries that are compiled once, and run on one set of tables after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from sourcing_audit.engine import Engine, Queries

if TYPE_CHECKING:
    from collections.abc import Iterator

    import ibis.expr.types as ir


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine.duckdb(threads=1) as found:
        yield found


def numbers(engine: Engine, *values: int) -> ir.Table:
    return engine.from_arrow("numbers", pa.table({"n": pa.array(values, pa.int64())}))


def doubled(numbers: ir.Table) -> ir.Table:
    return numbers.select(n=numbers.n * 2)


def found(engine: Engine, table: ir.Table) -> list[int]:
    values: list[int] = engine.arrow(table.order_by("n"))["n"].to_pylist()
    return values


def test_a_query_is_built_once_and_asked_of_each_table(engine: Engine) -> None:
    built = []

    def build(numbers: ir.Table) -> ir.Table:
        built.append(numbers)
        return doubled(numbers)

    queries = Queries(engine)
    first = queries.table("doubled", build, numbers=numbers(engine, 1, 2))
    second = queries.view("doubled", build, numbers=numbers(engine, 5))
    assert found(engine, first) == [2, 4]
    assert found(engine, second) == [10]
    assert len(built) == 1


def test_a_lazy_table_can_be_asked(engine: Engine) -> None:
    given = numbers(engine, 1, 2, 3)
    table = Queries(engine).table("doubled", doubled, numbers=given.filter(given.n > 1))
    assert found(engine, table) == [4, 6]


def test_what_else_a_query_depends_on_makes_it_another(engine: Engine) -> None:
    queries, given = Queries(engine), numbers(engine, 1)
    for size in (1, 10):
        table = queries.table("larger", lambda n, by=size: n.select(n=n.n + by), size, n=given)
        assert found(engine, table) == [1 + size]


def test_tables_of_other_columns_make_it_another(engine: Engine) -> None:
    queries = Queries(engine)
    texts = engine.from_arrow("texts", pa.table({"n": ["a"]}))
    for given, wanted in ((numbers(engine, 3), [3]), (texts, ["a"])):
        assert found(engine, queries.table("same", lambda n: n.select("n"), n=given)) == wanted


def test_a_query_uses_no_table_that_it_is_not_given(engine: Engine) -> None:
    other = numbers(engine, 1)
    with pytest.raises(ValueError, match="uses tables it isn't given"):
        Queries(engine).table("joined", lambda n: n.union(other), n=numbers(engine, 2))
