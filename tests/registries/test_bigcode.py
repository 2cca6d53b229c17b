"""Opt-outs from The Stack: the published file, the form's fields, and plain lists."""

from __future__ import annotations

import json

import pytest

import sourcing_audit
from sourcing_audit import registries
from sourcing_audit.errors import RegistryError
from tests.conftest import write_csv
from tests.registries.support import pick, records

SHOWN = ("subject_kind", "subject_value", "decision", "problem")


def test_the_published_file(engine, tmp_path):
    """The members of `data/optouts.jsonl` in bigcode-project/opt-out-v2."""
    path = tmp_path / "optouts.jsonl"
    rows = [
        {"issue": 1, "author": "Ada", "optout_repos": [], "optout_owners": ["ada", "old-ada"]},
        {"issue": 2, "author": "bo", "optout_repos": ["bo/x.y", "org/z"], "optout_owners": []},
        {"issue": 3, "author": "cy", "optout_repos": [], "optout_owners": []},
    ]
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    found = records(engine, str(path))
    assert pick(found, *SHOWN, "statement_id", "declarant_role", "authority_level") == [
        ("account", "ada", "deny", None, "issue 1", "creator", "account_oauth"),
        ("account", "old-ada", "deny", None, "issue 1", "unknown", "self_asserted"),
        ("repo", "github.com/bo/x.y", "deny", None, "issue 2", "creator", "account_oauth"),
        ("repo", "github.com/org/z", "deny", None, "issue 2", "unknown", "self_asserted"),
    ]
    assert {row["signal_scheme"] for row in found} == {"bigcode"}
    assert {row["platform"] for row in found if row["subject_kind"] == "account"} == {"github"}
    assert not any("valid_until" in row for row in found)
    assert {row["uses"] for row in found} == {""}
    export = registries.parse(str(path))
    assert export.format == "bigcode"
    assert registries.READERS["bigcode"].unstated(engine, export) == 1


def test_the_fields_of_the_form(engine, tmp_path):
    path = tmp_path / "issues.json"
    form = {
        "number": 7,
        "user": "ada",
        "created_at": "2026-01-02T03:04:05Z",
        "html_url": "https://github.com/bigcode-project/opt-out-v2/issues/7",
        "remove_accounts": "- @Ada\nada\nhttps://github.com/old-ada/\n",
        "remove_repos": "org/one, https://github.com/org/two.git\n_No response_\nlonely",
    }
    path.write_text(json.dumps([form]))
    found = records(engine, str(path))
    assert pick(found, *SHOWN) == [
        ("account", "Ada", "deny", None),
        ("account", "old-ada", "deny", None),
        ("repo", "github.com/org/one", "deny", None),
        ("repo", "github.com/org/two", "deny", None),
        ("account", "lonely", "unknown", "signal_malformed"),
    ]
    assert {row["declared_at"].isoformat() for row in found} == {"2026-01-02T03:04:05"}
    (tmp_path / "issues.csv").write_text('user,remove_accounts,remove_repos\nada,"ada\nbo",\n')
    found = records(engine, str(tmp_path / "issues.csv"))
    assert pick(found, "subject_value", "row") == [("ada", 1), ("bo", 1)]


def test_plain_lists(engine, tmp_path):
    path = tmp_path / "accounts.txt"
    path.write_text("ada\nlf-\nowner/repo\n@bo\n`cy`\nhttps://gitlab.example/group/project\n")
    assert pick(records(engine, f"bigcode:{path}"), *SHOWN) == [
        ("account", "ada", "deny", None),
        ("account", "lf-", "deny", None),
        ("repo", "github.com/owner/repo", "deny", None),
        ("account", "bo", "deny", None),
        ("account", "cy", "deny", None),
        ("url_prefix", "https://gitlab.example/group/project", "deny", None),
    ]


def test_what_is_no_name_is_never_dropped(engine, tmp_path):
    path = tmp_path / "issues.json"
    path.write_text(json.dumps({"author": "ada", "remove_accounts": "everything I own, please"}))
    assert pick(records(engine, str(path)), *SHOWN) == [
        ("account", "ada", "unknown", "signal_malformed"),
    ]
    path.write_text(json.dumps({"remove_accounts": "everything I own"}))
    with pytest.raises(RegistryError, match=r"row 1: 'everything I own' is neither an account"):
        records(engine, str(path))
    (tmp_path / "l.txt").write_text("ada\nall of it\n")
    with pytest.raises(RegistryError, match=r"row 2: 'all of it'"):
        records(engine, f"bigcode:{tmp_path / 'l.txt'}")


def test_hostile_requests_stay_bounded(engine, tmp_path):
    path = tmp_path / "issues.json"
    path.write_text(json.dumps({"author": "a", "remove_accounts": "x" * 1_000_000}))
    found = records(engine, str(path))
    assert pick(found, "subject_value", "problem") == [("a", "signal_malformed")]
    assert len(found[0]["signal_raw"]) == 500
    path.write_text(json.dumps({"author": "a", "remove_accounts": {"b": ["\x1b[31m"]}}))
    assert pick(records(engine, str(path)), "problem") == [("signal_malformed",)]


def test_names_reach_items_in_any_spelling(tmp_path):
    registry = tmp_path / "optouts.jsonl"
    row = {"issue": 1, "author": "Ada", "optout_repos": ["bo/X.y"], "optout_owners": ["ada"]}
    registry.write_text(json.dumps(row))
    urls = {
        "https://raw.githubusercontent.com/Ada/x/main/a.py": "opted_out",
        "https://ADA.github.io/p.html": "opted_out",
        "https://github.com/Bo/x.Y/blob/main/b.py": "opted_out",
        "https://raw.githubusercontent.com/bo/x.y/main/b.py": "opted_out",
        "https://github.com/bo/x.y.z/blob/main/b.py": "licensed",
        "https://github.com/bo/other/blob/main/b.py": "licensed",
        "https://github.com/adam/x/blob/main/b.py": "licensed",
    }
    items = [{"item_id": url, "url": url, "license": "MIT"} for url in urls]
    manifest = write_csv(tmp_path / "files.csv", items)
    with sourcing_audit.audit(manifest, registries=[str(registry)]) as audited:
        found = audited.to_arrow(audited.findings.select("item_id", "status")).to_pylist()
    assert {one["item_id"]: one["status"] for one in found} == urls
