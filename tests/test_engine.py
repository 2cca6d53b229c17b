from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sourcing_audit.engine import Engine
from sourcing_audit.errors import InputError, SourcingAuditError

ROWS = 1_500_000


def test_the_work_folder_lives_as_long_as_the_engine(tmp_path):
    with Engine.duckdb(temp_directory=tmp_path) as engine:
        workdir = engine.workdir
        assert workdir.parent == tmp_path
        assert workdir.stat().st_mode & 0o077 == 0
    assert not workdir.exists()


def test_the_work_folder_goes_even_if_nobody_closes_the_engine(tmp_path):
    code = (
        "import pathlib, sys; from sourcing_audit.engine import Engine\n"
        "engine = Engine.duckdb(temp_directory=pathlib.Path(sys.argv[1]))\n"
        "assert engine.workdir.is_dir()"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True)
    assert list(tmp_path.iterdir()) == []


def test_the_same_rows_give_the_same_bytes(tmp_path):
    digests = set()
    for number, threads in enumerate((1, 2, 4)):
        with Engine.duckdb(threads=threads) as engine:
            table = engine.view(
                f"SELECT i, hash(i)::VARCHAR AS h, [i % 7, i % 3] AS l FROM range({ROWS}) t(i)"
            )
            keyed = table.mutate(k=table.i % 1000)
            joined = keyed.left_join(keyed.group_by("k").aggregate(n=keyed.count()), "k")
            path = tmp_path / f"{number}.parquet"
            engine.write_parquet(joined.order_by("i").select("i", "h", "l", "n"), path)
        digests.add(hashlib.sha256(path.read_bytes()).hexdigest())
    assert len(digests) == 1


def test_arrow_streams_in_and_out(engine):
    batches = [pa.record_batch({"a": list(range(i, i + 1000))}) for i in range(0, 10_000, 1000)]
    reader = pa.RecordBatchReader.from_batches(batches[0].schema, iter(batches))
    table = engine.from_arrow("numbers", reader)
    found = list(engine.batches(table.order_by("a"), size=2048))
    assert [value for batch in found for value in batch.column(0).to_pylist()] == list(
        range(10_000)
    )
    assert max(batch.num_rows for batch in found) <= 2048


def test_tables_that_are_kept(engine, tmp_path):
    first = engine.materialise(engine.from_arrow("t", pa.table({"a": [1, 2]})), "t")
    second = engine.materialise(first.mutate(b=first.a + 1), "t")
    assert engine.arrow(second.order_by("a")).to_pylist() == [{"a": 1, "b": 2}, {"a": 2, "b": 3}]
    engine.write_parquet(second, tmp_path / "a[1]*.parquet")
    assert engine.arrow(engine.read_parquet([tmp_path / "a[1]*.parquet"])).num_rows == 2


def test_running_out_of_memory_says_what_to_do(tmp_path):
    with Engine.duckdb(memory_limit="30MB", temp_directory=tmp_path) as engine:
        engine.rows("SET max_temp_directory_size = '1MB'")
        big = engine.view("SELECT i, repeat('x', 100) || i AS s FROM range(3000000) t(i)")
        with pytest.raises(SourcingAuditError, match="--memory-limit"):
            engine.arrow(big.order_by("s").limit(3_000_000))


def test_a_table_is_kept_for_one_scope_more(engine):
    numbers = engine.from_arrow("t", pa.table({"a": [1]}))

    def there(table):
        name = table.get_name()
        return bool(engine.rows(f"SELECT 1 FROM duckdb_tables() WHERE table_name = '{name}'"))

    with engine.scope():
        with engine.scope():
            dropped = engine.materialise(numbers, "dropped")
            kept = engine.keep(engine.materialise(numbers, "kept"))
            always = engine.keep(engine.materialise(numbers, "always"))
        assert (there(dropped), there(kept), there(always)) == (False, True, True)
        assert engine.keep(always).equals(always)
    assert (there(kept), there(always), there(engine.keep(numbers))) == (False, True, True)


def test_values_are_put_for_numbers(engine, tmp_path):
    rows = pa.table({"pos": [2, 1, 2], "no": [0, 1, 1], "way": ["x", "x", None], "nth": [2, 1, 1]})
    path = tmp_path / "coded.parquet"
    engine.write_coded(
        engine.from_arrow("rows", rows),
        path,
        order_by=["pos", "nth"],
        columns=["way", "name", "nth"],
        lookups={"no": engine.from_arrow("names", pa.table({"no": [1, 0], "name": ["b", "a"]}))},
        repeating=["way"],
        sought=["name"],
    )
    assert pq.read_table(path).to_pylist() == [
        {"way": "x", "name": "b", "nth": 1},
        {"way": None, "name": "b", "nth": 1},
        {"way": "x", "name": "a", "nth": 2},
    ]
    group = pq.read_metadata(path).row_group(0)
    stated = [group.column(n).statistics for n in range(3)]
    assert [each and (each.min, each.max) for each in stated] == [None, ("a", "b"), None]


def test_a_number_that_stands_for_nothing_isnt_written(engine, tmp_path):
    names = engine.from_arrow("names", pa.table({"no": [0], "name": ["a"]}))
    with pytest.raises(IndexError):
        engine.write_coded(
            engine.from_arrow("rows", pa.table({"pos": [1, 2], "no": [0, 1]})),
            tmp_path / "coded.parquet",
            order_by=["pos"],
            columns=["pos", "name"],
            lookups={"no": names},
        )


def test_failures_are_errors_with_a_place(engine, tmp_path):
    (tmp_path / "x.parquet").write_text("no")
    with pytest.raises(InputError, match=r"x\.parquet"):
        engine.read_parquet([tmp_path / "x.parquet"])
    with pytest.raises(SourcingAuditError, match="engine failed"):
        engine.view("SELECT nope")
    with pytest.raises(SourcingAuditError):
        engine.write_parquet(
            engine.from_arrow("t", pa.table({"a": [1]})), tmp_path / "no" / "folder.parquet"
        )
    with pytest.raises(SourcingAuditError, match="enough free space"):
        engine.write_coded(
            engine.from_arrow("t", pa.table({"a": [1]})),
            tmp_path / "no" / "folder.parquet",
            order_by=["a"],
            columns=["a"],
            lookups={},
        )
    with pytest.raises(SourcingAuditError, match="did not start"):
        Engine.duckdb(memory_limit="plenty")
    with pytest.raises(SourcingAuditError, match="--temp-dir"):
        Engine.duckdb(temp_directory=Path("/nonexistent/folder"))


def test_nothing_is_fetched_from_the_network(engine):
    settings = dict(
        engine.rows(
            "SELECT name, value FROM duckdb_settings() WHERE name LIKE 'auto%known_extensions'"
        )
    )
    assert set(settings.values()) == {"false"}


@pytest.fixture(scope="module")
def engine():
    with Engine.duckdb(threads=2) as one:
        yield one
