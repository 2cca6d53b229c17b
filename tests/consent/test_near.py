"""Works that are alike: every pair within its distance, none beyond, and never decided by."""

from __future__ import annotations

import base64
import random
from itertools import product
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sourcing_audit import iscc
from sourcing_audit.consent import bands, near
from sourcing_audit.engine import Engine
from sourcing_audit.rules.places import NearAlgorithm
from sourcing_audit.rules.store import RuleStore

if TYPE_CHECKING:
    from collections.abc import Iterator

RULES = {
    row.algorithm: row
    for row in RuleStore().table("consent/near.csv", NearAlgorithm, key=["algorithm"])
}


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine.duckdb(threads=1) as found:
        yield found


def table(engine: Engine, schema: dict[str, pa.DataType], rows: list[dict[str, Any]]) -> Any:
    return engine.from_arrow("t", pa.Table.from_pylist(rows, pa.schema(list(schema.items()))))


def found(
    engine: Engine, items: list[dict[str, Any]], records: list[dict[str, Any]]
) -> dict[tuple[int, int], int]:
    """The distance of each pair of item and record."""
    texts = {"phash": pa.string(), "iscc": pa.string()}
    here = table(
        engine,
        {"pos": pa.int64(), **texts},
        [{"pos": n, **item} for n, item in enumerate(items)],
    )
    there = table(
        engine,
        {
            "record_no": pa.int64(),
            "subject_kind": pa.string(),
            "wide": pa.string(),
            "max_distance": pa.int64(),
        },
        [
            {"record_no": n, "subject_kind": "phash", "max_distance": None, **record}
            for n, record in enumerate(records)
        ],
    )
    pairs = near.matches(engine, here, there, RULES, {"phash", "iscc"})
    if pairs is None:
        return {}
    rows = engine.arrow(pairs).to_pylist()
    assert len({(row["pos"], row["record_no"]) for row in rows}) == len(rows)
    return {(row["pos"], row["record_no"]): row["distance"] for row in rows}


def flipped(hash_: int, bits: int, size: int, seed: int = 0) -> int:
    for bit in random.Random(seed).sample(range(size), bits):
        hash_ ^= 1 << bit
    return hash_


@pytest.mark.parametrize(("algorithm", "size"), [("phash64", 64), ("pdq256", 256)])
def test_every_pair_within_the_limit_and_none_beyond(
    engine: Engine, algorithm: str, size: int
) -> None:
    limit = RULES[algorithm].max_distance
    hashes = [random.Random(n).getrandbits(size) for n in range(20)]
    near_by = [
        flipped(hash_, n % (limit + 3), size, n)
        for n, hash_ in enumerate(h for h, _ in product(hashes, range(limit + 3)))
    ]
    pairs = found(
        engine,
        [{"phash": f"{hash_:0{size // 4}X}"} for hash_ in near_by],
        [{"wide": f"{algorithm}:{hash_:0{size // 4}x}"} for hash_ in hashes],
    )
    distances = {
        (pos, no): (a ^ b).bit_count()
        for (pos, a), (no, b) in product(enumerate(near_by), enumerate(hashes))
    }
    assert pairs == {pair: d for pair, d in distances.items() if d <= limit}
    assert max(pairs.values()) == limit


def test_a_record_can_only_lower_the_limit(engine: Engine) -> None:
    hash_ = 0x0123456789ABCDEF
    records = [
        {"wide": f"phash64:{hash_:016x}", "max_distance": asked} for asked in (None, 2, 10**9, 0)
    ]
    limit = RULES["phash64"].max_distance
    items = [{"phash": f"{flipped(hash_, n, 64):016x}"} for n in (0, 2, 3, limit, limit + 1, 30)]
    pairs = found(engine, items, records)
    assert [{p for p, r in pairs if r == no} for no in range(4)] == [
        {0, 1, 2, 3},
        {0, 1},
        {0, 1, 2, 3},
        {0},
    ]


def test_hashes_of_different_algorithms_are_not_compared(engine: Engine) -> None:
    items = [{"phash": "0" * 16}, {"phash": "0" * 64}, {"phash": "0x" + "0" * 16}]
    records = [{"wide": "phash64:" + "0" * 16}, {"wide": "pdq256:" + "0" * 64}]
    assert found(engine, items, records) == {(0, 0): 0, (1, 1): 0, (2, 0): 0}


