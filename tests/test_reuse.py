"""Audits in portions, and audits that go on where others were: the same bytes in every case."""

import csv
import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import ibis.expr.types as ir
import pyarrow as pa
import pytest

from sourcing_audit import audit, schema
from sourcing_audit.engine import Engine
from sourcing_audit.reuse import Reuse
from sourcing_audit.sources.interface import Portion
from sourcing_audit.state import State
from sourcing_audit.units import ALIKE, Finder, Judge, Unit

DAY = "2026-11-21"
LICENSES = ("CC BY 4.0", "CC0 1.0", "© someone", "", "no such licence", "MIT")


def shards(folder: Path, count: int = 3, rows: int = 40) -> Path:
    folder.mkdir(exist_ok=True)
    for shard in range(count):
        write(folder / f"shard-{shard}.csv", shard, rows)
    return folder


def write(path: Path, shard: int, rows: int) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "url", "creator", "license"])
        for row in range(rows):
            license_ = LICENSES[(shard + row) % len(LICENSES)]
            url = f"https://h{row % 4}.example/{shard}/{row}.jpg"
            writer.writerow([f"{shard}-{row}", url, f"Creator {row % 7}", license_])


def registry(path: Path, *hosts: str) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["record_id", "subject_kind", "subject_value", "decision", "snapshot_at"])
        for number, host in enumerate(hosts):
            writer.writerow([f"r{number}", "host", host, "deny", "2026-11-01"])
    return path


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def run(out: Path, *inputs: Path, **options: object) -> dict[str, bytes]:
    with audit(*inputs, dataset="films", as_of=DAY, **options) as audited:  # type: ignore[arg-type]
        audited.save(out)
    return contents(out)


