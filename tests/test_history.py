"""The history: every run kept as a whole, in a file and on a server, whatever happens."""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pytest

from sourcing_audit.errors import InputError, OutputError, SourcingAuditError
from sourcing_audit.history import Done, Failed, History
from sourcing_audit.history.compare import compare
from tests.reports.conftest import build_report

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sourcing_audit.report import Report

DAY = dt.date(2026, 11, 21)
DIGEST = "ab" * 32


@pytest.fixture(scope="module")
def report() -> Report:
    return build_report()


def of(report: Report, name: str = "films", **fields: object) -> Done:
    dataset = report.dataset.model_copy(update={"name": name})
    return Done(
        report.model_copy(update={"dataset": dataset, **fields}), DIGEST, Path("out") / name
    )


POSTGRES = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The address of a PostgreSQL server of this test's own, on a socket."""
    pytest.importorskip("psycopg")
    if not POSTGRES:
        pytest.skip("PostgreSQL isn't installed (Debian: apt-get install postgresql)")
    binaries = POSTGRES[-1].parent
    # The path of a socket must be short.
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    # It refuses to run as root.
    as_user = []
    if os.geteuid() == 0:
        as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
        shutil.chown(folder, "postgres", "postgres")
    run = [*as_user, "env", "LC_ALL=C"]
    subprocess.run(
        [
            *run,
            binaries / "initdb",
            "-D",
            folder / "data",
            "-U",
            "auditor",
            "-A",
            "trust",
            "-E",
            "UTF8",
        ],
        check=True,
        capture_output=True,
    )
    options = f"-c listen_addresses='' -k {folder} -c fsync=off"
    subprocess.run(
        [*run, binaries / "pg_ctl", "-D", folder / "data", "-w", "-o", options, "start"],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    yield f"postgresql://auditor@/postgres?host={folder}"
    subprocess.run(
        [*run, binaries / "pg_ctl", "-D", folder / "data", "-m", "immediate", "stop"],
        check=True,
        capture_output=True,
    )
    shutil.rmtree(folder)


@pytest.fixture(params=["file", "server"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "file":
        return str(tmp_path / "history.duckdb")
    address: str = request.getfixturevalue("server")
    name = f"test_{os.getpid()}_{time.monotonic_ns()}"
    import psycopg

    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return address.replace("/postgres?", f"/{name}?")


def test_a_run_is_told_as_it_was_recorded(place: str, report: Report) -> None:
    history = History(place)
    moment = dt.datetime(2026, 11, 21, 9, 30, tzinfo=dt.UTC)
    number = history.record([of(report), Failed("voices", "no such file")], now=moment)
    assert number == 1
    [(entry, before)] = history.entries()
    assert before is None
    assert (entry.dataset, entry.as_of, entry.folder) == ("films", DAY, "out/films")
    assert entry.recorded_at == moment.replace(tzinfo=None)
    assert entry.items_in == report.totals.items_in
    assert entry.rules_digest == report.rules.digest
    counts = history.counts([entry.audit_no])[entry.audit_no]
    assert counts["status"] == {str(each.status): each.items for each in report.statuses}
    assert counts["reason"] == {each.code: each.items for each in report.reasons}
    assert history.failures() == [
        {
            "run_no": 1,
            "recorded_at": moment.replace(tzinfo=None),
            "dataset": "voices",
            "problem": "no such file",
        }
    ]


def test_each_audit_stands_beside_the_one_before_it(place: str, report: Report) -> None:
    history = History(place)
    history.record([of(report), of(report, "voices")])
    later = report.rules.model_copy(update={"digest": "0" * 64})
    history.record([of(report, rules=later), of(report, "voices", as_of=dt.date(2026, 12, 1))])
    told = [
        (entry.dataset, before and before.run_no, before and entry.differs(before))
        for entry, before in history.entries(last=3)
    ]
    assert told == [("voices", 1, ["as_of"]), ("films", 1, ["rules"]), ("voices", None, None)]
    assert [entry.run_no for entry, _ in history.entries(dataset="films")] == [2, 1]


def test_two_runs_are_compared(place: str, report: Report) -> None:
    history = History(place)
    history.record([of(report), of(report, "gone")])
    fewer = [
        each.model_copy(update={"items": each.items - 10})
        if each.code == "consent_revoked"
        else each
        for each in report.reasons
    ]
    inputs = [report.dataset.inputs[0].model_copy(update={"sha256": "1" * 64})]
    changed = of(report, reasons=fewer)
    dataset = changed.report.dataset.model_copy(update={"inputs": inputs})
    changed = Done(changed.report.model_copy(update={"dataset": dataset}), DIGEST, changed.folder)
    history.record([changed, of(report, "new")])
    films, gone, new = compare(history, 1, 2)
    assert (films.dataset, films.differs) == ("films", ("inputs",))
    assert [(c.kind, c.code, c.after - c.before) for c in films.counts] == [
        ("reason", "consent_revoked", -10)
    ]
    assert (gone.dataset, gone.after) == ("gone", None)
    assert (new.dataset, new.before) == ("new", None)
    with pytest.raises(InputError, match="no run 7"):
        compare(history, 1, 7)


def test_the_order_is_that_of_recording_whatever_the_clock_says(place: str, report: Report) -> None:
    history = History(place)
    for year in (2026, 2020, 2031):
        history.record([of(report)], now=dt.datetime(year, 1, 1, tzinfo=dt.UTC))
    assert [entry.recorded_at.year for entry, _ in history.entries()] == [2031, 2020, 2026]
    assert [entry.run_no for entry, _ in history.entries()] == [3, 2, 1]


def test_datasets_of_a_run_may_be_recorded_one_by_one(place: str, report: Report) -> None:
    history = History(place)
    number = history.record([of(report)])
    history.record([Failed("voices", "gone")], run=number)
    history.record([of(report, "stills")], run=number)
    assert [entry.dataset for entry in history.run(number)] == ["films", "stills"]
    assert history.record([Failed("voices", "gone")]) == number + 1


def test_what_fails_in_between_leaves_nothing(place: str, report: Report) -> None:
    history = History(place)
    history.record([of(report)])
    broken = Done(report.model_copy(update={"as_of": None}), DIGEST, Path("x"))
    with pytest.raises(SourcingAuditError):
        history.record([of(report), broken])
    assert len(history.entries()) == 1
    assert history.record([of(report)]) == 2


def test_hostile_words_are_kept_and_do_nothing(place: str, report: Report) -> None:
    hostile = "x'); DROP TABLE audits; --\x1b[31m"
    history = History(place)
    history.record([of(report, hostile), Failed(hostile, hostile)])
    assert history.entries(dataset=hostile)[0][0].dataset == hostile
    assert history.failures()[0]["problem"] == hostile


RECORD = """
import sys
from pathlib import Path
from sourcing_audit.history import Done, History
from tests.reports.conftest import build_report
history, count = History(sys.argv[1]), int(sys.argv[2])
done = Done(build_report(), "ab" * 32, Path("out"))
print("ready", flush=True)
sys.stdin.readline()
for _ in range(count):
    history.record([done, done])
    print("done", flush=True)
"""


def recorder(place: str, count: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", RECORD, place, str(count)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[1],
    )


def begun(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    assert process.stdin is not None
    assert process.stdout.readline() == "ready\n"
    process.stdin.write("\n")
    process.stdin.flush()


def test_runs_at_once_wait_for_each_other(place: str) -> None:
    processes = [recorder(place, 4) for _ in range(3)]
    for process in processes:
        begun(process)
    for process in processes:
        process.communicate()
        assert process.returncode == 0
    history = History(place)
    entries = [entry for entry, _ in history.entries()]
    assert sorted({entry.run_no for entry in entries}) == list(range(1, 13))
    assert sorted(entry.audit_no for entry in entries) == list(range(1, 25))


@pytest.mark.parametrize("milliseconds", [1, 40, 90, 160, 250, 400])
def test_a_killed_run_loses_nothing_that_was_recorded(tmp_path: Path, milliseconds: int) -> None:
    place = str(tmp_path / "history.duckdb")
    process = recorder(place, 1000)
    begun(process)
    time.sleep(milliseconds / 1000)
    process.send_signal(signal.SIGKILL)
    output, _ = process.communicate()
    told = output.count("done")
    history = History(place)
    try:
        recorded = history.entries()
    except InputError:
        recorded = []
    # The last may have been kept without having been told.
    assert len(recorded) in {2 * told, 2 * told + 2}
    assert history.record([of(build_report())]) == len(recorded) // 2 + 1


def test_a_file_that_another_process_holds_is_waited_for_and_named(
    tmp_path: Path, report: Report
) -> None:
    place = tmp_path / "history.duckdb"
    History(str(place)).record([of(report)])
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            f"import duckdb; c = duckdb.connect({str(place)!r}); print(1, flush=True); input()",
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    holder.stdout.readline()
    with pytest.raises(SourcingAuditError, match="another process has held it"):
        History(str(place), wait=0.2).record([of(report)])
    holder.communicate("\n")
    assert History(str(place)).record([of(report)]) == 2


def other_version(place: Path) -> None:
    History(str(place)).record([of(build_report())])
    with duckdb.connect(str(place)) as connection:
        connection.execute("UPDATE meta SET value = '99'")


def cut(place: Path) -> None:
    History(str(place)).record([of(build_report())])
    place.write_bytes(place.read_bytes()[:5000])


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (lambda _: None, "no such file"),
        (lambda place: place.write_text("run,dataset\n"), "isn't a database"),
        (other_version, "version 99"),
        (cut, "history"),
    ],
    ids=["missing", "another file", "another version", "cut short"],
)
def test_what_is_no_history_is_named(
    tmp_path: Path, make: Callable[[Path], object], problem: str
) -> None:
    place = tmp_path / "history.duckdb"
    make(place)
    content = place.read_bytes() if place.exists() else None
    with pytest.raises(SourcingAuditError, match=problem):
        History(str(place)).entries()
    assert (place.read_bytes() if place.exists() else None) == content


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path, report: Report) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="file"):
        History(str(tmp_path / "file" / "history.duckdb")).record([of(report)])
    with pytest.raises(SourcingAuditError, match=r"nobody\.invalid"):
        History("postgresql://user:secret@nobody.invalid/audits").record([of(report)])


