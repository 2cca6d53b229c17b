"""Whole audits: the bundled sample, the real manifests, the Python API, hostile content."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import sourcing_audit
from sourcing_audit import output, units
from sourcing_audit.errors import InputError, SourcingAuditError
from sourcing_audit.model import Status
from sourcing_audit.reports import terminal
from tests.conftest import write_csv
from tests.support import real_data, registries

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sourcing_audit import AuditReport
    from sourcing_audit.sources.interface import Portion

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "examples" / "film-stills"
USE = "commercial-training,grantee=org:northlight-films"
DATE = "2026-11-21"


def audit_sample() -> AuditReport:
    return sourcing_audit.audit(
        SAMPLE / "works.csv", registries=[SAMPLE / "registry.csv"], use=USE, as_of=DATE
    )


@pytest.fixture(scope="module")
def sample() -> Iterator[AuditReport]:
    with audit_sample() as audited:
        yield audited


def expected_statuses() -> dict[str, str]:
    """The status that each work of the sample was made to have."""
    spec = importlib.util.spec_from_file_location("make_sample", ROOT / "examples/make_sample.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["make_sample"] = module
    spec.loader.exec_module(module)
    return {row["item_id"]: status for row, status in module.build().works if row["item_id"]}


def test_every_work_of_the_sample_has_the_status_it_was_made_for(sample: AuditReport) -> None:
    found = {row["item_id"]: row["status"] for row in sample.to_arrow().to_pylist()}
    expected = expected_statuses()
    assert {key: found.get(key) for key in expected} == expected
    assert set(found.values()) == set(Status)


def test_every_item_of_the_sample_is_accounted_for(sample: AuditReport) -> None:
    totals = sample.report.totals
    assert (totals.items_in, totals.verdicts, totals.quarantined) == (516, 510, 6)
    assert sample.to_arrow().num_rows == totals.verdicts
    assert sample.to_arrow(sample.quarantine).num_rows == totals.quarantined
    assert sum(row.items for row in sample.report.statuses) == totals.verdicts
    assert sum(row.items for row in sample.report.outcomes) == totals.verdicts


def test_the_readme_shows_what_the_sample_gives(sample: AuditReport) -> None:
    report = sample.report
    first = report.dataset.inputs[0].model_copy(update={"name": "examples/film-stills/works.csv"})
    renamed = {"name": "film-stills", "inputs": [first]}
    dataset = report.dataset.model_copy(update=renamed)
    report = report.model_copy(update={"dataset": dataset})
    shown = terminal.summary(report, width=80, color=False)
    shown += terminal.conclusion(report, width=80, color=False)
    assert shown in (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_verdict_names_its_rule_and_its_evidence(sample: AuditReport) -> None:
    licenses = {row["license_no"]: row for row in sample.to_arrow(sample.licenses).to_pylist()}
    records = {
        f"{row['registry_id']}/{row['record_id']}"
        for row in sample.to_arrow(sample.records).to_pylist()
    }
    for row in sample.to_arrow().to_pylist():
        assert row["verdict_rule"]
        assert licenses[row["license_no"]]["license_rule"] == row["license_rule"]
        assert row["consent_record"] is None or row["consent_record"] in records


def test_the_api_fills_forms_and_checks_what_others_wrote(sample: AuditReport) -> None:
    assert "219 of 516 items (42.4 %)" in sample.disclose("aimeg", "text")
    card = sample.disclose("dataset-card")
    assert not sample.check_disclosure(card).contradicted
    found = sample.check_disclosure("---\nlicense: cc-by-4.0\n---\nAll stills are licensed.\n")
    assert {one.claim for one in found.contradicted} == {"tag", "all-licensed"}
    assert "CC-BY-4.0 is the concluded licence for 85 of 516" in found.contradicted[0].evidence


def test_the_api_offers_lazy_tables(sample: AuditReport, tmp_path: Path) -> None:
    prohibited = sample.findings.filter(sample.findings.outcome == "prohibited")
    frame = sample.to_arrow(prohibited).to_pandas()
    assert len(frame) == next(
        row.items for row in sample.report.outcomes if row.outcome == "prohibited"
    )
    assert "film-stills" not in repr(sample)
    assert "510 verdicts" in repr(sample)
    folder = sample.save(tmp_path / "saved")
    with sourcing_audit.load(folder) as again:
        assert again.report == sample.report
        assert again.to_arrow().equals(sample.to_arrow())
        assert str(again.explain("NL-0042")[0]) == str(sample.explain("NL-0042")[0])
        with pytest.raises(InputError, match="nobody"):
            again.explain("nobody")


def test_every_item_of_the_sample_can_be_explained(sample: AuditReport) -> None:
    ids = sample.to_arrow()["item_id"].to_pylist()
    for item_id in ids[:: len(ids) // 20]:
        for told in sample.explain(item_id):
            assert told.finding["status"] in str(told)


def digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_two_runs_give_the_same_bytes(sample: AuditReport, tmp_path: Path) -> None:
    with audit_sample() as again:
        assert digests(sample.save(tmp_path / "a")) == digests(again.save(tmp_path / "b"))


@pytest.mark.parametrize(
    "key",
    [pytest.param(key, marks=real_data.needs(key)) for key in sorted(real_data.MANIFESTS)],
)
def test_real_manifest(key: str, tmp_path: Path) -> None:
    manifest = real_data.MANIFESTS[key]
    registry = real_data.write_registry(key, tmp_path / "registry.parquet")
    folders = []
    for number in range(2):
        with sourcing_audit.audit(
            manifest.path, registries=[registry], use=f"commercial-training,grantee={registries.GRANTEE}",
            as_of=DATE,
        ) as audited:  # fmt: skip
            report = audited.report
            assert report.totals.items_in == manifest.items
            assert report.totals.items_in == report.totals.verdicts + report.totals.quarantined
            assert report.registries[0].matched_records > 100
            statuses = {row.status: row.items for row in report.statuses}
            assert sum(statuses.values()) == report.totals.verdicts
            assert statuses[Status.OPTED_OUT] > 0
            assert statuses[Status.LICENSED] > 0
            assert any(row.consent_status == "review" for row in report.consent.counts) or (
                key == "commoncrawl"
            )
            folders.append(audited.save(tmp_path / f"out{number}"))
    assert digests(folders[0]) == digests(folders[1])


HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "\x1b[2J\x1b[31mred\x07",
    "=cmd|' /C calc'!A0",
    "'; DROP TABLE findings; --",
    "../../../../etc/passwd",
    "](javascript:alert(1)) | x",
    "\u202egnp.exe\u2066",
    "{{7*7}}{% raw %}${x}",
    "[bold]markup[/bold] :smile:",
    "a" * 5_000,
)


def test_hostile_text_is_inert_everywhere(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fields = ("item_id", "url", "creator", "license", "rights", "title", "depicts_person")
    rows: list[dict[str, Any]] = [
        dict.fromkeys(fields, f"{text}{number}") for number, text in enumerate(HOSTILE)
    ]
    manifest = write_csv(tmp_path / "w.csv", [*rows, {"item_id": "ok", "license": "CC0 1.0"}])
    registry = write_csv(
        tmp_path / "r.csv",
        [
            {
                "record_id": text,
                "subject_kind": "creator_id" if number % 2 else "creator_name",
                "subject_value": f"{text}{number}",
                "decision": "deny",
                "declarant_name": text,
            }
            for number, text in enumerate(HOSTILE)
        ],
    )
    with sourcing_audit.audit(manifest, registries=[registry], as_of=DATE) as audited:
        folder = audited.save(tmp_path / "out")
        assert audited.report.totals.verdicts == len(rows) + 1
        told = "".join(str(x) for row in rows for x in audited.explain(row["item_id"]))
    html = (folder / "report.html").read_text(encoding="utf-8")
    assert html.count("<script") == 1, "the page has one script of its own"
    assert "<img" not in html
    assert "javascript:" not in html.replace("](javascript:alert(1))", "")
    for name in ("report.html", "report.md", "disclosure.md"):
        text = (folder / name).read_text(encoding="utf-8")
        assert not set("\x1b\x07\u202e\u2066") & set(text), name
    assert not set("\x1b\x07\u202e\u2066") & set(told)
    json.loads((folder / "report.json").read_bytes())
    assert sorted(p.name for p in tmp_path.iterdir()) == ["out", "r.csv", "w.csv"]
    assert capsys.readouterr().out == ""


def test_an_audit_that_fails_while_writing_leaves_nothing(
    sample: AuditReport, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(output, "render_all", lambda *_: {"report.json": "text, not bytes"})
    with pytest.raises(TypeError):
        sample.save(tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_an_audit_that_is_killed_leaves_no_half_report(tmp_path: Path) -> None:
    """Kill an audit at moments spread over its run; its folder is absent or whole."""
    out = tmp_path / "out"
    command = [
        sys.executable, "-m", "sourcing_audit", "audit", str(SAMPLE / "works.csv"),
        "--fail-on", "never", "-q", "-o", str(out),
    ]  # fmt: skip
    start = time.perf_counter()
    subprocess.run(command, check=True, env={**os.environ, "TMPDIR": str(tmp_path)})
    whole = time.perf_counter() - start
    complete = set(digests(out))
    for share in (0.3, 0.8, 0.9, 0.95, 1.0):
        with subprocess.Popen(command, env={**os.environ, "TMPDIR": str(tmp_path)}) as process:
            time.sleep(whole * share)
            process.send_signal(signal.SIGKILL)
        assert not out.exists() or set(digests(out)) == complete


def test_jsonl_and_parquet_of_the_same_items_get_the_same_verdicts(tmp_path: Path) -> None:
    import pyarrow.json as pj

    rows = [
        {"item_id": "a", "url": "https://a.example/1", "license": ["mit", "cc-by-4.0"]},
        {"item_id": "b", "url": "https://b.example/1", "license": ["cc-by-nc-4.0"]},
        {"item_id": "c", "url": None, "license": None},
    ]
    lines = tmp_path / "items.jsonl"
    lines.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    pq.write_table(pj.read_json(lines), tmp_path / "items.parquet")
    found = []
    for path in (lines, tmp_path / "items.parquet"):
        with sourcing_audit.audit(path, as_of=DATE) as audited:
            found.append(audited.to_arrow().drop_columns(["shard"]).to_pylist())
    assert found[0] == found[1]
    assert [row["status"] for row in found[0]] == [
        "public_domain_or_cc",
        "terms_not_met",
        "not_established",
    ]


def test_a_dataset_default_is_the_weakest_evidence(tmp_path: Path) -> None:
    rows = [
        {"item_id": "a", "url": "https://a.example/1", "license": ""},
        {"item_id": "b", "url": "https://b.example/1", "license": "CC BY-NC 4.0"},
    ]
    manifest = write_csv(tmp_path / "w.csv", rows)
    with sourcing_audit.audit(manifest, default_license="CC BY 4.0", as_of=DATE) as audited:
        found = [(row["status"], row["license_evidence"]) for row in audited.to_arrow().to_pylist()]
        assert audited.report.coverage.dataset_default_license == 1
    assert found == [("public_domain_or_cc", "dataset default"), ("terms_not_met", "item")]


def test_a_shard_whose_data_are_damaged_is_quarantined_and_the_rest_audited(tmp_path: Path) -> None:
    whole = pa.table({"id": ["a", "b"], "license": ["CC0 1.0", "CC BY 4.0"]})
    pq.write_table(whole, tmp_path / "1.parquet")
    many = pa.table({"id": [f"x{n}" for n in range(5000)], "license": ["MIT"] * 5000})
    pq.write_table(many, tmp_path / "2.parquet")
    content = bytearray((tmp_path / "2.parquet").read_bytes())
    content[4 : len(content) // 2] = b"\xab" * (len(content) // 2 - 4)
    (tmp_path / "2.parquet").write_bytes(content)
    with sourcing_audit.audit(tmp_path, dataset="films", as_of="2026-11-21") as audited:
        assert [row["item_id"] for row in audited.to_arrow().to_pylist()] == ["a", "b"]
        totals = audited.report.totals
        assert (totals.verdicts, totals.unreadable_files) == (2, 1)
        assert audited.report.dataset_status == "partly_established"
    with pytest.raises(InputError, match="2\\.parquet"):
        sourcing_audit.audit(tmp_path, dataset="films", as_of="2026-11-21", strict=True)


def test_an_item_has_one_verdict_whoever_declares(tmp_path: Path) -> None:
    url = "https://a.example/1.jpg"
    manifest = write_csv(tmp_path / "m.csv", [{"id": "1", "url": url, "license": "CC0 1.0"}])
    record = {"subject_kind": "host", "subject_value": "a.example", "decision": "deny"}
    together = json.dumps(["x:a", "x:b"])
    export = write_csv(tmp_path / "r.csv", [record | {"record_id": "r", "declarant_id": together}])
    with sourcing_audit.audit(manifest, registries=[export], as_of=DATE) as audited:
        assert audited.to_arrow().num_rows == 1
        assert audited.to_arrow(audited.consent_evidence).num_rows == 1
        assert audited.report.totals.verdicts == 1


def test_verdicts_that_are_not_one_for_each_item_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest = write_csv(tmp_path / "m.csv", [{"id": "1", "license": "MIT"}])
    original = units.Judge.judge

    def twice(self: units.Judge, portion: Portion) -> units.Unit:
        return original(self, replace(portion, items=portion.items.union(portion.items)))

    monkeypatch.setattr(units.Judge, "judge", twice)
    with pytest.raises(SourcingAuditError, match="1 items came in and 2 verdicts came out"):
        sourcing_audit.audit(manifest, as_of=DATE)
