"""The GitHub Action: its scripts run as a job would run them, and hostile text stays text."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import typer.main
import yaml

from sourcing_audit import cli
from sourcing_audit.reports import FORMATS

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
ACTION = ROOT / ".github" / "actions" / "audit"
USE = "commercial-training,grantee=org:northlight-films"
HOSTILE = "$(touch owned)`touch owned`;touch owned"
MANIFEST = "id,url,license\n1,https://a.example/1.jpg,CC BY-NC 4.0\n"
_EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")

DOCUMENT: dict[str, Any] = yaml.safe_load((ACTION / "action.yml").read_text(encoding="utf-8"))
STEPS: list[dict[str, Any]] = DOCUMENT["runs"]["steps"]


@dataclass(frozen=True)
class Job:
    """A job's folders and files, as the runner gives them."""

    folder: Path

    @property
    def workspace(self) -> Path:
        return self.folder / "workspace"

    @property
    def temp(self) -> Path:
        return self.folder / "temp"

    @property
    def summary(self) -> str:
        return (self.folder / "summary").read_text(encoding="utf-8")

    @property
    def outputs(self) -> dict[str, str]:
        """What was written to GITHUB_OUTPUT, read as the runner reads it."""
        found, lines = {}, iter((self.folder / "output").read_text(encoding="utf-8").splitlines())
        for line in lines:
            name, mark, value = re.fullmatch(r"([^=<]+)(=|<<)(.*)", line).groups()
            found[name] = value if mark == "=" else "\n".join(_until(lines, value))
        return found

    def step(self, script: str, **given: str) -> subprocess.CompletedProcess[str]:
        """Run a script of the action with what its step hands over."""
        (self.folder / "output").write_text("")
        (self.folder / "summary").write_text("before\n")
        settings = {
            "CONFIG": "audit.toml",
            "ONLY": "",
            "AS_OF": "2026-11-21",
            "FORMATS": "html,sarif,md,junit",
            "SIGN_KEY": "",
            "OUTPUT": "",
            "VERSION": "",
            "EXTRAS": "",
            "ACTION_PATH": str(ACTION),
            "RUNNER_TEMP": str(self.temp),
            "GITHUB_WORKSPACE": str(self.workspace),
            "GITHUB_OUTPUT": str(self.folder / "output"),
            "GITHUB_STEP_SUMMARY": str(self.folder / "summary"),
        }
        program = self.temp / "sourcing-audit" / "bin" / "python"
        command = (
            [program, ACTION / script] if script.endswith(".py") else ["bash", ACTION / script]
        )
        return subprocess.run(
            command,
            env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8", **settings, **given},
            cwd=self.workspace,
            capture_output=True,
            text=True,
            check=False,
        )


def _until(lines: Iterator[str], end: str) -> Iterator[str]:
    for line in lines:
        if line == end:
            return
        yield line
    pytest.fail("a value has no end")


@pytest.fixture
def job(tmp_path: Path, programs: Path) -> Job:
    """A job in which this checkout is what was installed."""
    assert programs == tmp_path / "temp" / "sourcing-audit" / "bin"
    (tmp_path / "workspace").mkdir()
    return Job(tmp_path)


