"""What a bundle holds, that it is the same each time, and what is never put into one."""

from __future__ import annotations

import hashlib
import json
import shutil
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import sourcing_audit
from sourcing_audit import evidence, recorded
from sourcing_audit.errors import ConfigError, InputError, OutputError
from sourcing_audit.evidence import container, layout, schema
from sourcing_audit.evidence.statement import PREDICATE_TYPE, STATEMENT_TYPE
from sourcing_audit.reports import FORMATS, USUAL
from sourcing_audit.rules import RuleStore
from sourcing_audit.rules.store import shipped_folder
from tests.evidence.support import edited, members

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.evidence.conftest import Made

ROOT = Path(__file__).parents[2]


def test_the_same_audit_gives_the_same_bytes(made: Made, tmp_path: Path) -> None:
    again = tmp_path / "again.zip"
    evidence.write(made.folder, again, RuleStore(), signer=made.signer)
    assert again.read_bytes() == made.signed.read_bytes()


def test_a_bundle_holds_everything_but_the_findings(made: Made) -> None:
    held = members(made.signed)
    rules = {name for name in held if name.startswith("rules/")}
    assert set(held) - rules == {
        *(form.filename for form in FORMATS if form.name in USUAL),
        "README.txt",
        "envelope.json",
        "evidence/consent.parquet",
        "evidence/licenses.parquet",
        "evidence/records.parquet",
        "evidence/request.json",
        "groups.parquet",
        "quarantine.parquet",
        "statement.json",
        "tables.json",
    }
    shipped = shipped_folder()
    assert rules == {
        f"rules/shipped/{path.relative_to(shipped).as_posix()}"
        for path in shipped.rglob("*")
        if path.suffix in {".csv", ".toml"} or path.name == "VERSION"
    }
    for name in set(held) & {path.name for path in made.folder.iterdir()}:
        assert held[name] == (made.folder / name).read_bytes()


def test_the_statement_names_every_file(made: Made) -> None:
    held = members(made.signed)
    statement = json.loads(held.pop("statement.json"))
    del held["envelope.json"]
    stated = {one["name"]: one["digest"] for one in statement["subject"]}
    digests = {name: {"sha256": hashlib.sha256(c).hexdigest()} for name, c in held.items()}
    for name in ("findings.parquet", "evidence/texts.parquet"):
        content = (made.folder / name).read_bytes()
        digests[name] = {"sha256": hashlib.sha256(content).hexdigest()}
    assert stated == digests
    assert statement["_type"] == STATEMENT_TYPE == "https://in-toto.io/Statement/v1"
    assert statement["predicateType"] == PREDICATE_TYPE


def test_the_statement_says_what_the_audit_found(made: Made) -> None:
    predicate = json.loads(members(made.signed)["statement.json"])["predicate"]
    report = json.loads((made.folder / "report.json").read_bytes())
    assert predicate["totals"] == report["totals"] == {
        "items_in": 516, "verdicts": 510, "quarantined": 6, "unreadable_files": 0,
    }  # fmt: skip
    assert predicate["dataset"]["inputs"] == report["dataset"]["inputs"]
    assert predicate["rules"] == report["rules"]
    assert predicate["statuses"] == {row["status"]: row["items"] for row in report["statuses"]}
    assert predicate["registries"][0]["sha256"] == report["registries"][0]["sha256"]
    assert predicate["limits"] == report["disclosure"]["limits"]
    assert predicate["left_out"] == ["evidence/texts.parquet", "findings.parquet"]
    assert predicate["signer"] == {"keyid": made.key.keyid}
    assert predicate["tool"]["libraries"]["duckdb"]


def test_the_rules_can_be_digested_from_the_bundle(made: Made) -> None:
    whole = hashlib.sha256()
    held = members(made.unsigned)
    files = [name for name in held if name.startswith("rules/") and not name.endswith("VERSION")]
    for name in sorted(files, key=lambda name: Path(name).parts):
        content = hashlib.sha256(held[name]).hexdigest()
        whole.update(f"0\0{name.removeprefix('rules/shipped/')}\0{content}\n".encode())
    assert whole.hexdigest() == RuleStore().digest()


def test_the_zip_says_nothing_of_when_and_where_it_was_made(made: Made) -> None:
    with zipfile.ZipFile(made.signed) as archive:
        infos = archive.infolist()
    assert [info.filename for info in infos] == sorted(info.filename for info in infos)
    assert {info.date_time for info in infos} == {(1980, 1, 1, 0, 0, 0)}
    assert {info.compress_type for info in infos} == {zipfile.ZIP_STORED}
    assert {(info.create_system, info.external_attr >> 16) for info in infos} == {(3, 0o100644)}
    assert not [info for info in infos if info.extra or info.comment]


def test_who_signed_is_said_in_the_bundle(made: Made) -> None:
    assert f"signed with the key {made.key.keyid}".encode() in members(made.signed)["README.txt"]
    assert b"NOT signed" in members(made.unsigned)["README.txt"]
    assert "envelope.json" not in members(made.unsigned)


def test_a_bundle_with_findings_is_an_audit(made: Made, tmp_path: Path) -> None:
    with zipfile.ZipFile(made.full) as archive:
        archive.extractall(tmp_path)
    with sourcing_audit.load(tmp_path) as audited:
        assert audited.to_arrow().num_rows == 510
        assert "NL-0042" in str(audited.explain("NL-0042")[0])


