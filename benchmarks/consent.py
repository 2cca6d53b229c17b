"""How fast consent records are matched and resolved, against the bare joins.

    python benchmarks/consent.py [ITEMS] [--rules N] [--folder DIR]

Makes items and a registry a fifth their number, of mixed kinds (addresses, hosts, domains, path
prefixes, creators' ids and names, hashes), then measures in processes of their own

- the floor: the engine scans the key columns, ready-made, of items and records, joins them kind by
  kind and writes one row per item;
- the audit's consent step: registry read and checked, records weighed, items matched by keys that
  are made on the way, one answer per item resolved, one row per item written;
- robots.txt: N rules read, and matched with a million items at their hosts.

Prints seconds on the clock, processor seconds, and peak memory.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

MEMORY = "3GB"
AS_OF = dt.date(2026, 11, 21)
KINDS = {
    "url": "url",
    "sha256": "sha256",
    "creator_id": "creator_id",
    "creator_name": "name",
    "host": "host",
    "domain": "domain",
    "url_prefix": "prefix",
}
"""By kind of record, the item's ready-made key."""


def make(folder: Path, items: int) -> None:
    """Write items.parquet, registry.parquet, and both with ready-made keys for the floor."""
    hosts = max(1000, items // 25)
    creators = max(10, items // 10)
    records = items // 5
    database = duckdb.connect()
    database.execute(f"""COPY (SELECT 'i' || i AS item_id,
        'https://' || CASE WHEN i % 3 = 0 THEN 'www.' ELSE '' END || 'h' || h || '.site' || h % 7919
            || CASE h % 5 WHEN 0 THEN '.co.uk' WHEN 1 THEN '.org' ELSE '.com' END
            || '/media/' || hash(i, 1) % 97 || '/img-' || i || '.jpg' AS source_url,
        'Creator ' || hash(i, 2) % {creators} AS creator,
        'platform' || hash(i, 3) % 20 || ':u' || hash(i, 2) % {creators} AS creator_id,
        sha256(i::VARCHAR) AS sha256
        FROM (SELECT i, hash(i) % {hosts} AS h FROM range({items}) t(i)))
        TO '{folder}/items.parquet' (FORMAT parquet)""")
    database.execute(f"""CREATE TABLE sample AS SELECT row_number() OVER () AS i, *
        FROM '{folder}/items.parquet' USING SAMPLE {records} ROWS (reservoir, 42)""")
    database.execute(f"""COPY (SELECT 'R' || i AS record_id,
        CASE WHEN k < 40 THEN 'url' WHEN k < 65 THEN 'sha256' WHEN k < 80 THEN 'creator_id'
            WHEN k < 85 THEN 'creator_name' WHEN k < 90 THEN 'host' WHEN k < 95 THEN 'domain'
            ELSE 'url_prefix' END AS subject_kind,
        CASE WHEN k < 40 THEN CASE WHEN x THEN source_url ELSE 'https://e' || i || '.example/a' END
            WHEN k < 65 THEN CASE WHEN x THEN sha256 ELSE sha256('n' || i) END
            WHEN k < 80 THEN CASE WHEN x THEN creator_id ELSE 'other:u' || i END
            WHEN k < 85 THEN CASE WHEN x THEN creator ELSE 'Nobody ' || i END
            WHEN k < 90 THEN CASE WHEN y THEN split_part(source_url, '/', 3)
                ELSE 'h' || i || '.nowhere.example' END
            WHEN k < 95 THEN CASE WHEN y
                THEN regexp_extract(split_part(source_url, '/', 3), 'site.*$')
                ELSE 'd' || i || '.example' END
            ELSE CASE WHEN y THEN regexp_extract(source_url, '^.*/media/[0-9]+')
                ELSE 'https://p' || i || '.example/a/b' END END AS subject_value,
        CASE WHEN g THEN 'allow' ELSE 'deny' END AS decision,
        CASE WHEN g THEN 'consent' ELSE 'opt_out' END AS record_type,
        'train_generative' AS uses, 'creator' AS declarant_role,
        'who:' || hash(i, 6) % {max(1, records // 3)} AS declarant_id,
        'registry_verified' AS authority_level, 'general_training' AS scope_kind,
        '2025-01-01' AS declared_at, '2025-01-01' AS valid_from, 'perpetual' AS duration_kind,
        'flat' AS compensation_kind, 'yes' AS revocable, 'by mail' AS revocation_method,
        'dataset_removal' AS deletion_mechanism, '*' AS grantee_id, '2026-11-01' AS snapshot_at,
        'file_bytes' AS hash_target
        FROM (SELECT *, hash(i, 9) % 100 AS k, hash(i, 7) % 10 < 4 AS x, hash(i, 8) % 100 < 2 AS y,
            hash(i, 5) % 5 = 0 AS g FROM sample))
        TO '{folder}/registry.parquet' (FORMAT parquet)""")
    bare = "replace(replace({}, 'https://', ''), 'www.', '')"
    url = bare.format("source_url")
    host = f"split_part({url}, '/', 1)"
    database.execute(f"""COPY (SELECT item_id, file_row_number AS pos, {url} AS url, {host} AS host,
        regexp_extract({host}, 'site.*$') AS domain,
        regexp_extract({url}, '^.*/media/[0-9]+') AS prefix, creator_id, lower(creator) AS name,
        sha256 FROM read_parquet('{folder}/items.parquet', file_row_number = true))
        TO '{folder}/keyed-items.parquet'""")
    database.execute(f"""COPY (SELECT file_row_number AS record_no, subject_kind AS kind,
        CASE WHEN subject_kind = 'creator_name' THEN lower(subject_value)
            ELSE {bare.format("subject_value")} END AS key
        FROM read_parquet('{folder}/registry.parquet', file_row_number = true))
        TO '{folder}/keyed-records.parquet'""")


def floor(folder: Path) -> dict[str, float]:
    """The bare joins on ready-made keys, and one row per item."""
    database = duckdb.connect(config={"memory_limit": MEMORY, "temp_directory": str(folder)})
    clock = Clock()
    database.execute(f"CREATE TABLE r AS SELECT * FROM '{folder}/keyed-records.parquet'")
    joins = " UNION ALL ".join(
        f"""SELECT pos, record_no FROM '{folder}/keyed-items.parquet' i
        JOIN r ON r.kind = '{kind}' AND i.{column} = r.key"""
        for kind, column in KINDS.items()
    )
    database.execute(f"CREATE TABLE pairs AS {joins}")
    database.execute(f"""COPY (SELECT item_id, n, record_no
        FROM (SELECT pos, item_id FROM '{folder}/keyed-items.parquet')
        LEFT JOIN (SELECT pos, count(*) AS n, min(record_no) AS record_no FROM pairs GROUP BY pos)
        USING (pos)) TO '{folder}/floor.parquet'""")
    clock.lap("bare joins, one row per item")
    [(matched,)] = database.execute("SELECT count(DISTINCT pos) FROM pairs").fetchall()
    return clock.laps | {"items matched": matched}


def audit(folder: Path, registry: str) -> dict[str, float]:
    """The audit's consent step over the same items and records."""
    from sourcing_audit import consent, registries, sources
    from sourcing_audit.engine import Engine
    from sourcing_audit.model import IntendedUse
    from sourcing_audit.pipeline import Rulebook, silent
    from sourcing_audit.rules import RuleStore

    rules = Rulebook.load(RuleStore())
    use = IntendedUse(grantee="org:us")
    with Engine.duckdb(memory_limit=MEMORY) as engine:
        clock = Clock()
        records = registries.load(engine, [registry], rules.consent)
        clock.lap("registry read and checked")
        consulted = consent.consult(engine, records, rules.consent, use, AS_OF)
        kinds = consulted.planned.kinds
        clock.lap("records weighed")
        ingested = sources.ingest(
            engine,
            [str(folder / "items.parquet")],
            dataset="bench",
            mapping={},
            mapping_origin="flag",
            store=rules.store,
            progress=silent,
        )
        clock.lap("items opened")
        columns = frozenset(mapped.field for mapped in ingested.mapping)
        sieve = consent.Sieve.of(rules.consent, columns, kinds)
        sifted = sieve.onto(ingested.items).select("pos", *sieve.columns)
        sifted = engine.materialise(sifted, "sifted")
        answer = consent.ask(engine, consulted, ingested.items, sifted, columns)
        clock.lap("matched and resolved")
        found = answer.answers.inner_join(answer.kinds, "answer_no")
        rows = ingested.items.select("pos", "item_id").left_join(found, "pos").drop("pos_right")
        engine.write_parquet(rows, folder / "answers.parquet")
        clock.lap("one row per item")
        counts = engine.arrow(found.group_by("consent_status").aggregate(n=found.count()))
        shown = {row["consent_status"]: row["n"] for row in counts.to_pylist()}
    return clock.laps | {"items matched": sum(shown.values()), **dict(sorted(shown.items()))}


def make_robots(folder: Path, rules: int) -> None:
    """Write robots.txt files of a thousand rules each, and a million items at their hosts."""
    hosts = max(1, rules // 1000)
    with (folder / "robots.jsonl").open("w", encoding="utf-8") as file:
        for host in range(hosts):
            lines = ["User-agent: GPTBot", "User-agent: CCBot"]
            lines += [
                f"{'Allow' if n % 7 == 0 else 'Disallow'}: /{n % 50}/{n}"
                + ("/*.jpg$" if n % 20 == 0 else "")
                for n in range(1000)
            ]
            body = "\n".join([*lines, "User-agent: *", "Disallow: /private", ""])
            file.write(json.dumps({"host": f"h{host}.example", "body": body}) + "\n")
    duckdb.execute(f"""COPY (SELECT 'i' || i AS item_id, 'https://h' || hash(i) % {hosts}
        || '.example/' || hash(i, 1) % 50 || '/' || hash(i, 2) % 2000 || '/' || i || '.jpg'
        AS source_url FROM range(1000000) t(i)) TO '{folder}/items.parquet' (FORMAT parquet)""")


class Clock:
    """Seconds since the last lap, on the clock and of the processor."""

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._last = (time.perf_counter(), time.process_time())

    def lap(self, name: str) -> None:
        now = (time.perf_counter(), time.process_time())
        self.laps[name] = now[0] - self._last[0]
        self.laps[f"{name}: processor"] = now[1] - self._last[1]
        self._last = now


def peak() -> float:
    """The most memory that this process has held, in MB; not what its parent held before."""
    status = Path("/proc/self/status")
    if not status.is_file():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
    return int(lines["VmHWM"].split()[0]) / 1024


def in_process(*arguments: str) -> dict[str, float]:
    """Measure in a process of its own, for its peak memory."""
    command = [sys.executable, __file__, "--measure", *arguments]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def show(title: str, measured: dict[str, float]) -> None:
    print(f"\n{title}")
    for name, value in measured.items():
        if name.endswith(": processor"):
            continue
        processor = measured.get(f"{name}: processor")
        if processor is None:
            print(f"  {name:32} {value:>14,.0f}")
        else:
            print(f"  {name:32} {value:>12.1f} s   {processor:>8.1f} s of the processor")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("items", nargs="?", type=int, default=5_000_000)
    parser.add_argument("--rules", type=int, default=1_000_000, help="robots.txt rules")
    parser.add_argument("--folder", type=Path, help="where the data are made and kept")
    parser.add_argument("--measure", nargs="+", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        what, folder, *more = options.measure
        measured = {"floor": floor, "audit": audit}[what](Path(folder), *more)
        print(json.dumps(measured | {"peak memory, MB": peak()}))
        return
    with tempfile.TemporaryDirectory(prefix="sourcing-audit-bench-") as temporary:
        folder = options.folder or Path(temporary)
        mixed, robots = folder / "mixed", folder / "robots"
        for each in (mixed, robots):
            each.mkdir(parents=True, exist_ok=True)
        make(mixed, options.items)
        bare = in_process("floor", str(mixed))
        ours = in_process("audit", str(mixed), str(mixed / "registry.parquet"))
        show(f"{options.items:,} items, {options.items // 5:,} records: the floor", bare)
        show("the consent step", ours)
        steps = ("items opened", "matched and resolved", "one row per item")
        for unit in ("", ": processor"):
            least = bare[f"bare joins, one row per item{unit}"]
            once = sum(ours[f"{step}{unit}"] for step in steps)
            whole = sum(ours[f"{s}{unit}"] for s in (*steps, "records weighed"))
            whole += ours[f"registry read and checked{unit}"]
            name = "processor seconds" if unit else "seconds"
            print(
                f"  ratio in {name}: matching, resolving and writing {once / least:.1f}, "
                f"with the registry {whole / least:.1f}"
            )
        make_robots(robots, options.rules)
        found = in_process("audit", str(robots), f"robots:{robots / 'robots.jsonl'}")
        show(f"{options.rules:,} robots.txt rules, a million items", found)


if __name__ == "__main__":
    main()
