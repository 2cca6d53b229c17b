"""Each operation means on Spark what it means in DuckDB, for texts of all kinds."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import ibis
import pyarrow as pa
import pytest

from sourcing_audit import identities, keys, places
from sourcing_audit.addresses import NORMAL, Addresses
from sourcing_audit.consent import near, paths
from sourcing_audit.engine import bit_count, hashed, json_text, smallest, start, trimmed
from sourcing_audit.identifiers import Identifiers
from sourcing_audit.rules import ConsentRules, RuleStore
from sourcing_audit.verdict import FACTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    import ibis.expr.types as ir

    from sourcing_audit.engine import Engine

TEXTS = [
    None,
    "",
    " ",
    "\t a\u00a0b \n",
    "a\nb",
    "b\n",
    "\x0b",
    "\x1f",
    "http://example.org/a",
    "https://www.example.org/a/b?c=d#e",
    "HTTPS://Example.ORG:443/%7Ea",
    "http://example.org/a?utm_source=x&b=1",
    "//example.org/a",
    "example.org",
    "user@example.org",
    "http://[::1]/x",
    "http://1.2.3.4:8080/x",
    "http://exämple.org/ü",
    "https://example.org/a\\b?c=\\d_%25",
    '["https://example.org/a", "b"]',
    "['a', 'b']",
    "10.1234/ABC.def",
    "doi:10.1234/abc",
    "ORCID:0000-0002-1825-0097",
    "0000000218250097",
    "Q42",
    "$1",
    "a&&b[c]^d-e]",
    "İstanbul ΣΟΦΟΣ ΑΣ",
    "👍🏽 é e\u0301",
    "2024-01-01",
    "2024-02-30",
    "2024-01-01T10:00:00Z",
    "2024-01-01 10:00:00.123456+02:00",
    "2024-01-01T10:00:00+0530",
    "2024-01-01T10:00:00-08",
    "2024-01-01T24:00:00",
    "2024-12-31 24:00",
    "2024-01-01T24:00:00.1",
    "2024-01-01T10:00:60",
    "2024-01-01T10:00:00.9999999",
    "2024-01-01T10:00:00+25:00",
    "2024-01-01T10:00:00-16:30",
    "1900-02-29",
    "2024-01-01T10:00",
    "1969-12-31T23:59:59Z",
    "20240101",
    "yes",
    "TRUE",
    "minor",
    "0xABCDEF",
    "sha256: " + "AB" * 32,
    "0f" * 16,
    "f" * 16,
    "8000000000000000",
    "x" * 3000,
]

JSON = [
    '{"a": "x"}',
    '{"a": null}',
    '{"a": true, "b": {"c": [1, 2.50, "é\\n/"]}}',
    '{"a": 1e5}',
    '{"a": 1E400}',
    '{"a": 12345678901234567890123}',
    '{"a": -0.0, "a": 2}',
    '{"a": NaN}',
    '{"a": [1, {"b": "c"}], "a/b": "~"}',
    '{"a": "\\ud800"}',
    '{"a": 1}x',
    "[1, [2, 3]]",
    "nope",
    "{" * 5000,
    ' {"a": "\\u0041"} ',
]

BOTH = ("duckdb", "spark")


@pytest.fixture(scope="module")
def engines(cluster: object) -> Iterator[dict[str, Engine]]:
    with start("duckdb") as duckdb, start("spark") as spark:
        yield {"duckdb": duckdb, "spark": spark}


def texts(engine: Engine, values: list[str | None]) -> ir.Table:
    columns = {"no": range(len(values)), "text": pa.array(values, pa.string())}
    return engine.spread(engine.from_arrow("texts", pa.table(columns)))


def compare(engines: dict[str, Engine], values: list[str | None], build: Any) -> None:
    """The expressions that `build` makes of a text have the same values on both."""
    found = {}
    for name in BOTH:
        table = texts(engines[name], values)
        wanted = table.select("no", **build(table.text)).order_by("no")
        found[name] = engines[name].arrow(wanted).to_pylist()
    for value, here, there in zip(values, found["duckdb"], found["spark"], strict=True):
        assert there == here, repr(value)


def test_keys_and_facts(engines: dict[str, Engine]) -> None:
    rules = ConsentRules.load(RuleStore())
    addresses = Addresses(rules.tracking)
    reader = identities.Reader(Identifiers(rules.identifiers, addresses), addresses)

    def build(text: ir.StringValue) -> dict[str, ir.Value]:
        wide = places.wide(text)
        return {
            "trimmed": trimmed(text),
            "moment": keys.moment(text),
            "digest": keys.digest(text),
            "sha256": text.hexdigest("sha256"),
            "normal": text.re_search(NORMAL),
            "odd": places.is_odd(text, addresses),
            "wide": wide,
            "host": places.host(wide),
            "exact_host": places.exact_host(text),
            "shown": places.shown_host(text),
            "portless": places.portless(text),
            "parent": places.parent(text, 2),
            "start": paths.start(wide, 4),
            "like": paths._aside(text).like(paths._like(text)),
            **{f"{a}_odd": reader.is_odd(text, a) for a in ("person", "work", "name")},
            **{f"{a}_wide": identities.wide(text, a) for a in ("person", "work", "name")},
            "split": text.split("/")[0],
            "dots": text.replace(".", ""),
            "lower": text.lower(),
            "length": text.length(),
        }

    compare(engines, TEXTS, build)


@pytest.mark.parametrize("name", BOTH)
def test_texts_have_numbers(engines: dict[str, Engine], name: str) -> None:
    table = texts(engines[name], TEXTS * 2)
    table = table.mutate(number=hashed(table.text))
    by_text = table.group_by("text").aggregate(numbers=table.number.nunique())
    numbers = {row["text"]: row["numbers"] for row in engines[name].arrow(by_text).to_pylist()}
    assert numbers == {text: 0 if text is None else 1 for text in TEXTS}
    in_all = engines[name].arrow(table.aggregate(n=table.number.nunique()))["n"].to_pylist()
    assert in_all == [sum(numbers.values())]


def test_every_character_has_the_same_small_letter(engines: dict[str, Engine]) -> None:
    every = [chr(c) for c in range(1, sys.maxunicode + 1) if not 0xD800 <= c < 0xE000]
    capitals = [c for c in every if c.lower() != c or c.upper() != c]
    compare(engines, [*capitals], lambda text: {"lower": text.lower(), "length": text.length()})


PATTERNS = (
    r"^[!-.0-~]+(?: [!-.0-~]+)*$",
    r"\s",
    r"^\S+$",
    r"[^\s/]$",
    r"a.b",
    r"[[&]",
    r"[]^]",
    "(?i)é|\u03c3",
    r"\d{4}-\d\d",
    r"[{}\[\]\":,]",
    r"\$1",
)


def test_patterns(engines: dict[str, Engine]) -> None:
    def build(text: ir.StringValue) -> dict[str, ir.Value]:
        found: dict[str, ir.Value] = {}
        for n, pattern in enumerate(PATTERNS):
            found[f"s{n}"] = text.re_search(pattern)
            found[f"e{n}"] = text.re_extract(pattern, 0)
            found[f"r{n}"] = text.re_replace(f"({pattern.removeprefix('(?i)')})", r"<\1$>")
        return found

    compare(engines, TEXTS, build)


def test_patterns_of_records(engines: dict[str, Engine]) -> None:
    values = ["e.org/a.b/c?d", "e.org/aXb", "e.org/" + "a" * 2000, "e.org/a.bb(c)$"]
    kinds = [
        "e.org/a.*c",
        "e.org/*a*b$",
        "e.org/" + "a*" * 30 + "b",
        "e.org/*.*(*)*",
        "e.org/*b*b*b*",
    ]
    found = {}
    for name in BOTH:
        engine = engines[name]
        needles = texts(engine, [f"^{_regex(kind)}$" for kind in kinds]).rename(
            needle="text", n="no"
        )
        pairs = texts(engine, values).cross_join(needles)
        table = pairs.select("no", "n", held=pairs.text.re_search(pairs.needle))
        found[name] = engine.arrow(table.order_by("no", "n")).to_pylist()
    assert found["duckdb"] == found["spark"]
    assert any(row["held"] for row in found["spark"])


def _regex(pattern: str) -> str:
    whole = pattern.removesuffix("$") if pattern.endswith("$") else f"{pattern}*"
    return "".join(f"\\{c}" if c in ".+?^$|()[]{}\\" else c for c in whole).replace("*", ".*")


def test_what_stands_in_json(engines: dict[str, Engine]) -> None:
    at = {"a": ["a"], "b": ["b", "c"], "deep": ["a", "1", "b"], "slash": ["a/b"], "one": ["1", "0"]}
    compare(
        engines, [*JSON], lambda text: {name: json_text(text, path) for name, path in at.items()}
    )


def test_bits_of_hashes(engines: dict[str, Engine]) -> None:
    values = ["0" * 16, "f" * 16, "8000000000000000", "7fffffffffffffff", "123456789abcdef0"]

    def build(text: ir.StringValue) -> dict[str, ir.Value]:
        word = ibis.literal("0x").concat(text).cast("uint64")
        mask = ibis.literal((1 << 64) - 1, type="uint64")
        return {
            "all": bit_count(word ^ mask).cast("int64"),
            **{
                f"at{shift}": bit_count((word >> shift) & ibis.literal(255, type="uint64"))
                for shift in (0, 8, 56, 63)
            },
        }

    compare(engines, [*values], build)


def test_near_hashes(engines: dict[str, Engine]) -> None:
    rules = ConsentRules.load(RuleStore())
    hashes = [f"{(n * 0x9E3779B97F4A7C15) % (1 << 64):016x}" for n in range(50)]
    flipped = [f"{int(one, 16) ^ (1 << (n % 64)) ^ (1 << 63):016x}" for n, one in enumerate(hashes)]
    found = {}
    for name in BOTH:
        engine = engines[name]
        items = texts(engine, [*hashes]).rename(pos="no", phash="text")
        records = engine.from_arrow(
            "records",
            pa.table(
                {
                    "record_no": range(len(flipped)),
                    "subject_kind": ["phash"] * len(flipped),
                    "wide": [f"phash64:{one}" for one in flipped],
                    "max_distance": pa.array([2] * len(flipped), pa.int64()),
                }
            ),
        )
        pairs = near.matches(engine, items, records, rules.near, ["phash"])
        assert pairs is not None
        found[name] = engine.arrow(pairs.order_by("pos", "record_no")).to_pylist()
    assert found["duckdb"] == found["spark"]
    assert len(found["spark"]) >= len(hashes) - 1


def test_lists_and_samples(engines: dict[str, Engine]) -> None:
    found = {}
    for name in BOTH:
        table = texts(engines[name], ["b", "a", None, "b"] * 5)
        grouped = table.group_by("text").aggregate(
            first=smallest(table.no, 3),
            listed=ibis.array([table.text, table.text]).collect().flatten().unique().sort(),
        )
        nothing = table.select("text", none=ibis.literal([], type="array<string>"))
        found[name] = engines[name].arrow(grouped.order_by("text")).to_pylist()
        found[name] += engines[name].arrow(nothing.distinct().order_by("text")).to_pylist()
    assert found["duckdb"] == found["spark"]


def test_facts_that_cant_be_read(engines: dict[str, Engine]) -> None:
    found = {}
    for name in BOTH:
        table = texts(engines[name], TEXTS)
        columns = ("depicts_person", "person_status", "acquired_at", "source_url", "landing_url")
        table = table.mutate(**dict.fromkeys(columns, table.text))
        facts = {fact.name: fact.holds(table) for fact in FACTS if fact.needs <= set(columns)}
        wanted = table.select("no", **facts).order_by("no")
        found[name] = engines[name].arrow(wanted).to_pylist()
    assert found["duckdb"] == found["spark"]
