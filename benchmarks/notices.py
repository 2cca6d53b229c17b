"""ScanCode's own scan, item by item, of the licence values that a manifest's items have.

    python benchmarks/notices.py MANIFEST

Its seconds don't hold the loading of its index, which is told apart. Prints `null` where ScanCode
isn't installed.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import tempfile
import time
from pathlib import Path

import duckdb
from measuring import peak_memory

SAMPLE = 200
"""Items; some twenty a second."""


def scan(manifest: Path) -> dict | None:
    """How long ScanCode takes for the licence values of the first items."""
    if importlib.util.find_spec("scancode") is None:
        return None
    from scancode.api import get_licenses

    files = f"{manifest}/*.parquet"
    query = "SELECT license FROM read_parquet($1) WHERE trim(license) <> '' LIMIT $2"
    values = [value for (value,) in duckdb.execute(query, [files, SAMPLE]).fetchall()]
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{number}.txt" for number in range(len(values))]
        for path, value in zip(paths, values, strict=True):
            path.write_text(value, encoding="utf-8")
        start = time.perf_counter()
        get_licenses(str(paths[0]))
        loaded = time.perf_counter()
        answers = [get_licenses(str(path))["detected_license_expression"] for path in paths]
        seconds = time.perf_counter() - loaded
    return {
        "items": len(values),
        "seconds": seconds,
        "loading": loaded - start,
        "answered": sum(answer is not None for answer in answers),
        "memory": peak_memory(),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("manifest", type=Path)
    print(json.dumps(scan(parser.parse_args().manifest)))


if __name__ == "__main__":
    main()
