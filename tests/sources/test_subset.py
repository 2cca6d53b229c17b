from __future__ import annotations

import bz2
import csv
import gzip
import json
import lzma
from pathlib import Path

import datasets
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sourcing_audit.errors import ConfigError, InputError, NothingToAuditError, OutputError
from sourcing_audit.sources import write_subset


@pytest.fixture
def subset(engine, read, tmp_path):
    """Keep the rows whose `source_url` is wanted."""

    def run(inputs, output, wanted):
        found = read(*inputs, mapping={"source_url": "url"})
        items = found.ingested.items
        keep = items.filter(items.source_url.isin(wanted)).select("shard", "row")
        return write_subset(engine, found.ingested.shards, keep, tmp_path / output)

    return run


def test_parquet_keeps_schema_and_metadata(tmp_path, subset):
    schema = pa.schema(
        [
            pa.field("url", pa.string(), metadata={"a": "b"}),
            pa.field("tags", pa.list_(pa.struct([("x", pa.int8())]))),
        ],
        metadata={"huggingface": "{}"},
    )
    rows = [{"url": str(i), "tags": [{"x": i % 100}]} for i in range(1000)]
    paths = [tmp_path / "a.parquet", tmp_path / "b.parquet"]
    for path, part in zip(paths, (rows[:600], rows[600:]), strict=True):
        table = pa.Table.from_pylist(part, schema=schema)
        pq.write_table(table, path, row_group_size=100, compression="gzip")
    assert subset(paths, "out.parquet", ["5", "601", "999"]) == 3
    written = pq.ParquetFile(tmp_path / "out.parquet")
    assert written.schema_arrow.equals(pq.read_schema(paths[0]), check_metadata=True)
    assert written.schema_arrow.metadata == schema.metadata
    assert written.read().to_pylist() == [rows[5], rows[601], rows[999]]
    assert written.metadata.row_group(0).column(0).compression == "GZIP"


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_csv_is_copied_as_it_stands(tmp_path, subset, newline):
    lines = ["url;note; x ", 'a;"two\nlines"; 1', "b;plain;2", "", 'c;"say ""hi""";3', "d;é;4"]
    (tmp_path / "m.csv").write_bytes(newline.join(lines).encode())
    assert subset([tmp_path / "m.csv"], "out.csv", ["a", "c", "d"]) == 3
    expected = [lines[i] for i in (0, 1, 4, 5)]
    written = (tmp_path / "out.csv").read_bytes()
    assert written.rstrip(b"\r\n") == newline.join(expected).encode()


def test_csv_among_bad_records(tmp_path, subset):
    content = 'url,n\na,1\nbad\nb,"open\nc,3\n\nd,5" x\n"e","x"y\nf,6\n'
    (tmp_path / "m.csv").write_text(content)
    assert subset([tmp_path / "m.csv"], "out.csv", ["c", "d", "f"]) == 3
    assert (tmp_path / "out.csv").read_text() == 'url,n\nc,3\nd,5" x\nf,6\n'


def test_tsv_shards_become_one_file(tmp_path, subset):
    (tmp_path / "a.tsv").write_text("url\tn\na\t1\nb\t2")
    (tmp_path / "b.tsv").write_text("url\tn\nc\t3\n")
    assert subset([tmp_path / "a.tsv", tmp_path / "b.tsv"], "out.tsv", ["b", "c"]) == 2
    assert (tmp_path / "out.tsv").read_text() == "url\tn\nb\t2\nc\t3\n"


def test_jsonl_lines_stay_as_they_are(tmp_path, subset):
    lines = ['{"url":  "a", "n": 1.50}', "", '{"url": "b"}', "nope", ' {"n": 1e9, "url": "c"}']
    (tmp_path / "m.jsonl").write_text("\n".join(lines))
    assert subset([tmp_path / "m.jsonl"], "out.jsonl", ["a", "c"]) == 2
    assert (tmp_path / "out.jsonl").read_text() == f"{lines[0]}\n{lines[4]}\n"


@pytest.mark.parametrize(
    ("suffix", "unpack"),
    [(".gz", gzip.decompress), (".bz2", bz2.decompress), (".xz", lzma.decompress), (".zst", None)],
)
def test_compression_by_the_outputs_suffix(tmp_path, subset, suffix, unpack):
    (tmp_path / "m.csv").write_text("url\na\nb\n")
    written = []
    for name in ("one", "two"):
        assert subset([tmp_path / "m.csv"], f"{name}.csv{suffix}", ["b"]) == 1
        written.append((tmp_path / f"{name}.csv{suffix}").read_bytes())
    assert written[0] == written[1]
    if unpack is None:
        content = pa.input_stream(tmp_path / "one.csv.zst", compression="zstd").read()
    else:
        content = unpack(written[0])
    assert content == b"url\nb\n"


