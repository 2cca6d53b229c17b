"""`run`: every dataset for itself, recorded as soon as it is done, whatever fails."""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sourcing_audit.engine import store
from sourcing_audit.history import History
from sourcing_audit.output import MARKER
from tests.conftest import write_csv

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[1]
DAY = "2026-11-21"
LATER = "2026-12-05"


def item(number: int, license_: str = "CC0 1.0", **fields: str) -> dict[str, str]:
    return {
        "id": str(number),
        "url": f"https://site.example/{number}.jpg",
        "creator": f"Creator {number}",
        "license": license_,
        **fields,
    }


def project(folder: Path, *datasets: str, **settings: str) -> Path:
    """An audit.toml beside the manifests of some datasets; `name!` has no manifest."""
    lines = [f"{key} = {value}" for key, value in settings.items()]
    lines += ['output = "out"', 'history = "history.duckdb"']
    for name in datasets:
        source = f"{name.rstrip('!')}.csv"
        if not name.endswith("!"):
            write_csv(folder / source, [item(n) for n in range(4)])
        lines += ["[[dataset]]", f'name = "{name.rstrip("!")}"', f'source = "{source}"']
    path = folder / "audit.toml"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_a_dataset_that_fails_does_not_stop_the_others(tmp_path: Path, run) -> None:
    config = project(tmp_path, "first", "gone!", "last")
    ran = run("run", "-c", config, "--as-of", DAY)
    assert ran.code == 2
    assert "first  ✓ passed: 4 items" in ran.out
    assert "gone   □ not audited" in ran.out
    assert "last   ✓ passed" in ran.out
    assert "2 of 3 datasets audited, 1 could not be audited; run 1 of" in ran.err
    history = History(str(tmp_path / "history.duckdb"))
    assert [entry.dataset for entry in history.run(1)] == ["first", "last"]
    [failure] = history.failures()
    assert (failure["dataset"], "no such file" in failure["problem"]) == ("gone", True)
    assert (tmp_path / "out" / "last" / "report.html").is_file()


