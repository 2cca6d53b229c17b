from __future__ import annotations

import gzip
import hashlib
import io
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sourcing_audit import audit, registries
from sourcing_audit.errors import InputError, NothingToAuditError, RegistryError
from sourcing_audit.sources import remote
from tests.sources.remote.conftest import KEY, SECRET


def parquet(rows: list[dict[str, object]]) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), out)
    return out.getvalue()


def test_a_folder_is_read_in_the_order_of_a_folder_on_this_disk(bucket, read, tmp_path):
    keys = ["a/z.csv", "a-b.csv", "a.csv", "B.csv", "_SUCCESS.csv", ".hidden/x.csv", "notes.txt"]
    for key in keys:
        content = f"url\n{key}\n".encode()
        bucket.put(f"shards/{key}", content)
        (tmp_path / key).parent.mkdir(exist_ok=True)
        (tmp_path / key).write_bytes(content)
    expected = read(tmp_path).column("source_url")
    assert expected == ["B.csv", "a/z.csv", "a-b.csv", "a.csv"]
    assert read("s3://works/shards").column("source_url") == expected
    assert read("s3a://works/shards/").column("source_url") == expected
    assert read("s3://works").column("source_url") == expected


@pytest.mark.parametrize(
    ("pattern", "urls"),
    [
        ("shards/*.jsonl", ["1", "2"]),
        ("shards/**/*.jsonl", ["1", "2", "3"]),
        ("shards/part-?.jsonl", ["1", "2"]),
        ("shards/part-[2-9].jsonl", ["2"]),
        ("shards/odd[1].csv", ["odd"]),
    ],
)
def test_patterns(bucket, read, pattern, urls):
    for number, key in enumerate(["part-1.jsonl", "part-2.jsonl", "more/part-3.jsonl"], start=1):
        bucket.put(f"shards/{key}", json.dumps({"url": str(number)}).encode())
    bucket.put("shards/.hidden.jsonl", b'{"url": "hidden"}')
    bucket.put("shards/part-1.txt", b"")
    bucket.put("shards/odd[1].csv", b"url\nodd\n")
    assert sorted(read(f"s3://works/{pattern}").column("source_url")) == urls


def test_a_folders_documents_speak_for_its_items(bucket, read):
    bucket.put("set/README.md", b"---\nlicense: mit\n---\nFor non-commercial use only.\n")
    bucket.put("set/LICENSE", b"SPDX-License-Identifier: MIT\n")
    bucket.put("set/data/README.md", b"---\nlicense: other\n---\n")
    bucket.put("set/data/a.csv", b"url\na\n")
    license_, card = read("s3://works/set").ingested.cards
    assert license_.path == "s3://works/set/LICENSE"
    assert (card.path, card.declared) == ("s3://works/set/README.md", ("mit",))
    assert [quote.text for quote in card.prose] == ["For non-commercial use only."]
    assert read("s3://works/set/data/a.csv").ingested.cards == ()


def test_documents_beyond_those_that_are_read_are_counted(bucket, read):
    for number in range(23):
        bucket.put(f"LICENSE-{number:02}.txt", b"text")
    bucket.put("a.csv", b"url\na\n")
    *_, last = read("s3://works").ingested.cards
    assert last.path == "s3://works"
    assert last.problems == ("the folder holds 23 documents; only 20 were read",)


def test_a_shard_that_cant_be_read_is_quarantined(bucket, read):
    bucket.put("a.parquet", parquet([{"url": "a"}]))
    bucket.put("b.parquet", b"PAR1 and nothing of the kind")
    bucket.put("c.jsonl.gz", gzip.compress(b'{"url": "c"}\n')[:-6])
    bucket.put("d.csv", b"")
    found = read("s3://works")
    assert found.column("source_url") == ["a"]
    assert [(row["shard"], row["reason"]) for row in found.quarantine] == [
        ("s3://works/b.parquet", "file_unreadable"),
        ("s3://works/c.jsonl.gz", "file_unreadable"),
        ("s3://works/d.csv", "file_empty"),
    ]


