"""How fast are declared values classified, and in how much memory?

Makes distinct values of the kinds that columns of a million different ones hold, concludes on
them as an audit does, batch by batch, and prints seconds and peak memory, beside the same values
through `license-expression`, which is what one would use without this tool.

    python benchmarks/values.py [COUNT]
"""

from __future__ import annotations

import argparse
import contextlib
import random
import resource
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from sourcing_audit import schema
from sourcing_audit.licenses import Concluder, LicenseRules, conclude_batches
from sourcing_audit.model import IntendedUse
from sourcing_audit.rules import RuleStore

if TYPE_CHECKING:
    from collections.abc import Iterator

BATCH = 100_000
SAMPLE = 20_000
"""Values for `license-expression`."""

# fmt: off
_FIRST = (
    "Ana", "Ben", "Chloé", "Dai", "Eva", "Femi", "Gül", "Hana", "Ivo", "Jane", "Kofi", "Léa",
    "Mia", "Noor", "Olga", "Pía", "Raj", "Sam",
)
_LAST = (
    "Abe", "Böhm", "Cruz", "Doe", "Eze", "Fox", "Gil", "Haas", "Iqbal", "Jones", "Kim", "Lopez",
    "Müller", "Ng", "Okoro", "Park",
)
_WORDS = (
    "photograph", "taken", "at", "the", "harbour", "before", "noon", "and", "printed", "by",
    "hand", "for", "exhibition", "of", "city", "museum", "with", "kind", "support", "foundation",
    "whose", "archive", "holds", "negatives", "today",
)
# fmt: on
_LICENSES = (
    "CC BY 4.0",
    "CC BY-SA 3.0",
    "CC0",
    "CC BY-NC-ND 2.0",
    "MIT",
    "public domain",
    "All rights reserved",
    "Attribution-ShareAlike 4.0 International",
    "GFDL",
    "ODbL",
)  # fmt: skip
_PATHS = ("by/4.0/", "by-sa/3.0/de/", "by-nc/2.0/", "publicdomain/zero/1.0/", "by/2.5/deed.fr")


def value(chance: random.Random, number: int) -> str:
    """One value that is like no other."""
    name = f"{chance.choice(_FIRST)} {chance.choice(_LAST)}"
    some = chance.choice(_LICENSES)
    kinds = (
        f"© {name} {number}",
        f"© {name.lower()}{number} / photo agency. All rights reserved.",
        f"{some} by {name} {number}",
        f"Photo: {name}, {some}, no. {number}",
        f"https://creativecommons.org/licenses/{chance.choice(_PATHS)}?ref={number}",
        f"https://www.example.org/rights/{number}/?utm_source=feed",
        f"{name}: {' '.join(chance.choices(_WORDS, k=20))} {number}",
        f"{' '.join(chance.choices(_WORDS, k=12))} {some} {chance.choice(_WORDS)} {number}",
        f"Inv. {number}, courtesy of the {chance.choice(_LAST)} estate",
        f"{number:x}-{chance.getrandbits(40):x}",
    )
    return kinds[number % len(kinds)]


def batches(count: int) -> Iterator[pa.RecordBatch]:
    chance = random.Random(5)
    fields = pa.schema([(name, pa.string()) for name in schema.DECLARED])
    for start in range(0, count, BATCH):
        size = min(BATCH, count - start)
        raw = pa.array([value(chance, number) for number in range(start, start + size)])
        arrays = [
            raw if name == "license_raw" else pa.nulls(size, pa.string()) for name in fields.names
        ]
        yield pa.RecordBatch.from_arrays(arrays, schema=fields)


def classify(count: int) -> None:
    """Run in a process of its own, so that its memory is its own."""
    concluder = Concluder(LicenseRules.load(RuleStore()), IntendedUse())
    seconds = processor = 0.0
    known = 0
    for given in batches(count):
        wall, busy = time.perf_counter(), time.process_time()
        (found,) = conclude_batches(concluder, [given])
        seconds += time.perf_counter() - wall
        processor += time.process_time() - busy
        known += pc.sum(pc.not_equal(found.column("license_concluded"), "NOASSERTION")).as_py()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{known} {seconds:.2f} {processor:.2f} {peak:.0f}")


def license_expression() -> float:
    """Values a second of the library that validates SPDX expressions."""
    from license_expression import ExpressionError, get_spdx_licensing

    licensing = get_spdx_licensing()
    values = next(batches(SAMPLE)).column("license_raw").to_pylist()
    started = time.process_time()
    for one in values:
        with contextlib.suppress(ExpressionError):
            licensing.parse(one, validate=True)
    return len(values) / (time.process_time() - started)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("count", type=int, nargs="?", default=1_000_000)
    parser.add_argument("--alone", action="store_true", help=argparse.SUPPRESS)
    wanted = parser.parse_args()
    if wanted.alone:
        classify(wanted.count)
        return
    command = [sys.executable, __file__, str(wanted.count), "--alone"]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    known, seconds, processor, peak = (float(part) for part in printed.split())
    rate, other = wanted.count / processor, license_expression()
    print(f"distinct values        {wanted.count:,}, {known / wanted.count:.1%} understood")
    print(f"time                   {seconds:,.1f} s, of which {processor:,.1f} s on a processor")
    print(f"rate                   {rate:,.0f} values a processor second")
    print(f"peak memory            {peak:,.0f} MB")
    print(f"license-expression     {other:,.0f} values a second (parse, {SAMPLE:,} values)")
    print(f"ratio to it: {rate / other:.2f}")


if __name__ == "__main__":
    main()
