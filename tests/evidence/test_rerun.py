"""An audit that is run again out of its bundle: the same comes out, or it is said what doesn't."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import sourcing_audit
from sourcing_audit import evidence
from sourcing_audit.engine import Engine
from sourcing_audit.evidence import Wanted, rerun
from sourcing_audit.evidence.checking import CheckError, State
from sourcing_audit.rules import RuleStore
from tests.conftest import write_csv
from tests.evidence.support import edited, members, pack
from tests.evidence.test_forgeries import detail, restated, states

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.evidence.conftest import Made

ITEMS = [
    {"nr": "a", "address": "https://a.example/1", "creator": "A", "license": "CC0 1.0"},
    {"nr": "b", "address": "https://b.example/1", "creator": "B", "license": "house licence"},
    {"nr": "c", "address": "https://c.example/1", "creator": "C", "license": ""},
]
RECORDS = [
    {"record_id": "r1", "subject_kind": "host", "subject_value": "b.example", "decision": "deny"},
]


ALIAS = {
    "value": "house licence",
    "target": "CC-BY-4.0",
    "kind": "name",
    "source": "https://a.example/terms",
}


@pytest.fixture(scope="module", autouse=True)
def _small_portions() -> Iterator[None]:
    """Let a dataset of a few items be judged in portions, so that its tables have parts."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Engine, "portion_items", 2)
        yield


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An audit with everything that can be asked, named from its folder, and its bundle `b.zip`."""
    place = tmp_path_factory.mktemp("rerun")
    with contextlib.chdir(place):
        Path("data").mkdir()
        write_csv(Path("data/works.csv"), ITEMS)
        write_csv(Path("data/works-2.csv"), ITEMS[:2])
        Path("data/README.md").write_text("---\nlicense: cc-by-4.0\n---\n", encoding="utf-8")
        Path("terms.txt").write_text("CC BY 4.0", encoding="utf-8")
        write_csv(Path("registry.csv"), RECORDS)
        Path("no-rules").mkdir()
        Path("our-rules/licenses").mkdir(parents=True)
        write_csv(Path("our-rules/licenses/aliases.csv"), [ALIAS])
        with sourcing_audit.audit(
            "data",
            registries=["registry.csv"],
            use="open-model,territory=DE+FR,share=model+dataset,trained=2026-01-01,grantee=g",
            as_of="2026-11-21",
            dataset="d",
            columns={"item_id": "nr", "source_url": "address"},
            default_license="CC BY 4.0",
            cards=["terms.txt"],
            upstream=["ours=CC BY-SA 4.0"],
            rules=["no-rules", "our-rules"],
        ) as audited:
            audited.save("out")
        evidence.write(Path("out"), Path("b.zip"), RuleStore([Path("no-rules"), Path("our-rules")]))
    return place


@pytest.fixture
def place(audited: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that the audit was run in, as the one that it is run in again."""
    monkeypatch.chdir(audited)
    return audited


AGAIN = Wanted(unsigned_ok=True, again=True)


def test_the_same_comes_out_and_what_changed_is_named(place: Path) -> None:
    """All that can be asked is asked again, overlays too; then one thing after another changes."""
    held = members(Path("b.zip"))
    assert held["rules/overlay-2/licenses/aliases.csv"]
    stated = [one["name"] for one in json.loads(held["statement.json"])["subject"]]
    assert "findings.parquet/part-00001.parquet" in stated
    assert "findings.parquet/part-00001.parquet" not in held
    assert "evidence/consent.parquet/part-00000.parquet" in held
    # The rules are the bundle's, whatever became of the folder since.
    rules = place / "our-rules" / "licenses" / "aliases.csv"
    before = rules.read_bytes()
    rules.unlink()
    found = evidence.verify(Path("b.zip"), AGAIN)
    assert found.accepted, found.failed
    assert states(found)["re-run"] is State.OK
    rules.write_bytes(before)
    for name in ("data/works.csv", "registry.csv", "data/README.md", "terms.txt"):
        path = Path(name)
        before = path.read_bytes()
        path.write_bytes(before + b"\n")
        found = evidence.verify(Path("b.zip"), AGAIN)
        assert [check.name for check in found.failed] == ["re-run"]
        assert f"{name}: isn't the file that was audited" in detail(found, "re-run")
        path.unlink()
        found = evidence.verify(Path("b.zip"), AGAIN)
        assert name in detail(found, "re-run")
        assert not found.accepted
        path.write_bytes(before)
    assert {path.name for path in place.iterdir()} == {
        "b.zip", "data", "no-rules", "our-rules", "out", "registry.csv", "terms.txt",
    }  # fmt: skip


def test_another_question_gives_another_answer(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    contents = members(Path("b.zip"))
    contents["evidence/request.json"] = edited(
        contents["evidence/request.json"], lambda one: one["upstream"].clear()
    )
    restated(contents)
    bundle = pack(place / "forged.zip", contents)
    monkeypatch.setattr(rerun, "made_with", lambda: [("duckdb", "0.0"), ("python", "3")])
    found = evidence.verify(bundle, AGAIN)
    assert [check.name for check in found.failed] == ["re-run"]
    told = detail(found, "re-run")
    assert "something else came out: report.json" in told
    assert "findings.parquet" in told
    assert "duckdb 2" in told
    assert "now 0.0" in told


def test_nothing_of_an_unknown_maker_is_run(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rerun, "rerun", lambda *_: pytest.fail("it was run"))
    found = evidence.verify(made.signed, Wanted(again=True))
    assert not found.accepted
    assert "isn't known who made it" in detail(found, "re-run")
    found = evidence.verify(made.unsigned, Wanted(again=True, key=made.key))
    assert states(found)["re-run"] is State.NOT_CHECKED


@pytest.mark.parametrize(
    "change",
    [
        lambda request: request.update(inputs=["hf:org/name"]),
        lambda request: request.update(inputs=["https://a.example/works.csv"]),
        lambda request: request.update(registries=["robots:s3://bucket/robots.warc"]),
    ],
    ids=["hub", "web", "store"],
)
def test_nothing_is_asked_of_the_network(change: Any, made: Made, tmp_path: Path) -> None:
    contents = members(made.unsigned)
    contents["evidence/request.json"] = edited(contents["evidence/request.json"], change)
    restated(contents)
    found = evidence.verify(pack(tmp_path / "b.zip", contents), AGAIN)
    assert "nothing is asked of the network" in detail(found, "re-run")


def test_an_input_without_a_digest_is_not_taken_for_the_same() -> None:
    with pytest.raises(CheckError, match="wasn't recorded"):
        rerun._refuse("x.csv", None, "0")


def test_a_request_that_makes_no_sense_is_refused(made: Made, tmp_path: Path) -> None:
    contents = members(made.unsigned)
    for name in ("evidence/request.json", "report.json"):
        contents[name] = edited(contents[name], lambda one: one["use"].update(activity="theft"))
    restated(contents)
    found = evidence.verify(pack(tmp_path / "b.zip", contents), AGAIN)
    assert not found.accepted
