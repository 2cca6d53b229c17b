from __future__ import annotations

import datetime as dt
import decimal
import json
import random
import uuid
from typing import TYPE_CHECKING

import datasets
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sourcing_audit.errors import InputError, NothingToAuditError

if TYPE_CHECKING:
    from pathlib import Path

ROWS = {"url": ["a", "b", "c"], "license": ["1", "2", None]}


def parquet(path: Path, columns: object, **options: object) -> Path:
    table = columns if isinstance(columns, pa.Table) else pa.table(columns)
    pq.write_table(table, path, **options)
    return path


def test_native_types_become_text(tmp_path, read):
    id_ = uuid.uuid4()
    table = pa.table(
        {
            "id": pa.array([7], pa.int64()),
            "url": pa.array(["a"], pa.large_string()),
            "license": pa.array([["MIT", "CC0"]]),
            "rights": pa.array([{"a": 1, "b": [True, None]}]),
            "author": pa.array(["x"]).dictionary_encode(),
            "title": pa.array([decimal.Decimal("1.50")]),
            "downloaded_at": pa.array(
                [dt.datetime(2024, 5, 1, 12, tzinfo=dt.UTC)], pa.timestamp("us", tz="UTC")
            ),
            "doi": pa.array([id_.bytes], pa.binary(16)).cast(pa.binary(16)),
            "md5": pa.array([b"\xff\x00"]),
            "sha256": pa.array([b"abc"]),
            "mime_type": pa.array([None], pa.null()),
        }
    )
    item = read(parquet(tmp_path / "m.parquet", table)).items[0]
    assert item["item_id"] == "7"
    assert item["source_url"] == "a"
    assert json.loads(item["license_raw"]) == ["MIT", "CC0"]
    assert json.loads(item["rights_raw"]) == {"a": 1, "b": [True, None]}
    assert item["creator"] == "x"
    assert item["title"] == "1.50"
    assert item["acquired_at"] == "2024-05-01 12:00:00+00"
    assert item["md5"] == "ff00"
    assert item["sha256"] == "abc"
    assert item["media_type"] is None


def test_struct_paths(tmp_path, read):
    path = parquet(tmp_path / "m.parquet", {"meta": [{"l": {"u": "x"}}, None]})
    found = read(path, mapping={"license_url": "{meta.l.u}"})
    assert found.column("license_url") == ["x", None]


def test_shards_of_different_columns_types_and_formats(tmp_path, read):
    parquet(tmp_path / "a.parquet", ROWS)
    parquet(tmp_path / "b.parquet", {"license": [["x"]], "URL": ["d"], "extra": [1]})
    parquet(tmp_path / "c.parquet", {"id": [5]})
    (tmp_path / "d.csv").write_text("url,license\ne,3\n")
    (tmp_path / "e.jsonl").write_text('{"id": 9, "url": "f"}\n')
    parquet(tmp_path / "f.parquet", ROWS)
    found = read(tmp_path)
    urls = ["a", "b", "c", "d", None, "e", "f", "a", "b", "c"]
    assert found.column("source_url") == urls
    assert found.column("row") == [1, 2, 3, 1, 1, 1, 1, 1, 2, 3]
    assert found.column("item_id") == [*[None] * 4, "5", None, "9", *[None] * 3]
    assert found.column("license_raw")[3] == '["x"]'
    names = ["a.parquet"] * 3 + ["b.parquet", "c.parquet", "d.csv", "e.jsonl"] + ["f.parquet"] * 3
    assert found.column("shard") == [str(tmp_path / name) for name in names]
    assert [shard.items for shard in found.ingested.shards] == [3, 1, 1, 1, 1, 3]


def test_names_that_the_engine_can_not_tell_apart(tmp_path, read):
    table = pa.table(
        [["a"], ["b"], ["c"], ["d"], ["e"]],
        names=["URL", "url", "file_row_number", "", "url"],
    )
    path = parquet(tmp_path / "m.parquet", table)
    mapping = {"title": "url", "creator": "file_row_number", "source_url": "URL"}
    with pytest.raises(Exception, match="column"):
        read(path, mapping={"title": "nope"})
    item = read(path, mapping={"creator": "file_row_number", "title": "url_2"}).items[0]
    assert (item["source_url"], item["creator"], item["title"]) == ("a", "c", "b")
    del mapping


def test_file_names_that_look_like_patterns(tmp_path, read):
    folder = tmp_path / "a[1] *?'\"{x}"
    folder.mkdir()
    path = parquet(folder / "m[0-9]'x.parquet", ROWS)
    (folder / "n[1]'.csv").write_text("url\nz\n")
    assert read(path).column("shard") == [str(path)] * 3
    assert read(folder).column("source_url") == ["a", "b", "c", "z"]


def test_hive_folders_add_no_column(tmp_path, read):
    (tmp_path / "license=x").mkdir()
    parquet(tmp_path / "license=x" / "m.parquet", {"url": ["a"]})
    assert read(tmp_path).column("license_raw") == [None]


def test_unreadable_files_are_quarantined_whole(tmp_path, read):
    good = parquet(tmp_path / "b.parquet", ROWS)
    (tmp_path / "a.parquet").write_bytes(good.read_bytes()[:-20])
    (tmp_path / "c.parquet").write_bytes(b"")
    (tmp_path / "d.parquet").write_bytes(b"PAR1 no PAR1")
    found = read(tmp_path)
    assert found.column("source_url") == ["a", "b", "c"]
    assert found.reasons() == [
        (None, "file_unreadable"),
        (None, "file_empty"),
        (None, "file_unreadable"),
    ]
    assert [shard.unreadable for shard in found.ingested.shards] == [True, False, True, True]
    for bad in ("a", "c", "d"):
        with pytest.raises(InputError, match=bad):
            read(tmp_path / f"{bad}.parquet")


