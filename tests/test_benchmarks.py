"""The benchmarks' data is what it claims to be, and audits can read it."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from pathlib import Path

import duckdb
import ibis
import pytest

from sourcing_audit import registries, schema
from sourcing_audit.engine import Engine
from sourcing_audit.rules import ConsentRules, RuleStore

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
# The source archive has the tests, not the benchmarks.
pytestmark = pytest.mark.skipif(not BENCHMARKS.is_dir(), reason="the benchmarks aren't here")

ITEMS, SHARD = 40_000, 15_000


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch):
    """Imports a script of the benchmarks as they import each other."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    before = set(sys.modules)

    yield importlib.import_module

    # Their names are plain; nothing else may find them.
    for name in set(sys.modules) - before:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(str(BENCHMARKS)):
            del sys.modules[name]


@pytest.fixture
def data(module):
    return module("synthetic").Data(ITEMS, SHARD)


def rows(query: str) -> list[tuple]:
    return duckdb.connect().execute(query).fetchall()


def test_a_manifest_is_skewed_dirty_and_in_shards(data, tmp_path: Path) -> None:
    data.write_manifest(tmp_path / "manifest")
    files = sorted((tmp_path / "manifest").iterdir())
    assert [file.name for file in files] == [f"items-0000{n}.parquet" for n in range(3)]
    every = f"'{tmp_path}/manifest/*.parquet'"
    assert rows(f"SELECT count(*) FROM {every}") == [(ITEMS,)]
    [(licenses, urls, frequent)] = rows(f"""SELECT count(DISTINCT license),
        count(DISTINCT source_url), max(n) FROM {every},
        (SELECT count(*) AS n FROM {every} WHERE license IS NOT NULL GROUP BY license)""")
    assert 900 < licenses <= 1_012
    assert urls > 0.98 * ITEMS
    assert frequent > 0.05 * ITEMS
    [(odd, no_license, no_landing)] = rows(f"""SELECT
        count(*) FILTER (item_id IS NULL OR item_id = 'duplicate' OR source_url IS NULL
            OR source_url NOT SIMILAR TO 'https?://[a-z0-9./?=-]+' OR creator LIKE '[%'
            OR creator_id IN ('orcid:0000-0002-1825-0098', 'not applicable')
            OR length(sha256) < 64 OR sha256 <> lower(sha256) OR depicts_person = 'maybe'
            OR try_cast(acquired_at AS DATE) IS NULL AND acquired_at IS NOT NULL
            OR title LIKE 'long%' OR title LIKE 'tab%' OR landing_url LIKE 'javascript%'),
        count(*) FILTER (license IS NULL), count(*) FILTER (landing_url IS NULL) FROM {every}""")
    assert 0.012 < odd / ITEMS < 0.022
    assert 0.1 < no_license / ITEMS < 0.15
    assert 0.45 < no_landing / ITEMS < 0.55


def test_the_same_numbers_give_the_same_data(module, data, tmp_path: Path) -> None:
    """Whatever the size of a shard, and also twice."""
    other = module("synthetic").Data(ITEMS, ITEMS)
    data.write_manifest(tmp_path / "a")
    other.write_manifest(tmp_path / "b")
    hashed = "SELECT item_id, hash(t) FROM '{}/*.parquet' t WHERE item_id <> 'duplicate'"
    both = [hashed.format(tmp_path / name) for name in "ab"]
    assert rows(f"({both[0]}) EXCEPT ({both[1]})") == []
    for name in "ab":
        data.write_registry(tmp_path / f"{name}.parquet")
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()


def test_a_registry_is_one_that_audits_accept(data, tmp_path: Path) -> None:
    data.write_registry(tmp_path / "registry.parquet")
    with Engine.duckdb() as engine:
        rules = ConsentRules.load(RuleStore())
        loaded = registries.load(engine, [str(tmp_path / "registry.parquet")], rules)
        table = loaded.records
        kinds = table.group_by("subject_kind", "decision").aggregate(n=table.count())
        found = {
            (row["subject_kind"], row["decision"]): row["n"]
            for row in engine.arrow(kinds).to_pylist()
        }
    assert sum(found.values()) == ITEMS // 10
    denied = sum(count for (_, decision), count in found.items() if decision == "deny")
    assert 0.6 < denied / sum(found.values()) < 0.8
    assert {kind for kind, _ in found} >= {"url", "sha256", "creator_id", "creator_name", "host"}
    assert {kind for kind, _ in found} >= {"domain", "url_prefix", "work_id", "account", "md5"}


