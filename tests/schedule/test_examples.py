"""`examples/schedule/`: what is named there exists, and runs as the comments say."""

from __future__ import annotations

import ast
import datetime as dt
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest
import typer.main

from sourcing_audit import cli, config
from sourcing_audit.history import History

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples" / "schedule"
UNITS = ("sourcing-audit.service", "sourcing-audit.timer", "sourcing-audit-alarm@.service")


def test_every_file_is_described() -> None:
    text = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    names = {path.name for path in EXAMPLES.iterdir() if path.is_file()} - {"README.md"}
    assert not [name for name in names if f"`{name}`" not in text]


def test_every_flag_and_variable_exists() -> None:
    command = typer.main.get_command(cli.app).commands["run"]
    flags = {flag for parameter in command.params for flag in parameter.opts}
    variables = {str(parameter.envvar) for parameter in command.params if parameter.envvar}
    script = (EXAMPLES / "audit-run").read_text(encoding="utf-8")
    run = script[script.index('}" run ') : script.index("2>>")]
    dag = (EXAMPLES / "sourcing_audit_dag.py").read_text(encoding="utf-8")
    used = set(re.findall(r"--[a-z-]+", run)) | set(re.findall(r'"(--[a-z-]+)"', dag))
    assert {"--evidence", "--summary", "--log-json", "--quiet"} <= used <= flags
    service = (EXAMPLES / "sourcing-audit.service").read_text(encoding="utf-8")
    own = {"SOURCING_AUDIT"}
    assert set(re.findall(r"Environment=(\w+)", service)) <= variables | own
    assert "${SOURCING_AUDIT:-sourcing-audit}" in script


def test_the_configuration_has_what_a_reviewer_needs() -> None:
    settings = config.load(EXAMPLES / "audit.toml")
    assert len(settings.dataset) == 2
    assert settings.registry
    assert settings.gate
    assert settings.waiver[0].expires
    assert all((settings.history, settings.keys, settings.state, settings.evidence))
    assert settings.as_of is None


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The examples, where a run may write."""
    target = tmp_path / "examples"
    shutil.copytree(EXAMPLES, target / "schedule", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "examples" / "film-stills", target / "film-stills")
    return target / "schedule"


def scheduled(folder: Path, program: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [folder / "audit-run", folder],
        env={**os.environ, "SOURCING_AUDIT": str(program), "SOURCING_AUDIT_AS_OF": "2026-11-21"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_example_runs_and_passes(folder: Path, programs: Path) -> None:
    ran = scheduled(folder, programs / "sourcing-audit")
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")
    assert "**2 of 2 datasets passed**" in (folder / "summary.md").read_text(encoding="utf-8")
    day = dt.datetime.now(dt.UTC).date()
    # It may have become midnight since.
    days = {str(day), str(day - dt.timedelta(days=1))}
    bundles = {each.name for each in (folder / "evidence").iterdir()}
    assert any(
        bundles == {f"{each}-film-stills.zip", f"{each}-film-stills-research.zip"} for each in days
    )
    [log] = (folder / "logs").iterdir()
    events = [json.loads(line)["event"] for line in log.read_text(encoding="utf-8").splitlines()]
    assert (events[0], events[-1], events.count("finished")) == ("begun", "ended", 2)
    entries = History(str(folder / "audit-history.duckdb")).run(1)
    assert [entry.dataset for entry in entries] == ["film-stills", "film-stills-research"]


def stub(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(("#!/bin/sh", *lines, "")))
    path.chmod(0o755)
    return path


@pytest.mark.parametrize("code", [1, 2, 3])
def test_what_came_of_it_is_printed_where_it_did_not_pass(
    folder: Path, tmp_path: Path, code: int
) -> None:
    ran = scheduled(folder, stub(tmp_path / "program", "echo told > summary.md", f"exit {code}"))
    assert (ran.returncode, ran.stdout) == (code, "told\n")


def test_a_run_that_could_not_begin_says_why_and_prints_no_old_summary(
    folder: Path, tmp_path: Path
) -> None:
    (folder / "summary.md").write_text("old")
    ran = scheduled(folder, stub(tmp_path / "program", "echo 'no such use' >&2", "exit 2"))
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "Not audited (exit code 2)" in ran.stderr
    assert ran.stderr.endswith("no such use\n")


def test_a_second_run_at_once_says_so(folder: Path, tmp_path: Path) -> None:
    inner = stub(tmp_path / "inner", "echo began > began")
    outer = stub(
        tmp_path / "outer", f"SOURCING_AUDIT={inner} {folder / 'audit-run'} {folder}", 'exit "$?"'
    )
    ran = scheduled(folder, outer)
    assert ran.returncode == 75
    assert "another run is at work" in ran.stderr
    assert not (folder / "began").exists()
    assert scheduled(folder, inner).returncode == 0
    assert (folder / "began").exists()


@pytest.fixture
def units(tmp_path: Path) -> Path:
    """The units, with a program that is there."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd isn't installed")
    for name in UNITS:
        text = (EXAMPLES / name).read_text(encoding="utf-8")
        for program in re.findall(r"^ExecStart=(\S+)", text, re.MULTILINE):
            text = text.replace(program, "/bin/true")
        (tmp_path / name.replace("@.", "@unit.")).write_text(text)
    return tmp_path


