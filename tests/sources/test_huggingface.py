from __future__ import annotations

import builtins
import json

import datasets
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sourcing_audit.errors import InputError
from sourcing_audit.sources import cards, huggingface, write_subset


@pytest.fixture
def hub(tmp_path, monkeypatch):
    """A dataset as the hub would give it, from local files."""
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    features = datasets.Features(
        {
            "url": datasets.Value("string"),
            "license": datasets.List(datasets.Value("string")),
            "n": datasets.Value("int64"),
            "image": datasets.Image(),
        }
    )
    rows = {
        "url": ["a", "b", "c"],
        "license": [["mit"], ["cc0-1.0"], []],
        "n": [1, 2, 3],
        "image": [{"bytes": b"no image, so decoding it would fail", "path": None}] * 3,
    }
    table = pa.table(rows, schema=features.arrow_schema)
    files = {"train": str(tmp_path / "train.parquet"), "test": str(tmp_path / "test.parquet")}
    for path in files.values():
        pq.write_table(table, path)
    asked = []

    def load(wanted):
        asked.append(wanted)
        loaded = datasets.load_dataset(
            "parquet", data_files=files, streaming=True, cache_dir=str(tmp_path / "cache")
        )
        splits = {name: huggingface.resolved(split) for name, split in loaded.items()}
        documents = tmp_path / "documents"
        documents.mkdir(exist_ok=True)
        # In the hub's cache, files are links to where their content lies.
        (tmp_path / "blob").write_text("---\nlicense: [mit, other]\n---\nFor research use only.\n")
        if not (documents / "README.md").exists():
            (documents / "README.md").symlink_to(tmp_path / "blob")
        (documents / "LICENSE").write_text("SPDX-License-Identifier: MIT\n")
        return huggingface.Loaded("c0ffee", splits, documents)

    monkeypatch.setattr(huggingface, "load", load)
    return asked


def test_splits_are_streamed_with_the_cards_licence(hub, read):
    found = read("hf:org/name@main")
    assert hub == [huggingface.Source("org/name", None, None, "main")]
    assert found.column("source_url") == ["a", "b", "c"] * 2
    assert found.column("license_raw") == ['["mit"]', '["cc0-1.0"]', "[]"] * 2
    assert found.column("split") == ["train"] * 3 + ["test"] * 3
    text, card = found.ingested.cards
    assert text.path == "hf:org/name@c0ffee/LICENSE"
    assert text.license_text == "SPDX-License-Identifier: MIT"
    assert card.path == "hf:org/name@c0ffee/README.md"
    assert card.declared == ("mit", "other")
    assert [quote.text for quote in card.prose] == ["For research use only."]
    assert found.ingested.unused_columns == ("n", "image")
    shard = found.ingested.shards[0]
    assert shard.name == "hf:org/name/default/train@c0ffee"
    assert (shard.size, shard.sha256, shard.items) == (None, None, 3)
    assert [one.name for one in read("hf:org/name/default/test").ingested.shards] == [
        "hf:org/name/default/test@c0ffee"
    ]


def test_a_subset_is_streamed_to_parquet(hub, read, engine, tmp_path):
    found = read("hf:org/name/default/train")
    items = found.ingested.items
    keep = items.filter(items.source_url == "b").select("shard", "row")
    output = tmp_path / "out.parquet"
    assert write_subset(engine, found.ingested.shards, keep, output) == 1
    assert hub[-1] == huggingface.Source("org/name", "default", "train", "c0ffee")
    assert pq.read_table(output).column("n").to_pylist() == [2]
    assert b"Image" in pq.read_schema(output).metadata[b"huggingface"]


def test_what_is_not_there(hub, read, monkeypatch):
    assert hub == []
    with pytest.raises(InputError, match=r"no such split\n.*train, test"):
        read("hf:org/name/default/nope")
    with pytest.raises(InputError, match="hf:ORG/NAME@REVISION"):
        read("hf:../../etc/passwd x")

    def refuse(_wanted):
        raise ConnectionError("no network\nat all")

    monkeypatch.setattr(huggingface, "load", refuse)
    with pytest.raises(InputError, match="ConnectionError: no network"):
        read("hf:org/name")


def test_a_missing_extra_says_what_to_install(read, monkeypatch):
    real = builtins.__import__

    def refuse(name, *args, **kwargs):
        if name in {"datasets", "huggingface_hub"}:
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(InputError, match=r"pip install 'sourcing-audit\[huggingface\]'"):
        read("hf:org/name")


def test_a_stream_that_breaks_off(hub, read, monkeypatch):
    def broken(_self, _columns):
        raise ConnectionError("gone")
        yield

    monkeypatch.setattr(huggingface.Split, "batches", broken)
    with pytest.raises(InputError, match="gone"):
        read("hf:org/name")
    assert hub


@pytest.mark.parametrize(
    ("readme", "expected"),
    [
        ("---\nlicense: cc-by-4.0\n---\ntext", ["cc-by-4.0"]),
        ("---\r\nlicense: 'cc-by-4.0' # why\r\n---\r\n", ["cc-by-4.0"]),
        ("---\nlicense:\n- mit\n- cc0-1.0\ntags: [a]\n---\n", ["mit", "cc0-1.0"]),
        ("---\nlicense: [mit, 'apache-2.0']\n---\n", ["mit", "apache-2.0"]),
        ("---\nlicense: [mit]\n---\n", ["mit"]),
        ("---\nlicense: other\nlicense_name: my licence\n---\n", ["my licence"]),
        ("---\ntags:\n- license: no\n---\nlicense: mit\n", []),
        ("license: mit\n", []),
        ("---\nlicense:\n---\n", []),
        ("", []),
        ("---\n" + "a" * 400_000, []),
    ],
)
def test_the_licence_of_a_local_card(tmp_path, read, readme, expected):
    (tmp_path / "README.md").write_text(readme, newline="")
    (tmp_path / "m.csv").write_text("url\na\n")
    (card,) = read(tmp_path).ingested.cards
    assert list(card.declared) == expected
    assert read(tmp_path / "m.csv").ingested.cards == ()


def test_a_card_of_some_files_declares_nothing_for_all(tmp_path, read):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "m.csv").write_text("url\na\n")
    (tmp_path / "one" / "README.md").write_text("---\nlicense: cc0-1.0\n---\n")
    (card,) = read(tmp_path / "one", tmp_path / "two").ingested.cards
    assert card.declared == ()
    assert "some of the files only" in card.problems[0]


def test_the_licence_of_a_saved_dataset(tmp_path, read):
    dataset = datasets.Dataset.from_dict({"url": ["a"]})
    dataset.info.license = "cc-by-4.0"
    dataset.save_to_disk(tmp_path / "saved")
    (card,) = read(tmp_path / "saved").ingested.cards
    assert card.declared == ("cc-by-4.0",)
    (tmp_path / "saved" / "dataset_info.json").write_text(json.dumps([1]))
    assert cards.of_folder(tmp_path / "saved")[0].declared == ()
