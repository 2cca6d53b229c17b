"""TDMRep files: rules in their order, as hosts served them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from sourcing_audit.errors import RegistryError
from sourcing_audit.registries.interface import Export
from sourcing_audit.registries.web.tdmrep import TdmrepReader
from tests.registries.support import RULES, records

if TYPE_CHECKING:
    from pathlib import Path

    from sourcing_audit.engine import Engine


def read(path: Path) -> list[dict[str, Any]]:
    export = Export("x", path, "tdmrep")
    return [dict(one) for one in TdmrepReader().statements(export, RULES)]


def archive(folder: Path, *captures: dict[str, Any]) -> Path:
    path = folder / "tdmrep.jsonl"
    path.write_text("\n".join(json.dumps(one) for one in captures), encoding="utf-8")
    return path


def of_body(folder: Path, body: Any) -> list[dict[str, Any]]:
    return read(archive(folder, {"host": "News.example", "body": body}))


def rule(location: Any, reservation: Any, **rest: Any) -> dict[str, Any]:
    return {"location": location, "tdm-reservation": reservation, **rest}


def short(found: list[dict[str, Any]]) -> list[tuple[str, str, str | None]]:
    return [(r["subject_value"], r["decision"], r["problem"]) for r in found]


def test_the_rules_of_a_file_in_their_order(tmp_path: Path) -> None:
    """After the example of the specification, section 6.1."""
    policy = "https://news.example/policies/policy-b"
    found = of_body(
        tmp_path,
        [
            rule("/directory-a/html/", 1),
            rule("/directory-b/images/*.jpg$", 1, **{"tdm-policy": policy}),
            rule("/", 0),
        ],
    )
    assert short(found) == [
        ("news.example/directory-a/html/", "deny", None),
        ("news.example/directory-b/images/*.jpg$", "deny", None),
        ("news.example/", "allow", None),
    ]
    assert {r["subject_kind"] for r in found} == {"url_pattern"}
    # The first in sequence is the most specific, however long it is.
    assert [int(r["priority"]) for r in found] == [0, -1, -2]
    assert len({r["statement_id"] for r in found}) == 1
    assert json.loads(found[1]["conditions"]) == {"tdm_policy": policy}
    assert found[0]["uses"] == "tdm_other"
    assert (found[0]["declarant_id"], found[0]["declarant_role"]) == ("host:news.example", "host")


@pytest.mark.parametrize("value", [2, True, "yes", None, 1.5, [1], "0"])
def test_other_values_declare_nothing(tmp_path: Path, value: Any) -> None:
    [(_, decision, problem)] = short(of_body(tmp_path, [rule("/", value)]))
    assert decision == "unknown"
    assert problem in {"signal_unreadable", "signal_malformed"}


def test_a_policy_means_nothing_where_nothing_is_reserved(tmp_path: Path) -> None:
    [found] = of_body(tmp_path, [rule("/", 0, **{"tdm-policy": "https://x.example"})])
    assert (found["decision"], found["conditions"]) == ("allow", None)


@pytest.mark.parametrize("body", [{"tdmrep": [rule("/", 1)]}, rule("/", 1), [rule("/", "1")]])
def test_a_reservation_that_is_wrapped_or_written_otherwise_holds(
    tmp_path: Path, body: Any
) -> None:
    assert short(of_body(tmp_path, body)) == [("news.example/", "deny", "signal_malformed")]


def test_a_permission_that_is_wrapped_permits_nothing(tmp_path: Path) -> None:
    found = of_body(tmp_path, {"tdmrep": [rule("/", 0)]})
    assert short(found) == [("news.example/", "unknown", "signal_malformed")]


@pytest.mark.parametrize(
    ("location", "subject", "decision"),
    [
        ("*.jpg", "news.example/*.jpg", "deny"),
        ("https://news.example/a/", "news.example/a/", "deny"),
        ("a/", "news.example/a/", "deny"),
        (None, "news.example/", "deny"),
        (["/a"], "news.example/", "deny"),
    ],
)
def test_locations_that_are_no_paths(
    tmp_path: Path, location: Any, subject: str, decision: str
) -> None:
    [found] = of_body(tmp_path, [rule(location, 1)])
    assert (found["subject_value"], found["decision"]) == (subject, decision)
    assert (found["problem"] is None) == (location == "*.jpg")


@pytest.mark.parametrize(
    "body", ["[{]", "[" * 100_000, "tdm-reservation: 1", "\0", json.dumps([1, None, "x", []])]
)
def test_what_is_no_rule_is_a_doubt_about_the_host(tmp_path: Path, body: str) -> None:
    found = short(of_body(tmp_path, body))
    assert found
    assert {(subject, decision) for subject, decision, _ in found} == {("news.example/", "unknown")}
    assert all(problem for *_, problem in found)


@pytest.mark.parametrize("body", ["<!DOCTYPE html><title>Not found", "", "\ufeff  ", "[]"])
def test_pages_that_say_there_is_no_such_file_say_nothing(tmp_path: Path, body: str) -> None:
    assert of_body(tmp_path, body) == []


def test_a_byte_order_mark_hides_nothing(tmp_path: Path) -> None:
    assert short(of_body(tmp_path, "\ufeff" + json.dumps([rule("/", 1)])))[0][1] == "deny"


def test_a_file_holds_until_it_was_fetched_again(engine: Engine, tmp_path: Path) -> None:
    reserved = json.dumps([rule("/", 1)])
    path = archive(
        tmp_path,
        {"host": "a.example", "body": reserved, "fetched_at": "2026-01-01T00:00:00Z"},
        {"host": "a.example", "status": 404, "body": "", "fetched_at": "2026-03-01"},
        {"host": "a.example", "status": 503, "body": "", "fetched_at": "2026-02-01"},
        {"host": "b.example", "body": reserved},
    )
    found = records(engine, str(path))
    assert [r["subject_value"] for r in found] == ["a.example/", "b.example/"]
    assert (found[0]["valid_from"].month, found[0]["valid_until"].month) == (1, 3)
    assert not found[1].keys() & {"valid_from", "valid_until"}


def test_files_in_folders_of_their_hosts(tmp_path: Path) -> None:
    for name in ("a.example/tdmrep.json", "b.example/.well-known/tdmrep.json"):
        path = tmp_path / name
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps([rule("/", 1)]), encoding="utf-8")
    assert TdmrepReader().recognises(tmp_path, b"")
    assert [r["subject_value"] for r in read(tmp_path)] == ["a.example/", "b.example/"]
    assert [r["row"] for r in read(tmp_path)] == [1, 2]


def test_a_file_without_a_host_says_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "tdmrep.json"
    path.write_text("[]", encoding="utf-8")
    with pytest.raises(RegistryError, match=r"which host.*(?s:.*)example\.com"):
        read(path)


def test_a_warc_archive(tmp_path: Path) -> None:
    body = json.dumps([rule("/", 1)]).encode()
    http = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n" + body
    head = (
        "WARC/1.0\r\nWARC-Type: response\r\n"
        "WARC-Target-URI: https://w.example/.well-known/tdmrep.json\r\n"
        f"WARC-Date: 2026-04-01T00:00:00Z\r\nContent-Type: application/http\r\n"
        f"Content-Length: {len(http)}\r\n\r\n"
    )
    path = tmp_path / "tdm.warc"
    path.write_bytes(head.encode() + http + b"\r\n\r\n")
    [found] = read(path)
    assert (found["subject_value"], found["decision"]) == ("w.example/", "deny")
    assert found["valid_from"] == "2026-04-01T00:00:00Z"
