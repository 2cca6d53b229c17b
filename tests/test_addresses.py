"""Addresses by the WHATWG standard: one spelling each, and what doesn't tell works apart."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sourcing_audit import places
from sourcing_audit.addresses import NORMAL, Addresses
from sourcing_audit.rules import ConsentRules, RuleStore

READER = Addresses(ConsentRules.load(RuleStore()).tracking)


@pytest.mark.parametrize(
    ("given_", "exact", "wide"),
    [
        ("https://a.example/x", "https://a.example/x", "a.example/x"),
        ("HTTPS://A.EXAMPLE/X", "https://a.example/X", "a.example/X"),
        ("http://www.a.example", "http://www.a.example/", "a.example/"),
        ("https://user:pw@a.example/x", "https://a.example/x", "a.example/x"),
        ("https://a.example:443/x", "https://a.example/x", "a.example/x"),
        ("http://a.example:443/x", "http://a.example:443/x", "a.example/x"),
        ("https://a.example:8080/x", "https://a.example:8080/x", "a.example:8080/x"),
        ("https://a.example./x", "https://a.example/x", "a.example/x"),
        ("https://a.example/b/../x", "https://a.example/x", "a.example/x"),
        ("https://a.example/b/%2E%2e/x", "https://a.example/x", "a.example/x"),
        ("https://a.example/%7Ejane/%61", "https://a.example/~jane/a", "a.example/~jane/a"),
        ("https://a.example/a%2fb", "https://a.example/a%2Fb", "a.example/a%2Fb"),
        ("https://faß.de/", "https://xn--fa-hia.de/", "xn--fa-hia.de/"),
        ("https://a.example/ä b", "https://a.example/%C3%A4%20b", "a.example/%C3%A4%20b"),
        (r"https:\\a.example\x", "https://a.example/x", "a.example/x"),
        ("//a.example/x", "//a.example/x", "a.example/x"),
        ("www.a.example/x", "//www.a.example/x", "a.example/x"),
        (" https://a.exam\nple/x ", "https://a.example/x", "a.example/x"),
        ("https://a.example/x#part", "https://a.example/x#part", "a.example/x"),
        ("https://a.example/x?utm_source=n", "https://a.example/x?utm_source=n", "a.example/x"),
        (
            "https://a.example/x?id=1&fbclid=2&b=3",
            "https://a.example/x?id=1&fbclid=2&b=3",
            "a.example/x?id=1&b=3",
        ),
        ("https://a.example/x?author=gclid", "https://a.example/x?author=gclid", None),
        ("s3://bucket/key", "s3://bucket/key", "bucket/key"),
        ("git@github.com:ann/x.git", "ssh://github.com/ann/x.git", "github.com/ann/x.git"),
        ("https:a.example/x", "https://a.example/x", "a.example/x"),
        ("http://[::1]/x", "http://[::1]/x", "[::1]/x"),
        # Nothing that a browser could fetch; kept as far as it can be read.
        ("https://a b.example/x", "https://a b.example/x", "a b.example/x"),
    ],
)
def test_an_address_has_one_spelling(given_: str, exact: str, wide: str | None) -> None:
    assert READER.read(given_) == (exact, wide or exact.removeprefix("https://"))


@pytest.mark.parametrize("text", ["", "IMG 0001.jpg", "data:text/plain,x", "/a/b.jpg", "C:\\x"])
def test_what_is_no_address_has_no_key(text: str) -> None:
    assert READER.read(text) is None


@pytest.mark.parametrize(
    "text", ["IMG 0001.jpg", "/a/b.jpg", "C:\\x", "n/a", "shelf 12, box 3", "http://", "file:///x"]
)
def test_what_holds_no_address_is_counted_as_none(text: str) -> None:
    assert not READER.read_all(text)
    assert not re.search(places.ADDRESS, text)


PLACES = (
    "https://a.example/1",
    "HTTP:a.example",
    "//a.example/1",
    "www.a.example",
    "a.example",
    "a.example:80/1?b",
    "ä.example/1",
    "s3://bucket/key",
    "http://[::1]/x",
    "git@github.com:ann/x.git",
)
AROUND = (
    ("", ""),
    (" ", "\n"),
    ("<", ">"),
    ("'", "'"),
    ('"', '"'),
    ('["', '"]'),
    ("['", "', 'x']"),
)


@pytest.mark.parametrize(("before", "after"), AROUND)
@pytest.mark.parametrize("place", PLACES)
def test_what_holds_an_address_isnt_counted_as_none(place: str, before: str, after: str) -> None:
    text = f"{before}{place}{after}"
    assert READER.read_all(text)
    assert re.search(places.ADDRESS, text)


def test_a_list_holds_several_addresses() -> None:
    found = READER.read_all('["https://a.example/1", 5, "b.example/2"]')
    assert [address.wide for address in found] == ["a.example/1", "b.example/2"]
    assert not READER.read_all("[" * 100_000)


@pytest.mark.parametrize(
    "text",
    [
        "https://a.example/1|https://b.example/2?c=,https://d.example/",
        "https://a.example/1, HTTPS://b.example/2?c=,https://d.example/",
        "https://a.example/1;https://b.example/2?c=,https://d.example/",
        "https://a.example/1\nhttps://b.example/2?c=,https://d.example/",
        "['https://a.example/1', 'https://b.example/2?c=,https://d.example/']",
    ],
)
def test_a_list_may_be_written_in_other_ways(text: str) -> None:
    wide = [address.wide for address in READER.read_all(text)]
    assert wide == ["a.example/1", "b.example/2?c=,https://d.example/"]


@pytest.mark.parametrize(
    "text", ["<https://a.example/1>", '"https://a.example/1"', "\ufeff'https://a.example/1' "]
)
def test_marks_around_an_address_are_no_part_of_it(text: str) -> None:
    assert [address.wide for address in READER.read_all(text)] == ["a.example/1"]


@pytest.mark.parametrize("between", [" ", ", ", "'", "' , "])
def test_a_long_text_takes_little_time(between: str) -> None:
    began = time.monotonic()
    READER.read_all("https://a.example/1" + between * 50_000 + "x")
    READER.read_all("['" + between * 50_000 + "x")
    assert time.monotonic() - began < 2


def test_an_address_of_an_archive_is_one_address() -> None:
    archived = "https://web.example/2020/https://a.example/1"
    assert [address.exact for address in READER.read_all(archived)] == [archived]


def test_an_address_with_tracking_is_also_found_with_it() -> None:
    found = READER.read_all("http://www.a.example:80/1?utm_source=n&b=2#c")
    assert [address.wide for address in found] == [
        "a.example/1?b=2",
        "a.example/1?utm_source=n&b=2",
    ]
    assert len({address.exact for address in found}) == 1


@given(st.text(st.sampled_from("aZ0-._~/?&=%2E4F7:#ü \\'|*["), max_size=30))
def test_what_is_normal_is_its_own_exact_form(rest: str) -> None:
    address = f"https://a.example/{rest}"
    if re.search(NORMAL, address):
        assert READER.read(address).exact == address


@given(st.text(max_size=60))
def test_reading_an_exact_form_again_changes_nothing(text: str) -> None:
    once = READER.read(f"https://a.example/{text}")
    assert READER.read(once.exact) == once


@pytest.mark.parametrize(
    ("text", "wide"),
    [
        ("example.com", "example.com"),
        ("*.Example.com.", "example.com"),
        (".example.com", "example.com"),
        ("https://www.example.com/", "example.com"),
        ("localhost", "localhost"),
        ("example.com:8080", "example.com:8080"),
        ("https://example.com/x", None),
        ("user@example.com", None),
        ("example", None),
        ("a*.com", None),
        ("", None),
    ],
)
def test_a_place_is_a_host(text: str, wide: str | None) -> None:
    assert [found.wide for found in READER.place(text)] == ([wide] if wide else [])


@pytest.mark.parametrize(
    ("text", "wide"),
    [
        ("https://www.a.example/b/", "a.example/b"),
        ("a.example/b/*", "a.example/b"),
        ("a.example", "a.example"),
        ("a.example/b?c", None),
        ("a.example/*/b", None),
    ],
)
def test_a_prefix_ends_at_a_segment(text: str, wide: str | None) -> None:
    assert [found.wide for found in READER.prefix(text)] == ([wide] if wide else [])


@pytest.mark.parametrize(
    ("text", "wide"),
    [
        ("a.example/", "a.example/"),
        ("www.a.example:443/x y/*.pdf$", "a.example/x%20y/*.pdf$"),
        ("https://a.example/%7eü?q=*", "a.example/~%C3%BC?q=*"),
        ("a.example", None),
        ("a b/x", None),
    ],
)
def test_a_pattern_keeps_its_wildcards(text: str, wide: str | None) -> None:
    assert [found.wide for found in READER.pattern(text)] == ([wide] if wide else [])
