"""Stored responses, as JSON lines and as WARC."""

from __future__ import annotations

import gzip
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sourcing_audit.errors import RegistryError
from sourcing_audit.registries.interface import Export
from sourcing_audit.registries.web.headers import HeadersReader
from sourcing_audit.registries.web.html_meta import decoded, meta_elements
from tests.registries.support import RULES, records

if TYPE_CHECKING:
    from sourcing_audit.engine import Engine

URL = "https://art.example/1.jpg"
RSL_LINK = '<https://art.example/l.xml>; rel="license"; type="application/rsl+xml"'
AI = "train_generative|train_non_generative|ai_input"


def archive(folder: Path, *responses: Any) -> str:
    path = folder / "responses.jsonl"
    path.write_text("\n".join(json.dumps(one) for one in responses), encoding="utf-8")
    return f"headers:{path}"


def read(spec: str) -> list[dict[str, Any]]:
    """What the reader makes of an export, before it is checked and typed."""
    path = Path(spec.removeprefix("headers:"))
    found = HeadersReader().statements(Export("x", path, "headers"), RULES)
    return [dict(one) for one in found if one.get("decision")]


def said(spec: str) -> list[tuple[str, str, str | None]]:
    return [(r["signal_scheme"], r["decision"], r["problem"]) for r in read(spec)]


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"Content-Usage": "train-ai=n"}, [("aipref_header", "deny", None)]),
        ({"content-usage": "search=y"}, [("aipref_header", "allow", None)]),
        ({"Content-Usage": ["train-ai=y", "train-ai=n"]}, [("aipref_header", "deny", None)]),
        ({"Content-Usage": "Train-AI=n"}, [("aipref_header", "unknown", "signal_malformed")]),
        ({"X-Robots-Tag": ["googlebot: noindex", "noai"]}, [("x_robots_noai", "deny", None)]),
        ([["x-robots-tag", "noai"]], [("x_robots_noai", "deny", None)]),
        ("HTTP/1.1 200 OK\r\nX-Robots-Tag: noai\r\n", [("x_robots_noai", "deny", None)]),
        ("X-Robots-Tag: noindex,\r\n noai\r\n", [("x_robots_noai", "deny", None)]),
        ({"TDM-Reservation": "1"}, [("tdmrep_header", "deny", None)]),
        ({"TDM-Reservation": 1}, [("tdmrep_header", "deny", None)]),
        ({"tdm-reservation": "0"}, [("tdmrep_header", "allow", None)]),
        ({"tdm-reservation": "true"}, [("tdmrep_header", "unknown", "signal_unreadable")]),
        (
            [["tdm-reservation", "0"], ["tdm-reservation", "1"]],
            [("tdmrep_header", "deny", "signal_contradictory")],
        ),
        ({"Link": RSL_LINK}, [("rsl", "unknown", "signal_document_missing")]),
        ({"Link": "<https://a.example/>; rel=next"}, []),
        ({"Content-Type": "image/jpeg", "Content-Usage": None}, []),
    ],
)
def test_headers(tmp_path: Path, headers: Any, expected: list[Any]) -> None:
    assert said(archive(tmp_path, {"url": URL, "headers": headers})) == expected


def test_a_record_says_who_spoke_about_what(engine: Engine, tmp_path: Path) -> None:
    headers = {"TDM-Reservation": "1", "TDM-Policy": "https://art.example/policy"}
    response = {"url": URL, "headers": headers, "fetched_at": "2026-05-01T10:00:00Z"}
    [found] = records(engine, archive(tmp_path, response))
    assert (found["subject_kind"], found["subject_value"]) == ("url", URL)
    assert (found["declarant_id"], found["declarant_role"]) == ("host:art.example", "host")
    assert found["authority_level"] == "domain_meta"
    assert json.loads(found["conditions"]) == {"tdm_policy": "https://art.example/policy"}
    assert found["snapshot_at"] == found["declared_at"] == found["valid_from"]
    assert "valid_until" not in found


PAGE = """<html><head><!-- <meta name="robots" content="noml"> -->
<title><meta name="robots" content="noml"></title>
<META CONTENT='noai,&#32;noimageai' NAME=robots>
<meta name="tdm-reservation" content="1"><script>'<meta name="robots" content="noml">'</script>
</head><body>"""


def test_pages(tmp_path: Path) -> None:
    found = read(archive(tmp_path, {"url": URL, "html": PAGE}))
    assert [(r["signal_scheme"], r["media_types"]) for r in found] == [
        ("meta_noai", None),
        ("meta_noai", "image/*"),
        # What a page reserves is the page, not the images in it.
        ("tdmrep_meta", "text/html|application/xhtml+xml"),
    ]


def test_meta_elements_that_were_taken_out_of_their_page(tmp_path: Path) -> None:
    meta = {"robots": ["noindex", "noai"], "tdm-reservation": 0}
    found = said(archive(tmp_path, {"url": URL, "meta": meta}))
    assert found == [("meta_noai", "deny", None), ("tdmrep_meta", "allow", None)]


