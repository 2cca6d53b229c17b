"""The expectations of google/robotstxt-spec-test, read from its own files."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import NamedTuple

import pytest

from sourcing_audit.registries.web.robots.matcher import allowed, matches, path_of
from sourcing_audit.registries.web.robots.parser import PathRule, parse, product_of
from sourcing_audit.registries.web.robots.paths import paths_of
from sourcing_audit.registries.web.robots.reader import meaning
from sourcing_audit.rules import RuleStore
from sourcing_audit.rules.consent import ConsentRules

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "signals" / "robots-spec-test"
RULES = ConsentRules.load(RuleStore())
SCHEME = RULES.schemes["robots_ua"]

STRING = re.compile(rb'"((?:[^"\\]|\\.)*)"', re.DOTALL)
FIELD = re.compile(
    rb'(robotstxt|testurl|useragent|expected_outcome)\s*:\s*((?:"(?:[^"\\]|\\.)*"\s*)+|[A-Z]+)',
    re.DOTALL,
)


class Expectation(NamedTuple):
    name: str
    body: bytes
    url: str
    agent: str
    outcome: str


def octets(value: bytes) -> bytes:
    """The text format's strings, put together and unescaped."""
    return b"".join(
        ast.literal_eval(
            'b"""' + re.sub(rb"[\x80-\xff]", lambda m: b"\\x%02x" % m[0][0], part).decode() + '"""'
        )
        for part in STRING.findall(value)
    )


def expectations() -> list[Expectation]:
    found = []
    for path in sorted(FOLDER.glob("*.textproto")):
        body = url = agent = b""
        for number, (name, value) in enumerate(FIELD.findall(path.read_bytes())):
            if name == b"robotstxt":
                body = octets(value)
            elif name == b"testurl":
                url = octets(value)
            elif name == b"useragent":
                agent = octets(value)
            else:
                found.append(
                    Expectation(
                        f"{path.stem}-{number}", body, url.decode(), agent.decode(), value.decode()
                    )
                )
    return found


@pytest.mark.skipif(not FOLDER.exists(), reason="needs the data beside the checkout")
def test_every_expectation_holds() -> None:
    cases = expectations()
    assert len(cases) == 400
    wrong = [
        case
        for case in cases
        if allowed(parse(case.body), case.agent, case.url, SCHEME) != (case.outcome == "ALLOWED")
    ]
    assert wrong == []


def test_the_outcomes_are_the_two_that_there_are() -> None:
    assert {case.outcome for case in expectations()} <= {"ALLOWED", "DISALLOWED"}


READ_OTHERWISE = {
    # One crawler's own rule: `Allow: /allowed-slash/index.html` permits the folder for Google only.
    ("correctness__index-page", "http://foo.com/allowed-slash/", "DISALLOWED"),
    # RFC 9309, section 2.2.2: `%62%61%7A` is `baz`. The expectation is that of the draft before.
    ("correctness__non-ascii-paths", "http://foo.bar/foo/bar/baz", "ALLOWED"),
    # A broken byte order mark hides the crawler's name: a rule without crawler is looked at.
    ("correctness__BOM-characters", "http://example.com/AnyValue", "REVIEW"),
}
"""File, address, and what the records say: the expectations that they don't share."""


def plain(path: str) -> str:
    """A path in the spelling that the keys of items have."""
    return paths_of(PathRule(allows=False, pattern=path, raw="", number=0)).patterns[0]


def answers_of_records(case: Expectation) -> str:
    """What the records of a file say to GPTBot where the test says it to its own crawler."""
    body = re.sub(re.escape(case.agent.encode()), b"GPTBot", case.body, flags=re.IGNORECASE)
    found = [one for one in meaning(body, RULES) if one.scheme == "robots_ua"]
    named = [one for one in found if one.scope == "addressed to GPTBot"]
    speaks = any(
        product_of(line.value) == "gptbot" for group in parse(body).groups for line in group.agents
    )
    path = plain(path_of(case.url))
    held = [
        one
        for one in (named if speaks else [one for one in found if one not in named])
        if one.path is not None and matches(one.path, path)
    ]
    if any(one.decision == "unknown" for one in held):
        return "REVIEW"
    best = max((one.priority for one in held), default=None)
    decisions = {one.decision for one in held if one.priority == best}
    return "DISALLOWED" if "deny" in decisions else "ALLOWED"


def one_word(case: Expectation) -> bool:
    """Whether the crawler's name is one that a group can have."""
    return case.agent.isalpha()


@pytest.mark.skipif(not FOLDER.exists(), reason="needs the data beside the checkout")
def test_records_say_the_same_but_for_what_one_crawler_reads_its_own_way() -> None:
    compared = [case for case in expectations() if one_word(case)]
    assert len(compared) > 300
    differing = {
        (case.name.rpartition("-")[0], case.url, answer)
        for case in compared
        if (answer := answers_of_records(case)) != case.outcome
    }
    assert differing == READ_OTHERWISE
