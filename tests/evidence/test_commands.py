"""The commands: what they print, how they end, and what `audit.toml` says."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from sourcing_audit import evidence
from sourcing_audit.rules import RuleStore
from tests.conftest import Ran, write_csv
from tests.evidence.support import members, pack

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.evidence.conftest import Made

    Run = Callable[..., Ran]

ITEM = {"item_id": "a", "url": "https://a.example/1", "creator": "A", "license": "CC0 1.0"}


def test_an_audit_writes_its_evidence(
    run: Run, made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest = write_csv(tmp_path / "works.csv", [ITEM])
    bundle, out = tmp_path / "b.zip", tmp_path / "out"
    monkeypatch.setenv("SOURCING_AUDIT_SIGN_KEY", str(made.private))
    ran = run("audit", manifest, "--as-of", "2026-11-21", "-o", out, "--evidence", bundle)
    assert ran.code == 0
    assert f"Evidence: {bundle} (signed with the key {made.key.keyid})" in ran.err
    again = tmp_path / "again.zip"
    ran = run("evidence", out, "-o", again)
    assert ran.code == 0
    assert again.read_bytes() == bundle.read_bytes()
    ran = run("verify", bundle, "--key", made.public)
    assert ran.code == 0
    assert "works, as of 2026-11-21" in ran.out
    assert f"by the key {made.key.keyid}" in ran.out
    assert "Not checked: findings" in ran.out


def test_several_datasets_get_a_bundle_each_by_configuration(run: Run, tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_csv(tmp_path / f"{name}.csv", [ITEM])
    config = tmp_path / "audit.toml"
    config.write_text(
        'evidence = "kept/films.zip"\noutput = "out"\nas_of = 2026-11-21\n'
        '[[dataset]]\nsource = "one.csv"\n[[dataset]]\nsource = "two.csv"\n',
        encoding="utf-8",
    )
    ran = run("audit", "-c", config)
    assert ran.code == 0
    names = ["films-one.zip", "films-two.zip"]
    assert sorted(path.name for path in (tmp_path / "kept").iterdir()) == names
    assert ran.err.count("NOT signed, so anybody could have made it") == 2
    ran = run("evidence", tmp_path / "out", "-o", tmp_path / "b.zip")
    assert ran.code == 2
    assert "holds 2 datasets" in ran.err
    shutil.rmtree(tmp_path / "out" / "two")
    assert run("evidence", tmp_path / "out", "-o", tmp_path / "b.zip").code == 0
    assert (tmp_path / "b.zip").read_bytes() == (tmp_path / "kept" / names[0]).read_bytes()


def test_a_key_that_cannot_be_used_stops_before_the_audit(run: Run, tmp_path: Path) -> None:
    ran = run(
        "audit", tmp_path / "none.csv", "--evidence", tmp_path / "b.zip",
        "--sign-key", tmp_path / "none.pem",
    )  # fmt: skip
    assert ran.code == 2
    assert "none.pem" in ran.err


def test_findings_without_evidence_are_a_mistake(run: Run, tmp_path: Path) -> None:
    ran = run("audit", tmp_path / "none.csv", "--with-findings")
    assert ran.code == 2
    assert "--evidence" in ran.err


@pytest.mark.parametrize(
    ("flags", "code"),
    [
        (["--key"], 0),
        ([], 1),
        (["--unsigned-ok"], 0),
        (["--key", "--unsigned-ok"], 0),
    ],
    ids=["key", "nothing", "allowed", "both"],
)
def test_how_a_signed_bundle_ends(run: Run, made: Made, flags: list[str], code: int) -> None:
    given = [
        part for flag in flags for part in ([flag, made.public] if flag == "--key" else [flag])
    ]
    ran = run("verify", made.signed, *given)
    assert ran.code == code
    assert ("signer's public key" in ran.err) == bool(code)


@pytest.mark.parametrize(
    ("flags", "code"), [([], 1), (["--unsigned-ok"], 0)], ids=["strict", "allowed"]
)
def test_an_unsigned_bundle_is_said_to_be_so(
    run: Run, made: Made, flags: list[str], code: int
) -> None:
    ran = run("verify", made.unsigned, *flags)
    assert ran.code == code
    assert "this bundle is not signed: anybody could have made it" in ran.out
    assert run("verify", made.unsigned, "--key", made.public, *flags).code == 1


def test_json_says_the_same(run: Run, made: Made) -> None:
    ran = run("verify", made.signed, "--key", made.public, "--findings", made.folder, "--json")
    told = json.loads(ran.out)
    assert ran.code == 0
    assert told["accepted"]
    assert told["signature_checked"]
    assert [check["state"] for check in told["checks"]] == ["ok"] * 8
    told = json.loads(run("verify", made.unsigned, "--json").out)
    assert not told["accepted"]
    assert not told["signature_checked"]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 something"])
def test_a_file_that_is_no_bundle(run: Run, tmp_path: Path, content: bytes) -> None:
    bundle = tmp_path / "b.zip"
    bundle.write_bytes(content)
    ran = run("verify", bundle, "--unsigned-ok")
    assert ran.code == 1
    assert "FAILED       container" in ran.out
    assert "NOT accepted" in ran.out


def test_a_bundle_or_key_that_is_not_there(run: Run, made: Made, tmp_path: Path) -> None:
    assert run("verify", tmp_path / "none.zip").code == 2
    assert run("verify", tmp_path).code == 2
    ran = run("verify", made.signed, "--key", made.private)
    assert ran.code == 2
    assert "not a public key" in ran.err


def test_keygen_says_where_the_keys_are_and_not_what_they_are(run: Run, tmp_path: Path) -> None:
    ran = run("keygen", tmp_path / "keys")
    assert ran.code == 0
    private = (tmp_path / "keys" / "signing-key.pem").read_text()
    secret = "".join(private.splitlines()[1:-1])
    assert secret
    assert secret not in ran.out + ran.err
    keyid = evidence.Verifier.of(tmp_path / "keys" / "signing-key.pub.pem").keyid
    assert keyid in ran.err
    assert run("keygen", tmp_path / "keys").code == 2


def test_an_audit_with_rules_of_ones_own(run: Run, tmp_path: Path) -> None:
    """They are looked for where they were; others are refused."""
    rules = tmp_path / "rules"
    (rules / "licenses").mkdir(parents=True)
    alias = {"value": "ours", "target": "CC0-1.0", "kind": "name", "source": "https://a.example"}
    write_csv(rules / "licenses" / "aliases.csv", [alias])
    manifest = write_csv(tmp_path / "works.csv", [{**ITEM, "license": "ours"}])
    out, bundle = tmp_path / "out", tmp_path / "b.zip"
    assert run("audit", manifest, "--rules", rules, "-o", out, "-q").code == 0
    assert run("evidence", out, "-o", bundle).code == 0
    assert "rules/overlay-1/licenses/aliases.csv" in members(bundle)
    write_csv(rules / "licenses" / "aliases.csv", [{**alias, "target": "CC-BY-4.0"}])
    ran = run("evidence", out, "-o", tmp_path / "c.zip")
    assert ran.code == 2
    assert "--rules" in ran.err
    assert not (tmp_path / "c.zip").exists()


def test_hostile_names_are_inert(run: Run, made: Made, tmp_path: Path) -> None:
    contents = members(made.unsigned)
    contents["README.txt"] = b"x"
    bundle = pack(tmp_path / "b\x1b[2J\u202e.zip", contents)
    ran = run("verify", bundle)
    assert not set("\x1b\u202e") & set(ran.out + ran.err)
    assert "README.txt: isn't the file that the statement names" in ran.out
    contents["statement.json"] = contents["statement.json"].replace(
        b'"tables.json"', b'"\\u001b[31mred"'
    )
    ran = run("verify", pack(bundle, contents))
    assert ran.code == 1
    assert not set("\x1b\u202e") & set(ran.out + ran.err)


def test_the_same_bundle_by_command_and_by_function(run: Run, made: Made, tmp_path: Path) -> None:
    bundle = tmp_path / "b.zip"
    run("evidence", made.folder, "-o", bundle, "--sign-key", made.private, "--with-findings")
    assert bundle.read_bytes() == made.full.read_bytes()
    evidence.write(made.folder, bundle, RuleStore())
    assert bundle.read_bytes() == made.unsigned.read_bytes()
