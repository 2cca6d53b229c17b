"""How far a whole audit is from the floor, and how it compares with what one would do instead.

    python benchmarks/audit.py [ITEMS] [--folder DIR] [--table docs/performance.md]

Makes a manifest and a registry a tenth its size, and measures, each in a process of its own, the
floor (`floor.py`), the audit (`whole.py`), an audit again with a new registry only, pandas doing
the same job (`frames.py`) and ScanCode item by item (`notices.py`).
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import platform
import shutil
from importlib.metadata import version
from pathlib import Path

import duckdb
from measuring import MEMORY, in_process, keep, need_space, temporary_folder
from tables import rewrite, size, table

BYTES_PER_ITEM = 150
"""What the largest stage takes on disk: manifest or keys, what is spilled, and what is written."""
MOST_FOR_PANDAS = 2_000_000
_FEW = 20_000
"""Items enough for every kind of query."""
_CHANGED = 50
"""A newer export lacks one record in so many, with those that refer to it; as many are new."""
_GB = 1e9


def measure(items: int, folder: Path) -> dict:
    """The floor and the audit of one size; only one of them has its data on disk at a time."""
    need_space(folder, items * BYTES_PER_ITEM)
    print(f"{items:,} items, {items // 10:,} records: making keys", flush=True)
    keys = folder / "keys"
    in_process("keyed.py", items, keys, folder=folder)
    print("the floor", flush=True)
    floor = in_process("floor.py", keys, folder / "floor.parquet", folder=folder)
    floor["written"] = (folder / "floor.parquet").stat().st_size
    shutil.rmtree(keys)
    (folder / "floor.parquet").unlink()
    print("making the manifest and the registry", flush=True)
    in_process("synthetic.py", items, folder / "data", folder=folder)
    print("a small audit, so that queries are compiled", flush=True)
    compile_queries(folder)
    print("the audit", flush=True)
    audit = in_process("whole.py", *_inputs(folder), folder / "audit", folder=folder)
    shutil.rmtree(folder / "audit")
    if audit["items_in"] != items:
        raise SystemExit(f"{audit['items_in']:,} of {items:,} items are accounted for")
    manifest, registry = _inputs(folder)
    print("keys as the floor has them, made of the manifest", flush=True)
    making = in_process("floor.py", "--making", manifest, folder=folder)
    return {
        "items": items,
        "records": items // 10,
        "manifest_bytes": sum(file.stat().st_size for file in manifest.iterdir()),
        "registry_bytes": registry.stat().st_size,
        "floor": floor,
        "making": making,
        "audit": audit,
    }


def compile_queries(folder: Path) -> None:
    """Let what is measured find compiled queries, as every audit but a version's first does."""
    small = folder / "small"
    in_process("synthetic.py", _FEW, small / "data", folder=folder)
    in_process("whole.py", *_inputs(small), small / "audit", folder=folder)
    shutil.rmtree(small)


def _inputs(folder: Path) -> tuple[Path, Path]:
    return folder / "data" / "manifest", folder / "data" / "registry.parquet"


def measure_again(folder: Path) -> dict:
    """An audit that keeps its state, and the next one, of the same manifest with a newer export."""
    print("the audit, kept for the next", flush=True)
    manifest, registry = _inputs(folder)
    older, newer = folder / "older.parquet", folder / "newer.parquet"
    with duckdb.connect() as database:
        for path, without in ((older, 1), (newer, 0)):
            there = f"""SELECT * FROM '{registry}'
                WHERE substr(record_id, 2)::BIGINT // 20 % {_CHANGED} <> {without}"""
            database.execute(f"COPY ({there}) TO '{path}' (FORMAT parquet)")
    state = ("--state", folder / "state")
    first = in_process("whole.py", manifest, older, folder / "first", *state, folder=folder)
    print("the audit again, with a new registry only", flush=True)
    again = in_process("whole.py", manifest, newer, folder / "again", *state, folder=folder)
    for name in ("first", "again", "state"):
        shutil.rmtree(folder / name, ignore_errors=True)
    return {"first": first, "again": again}


def measure_others(items: int, folder: Path) -> dict:
    """What one would do instead, on as many of the items as it can take."""
    few = min(items, MOST_FOR_PANDAS)
    data = folder
    if few < items:
        data = folder / "few"
        data.mkdir()
        in_process("synthetic.py", few, data / "data", folder=folder)
    print(f"pandas, {few:,} items", flush=True)
    pandas = in_process("frames.py", *_inputs(data), folder / "pandas", folder=folder)
    print("ScanCode, item by item", flush=True)
    scancode = in_process("notices.py", _inputs(data)[0], folder=folder) or None
    return {"pandas": pandas, "scancode": scancode}


