"""What changed between two audits: counted exactly, put down to what it can be, told honestly."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest

import sourcing_audit
from sourcing_audit import changes
from sourcing_audit.changes import cases
from sourcing_audit.commands.review import earlier
from sourcing_audit.engine import Engine
from sourcing_audit.errors import InputError, RulesError, SourcingAuditError
from sourcing_audit.report import Changes
from sourcing_audit.reports import review
from sourcing_audit.rules import RuleStore
from sourcing_audit.rules.changes import ChangeRules
from tests.conftest import Ran, write_csv
from tests.support.audited import (
    CREDITED,
    FREE,
    MISSING,
    REFUSED,
    REPORT,
    Item,
    Made,
    audited,
    of,
    some,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from sourcing_audit.changes import Comparison
    from sourcing_audit.report import Report

    Run = Callable[..., Ran]

STORE = RuleStore()
RULES = ChangeRules.load(STORE)
CASES = cases.load_cases(STORE)


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine.duckdb() as running:
        yield running


@pytest.fixture(scope="module")
def failures() -> dict[str, str]:
    return {text.split(":")[0]: text for text in cases.check_cases(STORE)}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_rule_of_changes_keeps_its_example(
    case: cases.ChangeCase, failures: dict[str, str]
) -> None:
    assert failures.get(case.name) is None


@pytest.mark.parametrize("kind", RULES.kinds, ids=lambda kind: kind.id)
def test_each_kind_of_change_has_a_case_that_is_one_and_a_case_that_is_none(kind) -> None:
    assert {kind.id in case.kinds for case in CASES} == {True, False}


def test_a_wrong_example_is_found(tmp_path: Path) -> None:
    (tmp_path / "cases").mkdir()
    (tmp_path / "cases/changes.toml").write_text(
        '[[case]]\nname = "wrong"\nthen = {}\nnow = { consent_status = "denied" }\nkinds = []\n'
    )
    assert cases.check_cases(RuleStore([tmp_path])) == ["wrong: kinds are ['new_opt_out'], not []"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('column = "reasons"\nmove = "entered"\nvalues = ["x"]', "reasons can't be entered"),
        ('column = "status"\nmove = "added"', "status can't be added"),
        ('column = "status"\nmove = "left"', "values are missing"),
        ('move = "differs"', "every move but"),
        ('move = "otherwise"', "exactly one kind"),
        ('column = "colour"\nmove = "left"', "column"),
    ],
    ids=["list", "text", "values", "column", "rest", "unknown"],
)
def test_a_rule_of_changes_that_makes_no_sense_fails_to_load(
    tmp_path: Path, text: str, message: str
) -> None:
    words = 'label = "l"\nmeaning = "m"\nact = "a"\nsource = "s"\n'
    (tmp_path / "changes.toml").write_text(f'[[kind]]\nid = "own"\n{words}{text}\n')
    with pytest.raises(RulesError, match=message):
        ChangeRules.load(RuleStore([tmp_path]))


def compared(
    engine: Engine,
    then: Sequence[Item],
    now: Sequence[Item],
    *,
    before: Made | None = None,
    after: Made | None = None,
) -> Comparison:
    first, second = audited(engine, then, before), audited(engine, now, after)
    return changes.compare(engine, first, second, RULES)


@pytest.mark.parametrize("seed", range(3))
def test_counts_are_those_of_going_through_the_items_one_by_one(engine: Engine, seed: int) -> None:
    then, now = some(seed)
    found = compared(engine, then, now)
    told = found.changes
    shared = {
        item_id
        for side in (then, now)
        for item_id, n in Counter(item.item_id for item in side).items()
        if n > 1
    }
    before, after = (
        {i.item_id: i for i in side if i.item_id not in shared} for side in (then, now)
    )
    both = before.keys() & after.keys()
    changed = {key for key in both if before[key].verdict != after[key].verdict}
    assert shared, "the test needs ids that several items share"
    assert changed
    assert told.added == len(after.keys() - before.keys())
    assert told.gone == len(before.keys() - after.keys())
    assert (told.changed, told.unchanged) == (len(changed), len(both - changed))
    assert told.not_comparable == sum(item.item_id in shared for item in now)
    assert told.not_comparable_then == sum(item.item_id in shared for item in then)
    flows = Counter(
        (
            before[key].status if key in before else None,
            after[key].status if key in after else None,
        )
        for key in before.keys() | after.keys()
    )
    assert {(f.before, f.after): f.items for f in told.flows} == dict(flows)
    worse = sum(
        item.outcome == "prohibited"
        and (item.item_id in shared or before.get(item.item_id, FREE).outcome != "prohibited")
        for item in now
    )
    assert told.newly_prohibited == worse
    rows = engine.arrow(found.items).to_pylist()
    per = Counter(row["change"] for row in rows)
    assert per["changed"] == told.changed
    assert per["added"] == told.added
    assert per["gone"] == told.gone
    assert {row["item_id"] for row in rows if row["change"] == "not_comparable"} == shared
    for kind in told.kinds:
        ids = sorted(row["item_id"] for row in rows if kind.kind in row["kinds"])
        assert (len(ids), ids[:5]) == (kind.items, kind.samples)
    assert all(row["kinds"] and row["causes"] for row in rows if row["change"] == "changed")


def test_an_audit_held_against_itself_shows_no_change(engine: Engine) -> None:
    items = [of(FREE, "a"), of(REFUSED, "b")]
    told = compared(engine, items, items).changes
    assert (told.changed, told.unchanged, told.added, told.gone) == (0, 2, 0, 0)
    assert (told.differs, told.kinds, told.causes) == ([], [], [])


def test_audits_without_a_common_item_are_told_apart(engine: Engine) -> None:
    told = compared(engine, [of(FREE, "a")], [of(FREE, "b")]).changes
    assert (told.added, told.gone, told.changed, told.unchanged) == (1, 1, 0, 0)
    assert review.NO_COMMON_ITEM.split(":")[0] in review.diff(told, width=200, color=False)


def test_tables_that_are_not_those_of_the_report_are_refused(engine: Engine) -> None:
    one, two = audited(engine, [of(FREE, "a")]), audited(engine, [of(FREE, "a"), of(FREE, "b")])
    wrong = changes.Audited(two.report, one.tables)
    with pytest.raises(SourcingAuditError, match="don't add up"):
        changes.compare(engine, two, wrong, RULES)


def with_report(**updates: object) -> Made:
    return Made(report=REPORT.model_copy(update=updates))


def later(**updates: object) -> Made:
    return with_report(as_of=REPORT.as_of.replace(year=2027), **updates)


NEW_RULES = REPORT.rules.model_copy(update={"digest": "other"})
NEW_USE = REPORT.use.model_copy(update={"sentence": "another use"})
NEW_INPUTS = REPORT.dataset.model_copy(
    update={"inputs": [one.model_copy(update={"sha256": "other"}) for one in REPORT.dataset.inputs]}
)
NEW_DEFAULT = REPORT.dataset.model_copy(update={"default_license": "CC0-1.0"})
NEW_EXPORTS = [one.model_copy(update={"sha256": "other"}) for one in REPORT.registries]
EXPIRED = of(MISSING, "a", consent_status="expired", consent_record="r/1")
AGREED = of(CREDITED, "a", consent_status="agreement", consent_record="r/1")


@pytest.mark.parametrize(
    ("then", "now", "made", "cause"),
    [
        (FREE, CREDITED, with_report(rules=NEW_RULES), "rules"),
        (FREE, CREDITED, later(), "as_of"),
        (FREE, CREDITED, with_report(dataset=NEW_DEFAULT), "documents"),
        (FREE, CREDITED, with_report(dataset=NEW_INPUTS), "inputs"),
        (FREE, of(CREDITED, "", declared=2), with_report(dataset=NEW_INPUTS), "declaration"),
        (FREE, of(CREDITED, "", declared=2), with_report(rules=NEW_RULES), "rules"),
        (FREE, REFUSED, with_report(registries=NEW_EXPORTS), "record"),
        (FREE, REFUSED, later(), "as_of"),
        (FREE, CREDITED, with_report(registries=NEW_EXPORTS), "registries"),
        (AGREED, EXPIRED, later(registries=NEW_EXPORTS, dataset=NEW_INPUTS), "as_of"),
        (FREE, CREDITED, later(rules=NEW_RULES), "rules"),
        (FREE, CREDITED, later(rules=NEW_RULES, use=NEW_USE), "unclear"),
        (FREE, of(FREE, "", reasons=("x",)), later(use=NEW_USE), "use"),
        (FREE, of(FREE, "", reasons=("x",)), later(use=NEW_USE, rules=NEW_RULES), "unclear"),
        (FREE, CREDITED, Made(), "unclear"),
    ],
    ids=[
        "rules",
        "date",
        "default licence",
        "another column",
        "declaration",
        "declared by detection",
        "record",
        "record in time",
        "another record",
        "expiry",
        "same words and other rules",
        "licence by rules or use",
        "no record and a date",
        "rules or use",
        "nothing on record",
    ],
)
def test_a_change_is_put_down_to_what_it_can_be(
    engine: Engine, then: Item, now: Item, made: Made, cause: str
) -> None:
    told = compared(engine, [of(then, "a")], [of(now, "a")], after=made).changes
    assert [(row.kind, row.items) for row in told.causes] == [(cause, 1)]


RECORD = {"registry_id": "r", "record_id": "1", "decision": "allow", "subject_value": "a"}


@pytest.mark.parametrize(
    ("record", "cause"),
    [
        (RECORD | {"valid_until": None, "decision": "deny"}, "record_edited"),
        (RECORD, "registries"),
    ],
    ids=["edited", "as it was"],
)
def test_a_record_with_the_same_id_and_other_content_is_seen(
    engine: Engine, record: dict[str, object], cause: str
) -> None:
    before = Made(records=[RECORD])
    after = Made(report=with_report(registries=NEW_EXPORTS).report, records=[record])
    refused = of(REFUSED, "a")
    told = compared(engine, [AGREED], [refused], before=before, after=after).changes
    assert [row.kind for row in told.causes] == [cause]


def record(number: int, **fields: object) -> dict[str, object]:
    """A record of registry `r` that was declared long ago."""
    return {
        "registry_id": "r",
        "record_id": str(number),
        "statement_id": f"s{number}",
        "record_type": "consent",
        "subject_value": "a",
        "declared_at": moment("2020-01-01"),
        **fields,
    }


def moment(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


GRANT = record(1)
ENDING = record(1, valid_until=moment("2026-12-24"))
APPROVAL = record(2, record_type="approval", relation="approves", refers_to="1")
APPROVED_FOR_A_WHILE = {**APPROVAL, "valid_until": moment("2026-12-24")}
REVOCATION = record(3, record_type="revocation", relation="revokes", refers_to="s1")
OF_APPROVAL = record(4, record_type="revocation", relation="revokes", refers_to="2")
CHANGED = later(registries=NEW_EXPORTS).report
CHANGED_RULES = later(registries=NEW_EXPORTS, rules=NEW_RULES).report


def about_a(*records: dict[str, object], also: Sequence[dict[str, object]] = ()) -> Made:
    """An audit whose item `a` some records speak about, and others do not."""
    return Made(
        records=[*records, *also], about=[("a", str(each["record_id"])) for each in records]
    )


@pytest.mark.parametrize(
    ("then", "now", "report", "causes"),
    [
        # The registries' exports and the date are other ones, as in every audit on a schedule.
        (about_a(GRANT), about_a(GRANT, APPROVAL), CHANGED, ["registries"]),
        (about_a(GRANT, APPROVAL), about_a(GRANT), CHANGED, ["registries"]),
        (about_a(GRANT), about_a(GRANT, also=[APPROVAL]), CHANGED, ["unclear"]),
        (
            about_a(GRANT, APPROVED_FOR_A_WHILE),
            about_a(GRANT, APPROVED_FOR_A_WHILE),
            CHANGED,
            ["as_of"],
        ),
        (about_a(GRANT, APPROVED_FOR_A_WHILE), about_a(GRANT), CHANGED, ["unclear"]),
        (about_a(GRANT), about_a(GRANT), CHANGED, ["unclear"]),
        (
            about_a(record(1, duration_event="release")),
            about_a(record(1, duration_event="release")),
            CHANGED,
            ["as_of"],
        ),
        # A notice may run out whenever there is a revocation.
        (
            about_a(record(1, revocation_notice_days=30), REVOCATION),
            about_a(record(1, revocation_notice_days=30)),
            CHANGED,
            ["unclear"],
        ),
        (
            about_a(record(1, revocation_notice_days=30)),
            about_a(record(1, revocation_notice_days=30), REVOCATION),
            CHANGED,
            ["registries"],
        ),
        # What revokes the approval needn't speak about the item.
        (
            about_a(GRANT, APPROVAL),
            about_a(GRANT, APPROVAL, also=[OF_APPROVAL]),
            CHANGED,
            ["unclear"],
        ),
        (about_a(APPROVAL), about_a(APPROVAL), CHANGED, ["unclear"]),
        (
            about_a(record(1, refers_to="1")),
            about_a(record(1, refers_to="1"), APPROVAL),
            CHANGED,
            ["registries"],
        ),
        # The rules are others, too.
        (about_a(GRANT), about_a(GRANT), CHANGED_RULES, ["rules"]),
        (about_a(), about_a(), CHANGED_RULES, ["rules"]),
        (about_a(GRANT), about_a(GRANT, APPROVAL), CHANGED_RULES, ["unclear"]),
        (about_a(ENDING), about_a(ENDING), CHANGED_RULES, ["unclear"]),
    ],
    ids=[
        "approval arrived",
        "approval is missing",
        "approval that speaks of something else",
        "approval ended",
        "approval ended or is missing",
        "nothing can have had a part",
        "an event may have come",
        "notice ran out, or revocation is missing",
        "revocation announced",
        "approval revoked from elsewhere",
        "approval of something else",
        "own reference",
        "no moment passed",
        "no record",
        "registries or rules",
        "date or rules",
    ],
)
def test_what_cannot_have_had_a_part_is_ruled_out(
    engine: Engine, then: Made, now: Made, report: Report, causes: list[str]
) -> None:
    missing = of(AGREED, "", consent_status="approval_missing", reasons=("approval_missing",))
    told = compared(
        engine,
        [of(AGREED, "a")],
        [of(missing, "a")],
        before=then,
        after=replace(now, report=report),
    ).changes
    assert [row.kind for row in told.causes] == causes


@pytest.mark.parametrize(
    ("ending", "report", "causes"),
    [
        (ENDING, CHANGED_RULES, ["as_of"]),
        (GRANT, CHANGED_RULES, ["unclear"]),
        (record(1, valid_until=moment("2026-11-21")), CHANGED_RULES, ["unclear"]),
        (record(1, valid_until=moment("2027-11-22")), CHANGED_RULES, ["unclear"]),
        (ENDING, later(registries=NEW_EXPORTS, use=NEW_USE).report, ["unclear"]),
    ],
    ids=["in between", "no end", "ended before", "ends later", "use"],
)
def test_a_consent_that_names_its_end_ends_under_any_rules(
    engine: Engine, ending: dict[str, object], report: Report, causes: list[str]
) -> None:
    # Another approval has come, so that the registries can't be ruled out.
    before, after = about_a(ending), replace(about_a(ending, APPROVAL), report=report)
    expired = of(AGREED, "a", consent_status="expired")
    told = compared(engine, [of(AGREED, "a")], [expired], before=before, after=after).changes
    assert [row.kind for row in told.causes] == causes


def test_a_change_may_be_the_rules_and_something_else(engine: Engine) -> None:
    """The licence is another by the rules; why the consent is missing isn't seen."""
    before, after = about_a(ENDING), replace(about_a(ENDING), report=CHANGED_RULES)
    now = of(MISSING, "a", consent_status="approval_missing", consent_record="r/1")
    told = compared(engine, [of(AGREED, "a")], [now], before=before, after=after).changes
    assert [row.kind for row in told.causes] == ["rules", "unclear"]