def test_an_error_of_ours_does_not_stop_the_others(
    tmp_path: Path, run, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sourcing_audit import api

    original = api.audit_all

    def failing(requests, *arguments, **options):
        if requests[0].dataset == "first":
            raise ZeroDivisionError("ours")
        return original(requests, *arguments, **options)

    monkeypatch.setattr(api, "audit_all", failing)
    ran = run("run", "-c", project(tmp_path, "first", "last"), "--as-of", DAY, "-q")
    assert ran.code == 2
    assert "internal error: ZeroDivisionError('ours')" in ran.err
    assert [entry.dataset for entry in History(str(tmp_path / "history.duckdb")).run(1)] == ["last"]


def test_exit_codes_and_what_changed(tmp_path: Path, run) -> None:
    config = project(tmp_path, "films")
    assert run("run", "-c", config, "--as-of", DAY, "-q").code == 0
    rows = [item(0, "CC BY-NC 4.0"), item(1), item(2), item(7)]
    write_csv(tmp_path / "films.csv", rows)
    ran = run("run", "-c", config, "--as-of", LATER)
    assert ran.code == 1
    assert "films  ✗ did not pass: 4 items: 1 prohibited" in ran.out
    report = json.loads((tmp_path / "out" / "films" / MARKER).read_text())
    changes = report["changes"]
    assert changes["since"]["as_of"] == DAY
    assert set(changes["differs"]) == {"inputs", "as_of"}
    assert (changes["added"], changes["gone"], changes["changed"]) == (1, 1, 1)
    entries = History(str(tmp_path / "history.duckdb")).entries()
    assert [entry.differs(before) for entry, before in entries if before] == [["inputs", "as_of"]]
    write_csv(tmp_path / "films.csv", [])
    (tmp_path / "films.csv").write_text("id,url\n")
    assert run("run", "-c", config, "-q").code == 3


def test_only_some_datasets(tmp_path: Path, run) -> None:
    config = project(tmp_path, "first", "last")
    assert run("run", "-c", config, "--only", "last", "-q", "--as-of", DAY).code == 0
    assert [entry.dataset for entry in History(str(tmp_path / "history.duckdb")).run(1)] == ["last"]
    ran = run("run", "-c", config, "--only", "nix")
    assert (ran.code, "has no dataset nix" in ran.err) == (2, True)


def test_a_dataset_may_have_a_use_of_its_own(tmp_path: Path, run) -> None:
    config = project(tmp_path, "films")
    write_csv(tmp_path / "films.csv", [item(0, "CC BY-NC 4.0")])
    config.write_text(config.read_text() + 'use = "research"\n')
    assert run("run", "-c", config, "--as-of", DAY, "-q").code == 0
    [(entry, _)] = History(str(tmp_path / "history.duckdb")).entries()
    assert "research" in entry.use


def test_json_lines_tell_what_happens(tmp_path: Path, run) -> None:
    ran = run("run", "-c", project(tmp_path, "films", "gone!"), "--as-of", DAY, "-q", "--log-json")
    told = [json.loads(line) for line in ran.err.splitlines()]
    assert [each["event"] for each in told if each["event"] != "step"] == [
        "begun",
        "finished",
        "begun",
        "finished",
        "ended",
    ]
    finished = [each for each in told if each["event"] == "finished"]
    assert finished[0]["permitted"] == 4
    assert "no such file" in finished[1]["problem"]
    assert {"reading files", "summing up"} <= {each.get("step") for each in told}
    assert told[-1]["exit_code"] == 2


def test_works_that_came_back_fail_the_run(tmp_path: Path, run) -> None:
    config = project(tmp_path, "films", keys='"keys"')
    assert run("run", "-c", config, "--as-of", DAY, "-q").code == 0
    options = ("--history", tmp_path / "history.duckdb", "--keys", tmp_path / "keys")
    stones = tmp_path / "stones.csv"
    run("trace", "https://site.example/2.jpg", *options, "--tombstones", stones)
    config.write_text('tombstones = "stones.csv"\n' + config.read_text())
    write_csv(tmp_path / "films.csv", [item(0), item(1)])
    assert run("run", "-c", config, "--as-of", DAY, "-q").code == 0
    write_csv(tmp_path / "films.csv", [item(0), item(77, url="http://www.site.example/2.jpg")])
    ran = run("run", "-c", config, "--as-of", DAY)
    assert ran.code == 1
    assert "1 item came back after a takedown" in ran.out
    assert json.loads((tmp_path / "out" / "films" / MARKER).read_text())["returned"] == 1


def test_each_dataset_has_its_evidence_and_its_trend(tmp_path: Path, run) -> None:
    config = project(tmp_path, "first", "last", evidence='"bundle.zip"', formats='["sarif"]')
    assert run("run", "-c", config, "--as-of", DAY, "-q").code == 0
    assert run("run", "-c", config, "--as-of", LATER, "-q").code == 0
    for name in ("first", "last"):
        bundle, folder = tmp_path / f"bundle-{name}.zip", tmp_path / "out" / name
        verified = run("verify", bundle, "--unsigned-ok", "--findings", folder, "--rerun")
        assert verified.code == 0, verified.out
        report = json.loads((folder / MARKER).read_text())
        assert [point["as_of"] for point in report["trend"]] == [DAY, LATER]
        assert [point["differs"] for point in report["trend"]] == [[], ["as_of"]]


def test_tombstones_need_remembered_keys(tmp_path: Path, run) -> None:
    ran = run("run", "-c", project(tmp_path, "films", tombstones='"stones.csv"'))
    assert ran.code == 2
    assert "found by the keys of items" in ran.err
    ran = run("run", "-c", project(tmp_path, "films", tombstones='"stones.csv"', keys='"keys"'))
    assert ran.code == 2
    assert "stones.csv" in ran.err


@pytest.mark.parametrize("datasets", [("films", "films"), ()], ids=["twice", "none"])
def test_what_cannot_be_run_is_said_before_anything_is(
    tmp_path: Path, run, datasets: tuple[str, ...]
) -> None:
    assert run("run", "-c", project(tmp_path, *datasets)).code == 2
    assert not (tmp_path / "out").exists()
    assert not (tmp_path / "history.duckdb").exists()


def test_an_input_that_changes_while_it_is_audited_is_refused(
    tmp_path: Path, run, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sourcing_audit.units import Judge

    original = Judge.judge

    def judging(self, portion):
        found = original(self, portion)
        write_csv(tmp_path / "films.csv", [item(n) for n in range(9)])
        return found

    monkeypatch.setattr(Judge, "judge", judging)
    ran = run("run", "-c", project(tmp_path, "films"), "--as-of", DAY, "-q")
    assert ran.code == 2
    assert "films.csv: changed while it was audited" in ran.err
    assert not (tmp_path / "out" / "films").exists()


def begun(config: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "sourcing_audit", "run", "-c", config, "--as-of", DAY, "-q"],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


KILLS = int(os.environ.get("KILLS", "3"))
"""How often a run is killed; `KILLS=100 pytest tests/test_run.py -k killed` takes half an hour."""


def test_a_run_that_is_killed_leaves_no_half_report_and_the_next_goes_on(
    tmp_path: Path, run
) -> None:
    config = project(tmp_path, "first", "last", state='"state"', keys='"keys"')
    started = time.monotonic()
    assert begun(config).wait() == 0
    whole = time.monotonic() - started
    expected = {path.name for path in (tmp_path / "out" / "first").iterdir()}
    history = History(str(tmp_path / "history.duckdb"))
    moments = random.Random(0)
    for number in range(KILLS):
        # Every other time there is something new to write.
        write_csv(tmp_path / "last.csv", [item(n) for n in range(4 + number // 2)])
        before = len(history.entries())
        process = begun(config)
        try:
            process.wait(moments.uniform(0.0, whole))
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        for name in ("first", "last"):
            folder = tmp_path / "out" / name
            # Between two renames the folder may be away; what is there is whole.
            assert not folder.exists() or {path.name for path in folder.iterdir()} == expected
        assert before <= len(history.entries()) <= before + 2
    assert run("run", "-c", config, "--as-of", DAY, "-q").code == 0
    assert {path.name for path in (tmp_path / "out" / "last").iterdir()} == expected
    runs = [entry.run_no for entry, _ in history.entries()]
    assert runs == sorted(runs, reverse=True)


@pytest.fixture
def small_disk(tmp_path: Path):
    """A file system of 2 MB."""
    folder = tmp_path / "small"
    folder.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", folder], capture_output=True, check=False
    )
    if made.returncode:
        pytest.skip("file systems can't be mounted here")
    yield folder
    subprocess.run(["umount", folder], check=True)


@pytest.mark.parametrize("full", ["output", "history", "keys", "temp_dir"])
def test_a_full_disk_is_named_and_leaves_what_was_there(
    tmp_path: Path, small_disk: Path, run, full: str
) -> None:
    config = project(
        tmp_path, "films", **({} if full in {"output", "history"} else {full: f'"{small_disk}/x"'})
    )
    text = config.read_text()
    if full in {"output", "history"}:
        places = {"output": '"out"', "history": '"history.duckdb"'}
        text = text.replace(places[full], f'"{small_disk}/x"')
    config.write_text(text)
    if full == "temp_dir":
        (small_disk / "x").mkdir()
    ballast = small_disk / "ballast"
    with ballast.open("wb", buffering=0) as stream, contextlib.suppress(OSError):
        while True:
            stream.write(b"0" * 4096)
    ran = run("run", "-c", config, "--as-of", DAY, "-q")
    assert ran.code == 2, ran.err
    assert "Traceback" not in ran.err
    assert "how to fix" in ran.err
    if full == "output":
        assert not (small_disk / "x" / "films").exists()
    ballast.unlink()
    assert run("run", "-c", config, "--as-of", DAY, "-q").code == 0, "the next run goes on"


def test_an_earlier_audit_of_another_dataset_is_not_compared_with(tmp_path: Path, run) -> None:
    """Ids are the same in all of them, and mean other items."""
    config = project(tmp_path, "first", "second")
    assert run("run", "-c", config, "--as-of", DAY, "-q").code == 0
    first = tmp_path / "out" / "first"
    project(tmp_path, "first", "second", baseline='"out/first"')
    ran = run("run", "-c", config, "--as-of", DAY, "-q")
    assert ran.code == 0
    assert f"{first}: no earlier audit of second to compare with" in ran.err
    gates = [
        json.loads((tmp_path / "out" / name / "report.json").read_text())["gate"]
        for name in ("first", "second")
    ]
    assert gates[0]["baseline"]["dataset"] == "first"
    assert gates[1] is None or gates[1]["baseline"] is None
    source = tmp_path / "second.csv"
    ran = run("audit", source, "--as-of", DAY, "--baseline", first, "-o", tmp_path / "x", "-q")
    assert ran.code == 2
    assert "is an audit of first, not of second" in ran.err
    assert not (tmp_path / "x").exists()


@pytest.mark.skipif(shutil.which("faketime") is None, reason="faketime isn't installed")
def test_a_clock_that_was_moved_back_does_not_disturb_the_order(tmp_path: Path) -> None:
    config = project(tmp_path, "films")
    assert begun(config).wait() == 0
    command = [
        "faketime",
        "2019-01-01",
        sys.executable,
        "-m",
        "sourcing_audit",
        "run",
        "-c",
        config,
    ]
    subprocess.run([*command, "--as-of", DAY, "-q"], cwd=ROOT, check=True)
    entries = [entry for entry, _ in History(str(tmp_path / "history.duckdb")).entries()]
    assert [entry.run_no for entry in entries] == [2, 1]
    assert entries[0].recorded_at < entries[1].recorded_at


def test_a_history_that_is_held_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Callable[..., object]
) -> None:
    config = project(tmp_path, "films")
    processes = [begun(config) for _ in range(2)]
    assert [process.wait() for process in processes] == [0, 0]
    assert {entry.run_no for entry, _ in History(str(tmp_path / "history.duckdb")).entries()} == {
        1,
        2,
    }
    assert store.WAIT >= 30


def test_flags_win_over_the_file_and_the_summary_is_written(tmp_path: Path, run) -> None:
    config = project(tmp_path, "films", "gone!", formats='["html"]')
    page, place = tmp_path / "told" / "summary.md", tmp_path / "elsewhere"
    flags = ["-f", "sarif,md", "-o", place, "--summary", page]
    assert run("run", "-c", config, "--as-of", DAY, "-q", *flags).code == 2
    reports = {path.name for path in (place / "films").glob("report.*")}
    assert reports == {"report.json", "report.md", "report.sarif"}
    assert not (tmp_path / "out").exists()
    text = page.read_text(encoding="utf-8")
    assert "**1 of 2 datasets passed**, 0 did not, 1 could not be audited." in text


def test_no_summary_of_a_run_that_could_not_begin(tmp_path: Path, run) -> None:
    config = project(tmp_path, "films", use='"no-such-use"')
    assert run("run", "-c", config, "--summary", tmp_path / "summary.md").code == 2
    assert not (tmp_path / "summary.md").exists()


def test_evidence_of_each_dataset_is_written_and_accepted(tmp_path: Path, run) -> None:
    assert run("keygen", tmp_path / "keys").code == 0
    config = project(
        tmp_path, "films", "stills", "gone!", evidence='"kept/proof.zip"', formats='["sarif"]'
    )
    key = tmp_path / "keys" / "signing-key"
    ran = run("run", "-c", config, "--as-of", DAY, "--sign-key", f"{key}.pem")
    assert ran.code == 2
    bundles = sorted((tmp_path / "kept").iterdir())
    assert [each.name for each in bundles] == ["proof-films.zip", "proof-stills.zip"]
    for bundle in bundles:
        assert f"Evidence: {bundle} (signed with the key" in ran.err
        assert run("verify", bundle, "--key", f"{key}.pub.pem").code == 0
    other = tmp_path / "kept" / "today.zip"
    assert run("run", "-c", config, "--only", "films", "--evidence", other, "-q").code == 0
    assert (tmp_path / "kept" / "today-films.zip").is_file()


def test_an_audit_without_its_evidence_is_done_but_does_not_pass(tmp_path: Path, run) -> None:
    config = project(tmp_path, "films", "stills", evidence='"taken/proof.zip"')
    (tmp_path / "taken").write_text("a file")
    ran = run("run", "-c", config, "--as-of", DAY, "--log-json")
    assert ran.code == 2
    assert ran.out.count("✗ did not pass: 4 items: ") == 2
    assert ran.out.count("; no evidence: ") == 2
    finished = [json.loads(line) for line in ran.err.splitlines() if '"finished"' in line]
    assert all(each["problem"].startswith("no evidence: ") for each in finished)
    history = History(str(tmp_path / "history.duckdb"))
    assert [entry.dataset for entry in history.run(1)] == ["films", "stills"]
    assert not history.failures()


def test_a_key_that_cannot_be_used_is_told_before_anything_is_audited(tmp_path: Path, run) -> None:
    config = project(tmp_path, "films", evidence='"proof.zip"')
    ran = run("run", "-c", config, "--sign-key", tmp_path / "none.pem")
    assert ran.code == 2
    assert "none.pem" in ran.err
    assert not (tmp_path / "out").exists()