def test_no_secret_of_an_address_is_recorded(made: Made) -> None:
    record = recorded.read(made.folder)
    with sourcing_audit.load(made.folder) as audited:
        told = recorded.of(
            record.request(),
            audited.report,
            RuleStore(),
            ["robots:https://user:secret@a.example/r.warc?token=secret", "r.csv"],
            "duckdb",
        )
    assert told.registries == ["robots:https://a.example/r.warc", "r.csv"]
    assert recorded.Recorded.model_validate_json(recorded.text(record)) == record
    request = record.request().__class__(
        dataset="d", inputs=("https://u:secret@a.example/x.csv?sig=secret",), as_of=record.as_of
    )
    with sourcing_audit.load(made.folder) as audited:
        told = recorded.of(request, audited.report, RuleStore(), [], "duckdb")
    assert told.inputs == ["https://a.example/x.csv"]


def _change_report(folder: Path) -> None:
    def fewer(report: dict) -> None:
        report["totals"]["items_in"] -= 1

    path = folder / "report.json"
    path.write_bytes(edited(path.read_bytes(), fewer))


CHANGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "page": (lambda f: (f / "report.html").write_text("all is well"), "report.html isn't as"),
    "count": (_change_report, "report.json isn't as"),
    "table gone": (lambda f: (f / "findings.parquet").unlink(), "is missing"),
    "no table": (lambda f: (f / "groups.parquet").write_bytes(b"x" * 20), "groups.parquet"),
    "fewer rows": (
        lambda f: shutil.copyfile(f / "quarantine.parquet", f / "findings.parquet"),
        "rows of findings.parquet: 6, and not 510",
    ),
    "no request": (lambda f: (f / "evidence/request.json").unlink(), "run the audit again"),
    "request of another day": (
        lambda f: (f / "evidence/request.json").write_bytes(
            edited(
                (f / "evidence/request.json").read_bytes(), lambda r: r.update(as_of="2020-01-01")
            )
        ),
        "as_of isn't as it was asked",
    ),
    "other request": (
        lambda f: (f / "evidence/request.json").write_text('{"dataset": 1}'),
        "run the audit again",
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_folder_that_was_changed_becomes_no_evidence(
    name: str, made: Made, tmp_path: Path
) -> None:
    change, message = CHANGES[name]
    folder = tmp_path / "out"
    shutil.copytree(made.folder, folder)
    change(folder)
    with pytest.raises(InputError, match=message):
        evidence.write(folder, tmp_path / "b.zip", RuleStore())
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_formats_that_were_not_asked_for_are_in_the_bundle_all_the_same(
    made: Made, tmp_path: Path
) -> None:
    folder = tmp_path / "out"
    shutil.copytree(made.folder, folder)
    for name in ("report.md", "report.html", "disclosure.md"):
        (folder / name).unlink()
    evidence.write(folder, tmp_path / "few.zip", RuleStore())
    evidence.write(made.folder, tmp_path / "all.zip", RuleStore())
    assert (tmp_path / "few.zip").read_bytes() == (tmp_path / "all.zip").read_bytes()


def test_other_rules_than_those_of_the_audit_are_refused(made: Made, tmp_path: Path) -> None:
    (tmp_path / "quarantine.toml").write_bytes((shipped_folder() / "quarantine.toml").read_bytes())
    with pytest.raises(ConfigError, match="was audited with rules of the digest"):
        evidence.write(made.folder, tmp_path / "b.zip", RuleStore([tmp_path]))


def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path: Path) -> None:
    content = tmp_path / "x.parquet"
    content.write_bytes(b"new")
    old = hashlib.sha256(b"old").hexdigest()
    with pytest.raises(InputError, match="changed while it was read"):
        container.write(tmp_path / "b.zip", {"x.parquet": content}, {"x.parquet": old})
    assert list(tmp_path.iterdir()) == [content]


def test_a_place_that_cannot_be_written(made: Made, tmp_path: Path) -> None:
    (tmp_path / "b.zip").mkdir()
    with pytest.raises(OutputError):
        evidence.write(made.folder, tmp_path / "b.zip", RuleStore())


@pytest.mark.parametrize(
    ("member", "place"),
    [
        ("rules/shipped/a.csv", (0, "a.csv")),
        ("rules/overlay-12/cases/a.toml", (12, "cases/a.toml")),
        ("rules/overlay-0/a.csv", None),
        ("rules/overlay-01/a.csv", None),
        ("rules/overlay-\u0661/a.csv", None),
        ("rules/overlay-/a.csv", None),
        ("rules/1/a.csv", None),
        ("rules/shipped", None),
        ("evidence/shipped/a.csv", None),
    ],
)
def test_where_rules_stand(member: str, place: tuple[int, str] | None) -> None:
    assert layout.rule_place(member) == place
    if place is not None:
        assert layout.rule_name(*place) == member


def test_the_schema_is_as_the_models_say() -> None:
    committed = (ROOT / "docs" / "evidence.schema.json").read_text(encoding="utf-8")
    assert committed == schema.statement_schema(), "run `make docs`"


def test_a_card_is_recorded_with_its_digest(tmp_path: Path) -> None:
    from sourcing_audit.sources.cards import read_card

    path = tmp_path / "README.md"
    path.write_text("---\nlicense: cc0-1.0\n---\n", encoding="utf-8")
    card = read_card(path)
    assert card.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert read_card(tmp_path / "none.md").sha256 is None


def test_a_card_that_changes_while_it_is_read_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sourcing_audit.sources.cards import folder

    path = tmp_path / "README.md"
    path.write_text("---\nlicense: cc0-1.0\n---\n", encoding="utf-8")
    original = folder._read

    def meanwhile(*given: object) -> object:
        card = original(*given)
        path.write_text("All rights reserved.", encoding="utf-8")
        return card

    monkeypatch.setattr(folder, "_read", meanwhile)
    card = folder.read_card(path)
    assert card.sha256 is None
    assert "changed while it was read" in card.problems