def configured(job: Job, *datasets: tuple[str, str], settings: str = "") -> None:
    """An audit.toml; a dataset without a name is called as its file is."""
    lines = [settings, f'use = "{USE}"', 'output = "out"', 'history = "history.duckdb"']
    for name, source in datasets:
        lines += ["[[dataset]]", f"source = '{source}'"] + ([f'name = "{name}"'] if name else [])
        if not source.startswith("gone"):
            (job.workspace / source).write_text(MANIFEST)
    (job.workspace / "audit.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def output_of(job: Job) -> str:
    job.step("places.py")
    return job.outputs["output"]


def test_the_sample_is_audited_and_the_job_is_told(job: Job) -> None:
    configured(job, ("films", "works.csv"), ("gone", "gone.csv"))
    shutil.copy(ROOT / "examples" / "film-stills" / "works.csv", job.workspace)
    ran = job.step("audit.sh", OUTPUT=output_of(job))
    assert ran.returncode == 0, ran.stderr
    assert job.outputs["exit-code"] == "2"
    assert job.summary.startswith("before\n# Sourcing audit\n")
    assert "| gone | □ not audited |" in job.summary
    assert "| films | ✗ did not pass | 516 |" in job.summary
    assert Path(job.outputs["summary"]).read_text(encoding="utf-8") in job.summary
    assert (job.workspace / "out" / "films" / "report.junit.xml").is_file()
    [sarif] = Path(job.outputs["sarif"]).iterdir()
    assert sarif.read_bytes() == (job.workspace / "out" / "films" / "report.sarif").read_bytes()


def test_the_exit_code_is_kept_and_an_old_report_is_not_sent_again(job: Job) -> None:
    configured(job, ("films", "works.csv"), settings='fail_on = "never"')
    output = output_of(job)
    job.step("audit.sh", OUTPUT=output)
    assert job.outputs["exit-code"] == "0"
    assert "sarif" in job.outputs
    (job.workspace / "works.csv").unlink()
    job.step("audit.sh", OUTPUT=output)
    assert job.outputs["exit-code"] == "2"
    assert (job.workspace / "out" / "films" / "report.sarif").is_file()
    assert "sarif" not in job.outputs


def test_a_run_that_cannot_begin_says_so_on_the_page(job: Job) -> None:
    for config in ("none.toml", HOSTILE):
        assert job.step("places.py", CONFIG=config).returncode == 0
        assert job.outputs == {}
        ran = job.step("audit.sh", CONFIG=config)
        assert ran.returncode == 0
        assert "no such file" in ran.stderr
        assert job.outputs["exit-code"] == "2"
        assert "Nothing was audited** (exit code 2)" in job.summary
    assert not list(job.folder.rglob("owned*"))


def test_hostile_names_are_inert(job: Job) -> None:
    command = "::error title=owned::`touch owned`$(touch owned)|<img src=x>.csv"
    configured(job, ("", command))
    ran = job.step("audit.sh", ONLY=f"{HOSTILE}\n", OUTPUT=output_of(job))
    assert f"has no dataset {HOSTILE}" in ran.stderr
    ran = job.step("audit.sh", OUTPUT=output_of(job))
    assert job.outputs["exit-code"] == "1"
    lines = ran.stdout.splitlines()
    begin = next(n for n, line in enumerate(lines) if line.startswith("::stop-commands::"))
    end = lines.index(f"::{lines[begin].removeprefix('::stop-commands::')}::")
    commands = [n for n, line in enumerate(lines) if "::error" in line]
    assert commands
    assert all(begin < number < end for number in commands)
    assert len(set(lines[begin].split("::")[-1])) > 8
    assert "<img" not in job.summary
    assert not list(job.folder.rglob("owned*"))
    assert set(job.outputs) == {"exit-code", "summary", "sarif"}


def test_the_word_that_ends_it_is_another_each_time(job: Job) -> None:
    (job.temp / "sourcing-audit" / "bin" / "sourcing-audit").write_text("#!/bin/sh\n")
    words = {job.step("audit.sh").stdout.splitlines()[0] for _ in range(2)}
    assert len(words) == 2


def test_places_are_named_only_in_the_workspace(job: Job) -> None:
    outside = job.folder / "secrets"
    settings = f"keys = '{outside}'\nstate = '../state'\nevidence = 'kept/proof.zip'"
    configured(job, ("films", "works.csv"), settings=settings)
    job.step("places.py")
    kept = {Path(line).name for line in job.outputs["kept"].splitlines()}
    assert kept == {"history.duckdb", "out"}
    reports = [
        Path(line).relative_to(job.workspace) for line in job.outputs["reports"].splitlines()
    ]
    assert [each.as_posix() for each in reports] == [
        "out/*/report.*",
        "out/*/disclosure.md",
        "kept/proof*.zip",
    ]
    assert Path(job.outputs["output"]) == job.workspace / "out"


@pytest.mark.parametrize("place", [".", "out\\nwhole-disk", "/"], ids=["all", "lines", "root"])
def test_places_that_would_take_in_more_are_not_named(job: Job, place: str) -> None:
    configured(job, ("films", "works.csv"))
    path = job.workspace / "audit.toml"
    path.write_text(path.read_text().replace('output = "out"', f'output = "{place}"'))
    job.step("places.py")
    assert [Path(line).name for line in job.outputs["kept"].splitlines()] == ["history.duckdb"]


def test_a_history_on_a_server_is_not_cached(job: Job) -> None:
    configured(job, ("films", "works.csv"))
    path = job.workspace / "audit.toml"
    path.write_text(path.read_text().replace("history.duckdb", "postgresql://audits@db.example/a"))
    job.step("places.py")
    assert [Path(line).name for line in job.outputs["kept"].splitlines()] == ["out"]


@pytest.fixture
def python(tmp_path: Path) -> Path:
    """A Python whose environments write down what is installed into them."""
    path = tmp_path / "python"
    log = shlex.quote(str(tmp_path / "installed"))
    inner = f'#!/bin/sh\nfor last; do :; done; echo "$last" > {log}\n'
    path.write_text(
        f'#!/bin/sh\nmkdir -p "$3/bin"; printf %s {shlex.quote(inner)} > "$3/bin/python"\n'
        'cp "$3/bin/python" "$3/bin/sourcing-audit"; chmod +x "$3/bin/"*\n'
        "printf '#!/bin/sh\\n' > \"$3/bin/sourcing-audit\"\n"
    )
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(
    ("version", "extras", "wanted"),
    [
        ("", "", str(ROOT)),
        ("", "evidence,postgres", f"{ROOT}[evidence,postgres]"),
        ("1.2.3rc1", "", "sourcing-audit==1.2.3rc1"),
        ("1.2.3", "evidence", "sourcing-audit[evidence]==1.2.3"),
    ],
    ids=["beside", "beside-extras", "release", "release-extras"],
)
def test_what_is_installed(job: Job, python: Path, version: str, extras: str, wanted: str) -> None:
    ran = job.step("install.sh", PYTHON=str(python), VERSION=version, EXTRAS=extras)
    assert ran.returncode == 0, ran.stderr
    assert (job.folder / "installed").read_text().strip() == wanted


@pytest.mark.parametrize(
    "given",
    [{"VERSION": HOSTILE}, {"VERSION": "1 @ https://evil.example"}, {"EXTRAS": "a] evil [b"}],
    ids=["shell", "address", "extras"],
)
def test_what_names_no_release_is_not_installed(job: Job, python: Path, given: dict) -> None:
    assert job.step("install.sh", PYTHON=str(python), **given).returncode == 2
    assert not (job.folder / "installed").exists()


def test_no_expression_is_part_of_a_script() -> None:
    scripts = [step["run"] for step in STEPS if "run" in step]
    assert len(scripts) == 4
    assert not [script for script in scripts if "${{" in script]
    assert all(step["shell"] == "bash" for step in STEPS if "run" in step)


def test_every_expression_names_what_is_there() -> None:
    text = (ACTION / "action.yml").read_text(encoding="utf-8")
    conditions = [step["if"] for step in STEPS if "if" in step]
    known = {f"inputs.{name}" for name in DOCUMENT["inputs"]}
    known |= {"runner.os", "github.run_id", "github.run_attempt", "github.action_path"}
    known |= {"steps.python.outputs.python-path"}
    written = "".join((ACTION / name).read_text() for name in ("audit.sh", "places.py"))
    outputs = {
        "audit": ("exit-code", "summary", "sarif"),
        "places": ("output", "kept", "reports", "key"),
    }
    known |= {f"steps.{step}.outputs.{name}" for step, names in outputs.items() for name in names}
    assert all(f'"{name}' in written for names in outputs.values() for name in names)
    used = set(_EXPRESSION.findall(text))
    used |= {word for each in conditions for word in re.findall(r"(?:inputs|steps)\.[\w.-]+", each)}
    assert used <= known
    assert {f"inputs.{name}" for name in DOCUMENT["inputs"]} <= used


def test_whatever_was_audited_is_uploaded_before_the_job_fails() -> None:
    last = STEPS[-1]
    assert last["run"] == 'exit "${EXIT_CODE:-2}"'
    assert last["if"] == "always()"
    uploads = [
        step for step in STEPS if "upload" in step.get("uses", "") or "save" in step.get("uses", "")
    ]
    assert len(uploads) == 3
    assert all(step["if"].startswith("always() && ") for step in uploads)


def test_actions_of_others_are_named_by_a_version() -> None:
    uses = [step["uses"] for step in STEPS if "uses" in step]
    assert all(re.fullmatch(r"[\w-]+/[\w/-]+@(v\d+|[0-9a-f]{40})", each) for each in uses)


def test_the_flags_and_formats_are_those_of_the_command() -> None:
    command = typer.main.get_command(cli.app).commands["run"]
    known = {flag for parameter in command.params for flag in parameter.opts}
    script = (ACTION / "audit.sh").read_text(encoding="utf-8")
    used = {
        word
        for line in script.splitlines()
        if "arguments" in line
        for word in re.findall(r"--[a-z-]+", line)
    }
    assert len(used) == 6
    assert used <= known
    formats = DOCUMENT["inputs"]["formats"]["default"].split(",")
    assert set(formats) <= {form.name for form in FORMATS}