@pytest.fixture
def small_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Engine, "portion_items", 50)


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The numbers of the units that are really judged."""
    numbers: list[int] = []
    original = Judge.judge

    def judge(self: Judge, portion: Portion, finder: Finder | None = None) -> Unit:
        numbers.append(portion.number)
        return original(self, portion, finder)

    monkeypatch.setattr(Judge, "judge", judge)
    return numbers


def test_portions_change_nothing_but_the_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, denied = shards(tmp_path / "in"), registry(tmp_path / "r.csv", "h1.example")
    with audit(folder, registries=[denied], dataset="films", as_of=DAY) as whole:
        rows, report = whole.to_arrow(), whole.report
        evidence = whole.to_arrow(whole.consent_evidence)
    monkeypatch.setattr(Engine, "portion_items", 50)
    with audit(folder, registries=[denied], dataset="films", as_of=DAY) as parts:
        assert parts.to_arrow().to_pylist() == rows.to_pylist()
        assert parts.to_arrow(parts.consent_evidence).to_pylist() == evidence.to_pylist()
        assert parts.report == report
        saved = parts.save(tmp_path / "out")
    assert len(list((saved / "findings.parquet").glob("part-*.parquet"))) == 3


@pytest.mark.usefixtures("small_portions")
def test_only_what_changed_is_judged_again(tmp_path: Path, judged: list[int]) -> None:
    """Of an audit without a registry; one with a registry is below."""
    folder, state = shards(tmp_path / "in"), tmp_path / "state"
    fresh = run(tmp_path / "fresh", folder)
    assert run(tmp_path / "first", folder, state=state) == fresh
    assert judged == [0, 1, 2, 0, 1, 2]
    judged.clear()

    assert run(tmp_path / "second", folder, state=state) == fresh
    assert judged == []

    write(folder / "shard-1.csv", 1, rows=45)
    write(folder / "shard-3.csv", 3, rows=40)
    fresh = run(tmp_path / "fresh", folder)
    judged.clear()
    assert run(tmp_path / "third", folder, state=state) == fresh
    assert judged == [1, 3]
    judged.clear()

    assert run(tmp_path / "fourth", folder, state=state, use="research") != fresh
    assert judged == [0, 1, 2, 3]


@pytest.mark.parametrize("portion", [50, 1_000])
def test_items_that_are_alike_are_counted_by_host(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, portion: int
) -> None:
    monkeypatch.setattr(Engine, "portion_items", portion)
    folder = shards(tmp_path / "in")
    with audit(folder, dataset="films", as_of=DAY) as audited:
        groups, report = audited.to_arrow(audited.groups).to_pylist(), audited.report
        found = audited.to_arrow().to_pylist()
    assert [group.model_dump(mode="json") for group in report.groups] == groups
    assert report.groups_in_all == len(groups)

    def alike(row: dict[str, object], host: object) -> tuple[str, ...]:
        return (*(str(row[name]) for name in ALIKE), str(host))

    hosts = [f"h{(row['row'] - 1) % 4}.example" for row in found]
    assert Counter(map(alike, found, hosts)) == {
        alike(group, group["host"]): group["items"] for group in groups
    }
    by_place = {(row["shard"], row["row"]): row for row in found}
    for group in groups:
        first = by_place[group["shard"], group["row"]]
        assert (first["status"], first["reasons"]) == (group["status"], group["reasons"])
    worst_first = ["undetermined", "conditional", "permitted"]
    assert [each["outcome"] for each in groups] == sorted(
        (each["outcome"] for each in groups), key=worst_first.index
    )


@pytest.mark.parametrize(
    "change", ["tags: [machine-generated]", "license: cc-by-nc-4.0", "license: cc0-1.0 # a note"]
)
def test_what_the_documents_say_is_part_of_the_key(tmp_path: Path, change: str) -> None:
    folder, state = shards(tmp_path / "in", count=1, rows=6), tmp_path / "state"
    card = folder / "README.md"
    card.write_text("---\nlicense: cc0-1.0\n---\n# Films\n", encoding="utf-8")
    run(tmp_path / "first", folder, state=state)
    lines = [change] if change.startswith("license") else ["license: cc0-1.0", change]
    card.write_text("\n".join(["---", *lines, "---", "# Films", ""]), encoding="utf-8")
    assert run(tmp_path / "second", folder, state=state) == run(tmp_path / "fresh", folder)


@pytest.mark.usefixtures("small_portions")
def test_a_new_registry_does_not_conclude_on_licences_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, state = shards(tmp_path / "in"), tmp_path / "state"
    run(tmp_path / "first", folder, state=state)

    def conclude(*_: object) -> None:
        pytest.fail("a licence was concluded on again")

    monkeypatch.setattr("sourcing_audit.licensing.conclude", conclude)
    run(
        tmp_path / "second",
        folder,
        state=state,
        registries=[registry(tmp_path / "r.csv", "h1.example")],
    )


@pytest.mark.usefixtures("small_portions")
def test_a_new_registry_does_not_look_at_all_items_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, judged: list[int]
) -> None:
    looked: list[int] = []
    original = Judge.told

    def told(self: Judge, portion: Portion, kinds: object = None) -> ir.Table:
        looked.append(portion.number)
        return original(self, portion, kinds)  # type: ignore[arg-type]

    monkeypatch.setattr(Judge, "told", told)
    folder, state = shards(tmp_path / "in"), tmp_path / "state"
    denied = registry(tmp_path / "r.csv", "h1.example")
    options = {"registries": [denied]}
    first = run(tmp_path / "first", folder, state=state, **options)
    assert looked == judged == [0, 1, 2]
    judged.clear()
    # An audit that needs none of it leaves it for the next.
    write(folder / "shard-1.csv", 1, rows=45)
    second = run(tmp_path / "second", folder, state=state, **options)
    assert second == run(tmp_path / "fresh", folder, **options) != first
    assert judged == [1, 0, 1, 2]
    for numbers in (judged, looked):
        numbers.clear()
    with denied.open("a", encoding="utf-8") as file:
        file.write("c1,creator_name,Creator 3,deny,2026-11-01\n")
    found = run(tmp_path / "third", folder, state=state, **options)
    assert looked == []
    assert judged == [0, 1, 2]
    assert found == run(tmp_path / "fresh", folder, **options) != second


KILLED = """
import os, signal
from sourcing_audit import audit
from sourcing_audit.engine import Engine
from sourcing_audit.units import Judge
Engine.portion_items = 50
original = Judge.judge
def judge(self, portion, finder=None):
    if portion.number == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return original(self, portion, finder)
