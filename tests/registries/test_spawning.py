"""Opt lists: what the API answers, tables of it, and plain lists."""

from __future__ import annotations

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sourcing_audit import registries
from sourcing_audit.errors import RegistryError
from tests.registries.support import pick, records

ANSWER = {
    "urls": [
        {"url": "https://media.example/a.jpg", "optOut": True, "optIn": False},
        {"url": "https://silent.example", "optOut": False, "optIn": False},
        {"url": "https://both.example", "optOut": True, "optIn": True},
        {"url": "https://willing.example/b.jpg", "optOut": False, "optIn": True},
    ]
}
"""The shape of the API's answer, with an entry of each kind that its client's tests have."""

READ = [
    ("url", "https://media.example/a.jpg", "deny", None),
    ("domain", "https://both.example", "deny", "signal_contradictory"),
    ("url", "https://willing.example/b.jpg", "allow", None),
]
SHOWN = ("subject_kind", "subject_value", "decision", "problem")


def test_an_answer_of_the_api(engine, tmp_path):
    path = tmp_path / "answer.json"
    path.write_text(json.dumps(ANSWER))
    found = records(engine, str(path))
    assert pick(found, *SHOWN) == READ
    assert {row["declarant_role"] for row in found} == {"unknown"}
    assert {row["authority_level"] for row in found} == {"none"}
    assert found[1]["signal_raw"] == "https://both.example optOut=true optIn=true"
    export = registries.parse(str(path))
    assert export.format == "spawning"
    assert registries.READERS["spawning"].unstated(engine, export) == 1


def test_answers_as_tables(engine, tmp_path):
    rows = ANSWER["urls"]
    (tmp_path / "rows.json").write_text(json.dumps(rows))
    (tmp_path / "rows.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    (tmp_path / "answers.jsonl").write_text(f"{json.dumps(ANSWER)}\n")
    lines = [f"{row['url']},{row['optOut']},{int(row['optIn'])}" for row in rows]
    (tmp_path / "rows.csv").write_text("\n".join(["URL,opt_out,opt_in", *lines]))
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "rows.parquet")
    for name in ("rows.json", "rows.jsonl", "answers.jsonl", "rows.csv"):
        assert pick(records(engine, str(tmp_path / name)), *SHOWN) == READ, name
    assert pick(records(engine, f"spawning:{tmp_path / 'rows.parquet'}"), *SHOWN) == READ


def test_lists_are_refusals(engine, tmp_path):
    path = tmp_path / "optouts.txt"
    path.write_text(
        "\ufeff# exported\r\nmedia.example\r\n\r\nhttps://media.example/\n"
        "media.example/path/a.jpg\n*.wide.example\n",
        encoding="utf-8",
    )
    found = records(engine, f"spawning:{path}")
    assert pick(found, *SHOWN, "row") == [
        ("domain", "media.example", "deny", None, 2),
        ("domain", "https://media.example/", "deny", None, 4),
        ("url", "media.example/path/a.jpg", "deny", None, 5),
        ("domain", "*.wide.example", "deny", None, 6),
    ]
    (tmp_path / "list.csv").write_text("url\nhttps://a.example/1\n")
    found = records(engine, f"spawning:{tmp_path / 'list.csv'}")
    assert pick(found, *SHOWN) == [("url", "https://a.example/1", "deny", None)]


def test_a_home_page_is_only_a_domain_where_it_refuses(engine, tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text("url,optOut,optIn\nhttps://a.example/,1,0\nhttps://b.example/,0,1\n")
    assert pick(records(engine, str(path)), "subject_kind") == [("domain",), ("url",)]


def test_unreadable_flags_are_findings(engine, tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text(
        "url,optOut,optIn\nhttps://a.example/1,maybe,\nhttps://a.example/2,TRUE,x\n"
        "https://a.example/3,,\nhttps://a.example/4,no,maybe\n"
    )
    found = records(engine, str(path))
    assert pick(found, "subject_value", "decision", "problem") == [
        ("https://a.example/1", "unknown", "signal_unreadable"),
        ("https://a.example/2", "deny", "signal_unreadable"),
        ("https://a.example/4", "unknown", "signal_unreadable"),
    ]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.txt", b"http://ok.example/1\n\xff\xfe\n", r"line 2: expected UTF-8, found byte 0xff"),
        ("a.txt", b"x" * 70_000, r"line 1 is longer"),
        ("a.txt", b"a\0b.example\n", r"line 1: is no text"),
        ("a.txt", b"not an address\n", r"row 1: 'not an address' is not a domain"),
        ("a.json", b"[" * 200_000, r"nested too deeply"),
        ("a.json", b"{", r"is no JSON"),
        ("a.json", b"[1]", r"entry 1 is no object"),
        ("a.json", b'{"urls": [null]}', r"entry 1 is no object"),
        ("a.json", b"\xff\xfe\xfd", r"is no UTF-8"),
        ("a.json", b'{"n": ' + b"9" * 5000 + b"}", r"is no JSON"),
        ("a.jsonl", b'{"optOut": true}\n', r"row 1: subject_value is missing"),
        ("a.jsonl", b"no\n", r"a\.jsonl: row 1"),
    ],
)
def test_hostile_files_end_in_an_error(engine, tmp_path, name, content, message):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(RegistryError, match=message):
        records(engine, f"spawning:{path}")


def test_control_characters_are_kept_as_data(engine, tmp_path):
    path = tmp_path / "rows.json"
    entry = {"url": "https://a.example/\u202e\u001b[31m", "optOut": True}
    path.write_text(json.dumps([entry]))
    assert pick(records(engine, str(path)), "decision") == [("deny",)]
