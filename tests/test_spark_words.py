"""What DuckDB means, in the words of Java and of Python; no Spark is needed to tell."""

from __future__ import annotations

import sys

import pytest

from sourcing_audit.engine import Engine, regex, start
from sourcing_audit.engine.spark_json import text_at
from sourcing_audit.errors import ConfigError

JSON = [
    '{"a": "x"}',
    '{"a": null}',
    '{"a": true, "b": {"c": [1, 2.50, "é\\n/"]}}',
    '{"a": 1e5}',
    '{"a": 1E400}',
    '{"a": 12345678901234567890123}',
    '{"a": -0.0, "a": 2}',
    '{"a": [1, {"b": "c"}], "a/b": "~"}',
    '{"a": "\\ud800"}',
    '{"a": 1}x',
    "[1, [2, 3]]",
    "nope",
    "{" * 5000,
    ' {"a": "\\u0041"} ',
]


@pytest.mark.parametrize("text", JSON, ids=range(len(JSON)))
@pytest.mark.parametrize("pointer", ["/a", "/b/c", "/a/1/b", "/a~1b", "/1/0", "/01", "/-"])
def test_what_stands_in_json_is_what_duckdb_finds(text: str, pointer: str) -> None:
    quoted = text.replace("'", "''")
    with Engine.duckdb(threads=1) as engine:
        query = f"json_extract_string('{quoted}', '{pointer}')"
        [(expected,)] = engine.rows(f"SELECT CASE WHEN json_valid('{quoted}') THEN {query} END")
    assert text_at(text, pointer) == expected


def test_nothing_stands_in_nothing() -> None:
    assert text_at(None, "/a") is None


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("a$", r"(?d)a\z"),
        (r"a\$", r"(?d)a\$"),
        (r"\s\S", r"(?d)[\t\n\f\r ][^\t\n\f\r ]"),
        (r"[^\s/$]", r"(?d)[^\t\n\f\r /$]"),
        ("[]^[&]x[", r"(?d)[\]^\[\&]x["),
        (r"[\]]$", r"(?d)[\]]\z"),
        ("(?i)é", "(?d)(?iu)é"),
    ],
)
def test_patterns_mean_the_same_in_java(pattern: str, expected: str) -> None:
    assert regex.java(pattern) == expected


def test_what_replaces_a_match() -> None:
    assert regex.replacement(r"\1-$2") == r"$1-\$2"
    assert regex.literal("a.b c") == r"a\.b c"


def test_engines_that_arent_there(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError, match="no such engine"):
        start("abacus")
    monkeypatch.setitem(sys.modules, "sourcing_audit.engine.spark", None)
    with pytest.raises(ConfigError, match="PySpark"):
        start("spark")