Judge.judge = judge
audit({folder!r}, dataset="films", as_of={day!r}, state={state!r})
"""


@pytest.mark.skipif(os.name == "nt", reason="needs SIGKILL")
@pytest.mark.usefixtures("small_portions")
def test_a_killed_audit_goes_on_where_it_was(tmp_path: Path, judged: list[int]) -> None:
    folder, state = shards(tmp_path / "in"), tmp_path / "state"
    script = KILLED.format(folder=str(folder), day=DAY, state=str(state))
    ended = subprocess.run([sys.executable, "-c", script], check=False, capture_output=True)
    assert ended.returncode == -signal.SIGKILL
    fresh = run(tmp_path / "fresh", folder)
    judged.clear()
    assert run(tmp_path / "out", folder, state=state) == fresh
    assert judged == [2]


@pytest.mark.usefixtures("small_portions")
def test_a_damaged_entry_is_made_anew(tmp_path: Path, judged: list[int]) -> None:
    folder, state = shards(tmp_path / "in"), tmp_path / "state"
    fresh = run(tmp_path / "first", folder, state=state)
    victim = min((state / "units").glob("*/findings.parquet"))
    content = bytearray(victim.read_bytes())
    content[len(content) // 2] ^= 1
    victim.unlink()
    victim.write_bytes(content)
    judged.clear()
    assert run(tmp_path / "second", folder, state=state) == fresh
    assert len(judged) == 1


@pytest.mark.usefixtures("small_portions")
def test_fewer_shards_than_last_time_leave_no_old_part(tmp_path: Path) -> None:
    folder = shards(tmp_path / "in")
    run(tmp_path / "out", folder)
    (folder / "shard-2.csv").unlink()
    run(tmp_path / "out", folder)
    assert len(list((tmp_path / "out" / "findings.parquet").iterdir())) == 2


def test_only_new_licence_texts_are_read(tmp_path: Path) -> None:
    state, asked = State(tmp_path), []
    with Engine.duckdb() as engine:
        reuse = Reuse(engine, state, "base", ())

        def detect(some: ir.Table) -> ir.Table:
            rows = engine.arrow(some.order_by("pos")).to_pylist()
            asked.append([row["text_sha256"] for row in rows])
            found = [
                {**row, "license_detected": "MIT", "detected_by": "tag", "lines": "1"}
                for row in rows
            ]
            table = engine.from_arrow("read", pa.Table.from_pylist(found))
            return table.select(*schema.TEXTS)

        def read(*digests: str) -> set[str]:
            places = [{"text_sha256": one, "pos": pos} for pos, one in enumerate(digests)]
            distinct = engine.from_arrow("distinct", pa.Table.from_pylist(places))
            rows = engine.arrow(reuse.texts(distinct, detect)).to_pylist()
            return {row["text_sha256"] for row in rows}

        assert read("a", "b") == {"a", "b"}
        assert read("a", "b") == {"a", "b"}
        assert read("b", "c") == {"b", "c"}
        assert asked == [["a", "b"], ["c"]]


def test_a_portion_of_which_no_registry_speaks_goes_with_one_of_which_one_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Engine, "portion_items", 6)
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(3):
        lines = [f"{number}-{row},https://h{number}.example/{row}.jpg,CC0-1.0" for row in range(6)]
        text = "\n".join(["id,url,license", *lines])
        (folder / f"{number}.csv").write_text(text, encoding="utf-8")
    denied = registry(tmp_path / "r.csv", "h1.example")
    with audit(folder, registries=[denied], dataset="films", as_of=DAY) as report:
        findings = report.to_arrow(report.findings).to_pylist()
    assert len(findings) == 18
    assert {row["shard"].rpartition("/")[2] for row in findings if row["consent_record"]} == {
        "1.csv"
    }
