"""Gates: limits, and a baseline, held against counts that never flatter."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

import sourcing_audit
from sourcing_audit import gates
from sourcing_audit.config import LimitConfig, WaiverConfig
from sourcing_audit.engine import Engine
from sourcing_audit.errors import ConfigError, InputError, SourcingAuditError
from sourcing_audit.gates import Limit
from sourcing_audit.model import FailOn
from sourcing_audit.rules import RuleStore
from sourcing_audit.rules.changes import ChangeRules
from tests.conftest import Ran, write_csv
from tests.support.audited import (
    CREDITED,
    FREE,
    MISSING,
    REFUSED,
    REPORT,
    UNRESOLVED,
    Item,
    Made,
    audited,
    of,
    some,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from sourcing_audit.report import GateCheck

    Run = Callable[..., Ran]

REASONS = ChangeRules.load(RuleStore()).waivers
CODES = ("prohibited", "undetermined", "conditional", "not_established", "license_missing")


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine.duckdb() as running:
        yield running


def waiver(code: str, **match: str) -> WaiverConfig:
    return WaiverConfig.model_validate(
        {
            "code": code,
            "match": match,
            "reason": "license_acquired",
            "comment": "contract 7",
            "owner": "o",
            "approved_by": "a",
        }
    )


def checks(
    engine: Engine,
    now: Sequence[Item],
    *limits: Limit,
    waivers: Sequence[WaiverConfig] = (),
    baseline: Sequence[Item] | None = None,
    made: Made | None = None,
) -> list[GateCheck]:
    judged = gates.judge(
        engine,
        audited(engine, now, made),
        limits,
        stated=waivers,
        reasons=REASONS,
        baseline=None if baseline is None else audited(engine, baseline),
    )
    assert judged.gate.passed == all(check.passed for check in judged.gate.checks)
    return judged.gate.checks


@pytest.mark.parametrize(
    ("limit", "passed"),
    [
        (Limit("undetermined", 2), True),
        (Limit("undetermined", 1), False),
        (Limit("undetermined", None, 0.5), True),
        (Limit("undetermined", None, 0.49), False),
        (Limit("undetermined", 2, 0.49), False),
        (Limit("not_established", 2), True),
        (Limit("license_missing", 1), False),
        (Limit("consent_expired", 0), True),
        (Limit("prohibited", 0), False),
        (Limit("quarantined", 0), True),
    ],
    ids=lambda value: (
        f"{value.code}-{value.allowed}-{value.allowed_share}" if isinstance(value, Limit) else ""
    ),
)
def test_a_limit_is_kept_or_not(engine: Engine, limit: Limit, *, passed: bool) -> None:
    items = [of(MISSING, "a"), of(UNRESOLVED, "b"), of(REFUSED, "c"), of(FREE, "d")]
    assert [check.passed for check in checks(engine, items, limit)] == [passed]


@pytest.mark.parametrize("fail_on", FailOn)
def test_fail_on_is_a_limit_of_none_for_each_outcome_it_covers(fail_on: FailOn) -> None:
    found = gates.limits(fail_on, {"license_missing": LimitConfig(max=3)})
    assert {limit.code for limit in found[:-1]} == {str(each) for each in fail_on.covers()}
    assert all((limit.allowed, limit.asked_by) == (0, "fail_on") for limit in found[:-1])
    assert found[-1] == Limit("license_missing", 3)


def test_what_could_not_be_read_is_not_established_and_no_limit_bears_unreadable_files(
    engine: Engine,
) -> None:
    read = audited(engine, [of(FREE, "a")])
    for quarantined, files, passed in ((0, 0, True), (3, 0, False), (0, 1, False)):
        totals = read.report.totals.model_copy(
            update={
                "items_in": 1 + quarantined,
                "quarantined": quarantined,
                "unreadable_files": files,
            }
        )
        report = read.report.model_copy(update={"totals": totals})
        for code in ("undetermined", "not_established", "quarantined"):
            judged = gates.judge(
                engine, replace(read, report=report), [Limit(code)], reasons=REASONS, baseline=read
            )
            assert (judged.gate.passed, judged.gate.checks[0].counted) == (passed, quarantined)
            loose = gates.judge(
                engine, replace(read, report=report), [Limit(code, 9)], reasons=REASONS
            )
            assert loose.gate.passed == (files == 0)


EXPECTED = [
    (FREE, MISSING, 1),
    (MISSING, MISSING, 0),
    (UNRESOLVED, MISSING, 0),
    (MISSING, UNRESOLVED, 1),
    (REFUSED, MISSING, 1),
]


@pytest.mark.parametrize(
    ("then", "now", "counted"), EXPECTED, ids=["new", "old", "fewer", "more", "other"]
)
def test_a_finding_with_anything_added_to_it_is_new(
    engine: Engine, then: Item, now: Item, counted: int
) -> None:
    found = checks(
        engine, [of(now, "a")], Limit("undetermined"), baseline=[of(then, "a"), of(FREE, "b")]
    )
    assert (found[0].counted, found[0].found, found[0].in_baseline) == (counted, 1, 1 - counted)


def test_a_new_obligation_is_a_new_finding_where_obligations_are_asked_about(
    engine: Engine,
) -> None:
    then, now = of(CREDITED, "a"), of(CREDITED, "a", obligations=("attribute", "share_alike"))
    found = checks(engine, [now], Limit("conditional"), baseline=[then])
    assert found[0].counted == 1
    assert checks(engine, [then], Limit("conditional"), baseline=[now])[0].counted == 0


def test_ids_that_cannot_be_compared_count_as_new(engine: Engine) -> None:
    twice = [of(MISSING, "a"), of(MISSING, "a")]
    assert checks(engine, twice, Limit("undetermined"), baseline=twice)[0].counted == 2
    once = [of(MISSING, "a")]
    assert checks(engine, once, Limit("undetermined"), baseline=twice)[0].counted == 1
    shard = REPORT.dataset.inputs[0].name
    placed = [of(MISSING, f"{shard}:3", shard=shard, row=3)]
    assert checks(engine, placed, Limit("undetermined"), baseline=placed)[0].counted == 0
    changed = REPORT.dataset.model_copy(
        update={"inputs": [one.model_copy(update={"sha256": "x"}) for one in REPORT.dataset.inputs]}
    )
    made = Made(report=REPORT.model_copy(update={"dataset": changed}))
    found = checks(engine, placed, Limit("undetermined"), baseline=placed, made=made)
    assert found[0].counted == 1


def test_a_baseline_of_another_dataset_is_refused(engine: Engine) -> None:
    """Its ids mean other items, whose findings would hide new ones."""
    other = REPORT.model_copy(
        update={"dataset": REPORT.dataset.model_copy(update={"name": "other"})}
    )
    items, _ = some(3)
    with pytest.raises(InputError, match="an audit of other, not of"):
        gates.judge(
            engine,
            audited(engine, items),
            [Limit("undetermined")],
            reasons=REASONS,
            baseline=audited(engine, items, Made(report=other)),
        )


def truly(
    now: Sequence[Item], then: Sequence[Item], stated: Sequence[WaiverConfig], code: str
) -> int:
    """How many items count towards a limit, by going through them one by one."""
    shared = {
        item_id
        for side in (now, then)
        for item_id, n in Counter(item.item_id for item in side).items()
        if n > 1
    }
    before = {item.item_id: item for item in then if item.item_id not in shared}
    return sum(
        code in (item.outcome, item.status, *item.reasons)
        and not _waived(item, stated, code)
        and not _known(item, before.get(item.item_id), code)
        for item in now
    )


def _waived(item: Item, stated: Sequence[WaiverConfig], code: str) -> bool:
    codes = {
        each.code
        for each in stated
        if each.code in (item.status, *item.reasons)
        and each.match.host in {None, item.host}
        and each.match.license in {None, item.license_concluded}
        and each.match.shard in {None, item.shard}
        and each.match.item_id in {None, item.item_id}
    }
    if code in item.reasons:
        return code in codes
    return item.status in codes or (bool(item.reasons) and set(item.reasons) <= codes)


def _known(item: Item, then: Item | None, code: str) -> bool:
    if then is None:
        return False
    if code in item.reasons:
        return code in then.reasons
    same = item.status == then.status and set(item.reasons) <= set(then.reasons)
    return same and (
        item.outcome != "conditional" or set(item.obligations) <= set(then.obligations)
    )


BY_ITEM = (
    waiver("not_established", shard="more.csv"),
    waiver("license_missing", license="NOASSERTION"),
    waiver("opted_out_by_creator", item_id="id-3"),
)
BY_HOST = (waiver("not_established", host="a.example"), waiver("opted_out", host="b.example"))


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize(
    ("stated", "with_baseline", "exact"),
    [
        (BY_HOST, False, True),
        (BY_ITEM, True, True),
        (BY_ITEM, False, True),
        ((*BY_HOST, *BY_ITEM), True, False),
    ],
    ids=["host", "item and baseline", "item", "all"],
)
def test_counts_are_never_fewer_than_by_going_through_the_items(
    engine: Engine,
    seed: int,
    stated: Sequence[WaiverConfig],
    *,
    with_baseline: bool,
    exact: bool,
) -> None:
    then, now = some(seed)
    baseline = then if with_baseline else None
    found = checks(engine, now, *map(Limit, CODES), waivers=stated, baseline=baseline)
    for check in found:
        counted = truly(now, baseline or [], stated, check.code)
        assert check.counted == counted if exact else check.counted >= counted, check.code
        assert check.found == check.counted + check.waived + check.in_baseline
    if exact:
        assert sum(check.found - check.counted for check in found), "nothing was taken out"


def test_tables_that_are_not_those_of_the_report_are_refused(engine: Engine) -> None:
    one, two = audited(engine, [of(FREE, "a")]), audited(engine, [of(FREE, "a"), of(FREE, "b")])
    with pytest.raises(SourcingAuditError, match="run the audit again"):
        gates.judge(engine, replace(two, tables=one.tables), [Limit("x")], reasons=REASONS)


def test_a_limit_on_what_is_not_there_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"a\.toml: gate\.licence_missing: .* is no outcome"):
        gates.check(
            {"licence_missing": LimitConfig(max=0)}, where="a.toml", reasons=["license_missing"]
        )


ROWS = [
    {"item_id": "a", "url": "https://a.example/1", "license": "CC0 1.0"},
    {"item_id": "b", "url": "https://b.example/1", "license": "hearsay"},
    {"item_id": "c", "url": "https://c.example/1", "license": ""},
]
CONFIG = """
as_of = 2026-11-21
fail_on = "never"
output = "out"
baseline = "baseline"

