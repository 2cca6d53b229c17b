"""What a dataset beyond this machine takes, computed from what was measured on it.

    python benchmarks/plan.py [--page docs/scale.md]

Takes the figures that `audit.py` and `growth.py` left with `--table`, and the assumptions below,
each with its reason. Nothing here is measured at the size planned for.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import linear_regression

from measuring import FIGURES
from tables import rewrite, size, table

ITEMS = 5_000_000_000
RECORDS = 2_000_000_000
_HOUR = 3600
_MICRO = 1e-6
_PYTHON_VALUES = 20_000


@dataclass(frozen=True)
class Assumption:
    """A number that isn't measured here, and why it is taken."""

    name: str
    value: float
    why: str


CORES = Assumption("cores of one large machine", 96, "what clouds rent as one size of 768 GB")
MEMORY = Assumption("its memory, GB", 768, "8 GB a core")
KEPT_BUSY = Assumption(
    "share of its cores that work",
    0.5,
    "some steps run on one core (Python, the final order of rows); two cores are all we have seen",
)
LARGER = Assumption(
    "dearer than at the size measured",
    2,
    "hash tables beyond the caches, joins in partitions that are spilled and read again; four "
    "records for ten items where one was measured",
)
EXECUTORS = Assumption("Spark: executors", 48, "of 8 cores and 64 GB; more of them is less time")
EXECUTOR_CORES = Assumption("Spark: cores of an executor", 8, "a usual size")
SPARK = Assumption(
    "Spark: processor seconds for one of DuckDB",
    4,
    "row-wise expressions in Java, shuffles in place of shared hash tables; measure with your own",
)
SPARK_BUSY = Assumption("Spark: share of its cores that work", 0.6, "stages wait for stragglers")
PER_RECORD = Assumption(
    "bytes of a record in a hash table", 100, "two keys of 30 characters, number and pointers"
)
ODD = Assumption(
    "items with a value of their own that Python must read",
    0.01,
    "half of the dirt of the benchmark; a crawl with many addresses in capitals has more",
)
DISTINCT_LICENSES = Assumption(
    "distinct licence statements", 50_000_000, "one item in a hundred has a notice of its own"
)
ASSUMED = (
    CORES, MEMORY, KEPT_BUSY, LARGER, EXECUTORS, EXECUTOR_CORES, SPARK, SPARK_BUSY, PER_RECORD,
    ODD, DISTINCT_LICENSES,
)  # fmt: skip


@dataclass(frozen=True)
class Costs:
    """What one more item and one more record take, from audits of several sizes."""

    item: float
    """Processor seconds."""
    record: float
    """Processor seconds to read, check and weigh it."""
    item_input: float
    """Bytes of the manifest."""
    record_input: float
    """Bytes of the registry."""
    item_output: float
    """Bytes written for an item."""
    item_work: float
    """Bytes of work files and spilling for an item."""
    license: float
    """Processor seconds to conclude on a statement that is like no other."""
    odd: float
    """Processor seconds to read an address that isn't in its normal form."""

    @classmethod
    def of(cls, runs: list[dict], python: dict[str, float]) -> Costs:
        audits = [run["audit"] for run in runs]
        reading = [_about_records(audit) for audit in audits]
        rest = [audit["processor"] - read for audit, read in zip(audits, reading, strict=True)]
        last = runs[-1]
        return cls(
            item=_slope([run["items"] for run in runs], rest),
            record=_slope([run["records"] for run in runs], reading),
            item_input=last["manifest_bytes"] / last["items"],
            record_input=last["registry_bytes"] / last["records"],
            item_output=last["audit"]["written"] / last["items"],
            item_work=(last["audit"]["work_files"] + last["audit"]["spilled"]) / last["items"],
            **python,
        )


def _about_records(audit: dict) -> float:
    return sum(each["processor"] for name, each in audit["steps"].items() if "regist" in name)


def _slope(counts: list[int], took: list[float]) -> float:
    """Of one more; with one size only, all of it is taken to grow."""
    if len(counts) == 1:
        return took[0] / counts[0]
    return linear_regression(counts, took).slope