def test_a_password_is_not_told(report: Report) -> None:
    with pytest.raises(SourcingAuditError) as caught:
        History("postgresql://user:secret@nobody.invalid/audits").record([of(report)])
    assert "secret" not in str(caught.value)


def test_a_password_is_not_told_where_something_is_missing(server: str, report: Report) -> None:
    secret = f"{server}&password=secret".replace("auditor@", "auditor:secret@")
    import psycopg

    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("CREATE DATABASE secretive")
    history = History(secret.replace("/postgres?", "/secretive?"))
    with pytest.raises(InputError, match="holds no history") as caught:
        history.entries()
    assert "secret@" not in str(caught.value)
    assert "password" not in str(caught.value)
    history.record([of(report)])
    with pytest.raises(InputError, match="no run 7") as caught:
        history.run(7)
    assert "secret@" not in str(caught.value)
    assert history.shown == "postgresql:///secretive"


def test_years_of_audits_are_read_at_once(tmp_path: Path, report: Report) -> None:
    """A thousand runs of fifty datasets."""
    place = tmp_path / "history.duckdb"
    history = History(str(place))
    history.record([of(report, f"set-{n}") for n in range(50)])
    with duckdb.connect(str(place)) as connection:
        for table in ("audits", "counts"):
            run = ", run_no + 1 * i AS run_no" if table == "audits" else ""
            connection.execute(
                f"INSERT INTO {table} SELECT {table}.* REPLACE (audit_no + 50 * i AS audit_no{run})"
                f" FROM {table}, range(1, 1000) AS t(i)"
            )
    for asked in (
        lambda: history.counts([e.audit_no for e, _ in history.entries(last=50)]),
        lambda: history.entries(dataset="set-7"),
        lambda: compare(history, 12, 990),
    ):
        asked()
        before = time.process_time()
        assert asked()
        # A second is the aim on a warm machine; the rest is for a busy one.
        assert time.process_time() - before < 3


