"""robots.txt: what a file's lines become, and that nothing that refuses is lost."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest

from sourcing_audit.registries.web.robots import parser
from sourcing_audit.registries.web.robots.matcher import allowed, matches, path_of
from sourcing_audit.registries.web.robots.reader import MAX_RECORDS, meaning
from tests.registries.support import RULES, pick, records

if TYPE_CHECKING:
    from pathlib import Path

    from sourcing_audit.engine import Engine
    from sourcing_audit.registries.web.robots.said import Said

TRAIN = "train_generative|train_non_generative"
SCHEME = RULES.schemes["robots_ua"]


def said(body: str | bytes) -> list[Said]:
    return list(meaning(body.encode() if isinstance(body, str) else body, RULES))


def short(body: str | bytes) -> list[tuple[Any, ...]]:
    return [(one.decision, one.path, one.uses, one.problem) for one in said(body)]


def may(body: str, agent: str, url: str = "https://a.example/x") -> bool:
    return allowed(parser.parse(body.encode()), agent, url, SCHEME)


# The four defects of another parser (signals reference, section 6).


def test_other_records_dont_end_a_group() -> None:
    for other in (
        "License: https://a.example/l.xml",
        "Content-Signal: search=yes",
        "Crawl-delay: 3",
        "Sitemap: /s",
    ):
        body = f"User-agent: GPTBot\n{other}\nUser-agent: CCBot\nDisallow: /\n"
        assert not may(body, "GPTBot")
        assert not may(body, "CCBot")


def test_a_version_doesnt_hide_a_crawler() -> None:
    assert not may("User-agent: GPTBot/1.1\nDisallow: /\n", "GPTBot")
    assert [one.scope for one in said("User-agent: CCBot/2.0\nDisallow: /\n")] == [
        "addressed to CCBot"
    ]


def test_names_are_compared_as_a_whole() -> None:
    for name, other in (("Google", "Google-Extended"), ("Applebot", "Applebot-Extended")):
        assert may(f"User-agent: {name}\nDisallow: /\n", other)
    assert said("User-agent: Google\nDisallow: /\n") == []


def test_a_byte_order_mark_hides_nothing() -> None:
    body = b"\xef\xbb\xbfUser-agent: GPTBot\nDisallow: /\n"
    assert short(body) == [("deny", "/", TRAIN, None)]
    assert short("User-agent: GPTBot\nDisallow: /\n".encode("utf-16")) == [
        ("deny", "/", TRAIN, None)
    ]


# Rules.


def test_a_refusal_of_a_training_crawler() -> None:
    (one,) = said("User-agent: GPTBot\nDisallow: /private/\n")
    assert (one.decision, one.path, one.uses, one.priority) == ("deny", "/private/", TRAIN, 18)
    assert one.raw == "User-agent: GPTBot\nDisallow: /private/"


def test_rules_of_one_statement_compete_by_length_and_a_tie_allows() -> None:
    rules = said("User-agent: GPTBot\nDisallow: /a\nAllow: /a/b\nAllow: /a\n")
    assert len({one.statement for one in rules}) == 1
    assert [(one.decision, one.priority) for one in rules] == [
        ("deny", 4),
        ("allow", 9),
        ("allow", 5),
    ]


def test_groups_of_one_crawler_are_merged_and_never_with_those_for_all() -> None:
    body = "User-agent: *\nDisallow: /all\nUser-agent: gptbot\nDisallow: /a\nUser-agent: GPTBot\nDisallow: /b\n"
    found = said(body)
    assert [(one.path, one.scope) for one in found] == [
        ("/all", "addressed to all crawlers that the file doesn't name"),
        ("/a", "addressed to GPTBot"),
        ("/b", "addressed to GPTBot"),
    ]
    assert found[1].statement == found[2].statement != found[0].statement


def test_crawlers_of_one_purpose_with_the_same_rules_share_a_statement() -> None:
    names = ["GPTBot", "ClaudeBot", "Bytespider", "ChatGPT-User", "Nobody-Knows-It"]
    grouped = "".join(f"User-agent: {name}\n" for name in names) + "Disallow: /\n"
    apart = "".join(f"User-agent: {name}\nDisallow: /\n\n" for name in names)
    for body in (grouped, apart):
        assert [(one.uses, one.scope) for one in said(body)] == [
            (TRAIN, "addressed to GPTBot, ClaudeBot, Bytespider"),
            ("ai_input", "addressed to ChatGPT-User"),
        ]


def test_a_refusal_of_all_holds_for_every_use_and_a_permission_is_only_a_signal() -> None:
    deny, allow = said("User-agent: *\nDisallow: /\nAllow: /open\n")
    assert (deny.uses, deny.grantee, allow.uses, allow.grantee) == ("any", None, "", "*")


def test_an_empty_disallow_permits_a_crawler_that_is_named() -> None:
    assert short("User-agent: CCBot\nDisallow:\n") == [("allow", "/", f"{TRAIN}|tdm_other", None)]
    assert short("User-agent: *\nDisallow:\n") == []
    assert short("User-agent: GPTBot\nAllow: /\n") == [("allow", "/", TRAIN, None)]


def test_what_only_one_crawler_reads_as_a_permission_is_none() -> None:
    body = "User-agent: GPTBot\nDisallow: /\nallow /open\nAllow: /shop/index.html\n"
    assert short(body) == [("deny", "/", TRAIN, None), ("allow", "/shop/index.html", TRAIN, None)]
    assert may(body, "GPTBot", "https://a.example/open")


@pytest.mark.parametrize(
    "line", ["disallow: /", "DISALLOW:/", "Dissallow: /", "disallow /", "Disallow : / # all"]
)
def test_accepted_ways_of_refusing(line: str) -> None:
    assert short(f"user agent: gptbot\r{line}\r") == [("deny", "/", TRAIN, None)]


def test_paths_have_the_spelling_of_addresses() -> None:
    body = (
        "User-agent: GPTBot\nDisallow: /%7ejane/ツ%2fa\nDisallow: *.jpg$\nDisallow: /my folder/\n"
    )
    assert [one.path for one in said(body)] == ["/~jane/%E3%83%84%2Fa", "/*.jpg$", "/my%20folder/"]


@pytest.mark.parametrize(
    ("pattern", "path", "matched"),
    [
        ("/a", "/abc", True),
        ("/a$", "/abc", False),
        ("/*.php$", "/x/y.php", True),
        ("/*.php$", "/x/y.php?z", False),
        ("/a*b*c", "/aXbYc", True),
        ("/a*b*c", "/acb", False),
        ("/*a$", "/a", True),
        ("/$x", "/$xy", True),
        ("*", "/", True),
    ],
)
def test_patterns(pattern: str, path: str, matched: bool) -> None:
    assert matches(pattern, path) is matched


def test_the_path_of_an_address() -> None:
    assert path_of("https://a.example?x=1#y") == "/?x=1"
    assert path_of("//a.example/b") == "/b"
    assert path_of("") == "/"


# Signals of others.


def test_content_signal_as_cloudflare_writes_it() -> None:
    body = "User-agent: *\nContent-Signal: search=yes,ai-train=no,use=reference\nAllow: /\n"
    assert short(body)[:2] == [
        ("allow", "/", "search_index", None),
        ("deny", "/", TRAIN, None),
    ]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("ai-train=maybe", [("unknown", TRAIN, "signal_unreadable")]),
        ("AI-Train = NO", [("deny", TRAIN, None)]),
        ("ai-train=yes, ai-train=no", [("deny", TRAIN, "signal_contradictory")]),
        ("ai=no", [("unknown", "any", "signal_unreadable")]),
        ("", [("unknown", "any", "signal_unreadable")]),
        ("use=full", []),
    ],
)
def test_content_signal(value: str, expected: list[tuple[str, ...]]) -> None:
    found = said(f"Content-Signal: {value}\nUser-agent: *\nDisallow:\n")
    assert [(one.decision, one.uses, one.problem) for one in found] == expected


def test_content_signal_with_a_path_and_in_a_group_that_nobody_knows() -> None:
    body = "User-agent: Some-Bot\nContent-Signal: /art/ ai-train=no, search=yes\nDisallow: /\n"
    assert short(body) == [("deny", "/art/", TRAIN, None)]


def test_content_usage_competes_by_path_within_its_group() -> None:
    body = (
        "User-agent: *\nContent-Usage: train-ai=n\nContent-Usage: /open/ train-ai=y\nAllow: /\n"
        "User-agent: GPTBot\nContent-Usage: train-ai=n\nAllow: /\n"
    )
    found = [one for one in said(body) if one.scheme == "aipref_robots"]
    assert [(one.decision, one.path, one.priority) for one in found] == [
        ("deny", "/", 3),
        ("allow", "/open/", 12),
        ("deny", "/", 3),
    ]
    assert found[0].statement == found[1].statement != found[2].statement


def test_content_usage_that_cant_be_read() -> None:
    found = said("User-agent: *\nContent-Usage: Train-AI=n\nDisallow:\n")
    assert [(one.decision, one.problem) for one in found] == [("unknown", "signal_malformed")]


def test_a_license_is_a_document_that_isnt_at_hand() -> None:
    (one,) = said("License: https://a.example/license.xml\nUser-agent: *\nDisallow:\n")
    assert (one.scheme, one.decision, one.uses) == ("rsl", "unknown", "any")
    assert one.problem == "signal_document_missing"
    assert "https://a.example/license.xml" in one.raw


# What is meant to refuse and can't be read.


@pytest.mark.parametrize(
    ("body", "uses"),
    [
        ("GPTBot Disallow: /", TRAIN),
        ("User-agent: GPTBot Disallow: /", TRAIN),
        ("User-agent: GPTBot\nDisallow\uff1a/", TRAIN),
        ("User-agent: GPTBot\n- Disallow: /", TRAIN),
        ("- User-agent: GPTBot\n- Disallow: /", TRAIN),
        ('"User-agent: GPTBot"\n"Disallow: /"', TRAIN),
        ("User-agent: *GPTBot*\nDisallow: /", TRAIN),
        ("User-agent: Mozilla/5.0 (compatible; GPTBot/1.0)\nDisallow: /", TRAIN),
        ("User-agent: *\nDisallow: GPTBot", TRAIN),
        ("We do not allow this, GPTBot is forbidden here", TRAIN),
        ("Agent: ChatGPT-User\nDisallow: /", "ai_input"),
        ("User-agnet: GPTBot\nDisallow: /", TRAIN),
        ("User-agent = GPTBot\nDisallow: /", TRAIN),
        ("User-agent: GPTBotDisallow: /", TRAIN),
        ("GPTBotDisallow: /", TRAIN),
        ("User-agent: GPTBot\\nDisallow: /", TRAIN),
        ("User-agent: \u200bGPTBot\nDisallow: /", TRAIN),
    ],
)
def test_malformed_intent_is_reported_for_the_host(body: str, uses: str) -> None:
    assert ("unknown", None, uses, "signal_malformed") in short(f"{body}\n")
    assert not [one for one in said(body) if one.decision == "allow"]


def test_several_crawlers_on_one_line() -> None:
    found = short("User-agent: GPTBot, ChatGPT-User\nDisallow: /\n")
    assert ("deny", "/", TRAIN, None) in found
    assert ("unknown", None, "ai_input", "signal_malformed") in found


def test_paths_that_arent_in_the_grammar() -> None:
    body = "User-agent: GPTBot\nDisallow: art/\nDisallow: ?id=\nDisallow: /a /b\nDisallow: https://cdn.a.example/x\n"
    found = said(body)
    assert {one.problem for one in found} == {"signal_malformed"}
    assert [one.path for one in found] == ["/art/", "/*?id=", "/a", "/b", "/x"]
    assert found[-1].host == "cdn.a.example"


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ("\u00a0/", "/"),
        ("\u201c/art/\u201d", "/art/"),
        ("'/'", "/"),
        ("\\", "/"),
        ("all", "/"),
        ("./x", "/x"),
        (".jpg$", "/*.jpg$"),
    ],
)
def test_what_a_path_seems_to_mean(value: str, path: str) -> None:
    assert short(f"User-agent: GPTBot\nDisallow: {value}\n") == [
        ("unknown", path, TRAIN, "signal_malformed")
    ]


def test_rules_without_a_crawler() -> None:
    assert short("Disallow: /\n") == [("unknown", "/", "any", "signal_malformed")]


@pytest.mark.parametrize(
    "body",
    [
        "# User-agent: GPTBot\n# Disallow: /\n",
        "User-agent: GPTBot # Disallow: /\nDisallow:\n",
        "Operator: we disallow nothing\n",
        "Sitemap: https://a.example/GPTBot-blocked.xml\n",
        "<!DOCTYPE html><p>GPTBot disallow</p>",
        "",
    ],
)
def test_what_isnt_meant_to_refuse_isnt_reported(body: str) -> None:
    assert not [one for one in said(body) if one.decision != "allow"]


# Hostile files.


def test_what_is_longer_than_what_is_read_is_said() -> None:
    body = b"User-agent: GPTBot\nDisallow: /a\n" + b"#" * parser.LIMIT + b"\nDisallow: /b\n"
    assert short(body) == [
        ("unknown", None, "any", "signal_unreadable"),
        ("deny", "/a", TRAIN, None),
    ]
    assert short("User-agent: GPTBot\nDisallow: /" + "x" * 20_000)[0][3] == "signal_unreadable"


@pytest.mark.parametrize(
    "body",
    [
        bytes(range(256)) * 400,
        b"\x00" * 100_000,
        b"User-agent: " * 50_000,
        b"GPTBot disallow\n" * 60_000,
        b"User-agent: GPTBot\nDisallow: /" + b"*" * 16_000,
        b"User-agent: GPTBot\n" + (b"Disallow: x" + b'"' * 15_000 + b"x\n") * 60,
        b"User-agent: GPTBot\nDisallow: \xff\xfe\x00\xed\xa0\x80\n",
        ("User-agent: GPTBot\nDisallow: /\ud800\n").encode("utf-8", "surrogatepass"),
        b"User-agent: GPTBot\n" + b"Disallow: / / / / / / / /\n" * 20_000,
    ],
)
def test_hostile_files_take_bounded_time(body: bytes) -> None:
    begun = time.monotonic()
    found = said(body)
    assert time.monotonic() - begun < 10
    assert len(found) <= MAX_RECORDS + 200
    for one in found:
        (one.path or "").encode()


def test_many_groups_with_many_rules_stay_bounded() -> None:
    tokens = [agent.token for agent in RULES.crawlers.agents]
    rules = "".join(f"Disallow: /{n}\n" for n in range(1000))
    body = "".join(f"User-agent: {name}\nDisallow: /only-{name}\n{rules}" for name in tokens)
    found = said(body[: parser.LIMIT - 10])
    assert len(found) <= MAX_RECORDS + 1


# As an audit reads it.


def test_records_of_an_archive(engine: Engine, tmp_path: Path) -> None:
    archive = tmp_path / "robots.jsonl"
    lines = [
        {"host": "a.example", "body": "User-agent: GPTBot\nDisallow: /x\nDisallow: /u?r=http://\n"},
        {
            "url": "https://B.example:443/robots.txt",
            "body": "GPTBot Disallow: /\n",
            "fetched_at": "2026-10-01",
        },
    ]
    archive.write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    rows = records(engine, str(archive))
    assert pick(
        rows, "row", "subject_kind", "subject_value", "decision", "problem", "declarant_id"
    ) == [
        (1, "url_pattern", "a.example/x", "deny", None, "host:a.example"),
        (1, "url_pattern", "a.example/u?r=http://", "deny", None, "host:a.example"),
        (2, "host", "b.example", "unknown", "signal_malformed", "host:b.example"),
    ]
    assert {row["declarant_role"] for row in rows} == {"host"}
    assert {row["authority_level"] for row in rows} == {"domain_meta"}
    assert "snapshot_at" not in rows[0]
    assert rows[2]["snapshot_at"] == rows[2]["valid_from"] == rows[2]["declared_at"]
    assert len({row["record_id"] for row in rows}) == 3


def test_hostile_text_reaches_the_records_as_text(engine: Engine, tmp_path: Path) -> None:
    archive = tmp_path / "robots.jsonl"
    body = "User-agent: GPTBot\nDisallow: /\ud800\x00\x1b[31m\nGPTBot \udfff disallow\n"
    archive.write_text(json.dumps({"host": "a.example", "body": body}), encoding="utf-8")
    assert len(records(engine, f"robots:{archive}")) == 2


def test_two_slashes_begin_a_path() -> None:
    assert short("User-agent: GPTBot\nDisallow: //img.php\n") == [
        ("deny", "//img.php", TRAIN, None)
    ]