def test_damaged_pages_behind_a_good_footer(tmp_path, read):
    good = parquet(tmp_path / "a.parquet", {"url": [f"http://x/{i}" for i in range(5000)]})
    data = bytearray(good.read_bytes())
    data[4 : len(data) // 2] = b"\xab" * (len(data) // 2 - 4)
    (tmp_path / "b.parquet").write_bytes(data)
    parquet(tmp_path / "c.parquet", {"url": ["z"]})
    found = read(tmp_path)
    assert len(found.items) == 5001
    assert found.reasons() == [(None, "file_unreadable")]
    assert found.quarantine[0]["shard"] == str(tmp_path / "b.parquet")
    with pytest.raises(InputError, match=r"b\.parquet"):
        read(tmp_path / "b.parquet")


def test_no_rows(tmp_path, read):
    with pytest.raises(NothingToAuditError):
        read(parquet(tmp_path / "m.parquet", pa.table(ROWS).slice(0, 0)))


@pytest.mark.parametrize("kind", [pa.ipc.new_file, pa.ipc.new_stream])
def test_arrow_files(tmp_path, read, kind):
    table = pa.table({**ROWS, "tags": [["x"], None, []]})
    path = tmp_path / "m.arrow"
    with kind(path, table.schema) as writer:
        writer.write_table(table, max_chunksize=2)
    found = read(path, mapping={"title": "tags"})
    assert found.column("source_url") == ["a", "b", "c"]
    assert found.column("title") == ['["x"]', None, "[]"]
    assert found.column("row") == [1, 2, 3]
    path.write_bytes(path.read_bytes()[:300])
    with pytest.raises(InputError, match=r"m\.arrow"):
        read(path)


def test_a_dataset_saved_to_disk(tmp_path, read):
    dataset = datasets.Dataset.from_dict({**ROWS, "n": [1, 2, 3]})
    dataset.save_to_disk(tmp_path / "saved", num_shards=2)
    found = read(tmp_path / "saved")
    assert found.column("source_url") == ["a", "b", "c"]
    assert found.column("row") == [1, 2, 1]
    assert found.column("split") == [None] * 3
    assert {shard.format for shard in found.ingested.shards} == {"arrow"}


def test_a_dict_of_datasets_saved_to_disk(tmp_path, read):
    dataset = datasets.Dataset.from_dict(ROWS)
    datasets.DatasetDict({"train": dataset, "test": dataset}).save_to_disk(tmp_path / "saved")
    found = read(tmp_path / "saved")
    assert found.column("split") == ["train"] * 3 + ["test"] * 3
    (tmp_path / "saved" / "test" / "state.json").write_text("{")
    with pytest.raises(InputError, match="saved dataset"):
        read(tmp_path / "saved")


def test_a_saved_dataset_that_points_outside_its_folder(tmp_path, read):
    datasets.Dataset.from_dict(ROWS).save_to_disk(tmp_path / "saved")
    for name in ("../../secret.arrow", "..", "", None):
        state = {"_data_files": [{"filename": name}]}
        (tmp_path / "saved" / "state.json").write_text(json.dumps(state))
        with pytest.raises(InputError, match="not the name of a file"):
            read(tmp_path / "saved")


def test_many_shards(tmp_path, read):
    for number in range(100):
        rows = {"url": [f"{number}/{i}" for i in range(100)]}
        if number % 2:
            parquet(tmp_path / f"{number:03}.parquet", rows)
        else:
            (tmp_path / f"{number:03}.csv").write_text("url\n" + "\n".join(rows["url"]) + "\n")
    found = read(tmp_path)
    expected = [f"{number}/{i}" for number in range(100) for i in range(100)]
    assert found.column("source_url") == expected


def test_hostile_arrow_bytes_never_crash(tmp_path, read):
    table = pa.table({"url": [f"http://x/{i}" for i in range(500)], "license": [["a"]] * 500})
    path = tmp_path / "m.arrow"
    with pa.ipc.new_stream(path, table.schema) as writer:
        writer.write_table(table)
    good = path.read_bytes()
    chance = random.Random(3)
    for _ in range(120):
        data = bytearray(good)
        for _ in range(chance.choice([1, 3, 40])):
            data[chance.randrange(len(data))] = chance.randrange(256)
        path.write_bytes(data)
        try:
            found = read(path)
        except (InputError, NothingToAuditError):
            continue
        assert found.rows == list(range(1, len(found.rows) + 1))


def test_hostile_parquet_bytes_never_crash(tmp_path, read):
    good = parquet(tmp_path / "m.parquet", {"url": [f"http://x/{i}" for i in range(500)]})
    content = good.read_bytes()
    chance = random.Random(4)
    for _ in range(120):
        data = bytearray(content)
        for _ in range(chance.choice([1, 3, 40])):
            data[chance.randrange(len(data))] = chance.randrange(256)
        good.write_bytes(data)
        try:
            found = read(good)
        except (InputError, NothingToAuditError):
            continue
        assert found.rows == list(range(1, len(found.rows) + 1))


def test_text_in_parquet_that_is_no_utf_8(tmp_path, read):
    bad = pa.array([b"ok", b"\xff\xfe"]).view(pa.string())
    awkward = parquet(tmp_path / "a.parquet", pa.table([bad, bad], names=["url", "URL"]))
    plain = parquet(tmp_path / "b.parquet", {"url": bad})
    for path in (awkward, plain):
        with pytest.raises(InputError, match=path.name):
            read(path)
