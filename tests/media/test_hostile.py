"""No file ends the audit, takes long or takes much memory."""

from __future__ import annotations

import random
import time

import pytest

from tests.support import media

PROHIBITED = media.data_mining("DMI-PROHIBITED")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xd8\xff",
        b"\xff\xd8\xff\xe1\xff\xff" + b"A" * 10,
        b"\x89PNG\r\n\x1a\n" + b"\xff" * 50,
        b"GIF89a",
        b"II*\x00\xff\xff\xff\xff",
        b"RIFF\xff\xff\xff\xffWEBP",
        bytes(range(256)),
    ],
)
def test_what_cant_be_opened_is_a_finding(told, content):
    assert [each[1::2] for each in told(content)] == [("unknown", "signal_unreadable")]


@pytest.mark.parametrize(
    "content",
    [
        b"<x:xmpmeta>" * 200_000 + b"DataMining DMI-",
        b"<rdf:RDF" * 200_000,
        b"\xff\xd8" + b"\xff\xe1\x00\x02" * 500_000,
        b"%PDF-1.7" + b"/Type/Metadata/FlateDecode stream\n" * 50_000,
        media.xmp("<a>" * 200_000 + "<plus:DataMining>x"),
        media.xmp("<plus:DataMining>x</plus:DataMining>" * 20_000),
        media.image() + b"PLUS" * 5_000_000 + PROHIBITED,
        media.image() + PROHIBITED.replace(b"DMI-PROHIBITED", b"\x00\x1b[31m" * 1_000),
    ],
)
def test_large_and_deep_content_takes_no_time(told, content):
    started = time.monotonic()
    told(content)
    assert time.monotonic() - started < 10


def test_evidence_is_short_and_plain(read):
    code = "x&#x202e;" * 5_000
    packet = media.xmp(f"<plus:DataMining>{code}</plus:DataMining>")
    [found] = read(media.image(packet))
    assert len(found.raw) <= 500
    assert found.raw.isprintable()


def test_damage_anywhere_is_never_silent_permission(told):
    """A refusal whose file is damaged is still a refusal, a finding, or gone with its bytes."""
    rng = random.Random(7)
    original = media.signed([media.entries("allowed", "ai_generative_training")])
    intact = told(original)
    for _ in range(60):
        content = bytearray(original)
        for _ in range(3):
            content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
        if bytes(content) != original:
            assert all(each[1] != "allow" for each in told(bytes(content)) if each in intact)
