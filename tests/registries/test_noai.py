"""noai and its like, in X-Robots-Tag headers and robots meta tags."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sourcing_audit.registries.web.noai import MAX_LINE, of_header, of_meta
from tests.registries.support import RULES

AI = "train_generative|train_non_generative|ai_input"
TRAINING = "train_generative|train_non_generative"


def header(line: str) -> list[tuple[str, str, str | None, str | None]]:
    found = of_header(line, RULES)
    return [(s.decision, s.uses, s.problem, s.media_types) for s in found]


def meta(name: str, content: str) -> list[tuple[str, str, str | None, str | None]]:
    found = of_meta(name, content, RULES)
    return [(s.decision, s.uses, s.problem, s.media_types) for s in found]


DENIES_ALL = ("deny", AI, None, None)
DENIES_IMAGES = ("deny", AI, None, "image/*")
A_DOUBT = ("unknown", AI, "signal_unreadable", None)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("noai", [DENIES_ALL]),
        ("NoAI", [DENIES_ALL]),
        ("noai, noimageai", [DENIES_ALL, DENIES_IMAGES]),
        ("noimageai", [DENIES_IMAGES]),
        ("noml", [("deny", TRAINING, None, None)]),
        ("noai,noai , NOAI", [DENIES_ALL]),
        ("X-Robots-Tag: noai", [DENIES_ALL]),
        ("*: noai", [DENIES_ALL]),
    ],
)
def test_refusals(line: str, expected: list[object]) -> None:
    assert header(line) == expected


@pytest.mark.parametrize(
    "line",
    [
        "",
        "noindex",
        "noindex, nofollow, noarchive",
        "googlebot: noindex, nofollow",
        "max-snippet:20, max-image-preview:large, max-video-preview: -1",
        "unavailable_after: 25 Jun 2030 15:00:00 PST",
        "none",
        "all",
        "some-new-directive",
    ],
)
def test_what_says_nothing_about_ai(line: str) -> None:
    assert header(line) == []


@pytest.mark.parametrize(
    "line",
    [
        # Directives with a value are no crawler's name, whatever their date holds.
        "noai, unavailable_after: 25 Jun 2030",
        "unavailable_after: Wednesday, 25-Jun-30 15:00:00 PST, noai",
        "unavailable_after: 2030-06-25T15:00:00Z, noai",
        "max-snippet: 20, noai",
    ],
)
def test_dates_and_values_hide_no_refusal(line: str) -> None:
    assert header(line) == [DENIES_ALL]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        # For a known crawler, what it collects for is refused.
        ("GPTBot: noai", [("deny", TRAINING, None, None)]),
        # What the crawler of a search index is told may be meant for its owner's models.
        ("googlebot: noindex, noai", [A_DOUBT]),
        ("demobot: noai, examplebot: noai", [A_DOUBT, A_DOUBT]),
        # The name holds until another one comes.
        ("demobot: noindex, gptbot: noai", [("deny", TRAINING, None, None)]),
        # A crawler for models alone has no index to be kept out of.
        ("GPTBot: noindex", [("unknown", TRAINING, "signal_malformed", None)]),
    ],
)
def test_crawlers_that_are_named(line: str, expected: list[object]) -> None:
    assert header(line) == expected


def test_the_addressee_is_evidence() -> None:
    [found] = of_header("GPTBot: noai", RULES)
    assert found.scope_text == "addressed to gptbot"
    assert found.raw == "GPTBot: noai"


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("noai; noimageai", "signal_malformed"),
        ("noindex noai", "signal_malformed"),
        ("noai: true", "signal_malformed"),
        ("no-ai", "signal_malformed"),
        ("noaitraining", "signal_malformed"),
        ("nollm", "signal_malformed"),
        ("disallow-ai", "signal_malformed"),
        ("ai-train=no", "signal_unreadable"),
        ("x" * (MAX_LINE + 1), "signal_malformed"),
    ],
)
def test_what_can_t_be_read_is_a_doubt(line: str, problem: str) -> None:
    [(decision, _, found, _)] = header(line)
    assert (decision, found) == ("unknown", problem)


def test_no_directive_permits() -> None:
    for line in ("ai", "allow-ai", "ai=yes", "noai: false"):
        assert [decision for decision, *_ in header(line)] in ([], ["unknown"])


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("robots", "noai, noimageai", [DENIES_ALL, DENIES_IMAGES]),
        ("gptbot", "noai", [("deny", TRAINING, None, None)]),
        ("robots", "index, follow", []),
        # Of other names, only what is nothing but directives is for some crawler.
        ("keywords", "noai, art", []),
        ("description", "about noai", []),
        ("mybot", "noindex, noai", [A_DOUBT]),
        ("mybot", "noindex", []),
    ],
)
def test_meta_elements(name: str, content: str, expected: list[object]) -> None:
    assert meta(name, content) == expected


@given(st.text(alphabet="noaiml ,:;|*GPTBot\0\u202e\ud800-_/=1", max_size=80))
def test_no_line_permits_or_breaks(line: str) -> None:
    for signal in of_header(line, RULES):
        assert signal.decision in {"deny", "unknown"}
        signal.fields()["signal_raw"].encode()


def test_hostile_lines_take_no_time() -> None:
    started = time.monotonic()
    for line in ("," * MAX_LINE, ":" * MAX_LINE, "a:" * 4000, "no" * 4000, "no-" * 2700):
        header(line)
    assert time.monotonic() - started < 5