def test_each_capture_holds_until_the_next(engine: Engine, tmp_path: Path) -> None:
    def capture(day: str, **rest: Any) -> dict[str, Any]:
        return {"url": URL, "fetched_at": day, **rest}

    spec = archive(
        tmp_path,
        capture("2026-03-01", headers={}),
        capture("2026-01-01", headers={"X-Robots-Tag": "noai"}),
        capture("2026-02-01", headers={"X-Robots-Tag": "noml"}),
        # An error says nothing about the work, and pages nothing about headers.
        capture("2026-01-15", headers={}, status=503),
        capture("2026-01-20", html="<p>"),
    )
    found = records(engine, spec)
    days = [(r["signal_raw"], r["valid_from"].month, r["valid_until"].month) for r in found]
    assert days == [("noai", 1, 2), ("noml", 2, 3)]


def test_an_error_refuses_and_doesn_t_permit(tmp_path: Path) -> None:
    headers = {"Content-Usage": "train-ai=y", "X-Robots-Tag": "noai"}
    spec = archive(tmp_path, {"url": URL, "headers": headers, "status": 404})
    assert said(spec) == [("x_robots_noai", "deny", None)]


@pytest.mark.parametrize(
    ("response", "message"),
    [
        ({"headers": {}}, "no web address"),
        ({"url": "ftp:///x", "headers": {}}, "no web address"),
        ({"url": "http://intranet/x", "headers": {"X-Robots-Tag": "noai"}}, "no public host"),
        ({"url": URL, "headers": 7}, "neither an object"),
        ({"url": URL, "headers": {}, "fetched_at": "yesterday"}, "no date"),
        ({"url": URL, "meta": []}, "meta is no object"),
        ([1], "no JSON object"),
    ],
)
def test_what_is_no_response_is_named(tmp_path: Path, response: Any, message: str) -> None:
    with pytest.raises(RegistryError, match=message) as raised:
        read(archive(tmp_path, {"url": URL, "headers": {}}, response))
    assert "record 2" in str(raised.value)


@pytest.mark.parametrize(
    "content", [b'{"url": ', b"[" * 100_000, b"\xff\xfe\xff", b'{"url": "a", "headers": {}}\n{\0}']
)
def test_broken_files_are_errors(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.jsonl"
    path.write_bytes(content)
    with pytest.raises(RegistryError):
        read(str(path))


def test_control_characters_and_half_characters_stay_evidence(
    engine: Engine, tmp_path: Path
) -> None:
    spec = archive(tmp_path, {"url": URL, "headers": {"x-robots-tag": "noai, \ud800\u202e\x1b["}})
    [found] = records(engine, spec)
    assert found["decision"] == "deny"


def test_hostile_pages_take_no_time() -> None:
    pieces = ("<", "<!--", "<meta ", "<meta a=", "<meta x='", "<script ", "<script></", "<meta\t")
    started = time.monotonic()
    for piece in pieces:
        list(meta_elements(piece * (262_144 // len(piece))))
    assert time.monotonic() - started < 10


@pytest.mark.parametrize("charset", ["utf-8", "utf-16", "latin-1", "no-such-charset", "idna"])
def test_pages_in_any_character_set(charset: str) -> None:
    page = '<meta name="robots" content="noai">'
    octets = page.encode("utf-16" if charset == "utf-16" else "ascii")
    assert "noai" in decoded(octets, f"text/html; charset={charset}")


def warc(url: str, headers: str, body: bytes) -> bytes:
    """One record, compressed for itself."""
    http = f"HTTP/1.1 200 OK\r\n{headers}\r\n\r\n".encode() + body
    named = (
        f"WARC/1.1\r\nWARC-Type: response\r\nWARC-Target-URI: {url}\r\n"
        f"WARC-Date: 2026-04-01T00:00:00Z\r\nContent-Type: application/http; msgtype=response\r\n"
        f"Content-Length: {len(http)}\r\n\r\n"
    )
    return gzip.compress(named.encode() + http + b"\r\n\r\n")


def test_warc_archives(engine: Engine, tmp_path: Path) -> None:
    page = gzip.compress(b'<meta name="robots" content="noimageai">' + b" " * 10**6)
    path = tmp_path / "crawl.warc.gz"
    path.write_bytes(
        warc(URL, "X-Robots-Tag: noai\r\nContent-Type: image/jpeg", b"\xff\xd8")
        + warc("dns:art.example", "", b"")
        + warc("https://art.example/page", "Content-Encoding: gzip", page)
    )
    found = records(engine, f"headers:{path}")
    assert [(r["signal_scheme"], r["subject_value"]) for r in found] == [
        ("x_robots_noai", URL),
        ("meta_noai", "https://art.example/page"),
    ]
    assert {r["valid_from"].month for r in found} == {4}
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(RegistryError):
        read(str(path))


def test_an_odd_address_that_says_nothing_stops_nothing(tmp_path: Path) -> None:
    spec = archive(tmp_path, {"url": "http://intranet/x", "headers": {"server": "x"}})
    assert read(spec) == []


def test_a_file_of_responses_is_recognised(engine: Engine, tmp_path: Path) -> None:
    spec = archive(tmp_path, {"url": URL, "headers": {"X-Robots-Tag": "noai"}})
    [found] = records(engine, spec.removeprefix("headers:"))
    assert found["uses"] == AI
