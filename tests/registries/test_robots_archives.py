"""Archives of one document of many hosts: whose each capture is, and how long it holds."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import pytest

from sourcing_audit import registries
from sourcing_audit.errors import RegistryError
from sourcing_audit.registries import READERS, parse
from sourcing_audit.registries.web import host_lines, web_archives
from sourcing_audit.registries.web.hosts import host_of, moment, same_site
from tests.registries.support import RULES, pick, records, said

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sourcing_audit.engine import Engine


REFUSING = "User-agent: GPTBot\nDisallow: /\n"


def archive(folder: Path, *entries: dict[str, Any]) -> str:
    path = folder / "robots.jsonl"
    path.write_text("\n".join(json.dumps(entry) for entry in entries), encoding="utf-8")
    return f"robots:{path}"


def warc(*answers: tuple[str, bytes, str]) -> bytes:
    """Records of responses: address, HTTP message, further fields."""
    parts = [b"WARC/1.0\r\nWARC-Type: warcinfo\r\nContent-Length: 3\r\n\r\nx\r\n\r\n\r\n"]
    for url, message, fields in answers:
        head = f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: {url}\r\n{fields}"
        head += f"Content-Length: {len(message)}\r\n\r\n"
        parts.append(head.encode() + message + b"\r\n\r\n")
    return b"".join(parts)


def http(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status}", *headers, "", ""]).encode() + body


DATED = "WARC-Date: 2026-03-01T10:00:00Z\r\n"
ROBOTS = ("https://a.example/robots.txt", http(REFUSING.encode()), DATED)


# Statuses.


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ({"status": 200, "body": REFUSING}, [("deny", None)]),
        ({"status": "200", "body": REFUSING}, [("deny", None)]),
        ({"status": 404, "body": REFUSING}, []),
        ({"status": 410}, []),
        ({"status": 429}, [("unknown", "signal_unreachable")]),
        ({"status": 503, "body": "later"}, [("unknown", "signal_unreachable")]),
        ({"status": 301}, [("unknown", "signal_unreachable")]),
        ({"status": None}, [("unknown", "signal_unreachable")]),
        ({"status": "timeout"}, [("unknown", "signal_unreachable")]),
        ({"status": None, "body": REFUSING}, [("deny", None)]),
    ],
)
def test_statuses(
    tmp_path: Path, entry: dict[str, Any], expected: list[tuple[str, str | None]]
) -> None:
    rows = said(archive(tmp_path, {"host": "a.example", **entry}))
    assert pick(rows, "decision", "problem") == expected


def test_a_redirection_to_the_same_host_is_no_failure(tmp_path: Path) -> None:
    spec = archive(
        tmp_path,
        {"url": "http://a.example/robots.txt", "status": 301},
        {"url": "https://a.example/robots.txt", "status": 200, "body": REFUSING},
    )
    assert pick(said(spec), "decision") == [("deny",)]


# Times.


def test_each_capture_holds_until_the_next(tmp_path: Path) -> None:
    spec = archive(
        tmp_path,
        {"host": "a.example", "body": REFUSING, "fetched_at": "2026-05-01T00:00:00Z"},
        {"host": "a.example", "status": 404, "fetched_at": "20260701000000"},
        {"host": "a.example", "body": REFUSING, "fetched_at": "2026-01-01"},
        {"host": "a.example", "status": 500, "fetched_at": "2026-02-01T01:00:00+01:00"},
        {"host": "b.example", "body": REFUSING, "captured_at": 1767225600},
    )
    rows = said(spec)
    assert [
        (row["row"], row["valid_from"][5:10], row.get("valid_until", "")[5:10]) for row in rows
    ] == [
        (1, "05-01", "07-01"),
        (3, "01-01", "05-01"),
        (4, "02-01", "05-01"),
        (5, "01-01", ""),
    ]
    assert len({row["statement_id"] for row in rows}) == 4


def windows(spec: str) -> list[tuple[str, str, str]]:
    """Of each record the decision, and the days between which it holds."""
    return [
        (row["decision"], row["valid_from"][:10], row.get("valid_until", "")[:10])
        for row in said(spec)
    ]


def test_http_and_https_dont_end_each_other(tmp_path: Path) -> None:
    http, https = "http://a.example/robots.txt", "https://a.example/robots.txt"
    refused, freed = {"body": REFUSING}, {"body": REFUSING.replace("Disallow: /", "Disallow:")}
    spec = archive(
        tmp_path,
        {"url": http, "fetched_at": "2026-01-01", **refused},
        {"url": https, "fetched_at": "2026-02-01", **freed},
        {"url": https, "fetched_at": "2026-03-01", "status": 404},
        {"host": "a.example", "fetched_at": "2026-04-01", "status": 404},
        {"host": "a.example", "url": http, "fetched_at": "2026-05-01", "status": 404},
    )
    assert windows(spec) == [
        ("deny", "2026-01-01", "2026-05-01"),
        ("allow", "2026-02-01", "2026-03-01"),
    ]


@pytest.mark.parametrize(
    ("other", "until"),
    [
        ({"status": 200, "body": ""}, "2026-02-01"),
        ({"status": 404}, "2026-02-01"),
        ({"status": 503}, ""),
        ({"status": 301}, ""),
    ],
)
def test_a_site_that_moved_to_https_sends_a_redirection(
    tmp_path: Path, other: dict[str, Any], until: str
) -> None:
    spec = archive(
        tmp_path,
        {"url": "http://a.example/robots.txt", "fetched_at": "2026-01-01", "body": REFUSING},
        {"url": "http://a.example/robots.txt", "fetched_at": "2026-02-01", "status": 301},
        {"url": "https://a.example/robots.txt", "fetched_at": "2026-02-01", **other},
    )
    assert windows(spec)[0] == ("deny", "2026-01-01", until)


def test_captures_of_one_archive_end_each_other_across_its_files(tmp_path: Path) -> None:
    january, may = tmp_path / "january", tmp_path / "may"
    for folder, day in ((january, "2026-01-01"), (may, "2026-05-01")):
        folder.mkdir()
        archive(folder, {"host": "a.example", "body": REFUSING, "fetched_at": day})
    assert windows(f"robots:{tmp_path}") == [
        ("deny", "2026-01-01", "2026-05-01"),
        ("deny", "2026-05-01", ""),
    ]


def test_what_an_archive_refuses_no_other_archive_ends(engine: Engine, tmp_path: Path) -> None:
    specs = []
    for name, entry in (("january", {"body": REFUSING}), ("may", {"status": 404})):
        folder = tmp_path / name
        folder.mkdir()
        day = "2026-01-01" if name == "january" else "2026-05-01"
        specs.append(archive(folder, {"host": "a.example", "fetched_at": day, **entry}))
    found = registries.load(engine, specs, RULES).records
    (record,) = engine.arrow(found.select("decision", "valid_until")).to_pylist()
    assert record == {"decision": "deny", "valid_until": None}


def test_moments() -> None:
    assert moment("2026-05-01T02:00:00+02:00") == "2026-05-01T00:00:00Z"
    assert moment("20260501000000") == "2026-05-01T00:00:00Z"
    assert moment(0) == "1970-01-01T00:00:00Z"
    for wrong in ("yesterday", "", None, True, "0001-01-01", 10**20, float("nan")):
        assert moment(wrong) is None


# Hosts.


def test_hosts() -> None:
    assert host_of("HTTP://user@WWW.Example.com:80/robots.txt") == "www.example.com"
    assert host_of("faß.de.") == "xn--fa-hia.de"
    assert host_of("example.com:8080") == "example.com:8080"
    for wrong in ("", "a b.c", "*.example.com", "com", "http://", "[", "a..b", "\ud800.example"):
        assert host_of(wrong) is None
    assert same_site("cdn.a.example", "www.a.example")
    assert not same_site("alice.github.io", "bob.github.io")


def test_a_folder_of_hosts(tmp_path: Path) -> None:
    folder = tmp_path / "robots"
    for host in ("a.example", "b.example"):
        (folder / host).mkdir(parents=True)
        (folder / host / "robots.txt").write_text(REFUSING)
    (folder / "c.example.txt").write_text(REFUSING)
    (folder / ".DS_Store").write_bytes(b"\x00")
    rows = said(str(folder))
    assert pick(rows, "subject_value") == [("a.example/",), ("b.example/",), ("c.example/",)]


def test_a_file_that_is_named_after_its_host(tmp_path: Path) -> None:
    path = tmp_path / "a.example.txt"
    path.write_text(REFUSING)
    assert pick(said(f"robots:{path}"), "subject_value") == [("a.example/",)]


@pytest.mark.parametrize("name", ["robots.txt", "notes.txt"])
def test_a_lone_file_needs_its_host(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text(REFUSING)
    with pytest.raises(RegistryError, match="which host") as error:
        said(f"robots:{path}")
    assert "name it after its host" in (error.value.fix or "")


# JSON lines.


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[1]", "no JSON object"),
        ('{"body": ""}', "not a host"),
        ('{"host": "com", "body": ""}', "not a host"),
        ('{"host": "a.example"}', "no body"),
        ('{"host": "a.example", "body": 3}', "no body"),
        ('{"host": "a.example", "body": "", "status": 99999}', "no HTTP status"),
        ('{"host": "a.example", "body": "", "fetched_at": "soon"}', "not a date"),
    ],
)
def test_a_line_that_cant_be_read_stops_the_audit(tmp_path: Path, line: str, what: str) -> None:
    path = tmp_path / "robots.jsonl"
    path.write_text('{"host": "b.example", "body": ""}\n\n' + line, encoding="utf-8")
    with pytest.raises(RegistryError, match=what) as error:
        said(f"robots:{path}")
    assert "line 3" in error.value.message


def test_a_line_that_is_too_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host_lines, "MAX_LINE", 100)
    with pytest.raises(RegistryError, match="longer than"):
        said(archive(tmp_path, {"host": "a.example", "body": "x" * 200}))


def test_compressed_lines_and_damaged_ones(tmp_path: Path) -> None:
    path = tmp_path / "robots.jsonl.gz"
    whole = gzip.compress(json.dumps({"host": "a.example", "body": REFUSING}).encode())
    path.write_bytes(whole)
    assert pick(said(f"robots:{path}"), "decision") == [("deny",)]
    path.write_bytes(whole[:-12])
    with pytest.raises(RegistryError, match="can't be read"):
        said(f"robots:{path}")


# WARC.


@pytest.mark.parametrize("compressed", [False, True])
def test_warc(tmp_path: Path, compressed: bool) -> None:
    content = warc(
        ROBOTS,
        ("https://b.example/robots.txt", http(b"", status="404 Not Found"), DATED),
        ("https://c.example/robots.txt", http(b"", status="503 Later"), DATED),
        ("https://d.example/robots.txt?x=1", http(REFUSING.encode()), DATED),
        ("https://e.example/other", http(b"\x00" * 100), DATED),
    )
    path = tmp_path / "crawl.warc.gz"
    path.write_bytes(gzip.compress(content, mtime=0) if compressed else content)
    rows = said(f"robots:{path}")
    assert pick(rows, "subject_value", "decision", "problem") == [
        ("a.example/", "deny", None),
        ("c.example", "unknown", "signal_unreachable"),
    ]
    assert rows[0]["snapshot_at"] == "2026-03-01T10:00:00Z"


@pytest.mark.parametrize(
    "message",
    [
        http(gzip.compress(REFUSING.encode(), mtime=0), "Content-Encoding: gzip"),
        http(REFUSING.encode(), "Content-Encoding: gzip"),
        http(REFUSING.encode(), "Content-Encoding: br"),
        http(
            b"5\r\nUser-\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(REFUSING) - 5, REFUSING[5:].encode()),
            "Transfer-Encoding: chunked",
        ),
        http(REFUSING.encode(), "Transfer-Encoding: chunked"),
    ],
    ids=["gzip", "said to be gzip", "said to be brotli", "chunked", "said to be chunked"],
)
def test_encodings_of_archived_bodies(tmp_path: Path, message: bytes) -> None:
    path = tmp_path / "one.warc"
    path.write_bytes(warc(("https://a.example/robots.txt", message, "")))
    (answer,) = web_archives.responses(path, 1000)
    assert (answer.body, answer.cut, answer.date) == (REFUSING.encode(), False, None)


def test_a_body_that_isnt_whole_is_said(tmp_path: Path) -> None:
    path = tmp_path / "one.warc"
    cut = ("https://a.example/robots.txt", http(REFUSING.encode()), "WARC-Truncated: length\r\n")
    coded = ("https://b.example/robots.txt", http(b"\x8b\x00\x01", "Content-Encoding: br"), "")
    path.write_bytes(warc(cut, coded))
    rows = said(f"robots:{path}")
    assert pick(rows, "subject_value", "decision", "problem") == [
        ("a.example", "unknown", "signal_unreadable"),
        ("a.example/", "deny", None),
        ("b.example", "unknown", "signal_unreadable"),
    ]


def bombs() -> Sequence[bytes]:
    whole = warc(ROBOTS)
    return [
        whole[:-40],
        whole[:160],
        b"WARC/1.0\r\n" + b"x" * 200_000,
        b"WARC/1.0\r\nContent-Length: -5\r\n\r\n",
        b"WARC/1.0\r\nWARC-Type: response\r\nContent-Length: 99999999999999\r\n\r\nabc",
        whole + b"\x00\x01garbage",
        gzip.compress(whole, mtime=0)[:-9],
    ]


@pytest.mark.parametrize("content", bombs())
def test_damaged_archives_stop_the_audit(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "one.warc"
    path.write_bytes(content)
    with pytest.raises(RegistryError, match=r"WARC|which host"):
        said(f"robots:{path}")


def test_what_unpacks_to_much_is_read_to_its_limit(tmp_path: Path) -> None:
    path = tmp_path / "one.warc"
    bomb = gzip.compress(b"\n" * 50_000_000, mtime=0)
    path.write_bytes(
        warc(("https://a.example/robots.txt", http(bomb, "Content-Encoding: gzip"), ""))
    )
    (answer,) = web_archives.responses(path, 1000)
    assert (len(answer.body), answer.cut) == (1000, True)


def test_captures_without_a_statement_are_counted(engine: Engine, tmp_path: Path) -> None:
    spec = archive(
        tmp_path,
        {"host": "a.example", "body": REFUSING},
        {"host": "b.example", "body": "<!doctype html>"},
        {"host": "c.example", "status": 404},
        {"host": "d.example", "body": "User-agent: Nobody-Knows-It\nDisallow: /\n"},
    )
    assert READERS["robots"].unstated(engine, parse(spec)) == 3


def test_times_and_statuses_pass_every_check(engine: Engine, tmp_path: Path) -> None:
    spec = archive(
        tmp_path,
        {"host": "a.example", "body": REFUSING, "fetched_at": "2026-05-01T00:00:00Z"},
        {"host": "a.example", "body": REFUSING, "fetched_at": "2026-06-01T00:00:00Z"},
        {"host": "b.example:8080", "status": 500, "fetched_at": "20260601000000"},
    )
    rows = records(engine, spec)
    assert [row.get("valid_until") for row in rows[1:]] == [None, None]
    assert rows[0]["valid_until"] == rows[1]["valid_from"]
    assert rows[2]["subject_value"] == "b.example:8080"