def test_columns_that_the_engine_cant_tell_apart(bucket, read):
    out = io.BytesIO()
    table = pa.table([["a", "b"], ["1", "2"]], names=["url", "URL"])
    pq.write_table(table, out)
    bucket.put("a.parquet", out.getvalue())
    assert read("s3://works/a.parquet").column("source_url") == ["a", "b"]


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("s3://nowhere/a.csv", "there is no such file, folder or bucket"),
        ("s3://works/none.csv", "there is no such file, folder or bucket"),
        ("s3://works/a.txt", "not a known format"),
        ("s3://works/croissant.json", "not a known format"),
        ("s3://works/saved", "a dataset saved to disk is read from this disk only"),
        ("s3://AKIA:hush@works/a.csv", "credentials don't belong into an address"),
    ],
)
def test_what_cant_be_read_is_said_in_one_line(bucket, read, address, said):
    bucket.put("a.txt", b"text")
    bucket.put("croissant.json", b"{}")
    bucket.put("saved/state.json", b"{}")
    bucket.put("saved/data.arrow", b"")
    with pytest.raises(InputError, match=said) as caught:
        read(address)
    assert caught.value.message.startswith(f"{remote.shown(address)}: ")
    assert "hush" not in str(caught.value)
    assert caught.value.fix


@pytest.mark.parametrize("address", ["s3://works/a", "s3://works/a/*.csv"])
def test_nothing_to_audit(bucket, read, address):
    bucket.put("a/b.txt", b"text")
    with pytest.raises(NothingToAuditError, match=r"no file matches|no data file"):
        read(address)


def test_no_credentials(bucket, read, monkeypatch):
    bucket.put("a.csv", b"url\na\n", public=True)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with pytest.raises(InputError, match=r"s3://works/a.csv: no credentials were found"):
        read("s3://works/a.csv")
    # What FSSPEC_S3_ANON=true becomes.
    monkeypatch.setattr("fsspec.config.conf", {"s3": {"anon": "true"}})
    assert read("s3://works/a.csv").column("source_url") == ["a"]


def test_a_new_version_stops_further_pieces(bucket):
    """The store itself is asked for the version that was opened, and for no other."""
    pytest.importorskip("s3fs")
    bucket.put("a.csv", b"url\n" + b"a\n" * 10)
    (file,) = remote.find("s3://works/a.csv").files
    assert file.fetch(0, 3) == b"url"
    bucket.put("a.csv", b"URL\n" + b"b\n" * 10)
    with pytest.raises(Exception, match="another version took its place"):
        file.require_unchanged()


def test_an_audit_explains_and_filters_what_lies_in_a_bucket(bucket, tmp_path):
    rows = [
        {"url": f"https://x.org/{i}", "license": ["cc0-1.0", "nobody knows"][i % 2]}
        for i in range(6)
    ]
    bucket.put("set/a.parquet", parquet(rows[:4]))
    bucket.put("set/b.parquet", parquet(rows[4:]))
    with audit("s3://works/set/*.parquet", as_of="2026-11-21") as done:
        first, _ = done.report.dataset.inputs
        assert (first.name, first.sha256) == ("s3://works/set/a.parquet", None)
        assert first.version is not None
        assert first.version.startswith("etag:")
        (explained,) = done.explain("s3://works/set/b.parquet:1")
        assert explained.finding["status"] == "public_domain_or_cc"
        target = tmp_path / "some.parquet"
        assert done.filter(target, statuses=["public_domain_or_cc"]) == 3
        assert pq.read_table(target).to_pylist() == rows[::2]
        saved = done.save(tmp_path / "out")
        written = "".join(
            path.read_text(encoding="utf-8", errors="replace")
            for path in saved.rglob("*")
            if path.is_file()
        )
        assert first.version in written
        assert KEY not in written
        assert SECRET not in written
        bucket.put("set/b.parquet", parquet(rows[3:]))
        with pytest.raises(InputError, match=r"b\.parquet: has changed since the audit"):
            done.filter(target, statuses=["public_domain_or_cc"])


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl.gz"])
def test_text_in_a_bucket_is_filtered_as_it_stands(bucket, tmp_path, name):
    text = {
        "a.csv": b"url,license,note\nu,cc0-1.0,kept as it is\nv,unknown,\n",
        "a.jsonl.gz": gzip.compress(b'{"url": "u", "license": "cc0-1.0"}\n{"url": "v"}\n'),
    }[name]
    bucket.put(name, text)
    with audit(f"s3://works/{name}", as_of="2026-11-21") as done:
        target = tmp_path / name
        assert done.filter(target, statuses=["public_domain_or_cc"]) == 1
    content = gzip.decompress(target.read_bytes()) if name.endswith(".gz") else target.read_bytes()
    plain = gzip.decompress(text) if name.endswith(".gz") else text
    assert content in plain
    assert b"u" in content