[[dataset]]
name = "works"
source = "works.csv"

[gate]
undetermined = { max = 0, max_share = 0.4 }
license_missing = { max = 0 }
"""


def test_only_new_findings_fail_a_gate_with_a_baseline(run: Run, tmp_path: Path) -> None:
    manifest = write_csv(tmp_path / "works.csv", ROWS[:2])
    config = tmp_path / "audit.toml"
    config.write_text(CONFIG)
    with sourcing_audit.audit(manifest, dataset="works", as_of="2026-11-20") as made:
        made.save(tmp_path / "baseline")
        assert made.report.gate is None
        assert made.judge([Limit("undetermined")]).gate.checks[0].counted == 1
    ran = run("audit", "-c", config)
    assert ran.code == 0, ran.out
    assert "✓ Gate passed against the baseline as of 2026-11-20" in ran.err
    assert "of 1 found, 0 waived and 1 in the baseline" in ran.err
    write_csv(manifest, ROWS)
    ran = run("audit", "-c", config)
    assert ran.code == 1
    assert "✗ Gate failed" in ran.err
    told = json.loads((tmp_path / "out/report.json").read_bytes())["gate"]
    assert [(row["code"], row["counted"], row["passed"]) for row in told["checks"]] == [
        ("undetermined", 1, False),
        ("license_missing", 1, False),
    ]
    assert told["baseline"]["as_of"] == "2026-11-20"
