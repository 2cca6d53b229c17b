"""Large shards are judged in ranges of their rows: nothing changes but the files of the results."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sourcing_audit import audit
from sourcing_audit.engine import Engine
from sourcing_audit.model import ShardInfo
from sourcing_audit.sources.interface import STRIDE
from sourcing_audit.sources.portions import parts
from sourcing_audit.units import Judge
from tests.test_reuse import DAY, LICENSES, contents, registry, run, write

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sourcing_audit import AuditReport
    from sourcing_audit.sources.interface import Portion
    from sourcing_audit.units import Finder, Unit

MOST = 20


def shard(items: int, quarantined: int = 0) -> ShardInfo:
    return ShardInfo("s", "csv", 1, "d", items=items, quarantined=quarantined)


def ranges(*shards: ShardInfo, most: int = 10) -> list[tuple[range, range | None]]:
    return [(part.shards, part.rows) for part in parts(shards, most)]


def test_parts_are_balanced_and_the_last_one_has_no_end() -> None:
    assert ranges(shard(10)) == [(range(1), None)]
    assert ranges(shard(0)) == [(range(1), None)]
    assert ranges(shard(8, 3)) == [(range(1), range(1, 6)), (range(1), range(6, STRIDE))]
    assert ranges(shard(6), shard(4), shard(21), shard(3), shard(0), shard(8)) == [
        (range(2), None),
        (range(2, 3), range(1, 8)),
        (range(2, 3), range(8, 15)),
        (range(2, 3), range(15, STRIDE)),
        (range(3, 5), None),
        (range(5, 6), None),
    ]


def test_a_count_that_cannot_be_true_makes_no_endless_list() -> None:
    found = ranges(shard(2**62))
    assert len(found) == 4_096
    assert found[-1][1] is not None
    assert found[-1][1].stop >= STRIDE


def records(rows: int) -> list[dict[str, str]]:
    return [
        {
            "id": f"i{row}",
            "url": f"https://h{row % 4}.example/{row}.jpg",
            "creator": f"Creator {row % 7}",
            "license": LICENSES[row % len(LICENSES)],
        }
        for row in range(rows)
    ]


def parquet(folder: Path) -> None:
    table = pa.Table.from_pylist(records(70))
    pq.write_table(table, folder / "a.parquet", row_group_size=9)


def bad_csv(folder: Path) -> None:
    write(folder / "a.csv", 0, 70)
    lines = (folder / "a.csv").read_text(encoding="utf-8").splitlines()
    for at in (*range(30, 55), 70):
        lines[at] = "too,few"
    (folder / "a.csv").write_text("\n".join(lines), encoding="utf-8")


def jsonl(folder: Path) -> None:
    lines = [json.dumps(record) for record in records(70)]
    lines[10] = "{"
    lines[20:20] = [""] * 30
    (folder / "a.jsonl").write_text("\n".join(lines), encoding="utf-8")


def mixed(folder: Path) -> None:
    write(folder / "a.csv", 0, 6)
    write(folder / "b.csv", 1, 50)
    pq.write_table(pa.Table.from_pylist(records(45)), folder / "c.parquet")
    write(folder / "d.csv", 2, 7)
    pq.write_table(pa.Table.from_pylist(records(8)), folder / "e.parquet")


@pytest.mark.parametrize(("make", "portions"), [(parquet, 4), (bad_csv, 4), (jsonl, 4), (mixed, 8)])
def test_ranges_change_nothing_but_the_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[[Path], None], portions: int
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    make(folder)
    denied = registry(tmp_path / "r.csv", "h1.example")

    def audited(keys: str) -> AuditReport:
        return audit(folder, registries=[denied], dataset="films", as_of=DAY, keys=tmp_path / keys)

    with audited("keys-whole") as whole:
        tables = [whole.findings, whole.groups, whole.consent_evidence]
        expected = [whole.to_arrow(table).to_pylist() for table in tables]
        report = whole.report
    monkeypatch.setattr(Engine, "portion_items", MOST)
    with audited("keys-parts") as cut:
        tables = [cut.findings, cut.groups, cut.consent_evidence]
        assert [cut.to_arrow(table).to_pylist() for table in tables] == expected
        assert cut.report == report
        saved = cut.save(tmp_path / "out")
    assert len(list((saved / "findings.parquet").glob("part-*.parquet"))) == portions
    assert contents(tmp_path / "keys-parts") == contents(tmp_path / "keys-whole")
    assert contents(tmp_path / "keys-parts")


def test_ranges_are_taken_up_again_by_themselves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Engine, "portion_items", MOST)
    judged: list[int] = []
    monkeypatch.setattr("sourcing_audit.units.Judge.judge", _noting(judged))
    folder, state = tmp_path / "in", tmp_path / "state"
    folder.mkdir()
    mixed(folder)
    fresh = run(tmp_path / "fresh", folder)
    judged.clear()
    # An audit that ended half-way has left the first ranges of a shard.
    with monkeypatch.context() as patch:
        patch.setattr("sourcing_audit.units.Judge.judge", _noting(judged, last=4))
        with pytest.raises(KeyboardInterrupt):
            run(tmp_path / "ended", folder, state=state)
    judged.clear()
    assert run(tmp_path / "first", folder, state=state) == fresh
    assert judged == [4, 5, 6, 7]
    judged.clear()
    assert run(tmp_path / "second", folder, state=state) == fresh
    assert judged == []
    # A shard that has changed is judged again in all its ranges.
    write(folder / "b.csv", 1, 51)
    changed = run(tmp_path / "third", folder, state=state)
    assert judged == [1, 2, 3]
    assert changed == run(tmp_path / "fresh", folder) != fresh


def _noting(
    judged: list[int], last: int | None = None
) -> Callable[[Judge, Portion, Finder | None], Unit]:
    original = Judge.judge

    def judge(self: Judge, portion: Portion, finder: Finder | None = None) -> Unit:
        judged.append(portion.number)
        if portion.number == last:
            raise KeyboardInterrupt
        return original(self, portion, finder)

    return judge
