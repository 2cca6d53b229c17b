"""Where somebody's works were: by remembered keys, never by reading items again."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pyarrow.parquet as pq
import pytest

from sourcing_audit import audit
from sourcing_audit.engine import Engine
from sourcing_audit.errors import InputError
from sourcing_audit.history import Done, History
from sourcing_audit.remembered import Contents, keys, tombstones
from sourcing_audit.rules import RuleStore
from sourcing_audit.rules.consent import ConsentRules
from tests.conftest import write_csv

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

SHA = "c0" * 32
FIRST, SECOND = "2026-01-05", "2026-02-02"


def item(number: int, **fields: str) -> dict[str, str]:
    return {
        "id": str(number),
        "url": f"https://www.site{number % 3}.example/{number}.jpg?utm_source=x",
        "creator": f"Creator {number % 4}",
        "creator_id": f"id:{number % 4}",
        "sha256": "",
        "license": "CC BY 4.0",
        **fields,
    }


class Kept(NamedTuple):
    """Two audits of one dataset, and one of another."""

    folder: Path
    history: str
    keys: Path

    @property
    def options(self) -> tuple[str, ...]:
        return ("--history", self.history, "--keys", str(self.keys))


def run_audit(
    kept: Kept,
    dataset: str,
    *files: Path,
    as_of: str,
    project: str = "",
    rules: Sequence[Path] = (),
) -> None:
    use = f"commercial-training,project={project}" if project else "commercial-training"
    out = kept.folder / "out" / dataset
    with audit(
        *files, dataset=dataset, as_of=as_of, use=use, keys=kept.keys, rules=rules
    ) as audited:
        audited.save(out)
        digest = hashlib.sha256((out / "report.json").read_bytes()).hexdigest()
        History(kept.history).record([Done(audited.report, digest, out)])


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    folder = tmp_path_factory.mktemp("traced")
    made = Kept(folder, str(folder / "history.duckdb"), folder / "keys")
    same = write_csv(folder / "same.csv", [item(n) for n in range(10)])
    was = write_csv(folder / "was.csv", [item(50), item(51, sha256=SHA)])
    now = write_csv(folder / "now.csv", [item(50)])
    other = write_csv(
        folder / "other.csv", [item(3), item(70, creator_id="id:x", creator="Creator 1")]
    )
    run_audit(made, "films", same, was, as_of=FIRST, project="epic")
    run_audit(made, "films", same, now, as_of=SECOND)
    run_audit(made, "voices", other, as_of=SECOND)
    return made


@pytest.fixture
def trace(kept: Kept, run: Callable[..., object]) -> Callable[..., list[dict[str, object]]]:
    def traced(*arguments: object) -> list[dict[str, object]]:
        ran = run("trace", *arguments, *kept.options, "--json")
        told = [json.loads(line) for line in ran.out.splitlines()]
        assert ran.code == (1 if told else 0), ran.err
        return told

    return traced


def short(told: list[dict[str, object]]) -> list[tuple[object, ...]]:
    return sorted((row["dataset"], row["kind"], row["rows"], row["rows_in_latest"]) for row in told)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        # However the address is written.
        ("http://site0.example/3.jpg", [("films", "url", 1, 1), ("voices", "url", 1, 1)]),
        (
            "url:https://WWW.site0.example:443/3.jpg#x",
            [("films", "url", 1, 1), ("voices", "url", 1, 1)],
        ),
        ("id:2", [("films", "creator_id", 4, 3)]),
        ("host:site1.example", [("films", "host", 3, 3), ("voices", "host", 1, 1)]),
        ("domain:site1.example", [("films", "host", 3, 3), ("voices", "host", 1, 1)]),
        # An item that is gone is still known to have been there.
        (f"sha256:{SHA.upper()}", [("films", "sha256", 1, 0)]),
        ("Creator 1", [("films", "creator_name", 3, 3), ("voices", "creator_name", 1, 1)]),
        ("https://site0.example/4.jpg", []),
        ("nobody", []),
    ],
    ids=[
        "address",
        "address by kind",
        "creator",
        "host",
        "domain",
        "hash",
        "name",
        "other",
        "none",
    ],
)
def test_everything_that_held_a_subject_is_told(
    trace: Callable[..., list[dict[str, object]]], word: str, expected: list[tuple[object, ...]]
) -> None:
    told = trace(word)
    assert short(told) == expected
    assert all(row["to_review"] == (row["kind"] == "creator_name") for row in told)


def test_since_when_and_in_which_models(trace: Callable[..., list[dict[str, object]]]) -> None:
    [old] = trace(f"sha256:{SHA}")
    assert (old["first_run"], old["last_run"]) == (1, 1)
    assert (old["first_as_of"], old["last_as_of"]) == (FIRST, FIRST)
    assert old["models"] == ["epic"]
    [both] = [row for row in trace("id:0") if row["dataset"] == "films"]
    assert (both["first_run"], both["last_run"], both["last_as_of"]) == (1, 2, SECOND)


def test_an_item_counts_once_in_all_versions_of_its_manifest(
    tmp_path: Path, trace: Callable[..., list[dict[str, object]]], kept: Kept, run
) -> None:
    [films] = trace("id:2")
    counted = {name: films[name] for name in ("items", "items_in_latest", "rows", "rows_in_latest")}
    assert counted == {"items": 3, "items_in_latest": 3, "rows": 4, "rows_in_latest": 3}
    assert (
        "3 items (4 rows in all versions), in the latest" in run("trace", "id:2", *kept.options).out
    )
    mine = Kept(tmp_path, str(tmp_path / "history.duckdb"), tmp_path / "keys")
    own = [item(number, creator_id="id:z") for number in range(4)]
    keyless = item(9, creator_id="id:z", url="")
    versions = (
        [*own, own[0]],
        # Moved, and one of them gone; then one that is there twice, one with another address.
        [item(70), own[2], own[1], own[0], own[0]],
        [keyless, own[1], own[1], own[3] | {"url": "https://moved.example/3.jpg"}],
    )
    for number, rows in enumerate(versions):
        file = write_csv(tmp_path / f"works-{number}.csv", rows)
        run_audit(mine, "works", file, as_of=f"2026-01-0{number + 1}")
    ran = run("trace", "id:z", *mine.options, "--json")
    told = json.loads(ran.out)
    # Two of work 0, one of 2, one of 3 and one that it became, two of 1, and the keyless one.
    assert (told["items"], told["rows"]) == (8, 13)
    assert (told["items_in_latest"], told["rows_in_latest"]) == (4, 4)


def registry(path: Path, *records: dict[str, str]) -> Path:
    return write_csv(path, [{"snapshot_at": "2026-02-01", **each} for each in records])


OPTED_OUT = {
    "record_id": "o1",
    "subject_kind": "creator_id",
    "subject_value": "id:2",
    "decision": "deny",
}
GRANT = {
    "record_id": "g1",
    "record_type": "consent",
    "subject_kind": "sha256",
    "subject_value": SHA,
    "decision": "allow",
}
REVOKED = {
    "record_id": "r1",
    "record_type": "revocation",
    "refers_to": "g1",
    "relation": "revokes",
    "subject_kind": "sha256",
    "subject_value": SHA,
    "decision": "deny",
}
BELOW = {
    "record_id": "p1",
    "subject_kind": "url_prefix",
    "subject_value": "https://site0.example/archive/",
    "decision": "deny",
}


def test_refusals_and_revocations_of_a_registry_are_traced(
    tmp_path: Path, trace: Callable[..., list[dict[str, object]]]
) -> None:
    other = {**OPTED_OUT, "record_id": "a1", "decision": "allow", "subject_value": "id:3"}
    export = registry(tmp_path / "exports.csv", OPTED_OUT, GRANT, REVOKED, other)
    told = trace("-r", export)
    assert {(row["record_id"], row["kind"]) for row in told} == {
        ("o1", "creator_id"),
        ("r1", "sha256"),
        # The grant that was revoked names the work too.
        ("g1", "sha256"),
    }
    assert {row["record_id"] for row in trace("-r", export, "--record", "a1")} == {"a1"}


def test_what_no_key_tells_is_said(tmp_path: Path, kept: Kept, run) -> None:
    export = registry(tmp_path / "exports.csv", BELOW, OPTED_OUT)
    ran = run("trace", "-r", export, *kept.options)
    assert ran.code == 1
    assert "Not looked for: 1 record of address prefixes" in ran.err


def test_the_removal_list_names_input_and_row(tmp_path: Path, kept: Kept, run) -> None:
    for name in ("list.csv", "list.jsonl", "list.parquet"):
        ran = run("trace", "id:2", *kept.options, "-o", tmp_path / name)
        assert ran.code == 1
        assert "Wrote 4 rows" in ran.err
    rows = pq.read_table(tmp_path / "list.parquet").to_pylist()
    lines = (tmp_path / "list.jsonl").read_text().splitlines()
    assert [json.loads(line)["row"] for line in lines] == [row["row"] for row in rows]
    for row in rows:
        with Path(row["input"]).open(newline="") as stream:
            named = list(csv.DictReader(stream))[row["row"] - 1]
        assert named["creator_id"] == "id:2"
    with (tmp_path / "list.csv").open(newline="") as stream:
        assert [row["dataset"] for row in csv.DictReader(stream)] == ["films"] * 4
    ran = run("trace", "id:2", *kept.options, "-o", tmp_path / "list.xlsx")
    assert (ran.code, "not a format" in ran.err) == (2, True)


def test_formulas_in_a_removal_list_are_text(tmp_path: Path, kept: Kept, run) -> None:
    word = "=cmd()"
    write_csv(tmp_path / "bad.csv", [item(1, creator_id=word)])
    mine = Kept(tmp_path, str(tmp_path / "history.duckdb"), tmp_path / "keys")
    run_audit(mine, "bad", tmp_path / "bad.csv", as_of=FIRST)
    ran = run("trace", f"creator_id:{word}", *mine.options, "-o", tmp_path / "list.csv")
    assert ran.code == 1
    assert "'=cmd()" in (tmp_path / "list.csv").read_text()


def test_inputs_that_were_not_remembered_are_told(tmp_path: Path, kept: Kept, run) -> None:
    ran = run("trace", "id:2", "--history", kept.history, "--keys", tmp_path / "none")
    assert ran.code == 2, "nothing found is not nothing there"
    assert "The keys of 4 audited inputs weren't kept" in ran.err


def test_keys_by_other_rules_are_told_and_made_anew(tmp_path: Path, run) -> None:
    """A parameter that rules take out of addresses by now stands in the keys of before."""
    mine = Kept(tmp_path, str(tmp_path / "history.duckdb"), tmp_path / "keys")
    place = "https://site.example/a.jpg?ref_of_ours=1"
    manifest = write_csv(tmp_path / "films.csv", [item(1, url=place)])
    run_audit(mine, "films", manifest, as_of=FIRST)
    rules = tmp_path / "rules" / "consent"
    rules.mkdir(parents=True)
    (rules / "tracking.csv").write_text("parameter,meaning,source\nref_of_ours,campaign,Ours\n")
    options = [*mine.options, "--rules", rules.parent]
    assert run("trace", place, *mine.options).code == 1
    ran = run("trace", place, *options)
    assert ran.code == 2
    assert "The keys of 1 audited input were made by other rules" in ran.err
    run_audit(mine, "films", manifest, as_of=SECOND, rules=[rules.parent])
    ran = run("trace", place, *options)
    assert ran.code == 1
    assert "other rules" not in ran.err


def test_an_input_is_remembered_once(kept: Kept) -> None:
    names = [path.stem for path in (kept.keys / "keys").iterdir()]
    # same, was, now and other: the first was read by two audits.
    assert len(names) == 4
    table = pq.read_table(kept.keys / "keys" / f"{names[0]}.parquet")
    assert table.column_names == ["number", "kind", "row", "content"]
    numbers = table["number"].to_pylist()
    assert numbers == sorted(numbers)


def test_numbers_are_the_same_in_every_version() -> None:
    text = "sha256 abc"
    low = hashlib.md5(text.encode(), usedforsecurity=False).digest()[8:]
    with Engine.duckdb() as engine:
        [found] = engine.rows("SELECT md5_number_lower('sha256 abc')")
    assert found[0] == int.from_bytes(low, "little")


def test_works_that_come_back_are_found_by_any_key(tmp_path: Path, kept: Kept, run) -> None:
    stones = tmp_path / "tombstones.csv"
    ran = run("trace", f"sha256:{SHA}", *kept.options, "--tombstones", stones)
    # The address with and without what only follows a reader.
    assert "Added 3 tombstones" in ran.err
    text = stones.read_text()
    assert "site" not in text
    assert SHA not in text
    assert {line.split(",")[0] for line in text.splitlines()[1:]} == {"url", "sha256"}
    assert (
        "Added 0 tombstones"
        in run("trace", f"sha256:{SHA}", *kept.options, "--tombstones", stones).err
    )
    # The same address with another creator, and the same file from elsewhere.
    back = write_csv(
        tmp_path / "back.csv",
        [
            item(1),
            item(51, creator_id="id:other"),
            item(99, sha256=SHA.upper()),
        ],
    )
    mine = Kept(tmp_path, str(tmp_path / "history.duckdb"), tmp_path / "keys")
    run_audit(mine, "back", back, as_of=SECOND)
    [content] = [path.stem for path in (tmp_path / "keys" / "keys").iterdir()]
    with Engine.duckdb() as engine:
        found = tombstones.returned(engine, stones, Contents(mine.keys), [content])
        assert found is not None
        assert tombstones.count(engine, found) == 2
        rows = engine.arrow(found.order_by("row")).to_pylist()
    assert [(row["row"], row["kind"]) for row in rows] == [(2, "url"), (3, "sha256")]
    assert rows[0]["since"] == dt.datetime.now(dt.UTC).date()


def test_names_and_hosts_get_no_tombstone(tmp_path: Path, kept: Kept, run) -> None:
    stones = tmp_path / "tombstones.csv"
    ran = run("trace", "Creator 1", *kept.options, "--tombstones", stones)
    assert "Added 0 tombstones" in ran.err


@pytest.mark.parametrize(
    "content",
    ["a,b\n", "kind,number,since\nurl,xyz,2026-01-01\n", "kind,number,since\nurl,00,never\n", "\0"],
    ids=["columns", "number", "day", "binary"],
)
def test_a_file_that_holds_no_tombstones_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "tombstones.csv"
    path.write_text(content)
    with pytest.raises(InputError, match=r"tombstones\.csv: row"):
        tombstones.read(path)
    assert path.read_text() == content


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ((), "nothing to look for"),
        (("--record", "x"), "nothing to look for"),
        (("x", "--record", "x"), "needs the registry"),
        (("sha256:xyz",), "'xyz' is not a sha256"),
    ],
    ids=["nothing", "record alone", "no registry", "no hash"],
)
def test_what_cannot_be_looked_for_is_named(
    kept: Kept, run, arguments: tuple[str, ...], problem: str
) -> None:
    ran = run("trace", *arguments, *kept.options)
    assert ran.code == 2
    assert problem in ran.err


def test_a_record_that_is_not_there_is_named(tmp_path: Path, kept: Kept, run) -> None:
    export = registry(tmp_path / "exports.csv", OPTED_OUT)
    ran = run("trace", "-r", export, "--record", "zzz", *kept.options)
    assert ran.code == 2
    assert "zzz: no such record" in ran.err


def test_hostile_words_do_nothing(kept: Kept, run) -> None:
    ran = run("trace", "x'); DROP TABLE audits;--\x1b[31m", *kept.options)
    assert ran.code == 0
    assert "\x1b" not in ran.out


def test_an_item_has_the_keys_by_which_registries_know_it() -> None:
    known = {row.matches for row in ConsentRules.load(RuleStore()).subject_kinds}
    assert set(keys.KINDS) <= known
