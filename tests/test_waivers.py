"""Waivers: they keep items from failing a gate, and change nothing else."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from sourcing_audit import config, gates
from sourcing_audit.config import WaiverConfig
from sourcing_audit.engine import Engine
from sourcing_audit.errors import ConfigError
from sourcing_audit.gates import Limit
from sourcing_audit.gates.waivers import Waiver, check
from sourcing_audit.model import Status
from sourcing_audit.rules import RuleStore
from sourcing_audit.rules.changes import ChangeRules
from sourcing_audit.rules.policy import PolicyRules
from tests.conftest import Ran, write_csv
from tests.support.audited import FREE, MISSING, REFUSED, REPORT, UNRESOLVED, audited, of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sourcing_audit.gates import Judgement

    Run = Callable[..., Ran]

STORE = RuleStore()
REASONS = ChangeRules.load(STORE).waivers
GIVEN: dict[str, Any] = {
    "code": "license_missing",
    "reason": "license_acquired",
    "comment": "contract 7",
    "owner": "licensing",
    "approved_by": "counsel",
}
ITEMS = [
    of(MISSING, "a", host="a.example"),
    of(MISSING, "b", host="b.example", shard="more.csv"),
    of(UNRESOLVED, "c", host="b.example"),
    of(REFUSED, "d", host="a.example"),
    of(FREE, "e"),
]


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine.duckdb() as running:
        yield running


def judged(engine: Engine, limit: str, *stated: dict[str, Any]) -> Judgement:
    return gates.judge(
        engine,
        audited(engine, ITEMS),
        [Limit(limit)],
        stated=[WaiverConfig.model_validate(GIVEN | each) for each in stated],
        reasons=REASONS,
    )


@pytest.mark.parametrize(
    ("limit", "waiver", "covered", "waived"),
    [
        ("license_missing", {}, 3, 3),
        ("license_missing", {"match": {"host": "b.example"}}, 2, 2),
        ("license_missing", {"match": {"shard": "more.csv"}}, 1, 1),
        ("license_missing", {"match": {"item_id": "c"}}, 1, 1),
        ("license_missing", {"match": {"license": "CC0-1.0"}}, 0, 0),
        ("license_missing", {"match": {"license": "NOASSERTION", "host": "a.example"}}, 1, 1),
        ("license_missing", {"code": "not_established"}, 3, 0),
        ("undetermined", {"code": "not_established"}, 3, 3),
        ("undetermined", {}, 3, 2),
        ("prohibited", {}, 3, 0),
        ("prohibited", {"code": "opted_out", "match": {"host": "a.example"}}, 1, 1),
        ("prohibited", {"code": "opted_out_by_creator"}, 1, 1),
    ],
    ids=[
        "all",
        "host",
        "shard",
        "item",
        "license",
        "both",
        "status for reason",
        "status",
        "every reason",
        "other finding",
        "refusal",
        "refusal by reason",
    ],
)
def test_a_waiver_answers_for_what_it_names(
    engine: Engine, limit: str, waiver: dict[str, Any], covered: int, waived: int
) -> None:
    found = judged(engine, limit, waiver)
    assert found.waivers[0].items == covered
    assert found.gate.checks[0].waived == waived
    assert found.gate.checks[0].counted == found.gate.checks[0].found - waived


def test_waivers_of_all_reasons_together_answer_for_an_outcome(engine: Engine) -> None:
    both = ({}, {"code": "no_consent_on_record"})
    assert judged(engine, "undetermined", *both).gate.passed
    assert not judged(engine, "undetermined", both[0]).gate.passed


def test_an_expired_waiver_waives_nothing_and_fails(engine: Engine) -> None:
    found = judged(engine, "license_missing", {"expires": REPORT.as_of})
    assert (found.waivers[0].expired, found.waivers[0].items) == (True, 3)
    assert (found.gate.expired_waivers, found.gate.checks[0].waived) == (1, 0)
    unharmed = judged(engine, "consent_expired", {"expires": REPORT.as_of})
    assert unharmed.gate.checks[0].passed
    assert not unharmed.gate.passed
    later = REPORT.as_of.replace(year=REPORT.as_of.year + 1)
    assert judged(engine, "license_missing", {"expires": later}).gate.passed


def test_a_waiver_of_another_dataset_is_left_out(engine: Engine) -> None:
    assert not judged(engine, "license_missing", {"match": {"dataset": "other"}}).waivers
    own = {"match": {"dataset": REPORT.dataset.name}}
    assert judged(engine, "license_missing", own).gate.passed


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"code": "licence_missing"}, r"waiver\.0\.code: 'licence_missing' is no reason or status"),
        ({"code": "prohibited"}, r"waiver\.0\.code: 'prohibited' is no reason or status"),
        ({"reason": "because"}, r"waiver\.0\.reason: 'because' is no reason to waive"),
        ({"match": {"dataset": "film"}}, r"waiver\.0\.match\.dataset: 'film' is no dataset"),
    ],
    ids=["code", "outcome", "reason", "dataset"],
)
def test_a_waiver_that_names_what_is_not_there_is_refused(
    change: dict[str, Any], message: str
) -> None:
    with pytest.raises(ConfigError, match=message) as raised:
        check(
            [WaiverConfig.model_validate(GIVEN | change)],
            where="audit.toml",
            codes={*PolicyRules.load(STORE).reasons, *map(str, Status)},
            reasons=REASONS,
            datasets=["films"],
        )
    assert "one of " in str(raised.value)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('match = { creator = "A" }', "waiver.0.match.creator"),
        ('match = { host = "a", shard = "b" }', "waiver.0.match"),
        ("expires = 7.5", "waiver.0.expires"),
        ('owner = ""', "waiver.0.owner"),
        ('approved = "x"', "waiver.0.approved"),
    ],
    ids=["unknown match", "unanswerable", "date", "empty", "unknown"],
)
def test_a_waiver_that_is_not_well_formed_names_file_and_key(
    tmp_path: Path, text: str, key: str
) -> None:
    path = tmp_path / "audit.toml"
    given = {k: v for k, v in GIVEN.items() if not text.startswith(k)}
    lines = "\n".join(f'{name} = "{value}"' for name, value in given.items())
    path.write_text(f"[[waiver]]\n{lines}\n{text}\n")
    with pytest.raises(ConfigError, match=rf"{path}: {key}: "):
        config.load(path)


def test_every_reason_to_waive_is_explained() -> None:
    assert len(REASONS) >= 5
    assert all(row.label and row.meaning and row.source for row in REASONS.values())


def test_the_report_says_who_answers(engine: Engine) -> None:
    told = Waiver(WaiverConfig.model_validate(GIVEN), REPORT.as_of).told(4, REASONS)
    assert told.items == 4
    assert told.reason_label == "A licence was acquired"
    assert (told.owner, told.approved_by) == ("licensing", "counsel")


ROWS = [
    {"item_id": "a", "url": "https://a.example/1", "license": "CC0 1.0"},
    {"item_id": "b", "url": "https://b.example/1", "license": "hearsay"},
]
AUDIT = """
as_of = 2026-11-21
fail_on = "undetermined"
output = "out"