def machine() -> dict:
    """What it is measured on, and how much of it others use."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    versions = {name: version(name) for name in ("duckdb", "ibis-framework", "pandas")}
    return {
        "processors": os.cpu_count(),
        "memory": memory,
        "load": os.getloadavg()[0],
        "python": platform.python_version(),
        **versions,
    }


def per_gigabyte(items: int, measured: dict) -> float:
    """Items a second per GB of peak memory."""
    return items / measured["seconds"] / (measured["memory"] / _GB)


def comparison(found: dict) -> str:
    """The table of what was measured."""
    items = found["items"]
    rows = [_row("the floor", items, found["floor"])]
    rows.append(_row("the floor with keys made", items, with_keys(found)))
    rows.append(_row("the audit", items, found["audit"]))
    rows.append(_row("again, with a new registry only", items, found["again"]["again"]))
    pandas = found["pandas"]
    rows.append(_row("pandas", pandas["items"], pandas))
    if scancode := found["scancode"]:
        rate = f"{scancode['items'] / scancode['seconds']:,.0f}"
        seconds = f"{scancode['seconds']:,.1f}"
        memory = size(scancode["memory"])
        rows.append(["ScanCode", f"{scancode['items']:,}", seconds, "", rate, memory, "", ""])
    head = ["", "items", "seconds", "processor seconds", "items a second", "peak memory"]
    return table([*head, "spilled", "items a second and GB"], rows)


def with_keys(found: dict) -> dict:
    """The floor, and the making of its items' keys before it."""
    floor, making = found["floor"], found["making"]
    both = {name: floor[name] + making[name] for name in ("seconds", "processor")}
    return both | {name: max(floor[name], making[name]) for name in ("memory", "spilled")}


def _row(name: str, items: int, measured: dict) -> list[str]:
    return [
        name,
        f"{items:,}",
        f"{measured['seconds']:,.1f}",
        f"{measured['processor']:,.1f}",
        f"{items / measured['seconds']:,.0f}",
        size(measured["memory"]),
        size(measured["spilled"]) if "spilled" in measured else "",
        f"{per_gigabyte(items, measured):,.0f}",
    ]


def ratios(found: dict) -> list[str]:
    """What is asked of the audit, in a line each."""
    floor, audit, items = found["floor"], found["audit"], found["items"]
    made = with_keys(found)
    lines = [
        f"ratio to floor: {audit['seconds'] / floor['seconds']:.2f}",
        f"ratio to floor in processor seconds: {audit['processor'] / floor['processor']:.2f}",
        f"ratio to the floor with keys made: {audit['seconds'] / made['seconds']:.2f}",
        f"the same in processor seconds: {audit['processor'] / made['processor']:.2f}",
        f"peak memory: {size(audit['memory'])}, with a limit of {MEMORY} for the engine",
        f"spilled: {size(audit['spilled'])}; other work files: {size(audit['work_files'])}",
    ]
    again = found["again"]["again"]
    share, busy = (again[unit] / audit[unit] for unit in ("seconds", "processor"))
    lines.append(
        f"again with a new registry only, of a fresh audit: {share:.2f}, "
        f"in processor seconds {busy:.2f}"
    )
    pandas = found["pandas"]
    alone = per_gigabyte(pandas["items"], pandas)
    lines.append(
        f"items a second and GB, against pandas: {per_gigabyte(items, audit) / alone:.2f} "
        f"(the floor: {per_gigabyte(items, floor) / alone:.2f})"
    )
    if scancode := found["scancode"]:
        rate = scancode["items"] / scancode["seconds"]
        ours = items / audit["seconds"]
        lines.append(f"items a second, against ScanCode item by item: {ours / rate:,.0f}")
    else:
        lines.append("ScanCode: not installed, skipped (the extra `text` has it)")
    return lines


def steps(measured: dict, items: int) -> str:
    """Where the audit's time went."""
    rows = [
        [
            name,
            f"{spent['seconds']:,.1f}",
            f"{spent['processor']:,.1f}",
            f"{spent['processor'] / items * 1e6:.2f}",
        ]
        for name, spent in measured["steps"].items()
    ]
    return table(["step", "seconds", "processor seconds", "µs of the processor an item"], rows)


def busy(load: float) -> str:
    """What a load average from before means for the figures."""
    sentence = f"Load average when it began: {load:.1f}"
    if load < 1:
        return f"{sentence}."
    return f"{sentence}: other work used the processors, compare the processor seconds."


def page(found: dict) -> str:
    """What goes into the documentation."""
    on = found["machine"]
    where = (
        f"`{found['command']}` on {found['date']}: {on['processors']} processors, "
        f"{size(on['memory'])} of memory, Python {on['python']}, DuckDB {on['duckdb']}, "
        f"Ibis {on['ibis-framework']}, pandas {on['pandas']}; the engine's limit {MEMORY}. "
        f"{busy(on['load'])}"
    )
    return "\n\n".join(
        [
            where,
            comparison(found),
            "\n".join(f"- {line}" for line in ratios(found)),
            "The audit's steps:",
            steps(found["audit"], found["items"]),
        ]
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("items", type=int, nargs="?", default=5_000_000)
    parser.add_argument("--folder", type=Path, help="where there is space; gone afterwards")
    parser.add_argument("--table", type=Path, help="the page whose table is written anew")
    given = parser.parse_args()
    on = machine()
    with temporary_folder(given.folder) as folder:
        found = measure(given.items, folder)
        found["again"] = measure_again(folder)
        found |= measure_others(given.items, folder)
    found["machine"] = on
    found["date"] = dt.datetime.now(dt.UTC).date().isoformat()
    found["command"] = f"make bench ITEMS={given.items}"
    print(f"\n{comparison(found)}\n\n{steps(found['audit'], given.items)}\n")
    print("\n".join(ratios(found)))
    if given.table:
        keep("audit", found)
        rewrite(given.table, "comparison", "audit.py", page(found))


if __name__ == "__main__":
    main()
