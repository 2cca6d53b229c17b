"""The command line: exit codes, messages that help, and what each command prints."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest

import sourcing_audit
from sourcing_audit import __version__, cases
from sourcing_audit.model import FailOn
from sourcing_audit.rules import RuleStore
from sourcing_audit.rules.cases import load_verdicts
from tests.conftest import Ran, write_csv

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., Ran]

ITEMS = [
    {"item_id": "a", "url": "https://a.example/1", "creator": "A", "license": "CC0 1.0"},
    {"item_id": "b", "url": "https://b.example/1", "creator": "B", "license": "CC BY 4.0"},
    {"item_id": "c", "url": "https://c.example/1", "creator": "C", "license": "CC BY-NC 4.0"},
    {"item_id": "d", "url": "https://d.example/1", "creator": "D", "license": "hearsay"},
]
RECORDS = [
    {"record_id": "r1", "subject_kind": "host", "subject_value": "b.example", "decision": "deny"},
]


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    return write_csv(tmp_path / "works.csv", ITEMS)


@pytest.fixture
def registry(tmp_path: Path) -> Path:
    return write_csv(tmp_path / "registry.csv", RECORDS)


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An audit that is only read; its manifest `works.csv` lies beside it."""
    place = tmp_path_factory.mktemp("audited")
    registry = write_csv(place / "registry.csv", RECORDS)
    with sourcing_audit.audit(
        write_csv(place / "works.csv", ITEMS), registries=[registry], as_of="2026-11-21"
    ) as done:
        return done.save(place / "out")


def test_an_audit_writes_everything_and_sums_up(run: Run, manifest: Path, tmp_path: Path) -> None:
    ran = run("audit", manifest, "--as-of", "2026-11-21", "-o", tmp_path / "out")
    assert ran.code == 1
    names = {str(p.relative_to(tmp_path / "out")) for p in (tmp_path / "out").rglob("*.*")}
    assert names == {
        "report.json",
        "report.md",
        "report.html",
        "disclosure.md",
        "findings.parquet",
        "quarantine.parquet",
        "groups.parquet",
        "evidence/licenses.parquet",
        "evidence/texts.parquet",
        "evidence/consent.parquet",
        "evidence/records.parquet",
        "evidence/request.json",
    }
    assert "4 items in = 4 verdicts" in ran.err
    assert "No consent registry was consulted" in ran.err.replace("\n ", " ")
    assert ran.out.splitlines() == [
        (
            f"{manifest}:3: non_commercial The licence forbids commercial use:"
            " 1 item prohibited, CC-BY-NC-4.0 at c.example"
        ),
        (
            f"{manifest}:4: license_unresolved The declared licence isn't understood:"
            " 1 item undetermined, NOASSERTION at d.example"
        ),
        (
            f"{manifest}:2: attribute Credit creator, source and licence:"
            " 1 item conditional, CC-BY-4.0 at b.example"
        ),
        (
            f"{manifest}:2: keep_notices Keep copyright and licence notices:"
            " 1 item conditional, CC-BY-4.0 at b.example"
        ),
    ]
    assert "license_raw from {license}" in ran.err
    assert "report.html" in ran.err
    assert not list(tmp_path.glob(".out*"))