def test_a_saved_dataset_becomes_another(tmp_path, subset):
    features = datasets.Features({"url": datasets.Value("string"), "k": datasets.ClassLabel(2)})
    rows = {"url": ["a", "b", "c"], "k": [0, 1, 1]}
    dataset = datasets.Dataset.from_dict(rows, features=features)
    dataset.save_to_disk(tmp_path / "one", num_shards=2)
    assert subset([tmp_path / "one"], "kept", ["b", "c"]) == 2
    kept = datasets.load_from_disk(tmp_path / "kept")
    assert kept.features == features
    assert kept["url"][:] == ["b", "c"]
    both = datasets.DatasetDict({"train": dataset, "test": dataset})
    both.save_to_disk(tmp_path / "two")
    assert subset([tmp_path / "two"], "kept2", ["a"]) == 2
    assert datasets.load_from_disk(tmp_path / "kept2")["test"]["url"][:] == ["a"]
    with pytest.raises(OutputError):
        subset([tmp_path / "one"], "kept", ["b"])


def test_arrow_files(tmp_path, subset):
    table = pa.table({"url": ["a", "b"]})
    with pa.ipc.new_file(tmp_path / "m.arrow", table.schema) as writer:
        writer.write_table(table)
    assert subset([tmp_path / "m.arrow"], "out.arrow", ["b"]) == 1
    assert pa.ipc.open_stream(tmp_path / "out.arrow").read_all().to_pylist() == [{"url": "b"}]
    with pytest.raises(ConfigError, match="saved dataset"):
        subset([tmp_path / "m.arrow"], "folder", ["b"])


def test_what_is_refused(tmp_path, engine, read, subset):
    one = tmp_path / "m.csv"
    one.write_text("url\na\n")
    other = tmp_path / "m.jsonl"
    other.write_text('{"url": "b"}\n')
    with pytest.raises(ConfigError, match="several formats"):
        subset([one, other], "out.csv", ["a"])
    with pytest.raises(ConfigError, match=r"\.csv"):
        subset([one], "out.parquet", ["a"])
    with pytest.raises(ConfigError, match="is an input"):
        subset([one], "m.csv", ["a"])
    (tmp_path / "n.csv").write_text("url,x\nb,1\n")
    with pytest.raises(ConfigError, match="different columns"):
        subset([one, tmp_path / "n.csv"], "out.csv", ["a", "b"])
    assert not (tmp_path / "out.csv").exists()
    found = read(one)
    keep = found.ingested.items.select("shard", "row")
    one.write_text("url\nz\n")
    with pytest.raises(InputError, match="has changed since the audit"):
        write_subset(engine, found.ingested.shards, keep, tmp_path / "out.csv")
    one.unlink()
    with pytest.raises(InputError, match="no such file"):
        write_subset(engine, found.ingested.shards, keep, tmp_path / "out.csv")


def test_many_rows(tmp_path, engine, read):
    numbers = range(100_000)
    (tmp_path / "m.csv").write_text("url,n\n" + "".join(f'{i},"a\nb"\n' for i in numbers))
    (tmp_path / "m.jsonl").write_text("".join(json.dumps({"url": str(i)}) + "\n" for i in numbers))
    wanted = [str(i) for i in numbers if str(i).endswith(("3", "4", "77"))]
    for name in ("m.csv", "m.jsonl"):
        found = read(tmp_path / name, mapping={"source_url": "url"})
        url = found.ingested.items.source_url
        keep = found.ingested.items.filter(
            url.endswith("3") | url.endswith("4") | url.endswith("77")
        )
        output = tmp_path / name.replace("m", "out")
        assert write_subset(engine, found.ingested.shards, keep, output) == len(wanted)
    with (tmp_path / "out.csv").open(newline="") as stream:
        assert [row["url"] for row in csv.DictReader(stream)] == wanted
    with (tmp_path / "out.jsonl").open() as stream:
        assert [json.loads(line)["url"] for line in stream] == wanted


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.sampled_from([b",", b"\n", b"\r\n", b'"', b"a", b"b", b"\xff", b"x,1\n", b'"y",2\n']),
        max_size=40,
    ).map(b"".join)
)
def test_what_is_kept_is_read_back(tmp_path, engine, read, body):
    path = Path(tmp_path / "m.csv")
    path.write_bytes(b"url,n\nfirst,1\n" + body)
    before = read(path, mapping={"source_url": "url", "title": "n"})
    keep = before.ingested.items.select("shard", "row")
    output = tmp_path / "out.csv"
    assert write_subset(engine, before.ingested.shards, keep, output) == len(before.items)
    try:
        after = read(output, mapping={"source_url": "url", "title": "n"})
    except NothingToAuditError:
        assert not before.items
        return
    for column in ("source_url", "title"):
        assert after.column(column) == before.column(column)
    assert not after.quarantine
