from __future__ import annotations

import bz2
import gzip
import json
import lzma
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sourcing_audit.errors import InputError, NothingToAuditError
from sourcing_audit.sources.interface import MAX_RECORD

if TYPE_CHECKING:
    from pathlib import Path


def write(folder: Path, content: bytes, name: str = "m.jsonl") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def zstd(content: bytes) -> bytes:
    return pa.Codec("zstd").compress(content, asbytes=True)


@pytest.mark.parametrize("newline", [b"\n", b"\r\n"])
def test_bad_records_are_quarantined_with_number_and_reason(tmp_path, read, newline):
    lines = [
        b'{"url": "a", "license": "1"}',
        b"",
        b"nope",
        b"[1]",
        b'{"url": "\xff"}',
        b"  ",
        b'{"url": "b"}',
        b'{"url": "c"',
        b'"text"',
        b"null",
        b'{"url": "d"}',
    ]
    found = read(write(tmp_path, newline.join(lines)))
    assert found.column("source_url") == ["a", "b", "d"]
    assert found.column("row") == [1, 5, 9]
    assert found.reasons() == [
        (2, "invalid_json"),
        (3, "not_an_object"),
        (4, "undecodable"),
        (6, "invalid_json"),
        (7, "not_an_object"),
        (8, "not_an_object"),
    ]
    assert found.quarantine[0]["excerpt"] == "nope"
    assert found.quarantine[2]["detail"] == "expected UTF-8, found byte 0xff"


def test_values_of_any_type_are_text(tmp_path, read):
    record = {
        "id": 12345678901234567890,
        "url": "a\u0000b",
        "license": ["MIT", "CC0"],
        "rights": {"a": None, "b": [1.5, True]},
        "author": True,
        "title": 1.0,
        "doi": None,
        "md5": "",
    }
    found = read(write(tmp_path, json.dumps(record).encode()))
    item = found.items[0]
    assert item["item_id"] == "12345678901234567890"
    assert item["source_url"] == "a\0b"
    assert json.loads(item["license_raw"]) == ["MIT", "CC0"]
    assert json.loads(item["rights_raw"]) == {"a": None, "b": [1.5, True]}
    assert item["creator"] == "true"
    assert item["title"] == "1.0"
    assert item["work_id"] is None
    assert item["md5"] is None


def test_keys_that_come_late_or_need_quoting(tmp_path, read):
    lines = [b'{"url": "a"}'] * 3000 + [b'{"url": "b", "license": "CC0", "a/~b.\\"c": "t"}']
    found = read(write(tmp_path, b"\n".join(lines)), mapping={"title": '{a/~b."c}'})
    assert found.items[-1]["license_raw"] == "CC0"
    assert found.items[-1]["title"] == "t"
    assert found.items[0]["license_raw"] is None


def test_keys_that_differ_by_case(tmp_path, read):
    content = b'{"URL": "a", "url": "b", "license": "x"}\n{"url": "c"}\n{"Url": "d"}'
    found = read(write(tmp_path, content), mapping={"title": "URL", "source_url": "url"})
    assert found.column("title") == ["a", None, None]
    assert found.column("source_url") == ["b", "c", None]
    assert found.ingested.unused_columns == ("Url",)


def test_nested_paths(tmp_path, read):
    content = b'{"meta": {"l": {"u": "x"}, "t": ["p", "q"]}, "j": "{\\"k\\": 5}"}\n{"meta": 3}\n{}'
    mapping = {"license_url": "{meta.l.u}", "title": "{meta.t.1}", "creator": "{j.k}"}
    found = read(write(tmp_path, content), mapping=mapping)
    assert found.column("license_url") == ["x", None, None]
    assert found.column("title") == ["q", None, None]
    assert found.column("creator") == ["5", None, None]


@pytest.mark.parametrize(
    ("suffix", "pack"),
    [(".gz", gzip.compress), (".bz2", bz2.compress), (".xz", lzma.compress), (".zst", zstd)],
)
def test_compressed(tmp_path, read, suffix, pack):
    found = read(write(tmp_path, pack(b'{"url": "a"}\nx\n{"url": "b"}'), f"m.ndjson{suffix}"))
    assert found.column("source_url") == ["a", "b"]
    assert found.reasons() == [(2, "invalid_json")]
    half = write(tmp_path, pack(bytes(range(256)) * 400)[:200], f"half.jsonl{suffix}")
    with pytest.raises(InputError, match="half"):
        read(half)


def test_records_of_several_megabytes(tmp_path, read):
    content = b'{"url": "a", "text": "' + b"x" * 9_000_000 + b'"}\n{"url": "b", "title": "'
    content += b"y" * (MAX_RECORD + 5) + b'"}\n{"url": "c"}\n'
    found = read(write(tmp_path, content))
    assert found.column("source_url") == ["a", "c"]
    assert found.reasons() == [(2, "record_too_large")]
    assert found.quarantine[0]["excerpt"].startswith('{"url": "b"')


def test_a_last_record_that_is_too_long(tmp_path, read):
    content = b'{"url": "a"}\n' + b"z" * (3 * MAX_RECORD)
    found = read(write(tmp_path, content))
    assert found.reasons() == [(2, "record_too_large")]


def test_deep_nesting(tmp_path, read):
    deep = b'{"url": "a", "license": ' + b"[" * 200_000 + b"]" * 200_000 + b"}"
    found = read(write(tmp_path, deep + b'\n{"url": "b"}'))
    assert len(found.rows) == 2


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_byte_order_marks(tmp_path, read, encoding):
    found = read(write(tmp_path, '{"url": "ä"}\n{"url": "b"}'.encode(encoding)))
    assert found.column("source_url") == ["ä", "b"]


def test_nothing_but_blank_lines(tmp_path, read):
    with pytest.raises((InputError, NothingToAuditError)):
        read(write(tmp_path, b"\n \n"))


def test_an_array_of_records_says_what_was_expected(tmp_path, read):
    path = write(tmp_path, json.dumps([{"url": "a"}]).encode())
    with pytest.raises(InputError, match="one JSON object on each line"):
        read(path)


FRAGMENTS = st.sampled_from(
    [
        *(b"{", b"}", b'"url"', b":", b'"a"', b"\n", b"\r\n", b"\r", b"\xff", b"\x00", b" "),
        *(b"[1]", b"\\", b'{"url": "x"}\n', b'{"url": ["x"]}'),
    ]
)


@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(FRAGMENTS, max_size=30).map(b"".join))
def test_hostile_bytes_lose_no_record(tmp_path, read, body):
    """Every line that isn't blank is either an item or quarantined."""
    found = read(write(tmp_path, b'{"url": "first"}\n' + body), mapping={"source_url": "url"})
    lines = [line for line in body.split(b"\n") if line.strip(b" \t\r\n")]
    assert found.rows == list(range(1, len(lines) + 2))


@settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(["url", "license", "title"]),
            st.text(st.characters(codec="utf-8"), max_size=8),
        ),
        min_size=1,
        max_size=10,
    ),
    st.booleans(),
)
def test_what_json_wrote_is_read_back(tmp_path, read, records, ascii_only):
    lines = [json.dumps({"id": "x", **record}, ensure_ascii=ascii_only) for record in records]
    found = read(write(tmp_path, "\n".join(lines).encode()))
    for field, key in [("source_url", "url"), ("license_raw", "license"), ("title", "title")]:
        expected = [record.get(key, "").strip(" \t\n\r\v\f") or None for record in records]
        assert found.column(field) == expected