def test_systemd_takes_the_units(units: Path) -> None:
    names = [name.replace("@.", "@unit.") for name in UNITS]
    checked = subprocess.run(
        ["systemd-analyze", "verify", *(f"./{name}" for name in names)],
        cwd=units,
        capture_output=True,
        text=True,
        check=False,
    )
    own = [line for line in checked.stderr.splitlines() if "sourcing-audit" in line]
    assert (checked.returncode, own) == (0, [])


def test_the_service_can_reach_little(units: Path) -> None:
    # The level is 0 (nothing) to 10 (everything), times ten.
    checked = subprocess.run(
        [
            "systemd-analyze",
            "security",
            "--offline=yes",
            "--threshold=15",
            "./sourcing-audit.service",
        ],
        cwd=units,
        capture_output=True,
        text=True,
        check=False,
    )
    if "unrecognized option" in checked.stderr:
        pytest.skip("systemd is older than 250")
    assert checked.returncode == 0, checked.stdout


def test_cron_and_timer_mean_mondays() -> None:
    [line] = [
        each
        for each in (EXAMPLES / "crontab").read_text(encoding="utf-8").splitlines()
        if re.match(r"\d", each)
    ]
    assert line.split()[:6] == ["17", "3", "*", "*", "1", "sourcing-audit"]
    assert line.endswith("audit-run /var/lib/sourcing-audit")
    timer = (EXAMPLES / "sourcing-audit.timer").read_text(encoding="utf-8")
    assert "OnCalendar=Mon *-*-* 03:17:00" in timer


class FailError(Exception):
    """Stands for AirflowFailException."""


class Airflow:
    """The little of Airflow that the example uses, by the signatures of its Task SDK 1.3."""

    def __init__(self) -> None:
        self.dags: list[dict[str, Any]] = []
        self.tasks: list[tuple[Callable[[], None], dict[str, Any]]] = []

    def dag(self, **options: Any) -> Callable[[Callable[[], None]], Callable[[], None]]:
        known = {"schedule", "start_date", "catchup", "max_active_runs", "tags"}
        assert set(options) <= known
        self.dags.append(options)
        return lambda function: function

    def task(self, **options: Any) -> Callable[[Callable[[], None]], Callable[[], None]]:
        assert set(options) <= {"retries", "retry_delay", "execution_timeout"}

        def decorated(function: Callable[[], None]) -> Callable[[], None]:
            return lambda: self.tasks.append((function, options))

        return decorated


@pytest.fixture
def airflow(monkeypatch: pytest.MonkeyPatch) -> Airflow:
    """The example, loaded as Airflow would."""
    fake = Airflow()
    sdk, exceptions = ModuleType("airflow.sdk"), ModuleType("airflow.sdk.exceptions")
    sdk.dag, sdk.task, exceptions.AirflowFailException = fake.dag, fake.task, FailError  # type: ignore[attr-defined]
    for module in (ModuleType("airflow"), sdk, exceptions):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    path = EXAMPLES / "sourcing_audit_dag.py"
    ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 11))
    spec = importlib.util.spec_from_file_location("sourcing_audit_dag", path)
    assert spec
    assert spec.loader
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return fake


def test_airflow_gets_one_task_that_never_runs_twice_at_once(airflow: Airflow) -> None:
    [options] = airflow.dags
    assert options["max_active_runs"] == 1
    assert options["catchup"] is False
    [(_, task)] = airflow.tasks
    assert task["retries"] == 3


@pytest.mark.parametrize(
    ("code", "raised"),
    [(0, None), (1, FailError), (2, RuntimeError), (3, FailError), (-9, RuntimeError)],
    ids=["passed", "findings", "could-not-run", "nothing", "killed"],
)
def test_airflow_tries_again_only_what_may_end_otherwise(
    airflow: Airflow,
    monkeypatch: pytest.MonkeyPatch,
    code: int,
    raised: type[Exception] | None,
) -> None:
    calls = []

    def ran(command: list[str], **options: Any) -> subprocess.CompletedProcess[str]:
        calls.append((command, options))
        return subprocess.CompletedProcess(command, code)

    monkeypatch.setattr(subprocess, "run", ran)
    [(task, _)] = airflow.tasks
    if raised is None:
        task()
    else:
        with pytest.raises(raised):
            task()
    [(command, options)] = calls
    assert command[1] == "run"
    assert options["cwd"] == "/srv/sourcing-audit"