def test_the_command_line_takes_addresses(bucket, run, tmp_path):
    bucket.put("a.csv", b"url,license\nu,cc0-1.0\n")
    out = tmp_path / "out"
    ran = run("audit", "s3://works/a.csv", "-o", out, "--fail-on", "never")
    assert ran.code == 0, ran.err
    report = json.loads((out / "report.json").read_text())
    assert report["dataset"]["name"] == "a"
    assert run("audit", "s3://works/none.csv", "-o", out).err.startswith("s3://works/none.csv: ")


def test_addresses_stand_in_audit_toml_as_they_are(bucket, run, tmp_path):
    bucket.put("a.csv", b"url,license\nu,cc0-1.0\n")
    config = tmp_path / "audit.toml"
    config.write_text(
        'fail_on = "never"\noutput = "out"\n[[dataset]]\nsource = "s3://works/a.csv"\n'
    )
    ran = run("audit", "-c", config)
    assert ran.code == 0, ran.err
    assert (tmp_path / "out" / "report.json").exists()


def test_what_to_install_is_said(read, monkeypatch):
    fsspec = pytest.importorskip("fsspec")

    def missing(*_: object, **__: object) -> None:
        raise ImportError("Install s3fs to access S3")

    monkeypatch.setattr(fsspec, "filesystem", missing)
    with pytest.raises(InputError, match="needs packages") as caught:
        read("s3://works/a.csv")
    assert caught.value.fix == "pip install 'sourcing-audit[remote]'"
    with pytest.raises(InputError, match="needs packages") as caught:
        read("hf://datasets/org/name")
    assert caught.value.fix == "pip install 'sourcing-audit[huggingface]'"


def test_registries_may_lie_elsewhere(bucket, tmp_path):
    bucket.put("a.csv", b"url,license\nhttps://x.org/1,cc0-1.0\nhttps://x.org/2,cc0-1.0\n")
    export = b"record_id,subject_kind,subject_value,decision,declarant_role,declared_at\n1,url,https://x.org/1,deny,creator,2025-01-01T00:00:00Z\n"
    bucket.put("optouts.csv", export)
    with audit(
        "s3://works/a.csv", registries=["s3://works/optouts.csv"], as_of="2026-11-21"
    ) as done:
        assert sorted(done.to_pandas().status) == ["opted_out", "public_domain_or_cc"]
        (registry,) = done.report.registries
    assert (registry.name, registry.path) == ("optouts", "s3://works/optouts.csv")
    assert registry.sha256 == hashlib.sha256(export).hexdigest()


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("s3://works/none.csv", r"s3://works/none.csv: there is no such file"),
        ("canonical:s3://works", r"s3://works: stands for several files"),
        ("canonical:s3://works/a.csv", r"s3://works/a\.csv: no column"),
    ],
)
def test_a_registry_that_cant_be_had_stops_the_audit(bucket, spec, said):
    bucket.put("a.csv", b"url\na\n")
    with pytest.raises(RegistryError, match=said):
        audit("s3://works/a.csv", registries=[spec])


def test_registries_elsewhere_are_checked_on_this_disk_only():
    with pytest.raises(RegistryError, match=r"https://host/a\.csv: an address is read by an audit"):
        registries.parse("canonical:https://u:p@host/a.csv?x=y")