def test_ids_that_are_places_are_said_to_be_weak(engine: Engine) -> None:
    items = [of(FREE, "works.csv:1")]
    assert not compared(engine, items, items).changes.ids_are_places
    told = compared(engine, items, items, after=with_report(dataset=NEW_INPUTS)).changes
    assert told.ids_are_places
    assert "known by file and record number" in review.diff(told, width=200, color=False)


def test_what_a_table_says_is_inert_on_a_terminal(engine: Engine) -> None:
    hostile = "\x1b[2J\u202e[bold]x"
    report = with_report(dataset=REPORT.dataset.model_copy(update={"name": hostile}))
    told = compared(engine, [of(FREE, hostile)], [of(REFUSED, hostile)], before=report).changes
    for width in (60, 200):
        text = review.diff(told, width=width, color=False)
        assert not {"\x1b", "\u202e"} & set(text)
        assert max(map(len, text.splitlines())) <= width


ITEMS = [
    {"item_id": "a", "url": "https://a.example/1", "creator": "A", "license": "CC0 1.0"},
    {"item_id": "b", "url": "https://b.example/1", "creator": "B", "license": "CC BY 4.0"},
    {"item_id": "c", "url": "https://c.example/1", "creator": "C", "license": "hearsay"},
]
LATER = [ITEMS[0], ITEMS[1] | {"license": "CC BY-NC 4.0"}, ITEMS[2] | {"item_id": "d"}]
RECORDS = [
    {"record_id": "r1", "subject_kind": "host", "subject_value": "a.example", "decision": "deny"},
]


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two audits of works, the second with other works and a registry, as folders."""
    root = tmp_path_factory.mktemp("audits")
    registry = write_csv(root / "registry.csv", RECORDS)
    saved = []
    for number, rows in enumerate((ITEMS, LATER)):
        manifest = write_csv(root / f"works-{number}.csv", rows)
        given = [registry] if number else []
        with sourcing_audit.audit(
            manifest, registries=given, dataset="works", as_of=f"2026-11-2{number}"
        ) as made:
            saved.append(made.save(root / f"audit-{number}"))
    return saved[0], saved[1]


def test_real_audits_are_compared(folders: tuple[Path, Path]) -> None:
    with sourcing_audit.load(folders[1]) as now, sourcing_audit.load(folders[0]) as then:
        told = now.diff(folders[0])
        assert now.diff(then) == told
    assert told.differs == ["inputs", "registries", "as_of"]
    assert (told.changed, told.added, told.gone, told.unchanged) == (2, 1, 1, 0)
    assert {row.kind: row.samples for row in told.kinds} == {
        "new_opt_out": ["a"],
        "license_changed": ["b"],
        "no_longer_established": ["a", "b"],
        "obligation_removed": ["b"],
    }
    assert {row.kind: row.samples for row in told.causes} == {
        "declaration": ["b"],
        "record": ["a"],
    }
    assert (told.newly_prohibited, told.newly_undetermined) == (2, 1)
    assert Changes.model_validate_json(told.model_dump_json()) == told


def test_findings_may_be_in_parts(folders: tuple[Path, Path], tmp_path: Path) -> None:
    with sourcing_audit.load(folders[1]) as now:
        whole = now.diff(folders[0])
        saved = now.save(tmp_path / "parts")
    table = pq.read_table(saved / "findings.parquet")
    (saved / "findings.parquet").unlink()
    (saved / "findings.parquet").mkdir()
    for number in range(table.num_rows):
        part = saved / "findings.parquet" / f"part-{number:05}.parquet"
        pq.write_table(table.slice(number, 1), part)
    with sourcing_audit.load(saved) as now:
        assert now.diff(folders[0]) == whole


def test_diff_prints_and_ends_with_what_is_worse(run: Run, folders: tuple[Path, Path]) -> None:
    ran = run("diff", *folders)
    assert ran.code == 1, ran.err
    assert "2 changed, 1 added, 1 gone, 0 with the verdict of then" in ran.out
    assert "Newly refused (new_opt_out)" in ran.out
    assert "not there → not established" in ran.out
    assert "\x1b" not in ran.out
    assert run("diff", folders[0], folders[0]).code == 0
    told = json.loads(run("diff", *folders, "--json").out)
    assert told["newly_prohibited"] == 2


def test_diff_writes_the_items(run: Run, folders: tuple[Path, Path], tmp_path: Path) -> None:
    files = [tmp_path / f"{number}.parquet" for number in range(2)]
    for file in files:
        assert "Wrote 4 items" in run("diff", *folders, "-o", file).err
    assert files[0].read_bytes() == files[1].read_bytes()
    rows = {row["item_id"]: row for row in pq.read_table(files[0]).to_pylist()}
    assert [row["change"] for row in rows.values()] == ["added", "changed", "changed", "gone"]
    assert rows["b"]["then_license_concluded"] == "CC-BY-4.0"
    assert rows["b"]["now_license_concluded"] == "CC-BY-NC-4.0"
    assert rows["a"]["now_consent_record"] == "registry/r1"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(["-o", "items.csv"], "end it in .parquet"), ([], "no report.json here")],
    ids=["suffix", "folder"],
)
def test_diff_says_what_it_needs(
    run: Run, folders: tuple[Path, Path], tmp_path: Path, arguments: list[str], message: str
) -> None:
    old = folders[0] if arguments else tmp_path
    ran = run("diff", old, folders[1], *arguments)
    assert ran.code == 2
    assert message in ran.err


def test_since_may_be_the_folder_that_is_replaced(run: Run, tmp_path: Path) -> None:
    works, out = tmp_path / "works.csv", tmp_path / "out"
    common = ("--as-of", "2026-11-21", "--fail-on", "never", "-o", out, "--since", out)
    ran = run("audit", write_csv(works, ITEMS), *common)
    assert ran.code == 0, ran.err
    assert "no earlier audit of works" in ran.err
    assert json.loads((out / "report.json").read_bytes())["changes"] is None
    ran = run("audit", write_csv(works, LATER), *common)
    assert ran.code == 0, ran.err
    assert "Since the audit as of 2026-11-21" in ran.err
    told = json.loads((out / "report.json").read_bytes())["changes"]
    assert (told["added"], told["gone"], told["changed"]) == (1, 1, 1)
    assert [row["kind"] for row in told["causes"]] == ["declaration"]
    assert "gate" not in ran.err.lower()


def test_several_datasets_are_each_held_against_their_own(
    run: Run, folders: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, folder in zip(("one", "two"), folders, strict=True):
        shutil.copytree(folder, tmp_path / name)
        report = json.loads((tmp_path / name / "report.json").read_text())
        report["dataset"]["name"] = name
        (tmp_path / name / "report.json").write_text(json.dumps(report))
    found = earlier(tmp_path, ["two", "three", "one"], what="--since")
    assert found == [tmp_path / "two", None, tmp_path / "one"]
    assert "no earlier audit of three" in capsys.readouterr().err
    assert earlier(tmp_path / "one", ["one"], what="--since") == [tmp_path / "one"]
    with pytest.raises(InputError, match="is an audit of one, not of works"):
        earlier(tmp_path / "one", ["works"], what="--since")
    assert earlier(None, ["works"], what="--since") == [None]
    with pytest.raises(InputError, match="no earlier audit of one, two"):
        earlier(tmp_path / "one", ["one", "two"], what="--since")
    ran = run("diff", tmp_path, folders[0])
    assert ran.code == 2
    assert "holds 2 datasets" in ran.err
    (tmp_path / "two/report.json").write_text("{}")
    with pytest.raises(InputError, match="run the audit again"):
        earlier(tmp_path, ["one", "two"], what="--since")


def test_a_folder_without_an_earlier_audit_is_no_reason_to_audit_first(
    run: Run, tmp_path: Path
) -> None:
    manifest = write_csv(tmp_path / "works.csv", ITEMS)
    for flag in ("--since", "--baseline"):
        ran = run("audit", manifest, "-o", tmp_path / "out", flag, tmp_path / "gone")
        assert ran.code == 2
        assert f"{flag} {tmp_path / 'gone'}: holds no earlier audit of works" in ran.err
        assert not (tmp_path / "out").exists()
