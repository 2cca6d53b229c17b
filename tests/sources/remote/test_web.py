from __future__ import annotations

import gzip
import hashlib
import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sourcing_audit.errors import InputError, NothingToAuditError
from sourcing_audit.sources import dataset_name, remote
from sourcing_audit.sources.remote import files, readers

pytest.importorskip("aiohttp")

ROWS = 20_000


@pytest.fixture(scope="module")
def wide() -> bytes:
    """Parquet of two small columns, and one that makes up nearly all of it."""
    unlike = [hashlib.sha512(str(i).encode()).digest() * 4 for i in range(ROWS)]
    table = pa.table(
        {
            "url": [f"https://example.org/{i}" for i in range(ROWS)],
            "license": ["cc0-1.0"] * ROWS,
            "pixels": pa.array(unlike, pa.binary()),
        }
    )
    out = io.BytesIO()
    pq.write_table(table, out, row_group_size=ROWS // 4, compression="none")
    return out.getvalue()


def test_only_the_columns_that_are_wanted_are_downloaded(web, read, wide):
    web.files["/works.parquet"] = wide
    found = read(f"{web.address}/works.parquet")
    assert found.column("source_url") == [f"https://example.org/{i}" for i in range(ROWS)]
    assert found.column("license_raw")[-1] == "cc0-1.0"
    groups = pq.read_metadata(io.BytesIO(wide)).to_dict()["row_groups"]
    wanted = sum(
        column["total_compressed_size"] for group in groups for column in group["columns"][:2]
    )
    footers = 2 * 2**16
    assert web.sent < wanted + footers + 100 < len(wide) / 5
    shard = found.ingested.shards[0]
    assert (shard.size, shard.sha256) == (len(wide), None)
    assert shard.version == f"etag:{web.tag(wide)}"


def test_a_remote_file_gives_what_the_same_file_gives_on_this_disk(web, read, wide, tmp_path):
    (tmp_path / "works.parquet").write_bytes(wide)
    web.files["/works.parquet"] = wide
    here, there = read(tmp_path / "works.parquet"), read(f"{web.address}/works.parquet")
    for item in (*here.items, *there.items):
        del item["shard"]
    assert here.items == there.items
    assert here.ingested.unused_columns == there.ingested.unused_columns


@pytest.mark.parametrize(("pieces", "tagged"), [(False, True), (True, False)])
def test_what_cant_be_had_in_pieces_or_has_no_version_is_copied(web, read, wide, pieces, tagged):
    web.pieces, web.tagged = pieces, tagged
    web.files["/works.parquet"] = wide
    found = read(f"{web.address}/works.parquet")
    assert len(found.items) == ROWS
    assert found.ingested.shards[0].sha256 == hashlib.sha256(wide).hexdigest()


@pytest.mark.parametrize("pieces", [True, False])
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("works.jsonl", b'{"url": "a"}\n{"url": "b"}\n'),
        ("works.jsonl.gz", gzip.compress(b'{"url": "a"}\n{"url": "b"}\n')),
        ("works.csv", b"url,license\na,mit\nb,mit\n"),
        ("works.tsv.gz", gzip.compress(b"url\tlicense\na\tmit\nb\tmit\n")),
    ],
)
def test_text_is_streamed_and_its_digest_taken(web, read, name, content, pieces):
    web.pieces = pieces
    web.files[f"/{name}"] = content
    found = read(f"{web.address}/{name}")
    assert found.column("source_url") == ["a", "b"]
    assert found.ingested.shards[0].sha256 == hashlib.sha256(content).hexdigest()


def test_arrow_files_are_read(web, read):
    out = io.BytesIO()
    table = pa.table({"url": ["a", "b"]})
    with pa.ipc.new_file(out, table.schema) as writer:
        writer.write_table(table)
    web.files["/works.arrow"] = out.getvalue()
    assert read(f"{web.address}/works.arrow").column("source_url") == ["a", "b"]


def test_large_text_is_never_held_as_a_whole(web, read, monkeypatch):
    web.files["/works.jsonl"] = b'{"url": "a"}\n' * 1_000_000
    longest = []
    piece = files.RemoteFile.fetch
    monkeypatch.setattr(
        files.RemoteFile,
        "fetch",
        lambda self, start, end: longest.append(end - start) or piece(self, start, end),
    )
    assert read(f"{web.address}/works.jsonl").ingested.shards[0].items == 1_000_000
    assert max(longest) <= readers.BLOCK


@pytest.mark.parametrize("pieces", [True, False])
def test_interrupted_reads_are_taken_up_again(web, read, pieces):
    content = b"url,license\n" + b"a,mit\n" * 100_000
    web.pieces = pieces
    web.files["/works.csv"] = content
    web.broken = readers.TRIES - 1
    found = read(f"{web.address}/works.csv")
    assert found.ingested.shards[0].items == 100_000
    assert found.ingested.shards[0].sha256 == hashlib.sha256(content).hexdigest()
    assert web.broken == 0


@pytest.mark.parametrize("name", ["works.csv", "works.jsonl", "works.parquet"])
def test_tries_are_bounded(web, read, wide, name):
    web.files[f"/{name}"] = wide
    web.broken = 1_000
    with pytest.raises(InputError, match=r"cut short|broke off") as caught:
        read(f"{web.address}/{name}")
    assert str(caught.value).startswith(f"{web.address}/{name}: ")
    assert "\n  how to fix: " in str(caught.value)
    assert len(web.asked) < 60