def test_a_terminal_gets_the_summary_and_the_sentence_apart(
    run: Run, manifest: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for stream in (sys.stdout, sys.stderr):
        monkeypatch.setattr(stream, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("NO_COLOR", "1")
    manifest.write_text(manifest.read_text(encoding="utf-8") + "e\n", encoding="utf-8")
    ran = run("audit", manifest, "--as-of", "2026-11-21", "-o", tmp_path / "out")
    assert "\x1b" not in ran.out
    assert "5 items in = 4 verdicts + 1 quarantined" in ran.out
    assert "Reasons, and how to fix them" in ran.out
    assert "sourcing is established" not in ran.out
    assert "sourcing is established for 2 of 5 items" in ran.err.replace("\r", "").replace(
        "\n ", " "
    )
    assert "Quarantined 1 record: Record with too few columns:" in ran.err


@pytest.mark.parametrize(
    ("fail_on", "code"),
    [("never", 0), ("conditional", 1)],
)
def test_fail_on(run: Run, manifest: Path, tmp_path: Path, fail_on: str, code: int) -> None:
    ran = run("audit", manifest, "-o", tmp_path / "out", "--fail-on", fail_on, "-q")
    assert (ran.code, ran.out, ran.err) == (code, "", "")


@pytest.mark.parametrize(
    ("licence", "fail_on", "code"),
    [
        ("CC0 1.0", "conditional", 0),
        ("MIT", "undetermined", 0),
        ("MIT", "conditional", 1),
        ("hearsay", "prohibited", 0),
        ("hearsay", "undetermined", 1),
        ("by-nc 4.0", "prohibited", 1),
    ],
)
def test_fail_on_takes_the_outcome(
    run: Run, tmp_path: Path, licence: str, fail_on: str, code: int
) -> None:
    manifest = write_csv(tmp_path / "w.csv", [{**ITEMS[0], "license": licence}])
    assert run("audit", manifest, "-o", tmp_path / "out", "--fail-on", fail_on, "-q").code == code


def test_fail_on_takes_all_worse_outcomes_too() -> None:
    worst_first = ["prohibited", "undetermined", "conditional"]
    for nth, name in enumerate(worst_first, start=1):
        assert FailOn(name).covers() == set(worst_first[:nth])
    assert not FailOn("never").covers()


def test_explain_shows_the_chain(run: Run, audited: Path) -> None:
    ran = run("explain", audited, "b")
    assert ran.code == 0
    for words in (
        "opted_out",
        "CC-BY-4.0",
        "declared   license_raw: CC BY 4.0",
        "registry/r1",
        "matched by host",
        "P11",
        "how to fix",
    ):
        assert words in ran.out


def test_explain_an_unknown_item(run: Run, audited: Path) -> None:
    ran = run("explain", audited, "nobody")
    assert ran.code == 2
    assert "no item has the id 'nobody'" in ran.err


def test_explain_a_folder_that_is_no_audit(run: Run, tmp_path: Path) -> None:
    ran = run("explain", tmp_path, "a")
    assert ran.code == 2
    assert "no report.json" in ran.err


def test_filter_writes_the_rows_as_they_were(run: Run, audited: Path, tmp_path: Path) -> None:
    ran = run("filter", audited, "--outcome", "permitted", "-o", tmp_path / "clean.csv")
    assert ran.code == 0, ran.err
    assert (tmp_path / "clean.csv").read_text(encoding="utf-8").splitlines() == [
        "item_id,url,creator,license",
        "a,https://a.example/1,A,CC0 1.0",
    ]
    assert "1 items" in ran.err


def test_filter_by_several_statuses(run: Run, audited: Path, tmp_path: Path) -> None:
    out = tmp_path / "rest.csv"
    statuses = ("--status", "opted_out", "--status", "not_established")
    assert run("filter", audited, *statuses, "-o", out).code == 0
    assert [line[0] for line in out.read_text(encoding="utf-8").splitlines()[1:]] == ["b", "d"]


def test_filter_refuses_an_input_that_changed(run: Run, audited: Path, tmp_path: Path) -> None:
    manifest = audited.parent / "works.csv"
    before = manifest.read_bytes()
    manifest.write_bytes(before + b"e,,,MIT\n")
    ran = run("filter", audited, "--outcome", "permitted", "-o", tmp_path / "clean.csv")
    manifest.write_bytes(before)
    assert ran.code == 2
    assert "changed" in ran.err
    assert not (tmp_path / "clean.csv").exists()


def test_filter_needs_a_choice(run: Run, audited: Path, tmp_path: Path) -> None:
    assert run("filter", audited, "-o", tmp_path / "x.csv").code == 2


def test_license_in_words_and_as_json(run: Run) -> None:
    ran = run("license", "CC BY-NC 4.0", "no idea")
    assert ran.code == 0
    assert "CC-BY-NC-4.0" in ran.out
    found = [
        json.loads(line)
        for line in run("license", "--json", "MIT", "gibberish").out.split("\n")[:2]
    ]
    assert {"raw", "expression", "class", "terms", "rule"} <= set(found[0])
    assert (found[0]["expression"], found[0]["class"], found[0]["terms"]) == (
        "MIT",
        "permissive",
        ["notice"],
    )
    assert (found[1]["expression"], found[1]["class"]) == ("NOASSERTION", "unknown")


def test_license_reads_standard_input() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "sourcing_audit", "license", "-", "--json"],
        input=b"mit\r\n\xff\xfe broken\n\nCC0 1.0\n",
        capture_output=True,
        check=True,
    )
    lines = [json.loads(line) for line in ran.stdout.splitlines()]
    assert [line["expression"] for line in lines] == [
        "MIT",
        "NOASSERTION",
        "NOASSERTION",
        "CC0-1.0",
    ]


