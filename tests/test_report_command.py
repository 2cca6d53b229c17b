"""Which formats a report is written in: by flag, environment, file and `report`."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

import sourcing_audit
from sourcing_audit.commands import report
from sourcing_audit.reports import FORMATS, USUAL
from tests.conftest import Ran, write_csv

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., Ran]

NAMES = [form.name for form in FORMATS]
FILES = {form.name: form.filename for form in FORMATS}
USUAL_FILES = {FILES[name] for name in USUAL}


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An audit's folder with JSON only; not to be written to."""
    folder = tmp_path_factory.mktemp("saved")
    with sourcing_audit.audit(manifest(folder), as_of="2026-11-21") as audited:
        return audited.save(folder / "out", ["json"])


def manifest(folder: Path) -> Path:
    rows = [
        {"item_id": "a", "url": "https://a.example/1", "creator": "=1+1", "license": "CC0 1.0"},
        {"item_id": "b", "url": "https://b.example/1", "creator": "B", "license": "hearsay"},
    ]
    return write_csv(folder / "works.csv", rows)


def reports(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if path.is_file()} & set(FILES.values())


@pytest.mark.parametrize("name", NAMES)
def test_every_format_is_rendered_again_as_an_audit_writes_it(
    name: str, run: Run, saved: Path, tmp_path: Path
) -> None:
    with sourcing_audit.load(saved) as audited:
        expected = audited.render(name)
        audited.save(tmp_path / "whole", [name])
    assert (tmp_path / "whole" / FILES[name]).read_bytes() == expected
    ran = run("report", saved, "--format", name, "-o", tmp_path / "again")
    assert ran.code == 0, ran.err
    assert (tmp_path / "again" / FILES[name]).read_bytes() == expected
    assert FILES[name] in ran.err
    assert ran.out == ""


def test_flags_choose_the_formats_of_an_audit(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "out"
    ran = run("audit", manifest(tmp_path), "-f", "sarif,csv", "--format", "junit", "-o", out)
    assert ran.code == 0, ran.err
    assert reports(out) == {"report.json", "report.sarif", "report.csv", "report.junit.xml"}
    assert f"Report: {out}\n" in ran.err


def test_reports_of_an_earlier_audit_do_not_stay(run: Run, tmp_path: Path) -> None:
    """They would tell of other items beside a report.json that is new."""
    out = tmp_path / "out"
    run("audit", manifest(tmp_path), "-f", "sarif", "-o", out)
    (out / "notes.txt").write_text("mine", encoding="utf-8")
    run("audit", manifest(tmp_path), "-o", out)
    assert reports(out) == USUAL_FILES
    assert (out / "notes.txt").read_text(encoding="utf-8") == "mine"


def test_the_environment_and_the_file_choose_formats(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "audit.toml"
    source = json.dumps(manifest(tmp_path).name)
    config.write_text(f'formats = ["csv"]\n[[dataset]]\nsource = {source}\n', encoding="utf-8")
    run("audit", "-c", config, "-o", tmp_path / "file")
    assert reports(tmp_path / "file") == {"report.json", "report.csv"}
    monkeypatch.setenv("SOURCING_AUDIT_FORMAT", "dpv junit")
    run("audit", "-c", config, "-o", tmp_path / "environment")
    assert reports(tmp_path / "environment") == {
        "report.json",
        "report.dpv.jsonld",
        "report.junit.xml",
    }


def test_an_unknown_format_stops_an_audit_before_it_starts(run: Run, tmp_path: Path) -> None:
    ran = run("audit", tmp_path / "absent.csv", "-f", "docx", "-o", tmp_path / "out")
    assert ran.code == 2
    assert "format 'docx'" in ran.err
    assert "sarif" in ran.err
    assert not (tmp_path / "out").exists()


def test_without_a_format_the_usual_ones_are_written_beside_report_json(
    run: Run, saved: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    shutil.copytree(saved, out)
    assert reports(out) == {"report.json"}
    assert run("report", out).code == 0
    assert reports(out) == USUAL_FILES


def test_one_format_goes_to_a_file(run: Run, saved: Path, tmp_path: Path) -> None:
    target = tmp_path / "sub" / "findings.csv"
    assert run("report", saved, "-f", "csv", "-o", target).code == 0
    assert target.read_bytes().startswith(b"\xef\xbb\xbfdataset,")


def test_one_format_goes_to_standard_output(
    saved: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    report.render(saved, ["sarif"], report.STANDARD_OUTPUT)
    assert json.loads(capfdbinary.readouterr().out)["version"] == "2.1.0"


@pytest.mark.parametrize("target", ["-", "one.csv"])
def test_several_formats_do_not_fit_into_one_file(
    target: str, run: Run, saved: Path, tmp_path: Path
) -> None:
    path = target if target == "-" else tmp_path / target
    ran = run("report", saved, "-f", "csv", "-f", "sarif", "-o", path)
    assert ran.code == 2
    assert "takes one format of one dataset" in ran.err
    assert not (tmp_path / "one.csv").exists()


def test_datasets_that_were_audited_together_each_get_their_own(
    run: Run, saved: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    for name in ("one", "two"):
        shutil.copytree(saved, out / name)
    assert run("report", out, "-f", "junit", "-o", tmp_path / "ci").code == 0
    found = {str(path.relative_to(tmp_path / "ci")) for path in (tmp_path / "ci").rglob("*.xml")}
    assert found == {"one/report.junit.xml", "two/report.junit.xml"}


def test_a_folder_that_is_no_audits_is_refused(run: Run, tmp_path: Path) -> None:
    ran = run("report", tmp_path, "-f", "csv")
    assert ran.code == 2
    assert "no report.json here" in ran.err
