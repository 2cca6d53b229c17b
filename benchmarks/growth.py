"""Whether the audit's time grows as a line with the number of items.

    python benchmarks/growth.py [MILLIONS…] [--folder DIR] [--table docs/performance.md]

Measures floor and audit at each size and fits a line through the seconds of the audit.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from statistics import correlation, linear_regression

from audit import busy, machine, measure
from measuring import keep, temporary_folder
from tables import rewrite, size, table

SIZES = (1.0, 10.0, 30.0)
_MILLION = 1_000_000


def fitted(runs: list[dict], unit: str) -> str:
    """The line through what the audits took, in a sentence."""
    millions = [run["items"] / _MILLION for run in runs]
    took = [run["audit"][unit] for run in runs]
    slope, start = linear_regression(millions, took)
    return (
        f"{slope:.2f} a million items and {start:.1f} at the start, "
        f"R² = {correlation(millions, took) ** 2:.4f}"
    )


def page(runs: list[dict], load: float) -> str:
    """The table, the lines through it, and how busy the machine was."""
    rows = [
        [
            f"{run['items']:,}",
            f"{run['floor']['seconds']:,.1f}",
            f"{run['audit']['seconds']:,.1f}",
            f"{run['audit']['processor']:,.1f}",
            f"{run['audit']['seconds'] / run['floor']['seconds']:.2f}",
            f"{run['audit']['processor'] / run['floor']['processor']:.2f}",
            size(run["audit"]["memory"]),
            size(run["audit"]["spilled"]),
        ]
        for run in runs
    ]
    head = ["items", "floor, seconds", "audit, seconds", "audit, processor seconds"]
    found = table([*head, "ratio", "in processor seconds", "peak memory", "spilled"], rows)
    if len(runs) > 1:
        found += f"\n\nSeconds: {fitted(runs, 'seconds')}.\n"
        found += f"Processor seconds: {fitted(runs, 'processor')}."
    return f"{found}\n\n{busy(load)}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("millions", type=float, nargs="*", default=SIZES)
    parser.add_argument("--folder", type=Path, help="where there is space; gone afterwards")
    parser.add_argument("--table", type=Path, help="the page whose table is written anew")
    given = parser.parse_args()
    load = machine()["load"]
    runs = []
    for millions in given.millions:
        with temporary_folder(given.folder) as folder:
            runs.append(measure(int(millions * _MILLION), folder))
    found = page(runs, load)
    print(f"\n{found}")
    if given.table:
        keep("growth", runs)
        rewrite(given.table, "growth", "growth.py", found)


if __name__ == "__main__":
    main()
