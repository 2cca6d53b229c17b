"""`registry check`, `convert` and `formats`: what is in an export, and what needs a person."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from sourcing_audit import schema
from sourcing_audit.registries import READERS
from sourcing_audit.registries.record_schema import record_schema
from tests.conftest import write_csv
from tests.registries.support import RULES, records
from tests.support.registries import ELEMENTS

DOCS = Path(__file__).parents[2] / "docs"
DAY = ("--as-of", "2026-11-21")

CONSENT = {
    "record_type": "consent",
    "decision": "allow",
    "declarant_role": "creator",
    "authority_level": "registry_verified",
    "declared_at": "2026-01-01",
    "grantee_id": "*",
    "uses": "train_generative",
}
WHOLE = {name: value for fields in ELEMENTS.values() for name, value in fields.items()}


def rows(*given: dict[str, str], **common: str) -> list[dict[str, str]]:
    return [
        {
            "record_id": f"R{n}",
            "subject_kind": "url",
            "subject_value": f"https://a.example/{n}",
            "decision": "deny",
            **common,
            **one,
        }
        for n, one in enumerate(given, start=1)
    ]


def export(path: Path, found: list[dict[str, str]]) -> Path:
    names = dict.fromkeys(name for row in found for name in row)
    return write_csv(path, [{name: row.get(name, "") for name in names} for row in found])


def test_a_sound_export(run, tmp_path):
    found = rows({}, CONSENT | WHOLE, CONSENT, snapshot_at="2026-11-01T00:00:00Z")
    path = export(tmp_path / "r.csv", found)
    ran = run("registry", "check", path, *DAY)
    assert ran.code == 0, ran.out + ran.err
    assert "r.csv: canonical, 3 records" in ran.out
    assert "2026-11-01, 20 days before the day of the check; the limit is 30 days" in ran.out
    assert "decisions  allow 2, deny 1" in ran.out
    assert "2; 1 of them state scope, duration, compensation" in ran.out
    assert ran.out.rstrip().endswith("No findings.")


def test_what_needs_a_person(run, tmp_path):
    found = rows(
        {
            "problem": "signal_unreadable",
            "decision": "unknown",
            "subject_value": "https://a.example/\x1b[31m",
        },
        {"record_type": "revocation", "refers_to": "R99"},
        CONSENT | {"declarant_role": "host"},
        {key: value for key, value in CONSENT.items() if key != "declared_at"},
        {"subject_kind": "sha256", "subject_value": "0" * 64, "hash_target": "decoded_media"},
    )
    path = export(tmp_path / "r.csv", found)
    ran = run("registry", "check", path, *DAY, "--json")
    assert ran.code == 1, ran.err
    told: dict[str, Any] = json.loads(ran.out)
    assert {one["code"]: one["samples"] for one in told["findings"]} == {
        "export_undated": [],
        "signal_unreadable": ["row 1: url https://a.example/\x1b[31m"],
        "subject_unmatchable": ["row 5: sha256 " + "0" * 64],
        "reference_dangling": ["row 2: url https://a.example/2"],
        "consent_without_authority": ["row 3: url https://a.example/3"],
        "consent_undated": ["row 4: url https://a.example/4"],
    }
    assert told["decision"] == {"allow": 2, "deny": 2, "unknown": 1}
    assert told["subject_kind"] == {"url": 4, "sha256": 1}
    assert (told["records"], told["grants"], told["complete_grants"]) == (5, 2, 0)
    shown = run("registry", "check", path, *DAY)
    assert shown.code == 1
    assert "\x1b" not in shown.out
    assert "\x1b" not in ran.out
    assert max(map(len, shown.out.splitlines())) <= 100


def test_stale_exports_and_silent_entries(run, tmp_path):
    path = export(tmp_path / "r.csv", rows({}, snapshot_at="2026-01-01"))
    told = json.loads(run("registry", "check", path, *DAY, "--json").out)
    assert [one["code"] for one in told["findings"]] == ["export_stale"]
    assert (told["age_days"], told["limit_days"]) == (324, 30)
    path = export(tmp_path / "c.csv", rows({}, signal_scheme="contract"))
    assert run("registry", "check", path).code == 0
    (tmp_path / "s.csv").write_text("url,optOut\nhttps://a.example/1,1\nhttps://a.example/2,0\n")
    told = json.loads(run("registry", "check", tmp_path / "s.csv", "--json").out)
    assert (told["format"], told["records"], told["unstated"]) == ("spawning", 1, 1)


def test_single_old_captures_of_a_young_archive_are_stale(run, tmp_path):
    path = tmp_path / "robots.jsonl"
    refusing = "User-agent: GPTBot\nDisallow: /\n"
    permitting = "User-agent: GPTBot\nAllow: /\n"
    captures = [
        {"host": "old.example", "body": refusing, "fetched_at": "2026-01-01"},
        {"host": "new.example", "body": permitting, "fetched_at": "2026-11-20"},
        {"host": "replaced.example", "body": refusing, "fetched_at": "2026-01-01"},
        {"host": "replaced.example", "body": permitting, "fetched_at": "2026-11-20"},
    ]
    path.write_text("\n".join(map(json.dumps, captures)))
    told = json.loads(run("registry", "check", path, *DAY, "--json").out)
    assert {one["code"]: one["records"] for one in told["findings"]} == {"export_stale": 1}
    # What a signal permits is no consent.
    assert told["decision"] == {"allow": 2, "deny": 2}
    assert (told["grants"], told["complete_grants"]) == (0, 0)


def test_what_stops_an_audit_stops_a_check(run, tmp_path):
    path = export(tmp_path / "r.csv", rows({"decision": "perhaps"}))
    for command in (("check", path), ("convert", path, "-o", tmp_path / "o.csv")):
        ran = run("registry", *command)
        assert ran.code == 2
        assert "row 1: decision is 'perhaps'; allowed are allow, conditional, deny" in ran.err
        assert "how to fix" in ran.err
    assert not (tmp_path / "o.csv").exists()
    assert run("registry", "check", tmp_path / "none.csv").code == 2


def test_conversion(run, engine, tmp_path):
    (tmp_path / "s.txt").write_text("a.example\nhttps://b.example/=1.jpg\n")
    for name in ("o.csv", "o.parquet", "o.jsonl"):
        ran = run("registry", "convert", f"spawning:{tmp_path / 's.txt'}", "-o", tmp_path / name)
        assert ran.code == 0, ran.err
        assert f"Wrote 2 records to {tmp_path / name}" in ran.err
        found = records(engine, str(tmp_path / name))
        assert [row["subject_value"] for row in found] == ["a.example", "https://b.example/=1.jpg"]
        assert {row["registry_id"] for row in found} == {"s"}
    same = run("registry", "convert", tmp_path / "o.csv", "-o", tmp_path / "o.csv")
    assert same.code == 2
    assert "would overwrite the export" in same.err


def test_formats_are_listed_with_a_line_each(run):
    listed = run("registry", "formats").out.splitlines()
    assert [line.split()[0] for line in listed] == sorted(READERS)
    assert not [line for line in listed if len(line) > 100]


def test_a_path_whose_format_nobody_can_tell(run, tmp_path):
    (tmp_path / "list.txt").write_text("alice\nbob/repo\n")
    ran = run("registry", "check", tmp_path / "list.txt")
    assert ran.code == 2
    assert "list.txt: it can't be told what kind of list this is" in ran.err
    assert "put its format first: bigcode: or spawning:" in ran.err
    (tmp_path / "other.dat").write_text("?")
    ran = run("registry", "check", tmp_path / "other.dat")
    assert "what kind of registry this is" in ran.err
    assert f"{', '.join(f'{name}:' for name in sorted(READERS)[:-1])} or tdmrep:" in ran.err
    ran = run("registry", "check", f"nothing:{tmp_path / 'list.txt'}")
    assert f"known are {', '.join(sorted(READERS))}" in ran.err


def test_the_committed_schema_is_current():
    committed = (DOCS / "record.schema.json").read_text(encoding="utf-8")
    assert committed == record_schema(RULES), "run `make schema`"
    properties = json.loads(committed)["properties"]
    assert set(schema.RECORDS) <= set(properties)
    assert properties["decision"]["enum"] == ["allow", "conditional", "deny", "unknown"]


@pytest.mark.parametrize("block", ["csv", "json"])
def test_the_examples_of_the_documentation_fit_the_schema(block):
    """The fields and words of the page's own examples, without a validator."""
    properties = json.loads(record_schema(RULES))["properties"]
    page = (DOCS / "registry.md").read_text(encoding="utf-8").split("## Fields")[0]
    for text in re.findall(rf"```{block}\n(.*?)```", page, re.DOTALL):
        lines = text.splitlines()
        found = (
            [json.loads(text)]
            if block == "json"
            else [
                dict(zip(lines[0].split(","), line.split(","), strict=True)) for line in lines[1:]
            ]
        )
        for row in found:
            assert set(row) <= set(properties)
            for name, value in row.items():
                words = properties[name].get("enum")
                assert words is None or value in words, name


def test_a_name_that_says_nothing_still_names_a_registry(engine, tmp_path, monkeypatch):
    (tmp_path / ".csv").write_text("")
    hidden = export(tmp_path / ".hidden.csv", rows({}))
    assert {row["registry_id"] for row in records(engine, str(hidden))} == {"hidden"}


def test_lists_and_broken_text_in_canonical_records(engine, run, tmp_path):
    path = tmp_path / "r.jsonl"
    one = rows({"territory": ["de", "GB"], "uses": ["any", "tdm_other"], "conditions": {"a": 1}})[0]
    path.write_text(json.dumps(one))
    found = records(engine, str(path))[0]
    assert (found["territory"], found["uses"]) == ("DE|GB", "any|tdm_other")
    assert json.loads(found["conditions"]) == {"a": 1}
    path.write_bytes(
        json.dumps(one).encode() + b"\n" + json.dumps(one).encode().replace(b"R1", b"R\xff")
    )
    ran = run("registry", "check", path)
    assert ran.code == 2
    assert "r.jsonl: row 2: undecodable" in ran.err
