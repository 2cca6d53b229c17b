"""What `explain` says of records that don't count, or came with the item itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sourcing_audit
from sourcing_audit.reports import exports
from tests.conftest import write_csv

if TYPE_CHECKING:
    from pathlib import Path

HOST = {"signal_scheme": "robots_ua", "declarant_role": "host", "declarant_id": "host:told"}
SEARCH = {"uses": "search_index"}
ELSEWHERE = "speaks about another use, project or territory than the one that is intended"
IN_TIME = "P2: A grant counts only within its term"
TAG = "about the item itself: the manifest's own column x_robots_tag has noai, noimageai"

CASES: dict[str, tuple[dict[str, str], str]] = {
    "another use": (SEARCH, ELSEWHERE),
    "a signal about another use": (HOST | SEARCH | {"decision": "allow"}, ELSEWHERE),
    "another use, and over": (SEARCH | {"valid_until": "2025-01-01"}, IN_TIME),
    "another use, and not begun": (SEARCH | {"valid_from": "2027-01-01"}, IN_TIME),
    "over": ({"valid_until": "2025-01-01"}, IN_TIME),
    "undecided": (
        {"decision": "unknown", "uses": "any"},
        "doesn't say clearly what holds for every use",
    ),
    "undecided, so": ({"decision": "unknown"}, "decides nothing, so that nothing follows from it"),
    "a grant without uses": ({"decision": "allow"}, "permits something, without naming a use"),
    "a refusal without uses": ({}, "refuses every use"),
}
NEVER = {ELSEWHERE: IN_TIME, IN_TIME: ELSEWHERE}


def test_what_is_said_of_records(tmp_path: Path) -> None:
    urls = {case: f"https://told.example/{n}" for n, case in enumerate(CASES)}
    items = [{"id": case, "url": url, "x_robots_tag": ""} for case, url in urls.items()]
    sent = {"id": "sent", "url": "https://other.example/", "x_robots_tag": "noai, noimageai"}
    plain = {"subject_kind": "url", "decision": "deny"}
    rows = [
        plain | {"record_id": case, "subject_value": urls[case]} | record
        for case, (record, _) in CASES.items()
    ]
    names = dict.fromkeys((name for row in rows for name in row), "")
    with sourcing_audit.audit(
        write_csv(tmp_path / "items.csv", [*items, sent]),
        registries=[write_csv(tmp_path / "records.csv", [names | row for row in rows])],
        as_of="2026-11-21",
    ) as audited:
        told = {one: " ".join(str(audited.explain(one)[0]).split()) for one in (*CASES, "sent")}
        report = audited.report
    for case, (_, words) in CASES.items():
        assert words in told[case], case
        assert NEVER.get(words, "matched by own") not in told[case], case
    assert TAG in told["sent"]
    assert "matched by own" not in told["sent"]
    assert "Signals that came with the items were read: manifest (2 records)." in (
        report.disclosure.short
    )
    [manifest] = [entry for entry in report.registries if entry.own]
    assert exports.freshness(manifest) == "as the items"