def test_half_of_the_records_are_about_an_item(module, data, tmp_path: Path) -> None:
    module("keyed").write(data, tmp_path)
    matched = [
        f"""SELECT record_no FROM '{tmp_path}/records.parquet' r
        WHERE r.kind IN ({", ".join(f"'{kind}'" for kind in kinds)})
        AND r.key IN (SELECT {column} FROM '{tmp_path}/items/*.parquet')"""
        for column, kinds in module("floor").COLUMNS.items()
    ]
    [(count,)] = rows(f"SELECT count(DISTINCT record_no) FROM ({' UNION ALL '.join(matched)})")
    assert 0.4 < count / (ITEMS // 10) < 0.6


def test_the_floor_writes_one_finding_for_each_item(module, data, tmp_path: Path) -> None:
    module("keyed").write(data, tmp_path / "keys")
    measured = in_process("floor.py", tmp_path / "keys", tmp_path / "floor.parquet", tmp_path)
    assert measured["seconds"] > 0
    assert measured["memory"] > 10_000_000
    table = ibis.duckdb.connect().read_parquet(tmp_path / "floor.parquet")
    schema.check(table, schema.FINDINGS, "findings")
    found = rows(f"""SELECT count(*), count(DISTINCT (shard, row)), count(consent_record)
        FROM '{tmp_path}/floor.parquet'""")
    assert found == [(ITEMS, ITEMS, measured["spoken_of"])]
    assert 0.05 < measured["spoken_of"] / ITEMS < 0.3


def test_the_making_of_keys_sees_each_item(data, tmp_path: Path) -> None:
    data.write_manifest(tmp_path / "manifest")
    measured = in_process("floor.py", "--making", tmp_path / "manifest", tmp_path)
    assert measured["items"] == ITEMS
    assert measured["seconds"] > 0
    assert 0.95 < measured["normal"]["source_url"] / ITEMS < 1
    assert 0.45 < measured["normal"]["landing_url"] / ITEMS < 0.55


def test_pandas_reaches_a_verdict_on_each_item(data, tmp_path: Path) -> None:
    data.write_manifest(tmp_path / "manifest")
    data.write_registry(tmp_path / "registry.parquet")
    arguments = (tmp_path / "manifest", tmp_path / "registry.parquet", tmp_path / "found")
    measured = in_process("frames.py", *arguments, tmp_path)
    assert measured["items"] == sum(measured["statuses"].values()) == ITEMS
    assert measured["statuses"]["opted_out"] > 0


def in_process(script: str, *arguments: Path) -> dict:
    *given, folder = map(str, arguments)
    command = [sys.executable, str(BENCHMARKS / script), *given]
    done = subprocess.run(
        command, check=True, capture_output=True, text=True, env={"TMPDIR": folder}
    )
    return json.loads(done.stdout.splitlines()[-1])


def test_spellings_are_a_thousand_distinct_ones(module) -> None:
    found = module("spellings").spellings()
    assert len(set(found)) == len(found) == 1_000
    assert found == module("spellings").spellings()


def test_a_table_is_written_between_its_markers(module, tmp_path: Path) -> None:
    tables = module("tables")
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- x: written by benchmarks/y.py -->\nold\n<!-- end of x -->\nafter")
    tables.rewrite(page, "x", "y.py", tables.table(["a", "b"], [["1", "2"]]))
    tables.rewrite(page, "x", "y.py", "new")
    assert page.read_text().replace("\n", "") == (
        "before<!-- x: written by benchmarks/y.py -->new<!-- end of x -->after"
    )
    with pytest.raises(SystemExit, match="no lines"):
        tables.rewrite(page, "z", "y.py", "new")


def test_too_little_space_is_refused_with_both_sizes(module, tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"takes up to 1,?000,?000\.0 GB and .* GB are free"):
        module("measuring").need_space(tmp_path, 10**15)


def test_nothing_is_left_when_a_run_is_ended(tmp_path: Path) -> None:
    script = f"""
import pathlib, sys, time
sys.path.insert(0, {str(BENCHMARKS)!r})
import measuring
with measuring.temporary_folder(pathlib.Path({str(tmp_path)!r})) as folder:
    (folder / "data").mkdir()
    print("begun", flush=True)
    time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as running:
        assert running.stdout is not None
        running.stdout.readline()
        assert list(tmp_path.iterdir())
        running.terminate()
        running.wait(30)
    assert list(tmp_path.iterdir()) == []


def run(items: int) -> dict:
    """Figures as an audit of so many items may leave them: 2 µs an item, 5 µs a record."""
    steps = {
        "reading consent registries": {"seconds": 0.0, "processor": 3 + 5e-6 * items / 10},
        "saving": {"seconds": 0.0, "processor": 1 + 2e-6 * items},
    }
    took = sum(each["processor"] for each in steps.values())
    audit = {"steps": steps, "processor": took, "seconds": took, "memory": 1, "spilled": 0}
    return {
        "items": items,
        "records": items // 10,
        "manifest_bytes": items * 40,
        "registry_bytes": items * 2,
        "floor": {"seconds": 1.0, "processor": 1.0},
        "audit": audit | {"work_files": 0, "written": items * 10},
    }


def test_a_plan_takes_what_one_more_costs(module) -> None:
    plan = module("plan")
    costs = plan.Costs.of([run(10**6), run(3 * 10**6)], {"license": 1e-4, "odd": 1e-5})
    assert costs.item == pytest.approx(2e-6)
    assert costs.record == pytest.approx(5e-6)
    assert costs.item_input == pytest.approx(40)
    assert costs.record_input == pytest.approx(20)
    core_hours = (plan.ITEMS * 2e-6 + plan.RECORDS * 5e-6) * plan.LARGER.value / 3600
    page = plan.page([run(10**6), run(3 * 10**6)], {"license": 1e-4, "odd": 1e-5})
    assert f"| core hours | {core_hours:,.1f} |" in page


def test_growth_fits_a_line(module) -> None:
    found = module("growth").page([run(10**6), run(2 * 10**6), run(4 * 10**6)], 0.2)
    assert "Seconds: 2.50 a million items and 4.0 at the start, R² = 1.0000." in found
    assert found.endswith("Load average when it began: 0.2.")


def test_a_comparison_says_what_is_asked_of_it(module) -> None:
    found = run(10**6)
    found["audit"] |= {"seconds": 3.0, "memory": 2 * 10**9}
    found["floor"] |= {"seconds": 2.0, "memory": 10**9, "spilled": 0}
    found["making"] = {"seconds": 0.5, "processor": 0.5, "memory": 10**8, "spilled": 0}
    pandas = {"items": 10**6, "seconds": 10.0, "processor": 9.0, "memory": 10**9}
    again = {"first": found["audit"], "again": found["audit"] | {"seconds": 1.5}}
    found |= {"pandas": pandas, "scancode": None, "again": again}
    lines = module("audit").ratios(found)
    assert "ratio to floor: 1.50" in lines
    assert "ratio to the floor with keys made: 1.20" in lines
    assert f"the same in processor seconds: {found['audit']['processor'] / 1.5:.2f}" in lines
    shares = "0.50, in processor seconds 1.00"
    assert f"again with a new registry only, of a fresh audit: {shares}" in lines
    assert "items a second and GB, against pandas: 1.67 (the floor: 5.00)" in lines
    assert "ScanCode: not installed, skipped (the extra `text` has it)" in lines
    found["machine"] = module("audit").machine()
    page = module("audit").page(found | {"date": "2026-11-21", "command": "make bench"})
    assert "| the floor with keys made | 1,000,000 | 2.5 | 1.5 |" in page
    assert "| the audit | 1,000,000 | 3.0 |" in page
    assert "| saving | 0.0 | 3.0 | 3.00 |" in page