def test_the_command_lists_audits(tmp_path: Path, report: Report, run, monkeypatch) -> None:
    place = tmp_path / "history.duckdb"
    history = History(str(place))
    history.record([of(report), Failed("voices", "gone\x1b[31m")])
    history.record([of(report, as_of=dt.date(2026, 12, 1))])
    ran = run("history", str(place))
    assert ran.code == 0
    lines = ran.out.splitlines()
    assert lines[1].split()[:3] == ["2", "2026-12-01", "films"]
    assert lines[1].rstrip().endswith("as_of")
    assert lines[2].rstrip().endswith("first")
    assert "voices could not be audited: gone\\x1b[31m" in ran.out
    monkeypatch.setattr("sourcing_audit.terminal.width", lambda: 60)
    narrow = run("history", str(place), "--last", "1").out
    assert narrow.splitlines()[0] == "run 2 · 2026-12-01 · films"
    assert "60,206 prohibited" in narrow
    told = [json.loads(line) for line in run("history", str(place), "--json").out.splitlines()]
    assert [each.get("differs") for each in told] == [["as_of"], None, None]
    assert told[0]["counts"]["outcome"]["prohibited"] == 60_206
    assert run("history", str(tmp_path / "none")).code == 2


def runs(place: str, report: Report) -> None:
    """Two runs: of `films`, which got worse, and of one dataset each that the other hasn't."""
    history = History(place)
    history.record([of(report), of(report, "gone\x1b[31m")])
    outcomes = [
        each.model_copy(update={"items": each.items + (7 if each.outcome == "prohibited" else 0)})
        for each in report.outcomes
    ]
    totals = report.totals.model_copy(update={"items_in": report.totals.items_in + 7})
    later = dt.date(2026, 12, 1)
    history.record([of(report, outcomes=outcomes, totals=totals, as_of=later), of(report, "new")])


