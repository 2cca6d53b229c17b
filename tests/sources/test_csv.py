from __future__ import annotations

import bz2
import csv
import gzip
import io
import lzma
import random
import time
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sourcing_audit.errors import InputError, NothingToAuditError
from sourcing_audit.sources import delimited, parse
from sourcing_audit.sources.interface import MAX_RECORD, UnreadableError

if TYPE_CHECKING:
    from pathlib import Path

HEADER = b"url,license\n"


def write(folder: Path, content: bytes, name: str = "m.csv") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def zstd(content: bytes) -> bytes:
    return pa.Codec("zstd").compress(content, asbytes=True)


def test_bad_records_are_quarantined_with_number_reason_and_excerpt(tmp_path, read):
    content = HEADER + b'a,1\nb\nc,1,2\nd,"x"y\ne,\xff\nf,2\n"g\nh","3"\ni\nj,4\n'
    found = read(write(tmp_path, content))
    assert [(i["row"], i["source_url"], i["license_raw"]) for i in found.items] == [
        (1, "a", "1"),
        (6, "f", "2"),
        (7, "g\nh", "3"),
        (9, "j", "4"),
    ]
    assert found.reasons() == [
        (2, "columns_missing"),
        (3, "columns_extra"),
        (4, "bad_quoting"),
        (5, "undecodable"),
        (8, "columns_missing"),
    ]
    assert found.quarantine[0]["detail"] == "expected 2 columns, found 1"
    assert found.quarantine[1]["excerpt"] == "c,1,2"
    assert found.quarantine[0]["dataset"] == "test"


@pytest.mark.parametrize("newline", [b"\n", b"\r\n", b"\r"])
def test_newline_styles(tmp_path, read, newline):
    content = newline.join([b"url,license", b"a,1", b"b", b'"c",2', b"d,3", b""])
    found = read(write(tmp_path, content))
    assert found.column("row") == [1, 3, 4]
    assert found.reasons() == [(2, "columns_missing")]
    assert found.quarantine[0]["excerpt"] == "b"


@pytest.mark.parametrize(
    "body",
    [
        b"a,1\r\nb,2\nc,3\r\nd,4\n",
        b"a,1\rb,2\nc,3\r\nd,4",
        b"a,1\n\n\nb,2\n\nc,3\n\r\nd,4\n",
    ],
)
def test_mixed_newlines_and_blank_lines(tmp_path, read, body):
    found = read(write(tmp_path, HEADER + body))
    assert found.column("source_url") == ["a", "b", "c", "d"]
    assert found.column("row") == [1, 2, 3, 4]


def test_mixed_newlines_are_read_fast_and_exactly(tmp_path, read, monkeypatch):
    lines = [f'{i},"a\r\nb\n{i}"' + ("\r\n" if i % 3 else "\n") for i in range(2000)]
    lines[77] = "bad\r\n"
    monkeypatch.setattr(parse._Writer, "_strict_csv", None)
    found = read(write(tmp_path, HEADER + "".join(lines).encode()))
    assert found.column("license_raw") == [f"a\r\nb\n{i}" for i in range(2000) if i != 77]
    assert found.reasons() == [(78, "columns_missing")]


def test_blank_lines_do_not_count_even_among_bad_records(tmp_path, read):
    found = read(write(tmp_path, b"\n" + HEADER + b"\na,1\n\nb\n\n\nc,2\n"))
    assert found.column("row") == [1, 3]
    assert found.reasons() == [(2, "columns_missing")]


def test_an_open_quote_costs_only_its_own_line(tmp_path, read):
    found = read(write(tmp_path, HEADER + b'a,1\nb,"open\nc,2\nd,3\n'))
    assert found.column("source_url") == ["a", "c", "d"]
    assert found.reasons() == [(2, "bad_quoting")]
    assert found.quarantine[0]["excerpt"] == 'b,"open'


def test_a_quote_inside_a_plain_value_is_text(tmp_path, read):
    found = read(write(tmp_path, HEADER + b'a,5" print\nb,"6"" print"\nc,7\n'))
    assert found.column("license_raw") == ['5" print', '6" print', "7"]


@pytest.mark.parametrize(
    ("name", "delimiter"), [("m.csv", ","), ("m.csv", ";"), ("m.csv", "|"), ("m.tsv", "\t")]
)
def test_delimiters(tmp_path, read, name, delimiter):
    rows = [["url", "license", "title"], ["a", "CC BY, 4.0", "x;y"], ["b", "CC0", "p|q, r"]]
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="\n").writerows(rows)
    found = read(write(tmp_path, text.getvalue().encode(), name))
    assert found.column("license_raw") == ["CC BY, 4.0", "CC0"]
    assert found.column("title") == ["x;y", "p|q, r"]


