from __future__ import annotations

import io
import zipfile

import pytest

from tests.support import media


@pytest.mark.parametrize(
    ("meta", "expected"),
    [
        ('<meta name="tdm:reservation" content="1"/>', ("deny", "")),
        ('<meta property="tdm:reservation">1</meta>', ("deny", "")),
        ('<meta property="tdm:reservation">0</meta>', ("allow", "")),
        ('<meta property="tdm:reservation">yes</meta>', ("unknown", "signal_unreadable")),
    ],
)
def test_both_versions_of_epub(told, meta, expected):
    [(scheme, decision, _, problem)] = told(media.epub(meta))
    assert (scheme, decision, problem) == ("tdmrep_epub", *expected)


def test_silence_makes_no_record(told):
    assert told(media.epub("<title>A book</title>")) == []


def test_the_policy_is_kept(read):
    metas = (
        '<meta property="tdm:reservation">1</meta><meta property="tdm:policy">https://a.b/p</meta>'
    )
    [found] = read(media.epub(metas))
    assert found.detail == "https://a.b/p"


def test_a_package_that_isnt_there_is_a_finding(told):
    assert told(media.epub("", package="elsewhere.opf"))[0][1::2] == (
        "unknown",
        "signal_unreadable",
    )


def test_a_bomb_is_not_unpacked(told):
    assert told(media.epub(" " * 50_000_000))[0][1::2] == ("unknown", "signal_unreadable")


def test_entities_are_not_expanded(told):
    laughs = "".join(f'<!ENTITY a{n + 1} "{f"&a{n};" * 10}">' for n in range(9))
    target = io.BytesIO(media.epub(""))
    with zipfile.ZipFile(target, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("OEBPS/content.opf", f'<!DOCTYPE a [<!ENTITY a0 "x">{laughs}]><a>&a9;</a>')
    assert told(target.getvalue())[0][3] == "signal_unreadable"


def test_a_cut_archive_is_a_finding(told):
    assert told(media.epub("<title>A book</title>")[:200])[0][3] == "signal_unreadable"


def test_other_archives_are_not_opened(told):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("a.txt", "text")
    assert told(target.getvalue()) == []
