"""Credits for items whose manifests lie elsewhere: title, author and source come out."""

from __future__ import annotations

import csv
import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sourcing_audit import audit
from sourcing_audit.errors import InputError
from sourcing_audit.sources import huggingface

WORK = {
    "title": "Pier",
    "creator": "Ana",
    "page_url": "https://a.example/1",
    "url": "https://a.example/1.jpg",
    "license": "CC BY 4.0",
}
CREDIT = (
    "“Pier”, by Ana, https://a.example/1, licensed under Creative Commons Attribution 4.0"
    " (CC-BY-4.0), https://creativecommons.org/licenses/by/4.0/"
)


def parquet(*rows: dict[str, str]) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(list(rows)), out)
    return out.getvalue()


def credits_of(source: str, folder, **options) -> list[str]:
    with audit(source, as_of="2026-11-21", **options) as found:
        written = found.attribution(folder)
    with (folder / "attribution.csv").open(encoding="utf-8", newline="") as stream:
        told = [row["attribution"] for row in csv.DictReader(stream)]
    assert written.entries == len(told)
    assert "“Pier”, by Ana, <https://a.example/1>" in (folder / "attribution.md").read_text("utf-8")
    return told


def test_a_manifest_in_a_bucket(bucket, tmp_path):
    bucket.put("set/works.parquet", parquet(WORK, WORK | {"license": "CC0 1.0"}))
    assert credits_of("s3://works/set", tmp_path / "credits") == [CREDIT]


def test_a_manifest_in_a_bucket_that_was_changed_since(bucket, tmp_path):
    bucket.put("works.parquet", parquet(WORK))
    with audit("s3://works/works.parquet", as_of="2026-11-21") as found:
        bucket.put("works.parquet", parquet(WORK | {"creator": "Bo"}))
        with pytest.raises(InputError, match="changed"):
            found.attribution(tmp_path / "credits")
    assert not (tmp_path / "credits").exists()


def test_a_dataset_of_the_hub(tmp_path, monkeypatch):
    datasets = pytest.importorskip("datasets")
    stream = datasets.Dataset.from_list([WORK]).to_iterable_dataset()
    loaded = huggingface.Loaded("0" * 40, {"train": stream}, tmp_path)
    monkeypatch.setattr(huggingface, "load", lambda _wanted: loaded)
    assert credits_of("hf:org/name", tmp_path / "credits") == [CREDIT]
