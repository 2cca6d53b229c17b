from __future__ import annotations

import os
from pathlib import Path

import pytest

from sourcing_audit.errors import InputError, NothingToAuditError
from sourcing_audit.sources import dataset_name, discover


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("data/manifest.parquet", "manifest"),
        ("a/b.csv.gz", "b"),
        ("data/shards/*.parquet", "shards"),
        ("data/part-*.csv", "part"),
        ("data/part-[0-9]?.csv", "part"),
        ("hf:org/name@main", "name"),
        ("hf:org/name@refs/convert/parquet", "name"),
        ("folder/", "folder"),
        ("v1.2/", "v1.2"),
        ("..", "dataset"),
        ("../..", "dataset"),
        ("/", "dataset"),
        ("*", "dataset"),
        ("", "dataset"),
        (".csv", "csv"),
        ("a\\..\\b.csv", "b"),
        ("x\0y\n\x1b[31m.csv", "x-y-31m"),
        ("ünïcode ﷽.csv", "n-code"),
        ("-rf.csv", "rf"),
        ("a" * 300 + ".csv", "a" * 80),
    ],
)
def test_dataset_names_are_safe_as_folders(source, name):
    assert dataset_name(source) == name


def test_a_folder_holds_data_files_only(tmp_path):
    for name in (
        "b.csv",
        "a/x.parquet",
        "a/y.JSONL.GZ",
        ".hidden.csv",
        "_SUCCESS",
        "_temporary/z.csv",
        ".cache/q.csv",
        "README.md",
        "LICENSE",
        "dataset_info.json",
        "a/x.parquet.crc",
        "img.tar",
        "x.parquet.gz",
    ):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("x")
    found = [
        Path(shard.name).relative_to(tmp_path).as_posix()
        for shard in discover.shards([str(tmp_path)])
    ]
    assert found == ["a/x.parquet", "a/y.JSONL.GZ", "b.csv"]


def test_patterns_and_files_named_twice(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("b.csv", "a.csv", "c[1].csv", "n.txt"):
        Path(name).write_text("url\nx\n")
    names = [shard.name for shard in discover.shards(["*", "./a.csv", "c[1].csv"])]
    assert names == ["a.csv", "b.csv", "c[1].csv"]


def test_a_name_that_is_no_text(tmp_path):
    name = os.fsdecode(os.fsencode(tmp_path) + b"/\xff.csv")
    Path(name).write_text("url\na\n")
    with pytest.raises(InputError, match="rename"):
        discover.shards([name])
    with pytest.raises(InputError, match="rename"):
        discover.shards([str(tmp_path)])
    with pytest.raises(InputError, match="no such file"):
        discover.shards(["a\0b.csv"])


def test_what_is_not_there(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        discover.shards([str(tmp_path / "nope.csv")])
    with pytest.raises(NothingToAuditError, match="no input"):
        discover.shards([])
    with pytest.raises(NothingToAuditError, match="holds no data file"):
        discover.shards([str(tmp_path)])
    with pytest.raises(NothingToAuditError, match="no data file matches"):
        discover.shards([str(tmp_path / "*.csv")])
    (tmp_path / "m.xlsx").write_text("")
    with pytest.raises(InputError, match="not a known format"):
        discover.shards([str(tmp_path / "m.xlsx")])