def test_init_writes_a_config_that_loads(run: Run, tmp_path: Path, manifest: Path) -> None:
    path = tmp_path / "audit.toml"
    assert run("init", path).code == 0
    text = path.read_text(encoding="utf-8").replace("data/manifest.parquet", manifest.name)
    path.write_text(text, encoding="utf-8")
    ran = run("audit", "-c", path, "--fail-on", "never", "-q")
    assert (ran.code, ran.err) == (0, "")
    assert (tmp_path / "audit-out" / "report.json").is_file()
    assert run("init", path).code == 2


def test_init_writes_the_schema_beside_it(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "audit.toml"
    assert run("init", path, "--schema").code == 0
    assert path.read_text(encoding="utf-8").splitlines()[0] == "#:schema ./audit.schema.json"
    schema = json.loads((tmp_path / "audit.schema.json").read_text(encoding="utf-8"))
    assert "dataset" in schema["properties"]
    ran = run("init", tmp_path / "other.toml", "--schema")
    assert ran.code == 2
    assert "audit.schema.json: already exists" in ran.err
    assert not (tmp_path / "other.toml").exists()


def test_flags_win_over_environment_over_file(
    run: Run, tmp_path: Path, manifest: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "audit.toml"
    path.write_text(
        f'fail_on = "never"\noutput = "o"\n[[dataset]]\nsource = "{manifest.name}"\n', "utf-8"
    )
    assert run("audit", "-c", path, "-q").code == 0
    monkeypatch.setenv("SOURCING_AUDIT_FAIL_ON", "prohibited")
    assert run("audit", "-c", path, "-q").code == 1
    assert run("audit", "-c", path, "-q", "--fail-on", "never").code == 0


def test_several_datasets_get_folders_of_their_own(
    run: Run, tmp_path: Path, manifest: Path
) -> None:
    other = write_csv(tmp_path / "more.csv", ITEMS[:1])
    out = tmp_path / "out"
    assert run("audit", manifest, other, "-o", out, "-q").code == 1
    assert (out / "works" / "report.json").is_file()
    assert (out / "more" / "report.json").is_file()
    ran = run("explain", out, "d")
    assert (ran.code, "hearsay" in ran.out) == (0, True)
    again = run("audit", manifest, other, "--dataset", "both", "-o", tmp_path / "one", "-q")
    assert again.code == 1
    report = json.loads((tmp_path / "one" / "report.json").read_bytes())
    assert (report["totals"]["items_in"], report["dataset"]["name"]) == (5, "both")
    assert report["coverage"]["duplicate_item_ids"] == 2


def test_rules_list_and_test(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran = run("rules", "list")
    assert ran.code == 0
    assert "verdict.toml" in ran.out
    # tests/test_rules.py runs all of them, and takes a minute for it.
    some = load_verdicts(RuleStore())[:3]
    monkeypatch.setattr(cases, "load_verdicts", lambda _: some)
    passed = run("rules", "test")
    assert passed.code == 0
    assert passed.err.endswith(" cases, 0 failed\n")
    monkeypatch.setattr(cases, "check_verdicts", lambda found, **_: [f"{len(found)}: wrong too"])
    (tmp_path / "cases").mkdir()
    (tmp_path / "cases" / "licenses.toml").write_text(
        '[[case]]\nname = "wrong"\nraw = "MIT"\nexpression = "0BSD"\nclass = "permissive"\n',
        "utf-8",
    )
    failed = run("rules", "test", "--rules", tmp_path)
    assert failed.code == 1
    assert "wrong: " in failed.out
    assert "3: wrong too" in failed.out
    assert failed.err.endswith(" cases, 2 failed\n")


def test_version(run: Run) -> None:
    assert run("--version").out == f"sourcing-audit {__version__}\n"


def test_help_is_fast_and_imports_no_engine() -> None:
    code = (
        "import sys; from sourcing_audit import cli\n"
        "try: cli.app(['--help'])\n"
        "except SystemExit: pass\n"
        "assert not {'ibis', 'duckdb', 'pandas', 'pyarrow', 'jinja2'} & set(sys.modules), sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
    best = min(_help_seconds() for _ in range(3))
    assert best < 1, f"--help took {best:.2f} s"


def _help_seconds() -> float:
    start = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "sourcing_audit", "--help"], check=True, capture_output=True
    )
    return time.perf_counter() - start


BAD_INPUT = {
    "missing file": ("nowhere.csv", None, 2, "nowhere.csv"),
    "empty file": ("empty.csv", b"", 2, "empty.csv"),
    "truncated parquet": ("cut.parquet", b"PAR1 and nothing else", 2, "cut.parquet"),
    "only a header": ("head.csv", b"item_id,license\n", 3, "head.csv"),
    "unknown format": ("works.docx", b"x", 2, "works.docx"),
    "nothing recognised": ("x.csv", b"foo,bar\n1,2\n", 2, "--column"),
}


@pytest.mark.parametrize(
    ("name", "content", "code", "said"), list(BAD_INPUT.values()), ids=list(BAD_INPUT)
)
def test_bad_input(
    run: Run, tmp_path: Path, name: str, content: bytes | None, code: int, said: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    ran = run("audit", tmp_path / name, "-o", tmp_path / "out")
    assert ran.code == code
    assert said in ran.err
    assert "Traceback" not in ran.err
    assert not (tmp_path / "out").exists()


def test_a_folder_without_data(run: Run, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "README.md").write_text("nothing", encoding="utf-8")
    ran = run("audit", tmp_path / "data", "-o", tmp_path / "out")
    assert ran.code == 3
    assert "data" in ran.err


def test_nothing_named(run: Run) -> None:
    ran = run("audit")
    assert ran.code == 2
    assert "nothing to audit was named" in ran.err


RAGGED = b"item_id,license\na,MIT\nb\nc,MIT,x\nd,\xff\n"


def test_unreadable_rows_are_quarantined_with_row_and_reason(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    path.write_bytes(RAGGED)
    ran = run("audit", path, "-o", tmp_path / "out", "--fail-on", "never")
    assert ran.code == 0
    rows = pq.read_table(tmp_path / "out" / "quarantine.parquet").to_pylist()
    assert [(row["row"], row["reason"]) for row in rows] == [
        (2, "columns_missing"),
        (3, "columns_extra"),
        (4, "undecodable"),
    ]
    assert {row["shard"] for row in rows} == {str(path)}
    assert f"{path}:2: columns_missing Record with too few columns: 1 record" in ran.out
    assert "4 items in = 1 verdict + 3 quarantined" in ran.err.replace("verdicts", "verdict")


def test_strict_stops_at_the_first_of_them(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    path.write_bytes(RAGGED)
    ran = run("audit", path, "-o", tmp_path / "out", "--strict")
    assert ran.code == 2
    assert f"{path}: row 2: columns_missing" in ran.err
    assert not (tmp_path / "out").exists()


BAD_FLAGS = {
    "unknown column": (["--column", "creator=autor"], "autor"),
    "unknown field": (["--column", "maker=license"], "maker"),
    "not a pair": (["--column", "creator"], "FIELD=COLUMN"),
    "unknown use": (["--use", "world-domination"], "commercial-training"),
    "unknown key": (["--use", "price=3"], "price"),
    "not yes or no": (["--use", "commercial=maybe"], "maybe"),
    "unknown share": (["--use", "share=everything"], "everything"),
    "territory": (["--use", "territory=Germany"], "ISO 3166"),
    "date": (["--as-of", "yesterday"], "YYYY-MM-DD"),
    "registry": (["-r", "nowhere.csv"], "nowhere.csv"),
    "registry format": (["-r", "crystal:ball.csv"], "crystal"),
    "rules": (["--rules", "nowhere"], "nowhere"),
    "config": (["-c", "nowhere.toml"], "nowhere.toml"),
    "fail-on": (["--fail-on", "sometimes"], "sometimes"),
}


@pytest.mark.parametrize(("flags", "said"), list(BAD_FLAGS.values()), ids=list(BAD_FLAGS))
def test_bad_flags(run: Run, manifest: Path, tmp_path: Path, flags: list[str], said: str) -> None:
    ran = run("audit", manifest, "-o", tmp_path / "out", *flags)
    assert ran.code == 2
    assert said in ran.err
    assert "Traceback" not in ran.err
    assert not (tmp_path / "out").exists()


GOOD = {"record_id": "r", "subject_kind": "host", "subject_value": "a.example", "decision": "deny"}
BAD_RECORDS = {
    "no decision": ({**GOOD, "decision": ""}, "row 2: decision is missing"),
    "unknown decision": ({**GOOD, "decision": "perhaps"}, "perhaps"),
    "unknown kind": ({**GOOD, "subject_kind": "planet"}, "planet"),
    "no subject": ({**GOOD, "subject_value": ""}, "subject_value is missing"),
    "unknown use": ({**GOOD, "uses": "train_generative|cooking"}, "cooking"),
    "no date": ({**GOOD, "valid_until": "soon"}, "soon"),
    "term that ends first": (
        {**GOOD, "valid_from": "2026-02-01", "valid_until": "2026-01-01"},
        "not after",
    ),
    "contradiction": ({**GOOD, "record_type": "consent"}, "contradicts"),
    "same id": ({**GOOD, "record_id": "first"}, "same record_id"),
    "approval of nothing": (
        {**GOOD, "decision": "allow", "record_type": "approval"},
        "refers_to",
    ),
    "not a hash": ({**GOOD, "subject_kind": "sha256", "subject_value": "abc"}, "not a sha256"),
    "not a host": ({**GOOD, "subject_value": "no host"}, "not a host"),
    "typo in a column": ({**GOOD, "valid_untill": "2027-01-01"}, "valid_until"),
    "injection": ({**GOOD, "decision": "{row.__class__}\x1b[31m"}, "allowed are"),
}


@pytest.mark.parametrize(("record", "said"), list(BAD_RECORDS.values()), ids=list(BAD_RECORDS))
def test_a_registry_that_cannot_be_trusted_stops_the_audit(
    run: Run, manifest: Path, tmp_path: Path, record: dict[str, str], said: str
) -> None:
    registry = write_csv(tmp_path / "r.csv", [{**GOOD, "record_id": "first"}, record])
    ran = run("audit", manifest, "-r", registry, "-o", tmp_path / "out")
    assert ran.code == 2
    assert said in ran.err
    assert str(registry) in ran.err
    assert "\x1b" not in ran.err
    assert not (tmp_path / "out").exists()


def test_a_ragged_registry_stops_the_audit(run: Run, manifest: Path, tmp_path: Path) -> None:
    registry = tmp_path / "r.csv"
    registry.write_text("record_id,subject_kind,subject_value,decision\nx,host\n", "utf-8")
    ran = run("audit", manifest, "-r", registry, "-o", tmp_path / "out")
    assert ran.code == 2
    assert f"{registry}: row 1" in ran.err


def test_output_never_replaces_what_is_not_ours(run: Run, manifest: Path, tmp_path: Path) -> None:
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "thesis.txt").write_text("years", encoding="utf-8")
    ran = run("audit", manifest, "-o", tmp_path / "precious")
    assert ran.code == 2
    assert [p.name for p in (tmp_path / "precious").iterdir()] == ["thesis.txt"]


def test_a_second_audit_replaces_the_first_and_keeps_notes(
    run: Run, manifest: Path, audited: Path, tmp_path: Path
) -> None:
    out = shutil.copytree(audited, tmp_path / "out")
    (out / "notes.txt").write_text("mine", encoding="utf-8")
    assert run("audit", manifest, "-o", out, "--as-of", "2026-11-20", "-q").code == 1
    assert (out / "notes.txt").read_text(encoding="utf-8") == "mine"
    assert (out / "report.json").read_bytes() != (audited / "report.json").read_bytes()


def test_rules_add_and_use(run: Run, tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    value = "Stadtgarten frei nutzbar nach Absprache"
    ran = run(
        "rules", "add", value, "CC-BY-NC-4.0", "--source", "https://x.example", "--rules", rules
    )
    assert ran.code == 0
    assert "CC-BY-NC-4.0" in ran.out
    assert "aliases.csv" in ran.err
    assert '"expression": "CC-BY-NC-4.0"' in run("license", value, "--json", "--rules", rules).out
    again = run("rules", "add", value, "CC-BY-NC-4.0", "--source", "x", "--rules", rules)
    assert "Nothing to add" in again.err
    refused = run("rules", "add", value, "NO-SUCH", "--source", "x", "--rules", rules)
    assert refused.code == 2
    assert "is not a licence expression" in refused.err


def test_the_licence_of_a_file(run: Run, tmp_path: Path) -> None:
    source = tmp_path / "main.py"
    source.write_text("# SPDX-License-Identifier: GPL-3.0-only\nprint(1)\n", encoding="utf-8")
    told = json.loads(run("license", "--file", source, "--json").out)
    assert (told["expression"], told["rule"]) == ("GPL-3.0-only", "text:tag")
    assert told["raw"] == f"{source}, lines 1-1"
    missing = run("license", "--file", tmp_path / "none")
    assert missing.code == 2
    assert "No such file" in missing.err
    assert run("license").code == 2


def test_upstream_and_card_flags(run: Run, tmp_path: Path) -> None:
    manifest = write_csv(tmp_path / "m.csv", [{"item_id": "a", "creator": "J"}])
    card = tmp_path / "card.md"
    card.write_text("---\nlicense: cc0-1.0\n---\n", encoding="utf-8")
    out = tmp_path / "out"
    flags = ("--card", card, "--upstream", "our scans=CC BY-NC 4.0", "--upstream", "gsm8k")
    ran = run("audit", manifest, *flags, "--as-of", "2026-11-21", "-o", out)
    assert ran.code == 1
    report = json.loads((out / "report.json").read_text(encoding="utf-8"))
    assert [entry["dataset"] for entry in report["lineage"]] == ["GSM8K", "our scans"]
    assert report["dataset"]["cards"][0]["statements"][0]["expression"] == "CC0-1.0"
    for flag in ("--upstream", "=MIT"), ("--card", tmp_path / "none.md"):
        assert run("audit", manifest, *flag).code == 2


@pytest.mark.parametrize("name", ["../../x", "-rf", "a\nb", "..", "a/b", "", "x" * 81])
def test_a_name_that_is_no_name_of_a_folder_is_refused_in_a_line(run, tmp_path, name):
    found = run("audit", tmp_path / "a.csv", f"--dataset={name}")
    assert found.code == 2
    assert "is no name for a dataset" in found.err
    assert "how to fix" in found.err
