from __future__ import annotations

import hashlib
import os

import pytest

from sourcing_audit.media import local


@pytest.fixture
def folder(tmp_path):
    inside = tmp_path / "data"
    (inside / "deep").mkdir(parents=True)
    (inside / "deep" / "a b.jpg").write_bytes(b"inside")
    (tmp_path / "outside.jpg").write_bytes(b"outside")
    return inside


@pytest.mark.parametrize(
    "text", ["deep/a b.jpg", "./deep/a b.jpg", " deep/a b.jpg ", "deep\\a b.jpg"]
)
def test_a_file_below_the_manifest_is_found(folder, text):
    assert local.resolved(folder, text) == folder.resolve() / "deep" / "a b.jpg"


@pytest.mark.parametrize(
    "text",
    [
        "../outside.jpg",
        "deep/../../outside.jpg",
        "deep\\..\\..\\outside.jpg",
        "/etc/passwd",
        "~/secret",
        "C:\\secret.jpg",
        "\\\\host\\share\\a.jpg",
        "deep/a\x00.jpg",
    ],
)
def test_no_path_leads_out(folder, text):
    with pytest.raises(local.NotReadError) as raised:
        local.resolved(folder, text)
    assert raised.value.reason == local.OUTSIDE


def test_no_link_leads_out(folder):
    (folder / "link.jpg").symlink_to(folder.parent / "outside.jpg")
    (folder / "up").symlink_to(folder.parent)
    for text in ("link.jpg", "up/outside.jpg"):
        with pytest.raises(local.NotReadError) as raised:
            local.resolved(folder, text)
        assert raised.value.reason == local.OUTSIDE


def test_a_pipe_is_not_waited_for(folder):
    os.mkfifo(folder / "pipe.jpg")
    for text in ("pipe.jpg", "deep", "gone.jpg", "x" * 5_000):
        with pytest.raises(local.NotReadError) as raised:
            local.resolved(folder, text)
        assert raised.value.reason == local.NOT_FOUND


def test_the_digest_is_that_of_the_bytes(folder):
    found = local.digest(folder / "deep" / "a b.jpg")
    assert found == hashlib.sha256(b"inside").hexdigest()


@pytest.mark.parametrize("text", ["https://a.b/c.jpg", "s3://bucket/a", "data:image/png;base64,A"])
def test_addresses_are_no_paths(text):
    assert local.elsewhere(text)
