"""Files on the Hugging Face hub and in Google's store, from servers on this machine."""

from __future__ import annotations

import io
import json
from urllib.parse import parse_qs

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sourcing_audit.errors import InputError

COMMIT = "c0ffee" + "0" * 34


def parquet(urls: list[str]) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table({"url": urls}), out)
    return out.getvalue()


@pytest.fixture
def hub(web, monkeypatch):
    """The dataset org/name with a card and two files, as the hub's own library asks for it."""
    pytest.importorskip("huggingface_hub")
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", web.address)
    monkeypatch.setattr(
        "huggingface_hub.constants.HUGGINGFACE_CO_URL_TEMPLATE",
        f"{web.address}/{{repo_id}}/resolve/{{revision}}/{{filename}}",
    )
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    content = {
        "README.md": b"---\nlicense: mit\n---\n",
        "data/a.parquet": parquet(["a"]),
        "data/b.parquet": parquet(["b"]),
    }
    entries = {
        path: {"type": "file", "path": path, "size": len(body), "oid": "0" * 40}
        for path, body in content.items()
    }
    entries["data"] = {"type": "directory", "path": "data", "oid": "1" * 40}
    info = json.dumps({"_id": "1", "id": "org/name", "sha": COMMIT, "siblings": []}).encode()
    api = "/api/datasets/org/name"
    for revision in ("main", COMMIT):
        web.files[f"{api}/revision/{revision}"] = info
        web.files[f"{api}/tree/{revision}"] = json.dumps([*entries.values()]).encode()
        inside = [entry for path, entry in entries.items() if path.startswith("data/")]
        web.files[f"{api}/tree/{revision}/data"] = json.dumps(inside).encode()
        web.answers[f"{api}/paths-info/{revision}"] = lambda _, asked: paths_info(asked, entries)
    web.files[api] = info
    for path, body in content.items():
        web.files[f"/datasets/org/name/resolve/{COMMIT}/{path}"] = body
    return web


def paths_info(asked: bytes, entries: dict[str, dict[str, object]]) -> bytes:
    paths = json.loads(asked)["paths"] if asked[:1] == b"{" else parse_qs(asked.decode())["paths"]
    return json.dumps([entries[path] for path in paths if path in entries]).encode()


@pytest.mark.parametrize(
    ("address", "urls"),
    [
        ("hf://datasets/org/name", ["a", "b"]),
        ("hf://datasets/org/name@main/data", ["a", "b"]),
        ("hf://datasets/org/name/data/*.parquet", ["a", "b"]),
        ("hf://datasets/org/name@main/data/b.parquet", ["b"]),
    ],
)
def test_files_of_the_hub_are_read_at_one_commit(hub, read, address, urls):
    found = read(address)
    assert found.column("source_url") == urls
    place = f"hf://datasets/org/name@{COMMIT}"
    for shard, url in zip(found.ingested.shards, urls, strict=True):
        assert (shard.name, shard.version) == (f"{place}/data/{url}.parquet", f"commit:{COMMIT}")
    cards = [(card.path, card.declared) for card in found.ingested.cards]
    assert cards == ([(f"{place}/README.md", ("mit",))] if address.endswith("name") else [])


def test_a_dataset_that_isnt_there(hub, read):
    with pytest.raises(InputError, match=r"hf://datasets/org/none: ") as caught:
        read("hf://datasets/org/none")
    assert caught.value.fix
    assert "\n" not in caught.value.message


@pytest.fixture
def google(web, monkeypatch):
    """A bucket called `works`, as Google's interface shows it."""
    # Otherwise it asks about each bucket by gRPC, which needs a certificate.
    monkeypatch.setenv("GCSFS_EXPERIMENTAL_ZB_HNS_SUPPORT", "false")
    pytest.importorskip("gcsfs")
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", web.address)
    monkeypatch.setattr("fsspec.config.conf", {"gs": {"token": "anon"}})
    content = {"set/a.parquet": parquet(["a"]), "set/b.csv": b"url\nb\n"}
    objects = [
        {
            "kind": "storage#object",
            "name": key,
            "bucket": "works",
            "size": str(len(body)),
            "generation": str(17 + at),
        }
        for at, (key, body) in enumerate(content.items())
    ]

    def listed(query: str, _: bytes) -> bytes:
        prefix = parse_qs(query).get("prefix", [""])[0]
        inside = [one for one in objects if one["name"].startswith(prefix)]
        return json.dumps({"items": inside}).encode()

    web.answers["/storage/v1/b/works/o"] = listed
    for one in objects:
        web.files[f"/storage/v1/b/works/o/{one['name']}"] = json.dumps(one).encode()
        web.files[f"/download/storage/v1/b/works/o/{one['name']}"] = content[one["name"]]
    return web


def test_googles_store_is_read_at_a_generation(google, read):
    found = read("gs://works/set/*")
    assert found.column("source_url") == ["a", "b"]
    assert [(shard.name, shard.version) for shard in found.ingested.shards] == [
        ("gs://works/set/a.parquet", "generation:17"),
        ("gs://works/set/b.csv", "generation:18"),
    ]
    assert read("gcs://works/set/a.parquet").column("source_url") == ["a"]
