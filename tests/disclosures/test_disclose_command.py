"""`sourcing-audit disclose`: files, standard streams, exit codes, errors."""

from __future__ import annotations

import io
import json
import sys

import pytest

from sourcing_audit import results
from sourcing_audit.reports.json_file import JsonFormat
from tests.disclosures.conftest import reworded


def audit_folder(folder, report):
    """What `disclose` needs of an audit: its report, and tables that it never opens."""
    (folder / "evidence").mkdir(parents=True)
    (folder / "report.json").write_bytes(JsonFormat().render(report))
    for name in results.TABLES:
        (folder / name).touch()
    return folder


@pytest.fixture
def folder(tmp_path, report):
    return audit_folder(tmp_path / "audit", reworded(report))


@pytest.mark.parametrize(
    ("form", "begins"),
    [
        ("aimeg", "# Ethical sourcing status of training data\n"),
        ("eu-ai-act", "# Public summary of training content\n"),
        ("ab-2013", "# Training data transparency documentation\n"),
        ("dataset-card", "---\nlicense: other\n"),
    ],
)
def test_a_form_is_printed_and_passes_its_own_check(run, folder, tmp_path, form, begins):
    printed = run("disclose", folder, "--form", form)
    assert printed.code == 0
    assert printed.out.startswith(begins)
    file = tmp_path / "form.md"
    written = run("disclose", folder, "--form", form, "-o", file)
    assert written.code == 0
    assert written.out == ""
    assert "It is a draft" in written.err
    assert file.read_text(encoding="utf-8") == printed.out
    checked = run("disclose", folder, "--check", file)
    assert checked.code == 0
    assert "0 contradicted" in checked.err
    assert "Contradicted" not in checked.out


def test_json_and_the_short_text(run, folder):
    document = json.loads(run("disclose", folder, "--form", "eu-ai-act", "--as", "json").out)
    assert document["audit"]["items_in"] == 1_204_331
    assert run("disclose", folder, "--form", "aimeg", "--as", "text").out.count("\n") == 1


def test_a_contradiction_ends_with_1_and_names_line_claim_and_count(run, folder, tmp_path):
    file = tmp_path / "statement.md"
    file.write_text("# Data\n\nAll items are licensed. The sky is blue.\n58,811 are opted out.\n")
    found = run("disclose", folder, "--check", file)
    assert found.code == 1
    assert "Contradicted by the audit: 1\n  line 3: All items are licensed.\n" in found.out
    assert "918,018 of 1,204,331 items read (76.2 %)" in found.out
    assert "[all-licensed]" in found.out
    assert "Not checked by this audit: 1\n  line 3: The sky is blue." in found.out
    assert "1 contradicted, 1 supported, 1 not checked by this audit" in found.err


def test_findings_as_json(run, folder, tmp_path):
    file = tmp_path / "statement.txt"
    file.write_text("All items are licensed. \x1b[31mThe sky\u202e is blue.")
    found = run("disclose", folder, "--check", file, "--json")
    assert found.code == 1
    assert found.err == ""
    document = json.loads(found.out)
    assert [one["claim"] for one in document["contradicted"]] == ["all-licensed"]
    assert document["supported"] == []
    assert document["not_checked"][0]["place"] == "line 1"
    assert "\x1b" not in found.out
    assert "\u202e" not in found.out


def test_a_hostile_statement_is_inert_on_the_terminal(run, folder, tmp_path):
    file = tmp_path / "statement.txt"
    file.write_text("All items are licensed\x1b[31m\u202e!\n")
    found = run("disclose", folder, "--check", file)
    assert found.code == 1
    assert "\\x1b[31m\\u202e" in found.out
    assert "\x1b" not in found.out


def test_long_lists_are_shortened_and_counted(run, folder, tmp_path):
    file = tmp_path / "statement.txt"
    file.write_text("\n\n".join(f"Sentence number {n} is about cats." for n in range(30)))
    found = run("disclose", folder, "--check", file)
    assert found.code == 0
    assert "Not checked by this audit: 30" in found.out
    assert "… and 10 more" in found.out


def test_standard_input(run, folder, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"100 % public domain\n")))
    assert run("disclose", folder, "--check", "-").code == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "needs either --form or --check"),
        (("--form", "aimeg", "--check", "x"), "needs either --form or --check"),
        (("--form", "aimeg", "--json"), "--json belongs to --check"),
        (("--form", "gdpr"), "no disclosure form is called 'gdpr'"),
        (("--form", "ab-2013", "--as", "pdf"), "isn't written as 'pdf'"),
        (("--check", "missing.md"), "missing.md: No such file"),
    ],
    ids=["neither", "both", "json", "form", "style", "file"],
)
def test_wrong_usage_says_what_and_how_to_fix(run, folder, arguments, message):
    found = run("disclose", folder, *arguments)
    assert found.code == 2
    assert message in found.err
    assert "how to fix:" in found.err


def test_a_file_that_is_no_text_or_too_large_is_refused(run, folder, tmp_path):
    binary, large = tmp_path / "a.pdf", tmp_path / "b.md"
    binary.write_bytes(b"%PDF\xff\xfe")
    large.write_bytes(b"a" * 2_000_001)
    assert "isn't UTF-8" in run("disclose", folder, "--check", binary).err
    assert "larger than 2,000,000 bytes" in run("disclose", folder, "--check", large).err


@pytest.mark.parametrize("text", ["", "\n\n", "{}"])
def test_a_file_that_states_nothing_does_not_pass(run, folder, tmp_path, text):
    file = tmp_path / "empty.md"
    file.write_text(text, encoding="utf-8")
    found = run("disclose", folder, "--check", file)
    assert found.code == 2
    assert "states nothing" in found.err


def test_several_datasets_have_to_be_disclosed_one_by_one(run, tmp_path, report):
    for name in ("one", "two"):
        audit_folder(tmp_path / "audits" / name, report)
    found = run("disclose", tmp_path / "audits", "--form", "aimeg")
    assert found.code == 2
    assert "holds 2 datasets" in found.err
    assert str(tmp_path / "audits" / "one") in found.err
    assert run("disclose", tmp_path / "audits" / "two", "--form", "aimeg").code == 0


def test_a_folder_without_an_audit_is_named(run, tmp_path):
    found = run("disclose", tmp_path, "--form", "aimeg")
    assert found.code == 2
    assert "no report.json here" in found.err


def test_an_existing_file_is_left_alone_if_the_form_is_wrong(run, folder, tmp_path):
    file = tmp_path / "form.md"
    file.write_text("mine")
    assert run("disclose", folder, "--form", "gdpr", "-o", file).code == 2
    assert file.read_text() == "mine"


def test_own_rules_are_laid_over(run, folder, tmp_path):
    rules = tmp_path / "rules" / "disclosures"
    rules.mkdir(parents=True)
    (rules / "claims.toml").write_text(
        '[[claim]]\nid = "wholesome"\nclaims = "overclaim"\npattern = "wholesome"\n'
        'example = "A wholesome dataset."\ncounter = ["A dataset."]\nsource = "AIMEG 4.3"\n'
    )
    file = tmp_path / "statement.txt"
    file.write_text("Our dataset is wholesome.\n")
    assert run("disclose", folder, "--check", file).code == 0
    assert run("disclose", folder, "--check", file, "--rules", tmp_path / "rules").code == 1