@pytest.mark.parametrize(
    ("suffix", "pack"),
    [(".gz", gzip.compress), (".bz2", bz2.compress), (".xz", lzma.compress), (".zst", zstd)],
)
def test_compressed(tmp_path, read, suffix, pack):
    found = read(write(tmp_path, pack(HEADER + b"a,1\nb\nc,2\n"), f"m.csv{suffix}"))
    assert found.column("source_url") == ["a", "c"]
    assert found.reasons() == [(2, "columns_missing")]
    assert found.ingested.shards[0].format == f"csv{suffix}"


@pytest.mark.parametrize(
    ("suffix", "pack"),
    [(".gz", gzip.compress), (".bz2", bz2.compress), (".xz", lzma.compress), (".zst", zstd)],
)
def test_truncated_compressed_file_is_named(tmp_path, read, suffix, pack):
    rows = b"".join(b"%d,%d\n" % (i, random.Random(i).getrandbits(64)) for i in range(20_000))
    packed = pack(HEADER + rows)
    broken = write(tmp_path, packed[: len(packed) * 2 // 3], f"broken.csv{suffix}")
    with pytest.raises(InputError, match="broken"):
        read(broken)
    found = read(broken, write(tmp_path, HEADER + b"a,1\n"))
    assert found.reasons() == [(None, "file_unreadable")]
    assert found.column("source_url") == ["a"]
    assert [shard.unreadable for shard in found.ingested.shards] == [True, False]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-be"])
def test_byte_order_marks(tmp_path, read, encoding):
    text = "url,license\nä,1\nb\nc,2\n"
    mark = "\ufeff" if encoding == "utf-16-be" else ""
    found = read(write(tmp_path, (mark + text).encode(encoding)))
    assert found.column("source_url") == ["ä", "c"]
    assert found.reasons() == [(2, "columns_missing")]


def test_latin_1_records_are_quarantined_one_by_one(tmp_path, read):
    found = read(write(tmp_path, HEADER + "a,1\nä,2\nb,3\n".encode("latin-1")))
    assert found.column("source_url") == ["a", "b"]
    assert found.reasons() == [(2, "undecodable")]


CUT_SHORT = {
    "caf\N{LATIN SMALL LETTER E WITH ACUTE} noir, 1".encode("latin-1"): "caf\ufffd noir, 1",
    b"gr\xfc\xdfe!,1": "gr\ufffd\ufffde!,1",
    b"\xf0\x9f\x98cut,1": "\ufffdcut,1",
    b"why?\xff,1": "why?\ufffd,1",
    b"tail,\xe9": "tail,\ufffd",
    "\N{SNOWMAN}\xe9".encode() + b"\xe9," + b"x" * 200: "\N{SNOWMAN}\xe9\ufffd," + "x" * 116,
}
"""Records with a byte that isn't UTF-8, and how they begin where nothing else is lost."""


@pytest.mark.parametrize("packing", [bytes, zstd], ids=["plain", "zstd"])
@pytest.mark.parametrize("newline", [b"\n", b"\r\n"], ids=["lf", "crlf"])
def test_an_undecodable_byte_takes_nothing_else_from_the_excerpt(tmp_path, read, packing, newline):
    records = [b"a,1", *CUT_SHORT, b"b,2", b"c?,2,3"]
    content = newline.join([HEADER.strip(), *records, b""])
    suffix = ".zst" if packing is zstd else ""
    found = read(write(tmp_path, packing(content), f"m.csv{suffix}"))
    assert [row["excerpt"] for row in found.quarantine] == [*CUT_SHORT.values(), "c?,2,3"]
    assert [row["row"] for row in found.quarantine] == [*range(2, 2 + len(CUT_SHORT)), 9]
    assert found.column("source_url") == ["a", "b"]


def test_latin_1_header_says_to_save_as_utf_8(tmp_path, read):
    with pytest.raises(InputError, match="UTF-8"):
        read(write(tmp_path, "künstler,url\na,b\n".encode("latin-1")))


def test_empty_values_are_null(tmp_path, read):
    found = read(write(tmp_path, HEADER + b'a,\nb,""\nc,"  "\n'))
    assert found.column("license_raw") == [None, None, None]


def test_a_single_column(tmp_path, read):
    found = read(write(tmp_path, b"url\na\n\nb\n"))
    assert found.column("source_url") == ["a", "b"]
    assert found.column("row") == [1, 2]


def test_names_of_columns_that_are_empty_or_alike(tmp_path, read):
    found = read(write(tmp_path, b"url,,URL,url\na,b,c,d\n"), mapping={"title": "url_3"})
    assert found.column("source_url") == ["a"]
    assert found.column("title") == ["d"]
    assert found.ingested.unused_columns == ("column_2", "URL_2")


def test_long_records(tmp_path, read):
    content = HEADER + b"a," + b"x" * 5_000_000 + b"\nb," + b"y" * (MAX_RECORD + 9) + b"\nc,1\n"
    found = read(write(tmp_path, content))
    assert found.column("source_url") == ["a", "c"]
    assert len(found.items[0]["license_raw"]) == 5_000_000
    assert found.reasons() == [(2, "record_too_large")]
    assert len(found.quarantine[0]["excerpt"]) == 120


@pytest.mark.parametrize("content", [b"", b"\n\n", b"  \n"])
def test_nothing_in_the_file(tmp_path, read, content):
    with pytest.raises(InputError, match=r"m\.csv"):
        read(write(tmp_path, content))


@pytest.mark.parametrize("content", [b"url,license", HEADER])
def test_a_header_alone(tmp_path, read, content):
    with pytest.raises(NothingToAuditError):
        read(write(tmp_path, content))


def test_an_image_called_csv(tmp_path, read):
    with pytest.raises(InputError, match="UTF-8"):
        read(write(tmp_path, b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 50))


def test_numbers_among_many_bad_records_are_exact(tmp_path, read):
    chance = random.Random(5)
    good, bad = [], []
    lines = ["url,license"]
    for row in range(1, 40_001):
        kind = chance.random()
        if kind < 0.1:
            bad.append(row)
            lines.append(chance.choice([f"{row}", f"{row},x,y"]))
        else:
            good.append(row)
            lines.append(f'{row},"two\nlines"' if kind < 0.3 else f"{row},one")
    found = read(write(tmp_path, "\n".join(lines).encode()))
    assert found.column("row") == good
    assert [int(value) for value in found.column("source_url")] == good
    assert [row for row, _ in found.reasons()] == bad


def test_fast_and_strict_reading_agree(tmp_path, read, monkeypatch):
    content = HEADER + b'a,1\nb\nc,1,2\nd,"x"y\ne,\xff\nf,2\n"g\nh","3"\ni,""\nj,4 "q"\n'
    path = write(tmp_path, content)
    fast = read(path)
    monkeypatch.setattr(parse._Writer, "_fast_csv", lambda *_: False)
    strict = read(path)
    assert fast.items == strict.items
    assert fast.reasons() == strict.reasons()


FRAGMENTS = st.sampled_from(
    [b",", b"\n", b"\r\n", b"\r", b'"', b'""', b"a", b"\xff", b"\x00", b" ", "é".encode(), b";"]
)


@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(FRAGMENTS, max_size=40).map(b"".join))
def test_hostile_bytes_lose_no_record(tmp_path, read, body):
    """Every record has a number of its own from 1 on, and is either an item or quarantined."""
    path = write(tmp_path, HEADER + body)
    try:
        found = read(path, mapping={"source_url": "url"})
    except (InputError, NothingToAuditError):
        return
    assert found.rows == list(range(1, len(found.rows) + 1))


@settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.tuples(*[st.text(st.characters(codec="utf-8"), max_size=6)] * 2), min_size=1, max_size=20
    ),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from([",", ";"]),
)
def test_what_a_csv_writer_wrote_is_read_back(tmp_path, read, rows, newline, delimiter):
    text = io.StringIO(newline="")
    # Python leaves a lone carriage return unquoted when it quotes no more than it must.
    writer = csv.writer(text, delimiter=delimiter, lineterminator=newline, quoting=csv.QUOTE_ALL)
    writer.writerows([("url", "license"), *rows])
    found = read(write(tmp_path, text.getvalue().encode()))
    assert found.column("source_url") == [row[0].strip(" \t\n\r\v\f") or None for row in rows]
    assert found.column("license_raw") == [row[1].strip(" \t\n\r\v\f") or None for row in rows]


@given(st.lists(FRAGMENTS, max_size=60).map(b"".join), st.integers(1, 7))
@settings(max_examples=300, deadline=None)
def test_survey_does_not_depend_on_blocks(body, block):
    class Slow(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return super().read(min(size or 1, block) if size and size > 0 else block)

    assert delimited.survey(Slow(body), ",") == delimited.survey(io.BytesIO(body), ",")


@pytest.mark.parametrize(
    "body",
    [
        b'a",x,"\n' * 100_000,
        b'"' * 1_000_001 + b"\n",
        b"," * 5_000_000 + b"\na,1\n",
        b'"\n' * 100_001,
    ],
)
def test_hostile_files_do_not_take_for_ever(tmp_path, read, body):
    started = time.monotonic()
    found = read(write(tmp_path, HEADER + b"first,1\n" + body))
    assert found.column("source_url")[0] == "first"
    assert time.monotonic() - started < 20


def test_dialect_of_a_header_that_never_ends():
    with pytest.raises(UnreadableError):
        delimited.dialect(io.BytesIO(b'"' + b"x" * 3_000_000), ",")