def python_costs() -> dict[str, float]:
    """Processor seconds for a value that Python reads, measured now."""
    import random

    from values import value

    from sourcing_audit.addresses import Addresses
    from sourcing_audit.licenses import Concluder, LicenseRules
    from sourcing_audit.model import IntendedUse
    from sourcing_audit.rules import ConsentRules, RuleStore

    store = RuleStore()
    concluder = Concluder(LicenseRules.load(store), IntendedUse())
    reader = Addresses(ConsentRules.load(store).tracking)
    chance = random.Random(5)
    statements = [value(chance, number) for number in range(_PYTHON_VALUES)]
    urls = [f"HTTPS://WWW.Example.org/%7E{n}/ä.jpg#top" for n in range(_PYTHON_VALUES)]
    start = time.process_time()
    for statement in statements:
        concluder.conclude(statement)
    between = time.process_time()
    for url in urls:
        list(reader.read_all(url))
    end = time.process_time()
    return {"license": (between - start) / len(statements), "odd": (end - between) / len(urls)}


def page(runs: list[dict], python: dict[str, float]) -> str:
    """The plan: costs measured, assumptions, and what follows."""
    costs = Costs.of(runs, python)
    sizes = ", ".join(f"{run['items']:,}" for run in runs)
    serial = ITEMS * ODD.value * costs.odd + DISTINCT_LICENSES.value * costs.license
    work = (ITEMS * costs.item + RECORDS * costs.record) * LARGER.value
    machine = work / (CORES.value * KEPT_BUSY.value)
    spark = work * SPARK.value / (EXECUTORS.value * EXECUTOR_CORES.value * SPARK_BUSY.value)
    tables = RECORDS * PER_RECORD.value
    inputs = ITEMS * costs.item_input + RECORDS * costs.record_input
    return "\n\n".join(
        [
            f"Measured, from audits of {sizes} items:",
            table(["one more", "takes"], _measured(costs)),
            "Assumed:",
            table(
                ["", "because", "value"],
                [[each.name, each.why, f"{each.value:,}"] for each in ASSUMED],
                texts=2,
            ),
            f"So for {ITEMS / 1e9:g} billion items against {RECORDS / 1e9:g} billion records:",
            table(
                ["", "one large machine", "Spark"],
                [
                    ["core hours", _hours(work), _hours(work * SPARK.value)],
                    ["hours, what runs in parallel", _hours(machine), _hours(spark)],
                    ["hours, what Python reads on one core", _hours(serial), _hours(serial)],
                    ["hours in all", _hours(machine + serial), _hours(spark + serial)],
                    ["machines", "1", f"{EXECUTORS.value:g} executors and a driver"],
                    ["the records' keys in memory", _of_memory(tables), _each(tables)],
                    ["manifest and registry", size(inputs), "the same"],
                    ["findings and evidence", size(ITEMS * costs.item_output), "the same"],
                    ["disk for work files and spilling", *_disk(costs, tables)],
                ],
            ),
        ]
    )


def _measured(costs: Costs) -> list[list[str]]:
    return [
        ["item", f"{costs.item / _MICRO:,.1f} µs of a processor"],
        ["record read, checked and weighed", f"{costs.record / _MICRO:,.1f} µs of a processor"],
        ["item, in the manifest", f"{costs.item_input:,.0f} bytes"],
        ["record, in the registry", f"{costs.record_input:,.0f} bytes"],
        ["item, in results", f"{costs.item_output:,.0f} bytes"],
        ["item, in work files", f"{costs.item_work:,.0f} bytes"],
        ["licence statement like no other", f"{costs.license / _MICRO:,.0f} µs, in Python"],
        ["address not in its normal form", f"{costs.odd / _MICRO:,.0f} µs, in Python"],
    ]


def _hours(seconds: float) -> str:
    return f"{seconds / _HOUR:,.1f}"


def _of_memory(tables: float) -> str:
    return f"{size(tables)} of {MEMORY.value:g} GB"


def _each(tables: float) -> str:
    return f"{size(tables / EXECUTORS.value)} an executor, shuffled"


def _disk(costs: Costs, tables: float) -> tuple[str, str]:
    """Work files grow with the items; the records' tables may be spilled whole."""
    needed = ITEMS * costs.item_work + tables
    return size(needed), f"{size(needed / EXECUTORS.value)} an executor"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--page", type=Path, help="the page whose plan is written anew")
    given = parser.parse_args()
    if not FIGURES.is_file():
        raise SystemExit(f"{FIGURES} isn't there: run growth.py or audit.py with --table first")
    figures = json.loads(FIGURES.read_text(encoding="utf-8"))
    runs = [*figures.get("growth", ()), *filter(None, [figures.get("audit")])]
    runs.sort(key=lambda run: run["items"])
    found = page(runs, python_costs())
    print(found)
    if given.page:
        rewrite(given.page, "plan", "plan.py", found)


if __name__ == "__main__":
    main()
