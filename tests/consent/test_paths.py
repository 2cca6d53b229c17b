"""Prefixes and patterns in the engine, held against a matcher of a few lines."""

import itertools
import re

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from sourcing_audit.consent import paths
from sourcing_audit.engine import Engine

HOST = "a.example"
PATHS = st.text(st.sampled_from("ab/%_.?=*$"), max_size=12).map(lambda text: f"/{text}")


def expected(kind: str, pattern: str, path: str) -> bool:
    if kind == "url_prefix":
        places = (pattern, f"{pattern}.git")
        return any(path == one or path.startswith((f"{one}/", f"{one}?")) for one in places)
    body, anchored = (pattern[:-1], True) if pattern.endswith("$") else (pattern, False)
    regex = "".join(".*" if part == "*" else re.escape(part) for part in re.split(r"(\*)", body))
    return re.match(regex + ("$" if anchored else ""), path) is not None


def found(engine: Engine, kind: str, patterns: list[str], addresses: list[str]) -> set[tuple]:
    below = engine.from_arrow(
        "below",
        pa.table(
            {
                "record_no": range(len(patterns)),
                "matches": [kind] * len(patterns),
                "wide": [HOST + pattern for pattern in patterns],
                "exact": [f"//{HOST}{pattern}" for pattern in patterns],
                "is_deny": [True] * len(patterns),
            }
        ),
    )
    below = engine.materialise(paths.prepared(below), "prepared")
    at = engine.from_arrow(
        "at",
        pa.table(
            {
                "pos": range(len(addresses)),
                "exact": [f"https://{HOST}{path}" for path in addresses],
                "wide": [HOST + path for path in addresses],
            }
        ),
    )
    rows = [
        row
        for depth in paths.DEPTHS
        for row in engine.arrow(
            paths.joined(at, below, depth).select("pos", "record_no")
        ).to_pylist()
    ]
    pairs = [(row["record_no"], row["pos"]) for row in rows]
    assert len(pairs) == len(set(pairs)), "a record is joined at one depth only"
    return set(pairs)


def check(engine: Engine, kind: str, patterns: list[str], addresses: list[str]) -> None:
    wanted = {
        (number, pos)
        for (number, pattern), (pos, path) in itertools.product(
            enumerate(patterns), enumerate(addresses)
        )
        if expected(kind, pattern, path)
    }
    assert found(engine, kind, patterns, addresses) == wanted


@settings(max_examples=8, deadline=None)
@given(
    patterns=st.lists(PATHS, min_size=20, max_size=60, unique=True),
    addresses=st.lists(PATHS, min_size=20, max_size=60, unique=True),
)
def test_patterns_match_by_octets(patterns: list[str], addresses: list[str]) -> None:
    with Engine.duckdb() as engine:
        check(engine, "url_pattern", patterns, addresses)


def test_known_patterns() -> None:
    patterns = ["/", "/fish", "/fish*", "/fish/", "/*.php", "/*.php$", "/a_b", "/100%25", "/x*y*z"]
    patterns += ["/" + "*a" * 12 + "$", "/a-path-that-is-longer-than-any-of-the-depths/and/deeper"]
    addresses = [
        "/",
        "/fish",
        "/fish.html",
        "/fish/salmon",
        "/a.php",
        "/a.php?x",
        "/a.php5",
        "/axb",
    ]
    addresses += ["/a_b", "/100%25", "/100x25", "/xyz", "/x1y2z3", "/xzy", "/" + "a" * 3000]
    addresses += ["/a-path-that-is-longer-than-any-of-the-depths/and/deeper/still"]
    with Engine.duckdb() as engine:
        check(engine, "url_pattern", patterns, addresses)


def test_prefixes_hold_for_whole_segments() -> None:
    with Engine.duckdb() as engine:
        check(engine, "url_prefix", ["/a", "/a/b"], ["/a", "/ab", "/a/b", "/a/bc", "/a?b", "/"])
        check(engine, "url_prefix", ["/a/b"], ["/a/b.git", "/a/b.git/c", "/a/b.github", "/a/b.gi"])