def test_a_file_that_changes_meanwhile_is_not_read(web, read, wide):
    web.files |= {"/works.parquet": wide, "/other.csv": b"url\na\n"}

    def replace(method: str, path: str) -> None:
        if path == "/works.parquet" and len(web.asked) > 8:
            web.files["/works.parquet"] = wide[:-8] + b"\0\0\0\0PAR1"

    web.before = replace
    found = read(f"{web.address}/works.parquet", f"{web.address}/other.csv")
    assert [(row["shard"], row["reason"]) for row in found.quarantine] == [
        (f"{web.address}/works.parquet", "file_changed")
    ]
    assert found.ingested.shards[0].unreadable


def test_a_text_that_changes_between_its_two_readings_is_not_read(web, read):
    web.files["/works.jsonl"] = b'{"url": "a"}\n'
    web.tagged = False

    def replace(method: str, path: str) -> None:
        if web.sent:
            web.files["/works.jsonl"] = b'{"url": "b"}\n'

    web.before = replace
    with pytest.raises(InputError, match="another version"):
        read(f"{web.address}/works.jsonl")


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (401, "permission is denied"),
        (403, "permission is denied"),
        (404, "no such file"),
        (500, "answered 500"),
        (503, "answered 503"),
    ],
)
def test_what_a_server_refuses_is_said_in_one_line(web, read, status, said):
    web.statuses["/works.csv"] = status
    with pytest.raises(InputError, match=said) as caught:
        read(f"{web.address}/works.csv?token=hush")
    assert caught.value.message.startswith(f"{web.address}/works.csv: ")
    assert "hush" not in str(caught.value)
    assert "\n" not in caught.value.message


def test_a_server_that_isnt_there(web, read):
    with pytest.raises(InputError, match="can't be reached"):
        read("http://127.0.0.1:9/works.csv")


def test_secrets_of_addresses_are_shown_nowhere(web, read, wide):
    web.files["/works.parquet"] = wide
    web.files["/bad.csv"] = b""
    host = web.address.removeprefix("http://")
    signed = f"http://user:pass@{host}/works.parquet?X-Amz-Signature=hush%2Fhush#part"
    found = read(signed, f"{web.address}/bad.csv?token=hush")
    name = f"{web.address}/works.parquet"
    assert [shard.name for shard in found.ingested.shards] == [name, f"{web.address}/bad.csv"]
    assert {item["shard"] for item in found.items} == {name}
    assert not [
        text for text in ("hush", "pass") if text in str((found.ingested, found.quarantine))
    ]
    assert any("hush%2Fhush" in address for _, address in web.asked)


def test_addresses_that_differ_in_their_query_are_different_files(web, read):
    web.files["/works.csv"] = b"url\na\n"
    one, other = f"{web.address}/works.csv?part=1", f"{web.address}/works.csv?part=2"
    found = read(one, other, one)
    name = f"{web.address}/works.csv"
    assert [shard.name for shard in found.ingested.shards] == [name, f"{name}#2"]
    assert [item["shard"] for item in found.items] == [name, f"{name}#2"]


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/*.csv", "can't be asked for its files"),
        ("/works", "not a known format"),
        ("/card.json", "not a known format"),
    ],
)
def test_what_isnt_a_data_file_is_refused(web, read, path, said):
    web.files |= {"/works": b"", "/card.json": b"{}"}
    with pytest.raises(InputError, match=said):
        read(f"{web.address}{path}")


def test_nothing_else_is_fetched(web, read):
    web.files["/works.csv"] = f"url,license_url\n{web.address}/a,{web.address}/b\n".encode()
    read(f"{web.address}/works.csv")
    assert {path for _, path in web.asked} == {"/works.csv"}


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("https://example.org/a/works.csv.gz?x=1", "works"),
        ("s3://bucket/prefix/*.parquet", "prefix"),
        ("s3://bucket", "bucket"),
        ("hf://datasets/org/name@main", "name"),
        ("hf://datasets/org/name@main/data/train.parquet", "train"),
    ],
)
def test_a_datasets_name_comes_from_its_address(source, name):
    assert dataset_name(source) == name


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://u:p@host:80/a%20b.csv?x=y#z", "https://host:80/a%20b.csv"),
        ("HTTPS://host?x=y", "https://host"),
        ("s3://bucket/a?b#c.csv", "s3://bucket/a?b#c.csv"),
        ("s3://key:secret@bucket/a.csv", "s3://bucket/a.csv"),
        ("other://u:p@host/a?b", "other://host/a"),
        ("works.csv", "works.csv"),
    ],
)
def test_what_of_an_address_is_shown(address, shown):
    assert remote.shown(address) == shown


def test_a_store_that_isnt_known(read):
    with pytest.raises(InputError, match=r"ftp://host/a\.csv: ftp:// isn't read"):
        read("ftp://u:p@host/a.csv")


def test_an_empty_pattern_is_no_dataset(bucket, read):
    with pytest.raises(NothingToAuditError, match=r"s3://works/\*\.csv: no file matches"):
        read("s3://works/*.csv")


def test_no_piece_is_too_long(web, monkeypatch):
    monkeypatch.setattr(readers, "LARGEST", 10)
    web.files["/works.parquet"] = bytes(range(256))
    (file,) = remote.find(f"{web.address}/works.parquet").files
    reader = file.open()
    assert reader.seek(-30, io.SEEK_END) == 226
    assert reader.read(25) == bytes(range(226, 251))
    assert reader.tell() == 251
    assert reader.read(25) == bytes(range(251, 256))
    assert reader.read(25) == b""
    assert web.sent == 31
