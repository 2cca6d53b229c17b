"""The floor: what the engine itself needs for as many items, records and result rows.

    python benchmarks/floor.py KEYS OUTPUT
    python benchmarks/floor.py --making MANIFEST

Scans the needed columns, joins them with the registry kind by kind, and the licence with its
number, on keys that are ready-made on both sides, and writes one row per item with the columns of
an audit's findings. Nothing is normalised, read, weighed, decided, counted or explained.

With `--making`: what it takes in the engine to make keys of a manifest's own columns, in one
pass: whether a value is in its normal form, its wide key's number, and its host's. What isn't in
that form is left alone, and so are spaces around values, tracking parameters and schemes of ids.
Both together are a lower bound for an audit, whose addresses are raw.

Run in processes of their own, for their peak memory.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

import duckdb
from measuring import MEMORY, Clock, Spilling, peak_memory

COLUMNS = {
    "url": ("url",),
    "landing": ("url",),
    "host": ("host", "url_pattern"),
    "landing_host": ("host", "url_pattern"),
    "domain": ("domain",),
    "landing_domain": ("domain",),
    "prefix": ("url_prefix",),
    "landing_prefix": ("url_prefix",),
    "creator_id": ("creator_id", "account"),
    "name": ("creator_name",),
    "sha256": ("sha256",),
    "work_id": ("work_id",),
}
"""By column of ready-made keys, the kinds of records that are found by it; patterns by their host
alone. A column is joined once: that, and pairs brought together by the items' numbers, was the
fastest of the plans tried (one pass with a join for each kind took longer)."""

ADDRESSES = ("source_url", "landing_url")
NAMES = ("creator_id", "creator", "work_id")

_PLAIN = "^[!-~]+(?: [!-~]+)*$"
"""In ASCII, with single spaces."""

_FINDINGS = """
SELECT item_id, 'bench' AS dataset, shard, row, status, rank, license_concluded, license_class,
    license_evidence, license_rule, consent_status, consent_record, reasons, obligations, outcome,
    verdict_rule, basis, generated
FROM (SELECT i.item_id, i.shard, i.row, coalesce(l.license_no, 0) AS license_no,
        r.record_id AS consent_record,
        CASE WHEN r.record_id IS NULL THEN 0 WHEN r.allowed THEN 2 ELSE 1 END AS consent
    FROM {items} i LEFT JOIN pairs USING (pos) LEFT JOIN records r USING (record_no)
    LEFT JOIN licenses l ON i.license = l.license)
JOIN classes USING (license_no, consent)
"""


def floor(keys: Path, output: Path) -> dict:
    """Join, write one row per item, and tell what it took."""
    items = f"read_parquet('{keys}/items/*.parquet')"
    with Spilling(Path(tempfile.gettempdir())) as disk:
        clock = Clock()
        spill = f"{tempfile.gettempdir()}/spill"
        with duckdb.connect(config={"memory_limit": MEMORY, "temp_directory": spill}) as database:
            clock.step("joining")
            for table in ("records", "licenses", "classes"):
                database.execute(f"CREATE TABLE {table} AS FROM '{keys}/{table}.parquet'")
            joins = " UNION ALL ".join(
                f"""SELECT pos, record_no FROM {items} i JOIN records r
                ON r.kind IN ({", ".join(f"'{kind}'" for kind in kinds)}) AND i.{column} = r.key"""
                for column, kinds in COLUMNS.items()
            )
            database.execute(f"""CREATE TABLE pairs AS
                SELECT pos, min(record_no) AS record_no FROM ({joins}) GROUP BY pos""")
            clock.step("writing")
            database.execute(f"""COPY ({_FINDINGS.format(items=items)}) TO '{output}'
                (FORMAT parquet, COMPRESSION zstd)""")
            took = clock.total()
            [(spoken,)] = database.execute("SELECT count(*) FROM pairs").fetchall()
    return took | {
        "steps": clock.steps,
        "memory": peak_memory(),
        "spilled": disk.spilled,
        "spoken_of": spoken,
    }


def making(manifest: Path) -> dict:
    """Make numbers of the manifest's raw keys, keep them in a table, and tell what it took."""
    from sourcing_audit.addresses import NORMAL

    made = [column for name in ADDRESSES for column in _of_address(name, NORMAL)]
    made += [column for name in NAMES for column in _of_name(name)]
    query = f"""CREATE TABLE made AS SELECT file_row_number AS row, hash(lower(sha256)) AS sha256,
        {", ".join(made)} FROM read_parquet('{manifest}/*.parquet')"""
    with Spilling(Path(tempfile.gettempdir())) as disk:
        clock = Clock()
        spill = f"{tempfile.gettempdir()}/spill"
        with duckdb.connect(config={"memory_limit": MEMORY, "temp_directory": spill}) as database:
            database.execute(query)
            took = clock.total()
            tests = ", ".join(f"count_if(plain_{name})" for name in (*ADDRESSES, *NAMES))
            [(items, *normal)] = database.execute(f"SELECT count(*), {tests} FROM made").fetchall()
    return took | {
        "memory": peak_memory(),
        "spilled": disk.spilled,
        "items": items,
        "normal": dict(zip((*ADDRESSES, *NAMES), normal, strict=True)),
    }


def _of_address(name: str, normal: str) -> list[str]:
    """Whether an address is its own exact form, and the numbers of its wide key and its host."""
    starts = {"https://www.": 13, "https": 9, "http://www.": 12}
    first = "".join(f" WHEN starts_with({name}, '{text}') THEN {n}" for text, n in starts.items())
    return [
        f"regexp_matches({name}, '{normal}') AS plain_{name}",
        f"hash(substring({name}, CASE{first} ELSE 8 END)) AS {name}",
        f"hash(split_part({name}, '/', 3)) AS host_{name}",
    ]


def _of_name(name: str) -> list[str]:
    """Whether an id or a name is plain, and the number of its key."""
    return [
        f"regexp_matches({name}, '{_PLAIN}') AS plain_{name}",
        f"hash(lower({name})) AS {name}",
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--making", type=Path, metavar="MANIFEST")
    parser.add_argument("keys", type=Path, nargs="?")
    parser.add_argument("output", type=Path, nargs="?")
    given = parser.parse_args()
    if given.making:
        print(json.dumps(making(given.making)))
    elif given.keys and given.output:
        print(json.dumps(floor(given.keys, given.output)))
    else:
        parser.error("it takes KEYS and OUTPUT, or --making MANIFEST")


if __name__ == "__main__":
    main()