@pytest.mark.parametrize("text", ["", "no hash", "0" * 15, "g" * 16, "0" * 10**5, None, "\0", "-1"])
def test_what_is_no_hash_matches_nothing(engine: Engine, text: str | None) -> None:
    records = [
        {"wide": "phash64:" + "0" * 16},
        {"subject_kind": "iscc", "wide": "iscc:" + code(0), "max_distance": 4},
    ]
    assert found(engine, [{"phash": text, "iscc": text}], records) == {}


def test_many_equal_hashes_cost_one_comparison(engine: Engine) -> None:
    """Blank images all have the same hash."""
    items = [{"phash": "0" * 16}] * 5000
    assert len(found(engine, items, [{"wide": "phash64:" + "0" * 15 + "1"}])) == 5000


# Content codes


def unit(main: int, body: int, sub: int = 1, octets: int = 8) -> bytes:
    header = bytes([main << 4 | sub, octets // 4 - 1])
    return header + body.to_bytes(octets)


def code(body: int, main: int = iscc.CONTENT, sub: int = 1) -> str:
    return base64.b32encode(unit(main, body, sub)).decode().rstrip("=").lower()


def stated(text: str, limit: int | None = 8) -> dict[str, Any]:
    return {"subject_kind": "iscc", "wide": f"iscc:{text}", "max_distance": limit}


def test_units_of_one_kind_are_compared(engine: Engine) -> None:
    items = [
        {"iscc": f"ISCC:{code(0b111).upper()}"},
        {"iscc": code(0b111, sub=0).upper()},
        {"iscc": code(0b111, main=iscc.DATA, sub=0).upper()},
        {"iscc": code(2**9 - 1).upper()},
    ]
    assert found(engine, items, [stated(code(0))]) == {(0, 0): 3}


def test_equal_codes_are_no_near_match(engine: Engine) -> None:
    assert found(engine, [{"iscc": code(7)}], [stated(code(7)), stated(code(3))]) == {(0, 1): 1}


def test_a_code_without_a_distance_is_only_compared_as_a_whole(engine: Engine) -> None:
    assert found(engine, [{"iscc": code(7)}], [stated(code(3), None)]) == {}


@pytest.mark.parametrize("main", [iscc.META, iscc.INSTANCE])
def test_titles_and_checksums_are_not_near(engine: Engine, main: int) -> None:
    assert found(engine, [{"iscc": code(1, main, 0)}], [stated(code(0, main, 0))]) == {}


def test_the_nearest_unit_of_a_composite_counts(engine: Engine) -> None:
    def composite(content: int, data: int, instance: int) -> str:
        body = b"".join(part.to_bytes(8) for part in (content, data, instance))
        return base64.b32encode(bytes([5 << 4 | 1, 1]) + body).decode().rstrip("=").lower()

    item = composite(0b11, 2**40 - 1, 1)
    assert found(engine, [{"iscc": item}], [stated(composite(0, 0, 2))]) == {(0, 0): 2}
    assert found(engine, [{"iscc": item}], [stated(code(0))]) == {(0, 0): 2}


# Bands


@given(
    words=st.integers(1, 4),
    distance=st.integers(0, 40),
    sizes=st.tuples(st.integers(1, 10**7), st.integers(1, 10**6)),
)
@settings(deadline=None)
def test_bands_miss_no_pair(words: int, distance: int, sizes: tuple[int, int]) -> None:
    found = bands.plan(words, distance, *sizes)
    assert sum(band.radius + 1 for band in found) >= min(distance + 1, 64 * words)
    covered = [set(range(64 * b.word + b.shift, 64 * b.word + b.shift + b.width)) for b in found]
    assert len(set().union(*covered)) == sum(map(len, covered)), "bands overlap"


@pytest.mark.parametrize(("width", "radius"), [(5, 0), (5, 2), (8, 3)])
def test_masks_are_all_values_within_the_radius(width: int, radius: int) -> None:
    band = bands.Band(0, 0, width, radius)
    wanted = {value for value in range(2**width) if value.bit_count() <= radius}
    assert set(band.masks()) == wanted
    assert band.variants == len(wanted) == len(band.masks())