def test_two_runs_are_told_apart_by_their_numbers(place: str, report: Report, run) -> None:
    runs(place, report)
    ran = run("diff", "1", "2", "--history", place)
    assert ran.code == 1, ran.err
    lines = ran.out.splitlines()
    assert lines[:2] == [
        "films: run 1, as of 2026-11-21, and run 2, as of 2026-12-01",
        "  differs: as_of",
    ]
    items, outcome = (line.split() for line in lines[2:4])
    before = report.totals.items_in
    assert items == ["items", f"{before:,}", "→", f"{before + 7:,}", "(+7)"]
    assert outcome == ["outcome", "prohibited", "60,206", "→", "60,213", "(+7)"]
    assert lines[4:] == ["gone\\x1b[31m: not audited in run 2", "new: not audited in run 1"]
    told = json.loads(run("diff", "1", "2", "--history", place, "--json").out)
    assert [(each["dataset"], each["worse"]) for each in told["datasets"]] == [
        ("films", True),
        ("gone\x1b[31m", True),
        ("new", False),
    ]
    assert told["datasets"][0]["after"]["as_of"] == "2026-12-01"
    assert told["datasets"][1]["after"] is None


def test_nothing_that_is_worse_ends_with_0(tmp_path: Path, report: Report, run) -> None:
    place = str(tmp_path / "history.duckdb")
    runs(place, report)
    History(place).record([of(report), of(report, "new")])
    ran = run("diff", "2", "3", "--history", place)
    assert ran.code == 0
    assert "new: run 2, as of 2026-11-21, and run 3" in ran.out
    assert "  every count as it was" in ran.out
    assert "(-7)" in ran.out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("1", "9"), "no run 9"),
        (("1", "../films"), "../films: is not the number of a run"),
        (("1", "9" * 5000), "is not the number of a run"),
        (("1", "2", "-o", "items.parquet"), "a history holds counts"),
    ],
    ids=["no run", "folder", "huge", "items"],
)
def test_what_is_no_run_is_named(
    tmp_path: Path, report: Report, run, arguments: tuple[str, ...], message: str
) -> None:
    place = str(tmp_path / "history.duckdb")
    runs(place, report)
    ran = run("diff", *arguments, "--history", place)
    assert ran.code == 2
    assert message in ran.err