[[dataset]]
name = "works"
source = "works.csv"
"""
WAIVER = """
[[waiver]]
code = "not_established"
match = { host = "b.example" }
reason = "awaiting_answer"
comment = "asked <b>B</b>\\u001b[2J"
owner = "licensing"
approved_by = "counsel"
"""
UNUSED = WAIVER.replace("b.example", "nowhere.example")


def test_a_waiver_lets_a_gate_pass_and_hides_nothing(run: Run, tmp_path: Path) -> None:
    write_csv(tmp_path / "works.csv", ROWS)
    path, report = tmp_path / "audit.toml", tmp_path / "out/report.json"
    found = {}
    for name, waivers in (("none", ""), ("waived", WAIVER + UNUSED), ("expired", WAIVER)):
        until = "expires = 2026-11-21\n" if name == "expired" else ""
        path.write_text(AUDIT + waivers + until)
        ran = run("audit", "-c", path, *(["-q"] if name == "expired" else []))
        found[name] = (ran, json.loads(report.read_bytes()))
    assert [ran.code for ran, _ in found.values()] == [1, 0, 1]
    told = [
        {key: value for key, value in document.items() if key not in {"gate", "waivers"}}
        for _, document in found.values()
    ]
    assert told[0] == told[1] == told[2], "a waiver changed more than the gate"
    assert told[0]["dataset_status"] == "partly_established"
    assert (found["none"][1]["gate"], found["none"][1]["waivers"]) == (None, [])
    waived = found["waived"][1]["waivers"]
    assert [(row["match"], row["items"]) for row in waived] == [
        ({"host": "b.example"}, 1),
        ({"host": "nowhere.example"}, 0),
    ]
    out = found["waived"][0].err
    assert "no item has what it waives" in out
    assert "\x1b" not in out
    assert "of 1 found, 1 waived" in out
    assert "expired on 2026-11-21 and waives nothing" in found["expired"][0].err
    assert found["expired"][1]["waivers"][0]["expired"]
