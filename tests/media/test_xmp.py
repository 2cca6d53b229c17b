from __future__ import annotations

import zlib

import pytest

from tests.support import media

DENIES = ("plus_dmi", "deny", "any", "")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_a_prohibition_is_read_from_every_kind_of_image(told, kind):
    assert told(media.image(media.data_mining("DMI-PROHIBITED"), kind=kind)) == [DENIES]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "GIF", "BMP"])
def test_silence_makes_no_record(told, kind):
    assert told(media.image(kind=kind)) == []


def test_other_xmp_makes_no_record(told):
    assert told(media.image(media.xmp("<plus:Version>1.2</plus:Version>"))) == []


@pytest.mark.parametrize(
    ("code", "decision", "uses", "problem"),
    [
        ("DMI-ALLOWED", "allow", "train_generative|", ""),
        ("DMI-UNSPECIFIED", "unknown", "", ""),
        ("DMI-PROHIBITED-AIMLTRAINING", "deny", "train_generative|train_non_generative", ""),
        ("DMI-PROHIBITED-GENAIMLTRAINING", "deny", "train_generative", ""),
        ("DMI-PROHIBITED-EXCEPTSEARCHENGINEINDEXING", "deny", "train_generative|", ""),
        ("DMI-PROHIBITED-SEECONSTRAINT", "deny", "any", ""),
        ("DMI-PROHIBITED-SEEEMBEDDEDRIGHTSEXPR", "deny", "any", "signal_document_missing"),
        ("DMI-PROHIBITED-SEELINKEDRIGHTSEXPR", "deny", "any", "signal_document_missing"),
        ("DMI-SOMETHING-NEW", "unknown", "", "signal_unreadable"),
        ("", "unknown", "", "signal_unreadable"),
    ],
)
def test_each_code_says_what_its_rule_says(told, code, decision, uses, problem):
    [found] = told(media.image(media.data_mining(code)))
    assert found[:2] == ("plus_dmi", decision)
    assert found[2].startswith(uses)
    assert found[3] == problem


def test_search_stays_allowed_by_the_code_that_excepts_it(told):
    code = "DMI-PROHIBITED-EXCEPTSEARCHENGINEINDEXING"
    [found] = told(media.image(media.data_mining(code)))
    assert "search_index" not in found[2].split("|")


@pytest.mark.parametrize(
    "packet",
    [
        media.xmp("<plus:DataMining>DMI-PROHIBITED</plus:DataMining>"),
        media.xmp("<plus:DataMining> dmi-prohibited/ </plus:DataMining>"),
        media.xmp("", attributes=f' plus:DataMining="{media.VOCABULARY}DMI-PROHIBITED"'),
        media.xmp(f'<plus:DataMining rdf:resource="{media.VOCABULARY}DMI-PROHIBITED"/>'),
        media.xmp(
            "<plus:DataMining><rdf:Bag><rdf:li>DMI-PROHIBITED</rdf:li></rdf:Bag></plus:DataMining>"
        ),
    ],
)
def test_every_way_of_writing_it_is_understood(told, packet):
    assert told(media.image(packet)) == [DENIES]


def test_the_constraint_is_kept_as_evidence(read):
    constraint = "<plus:OtherConstraints>Ask the agency.</plus:OtherConstraints>"
    packet = media.xmp(
        f"<plus:DataMining>DMI-PROHIBITED-SEECONSTRAINT</plus:DataMining>{constraint}"
    )
    [found] = read(media.image(packet))
    assert found.raw.endswith("plus:OtherConstraints Ask the agency.")


def test_a_foreign_namespace_keeps_a_refusal_and_no_permission(told):
    def of(code):
        packet = media.xmp(
            f"<plus:DataMining>{code}</plus:DataMining>", namespace="http://example.org/"
        )
        return told(media.image(packet))[0][1::2]

    assert of("DMI-PROHIBITED") == ("deny", "signal_malformed")
    assert of("DMI-ALLOWED") == ("unknown", "signal_malformed")


@pytest.mark.parametrize(
    "broken",
    [
        media.data_mining("DMI-PROHIBITED").replace(b"</plus:DataMining>", b""),
        media.data_mining("DMI-PROHIBITED")[:-60],
        b"plus:DataMining=DMI-PROHIBITED",
        b'<!DOCTYPE x [<!ENTITY e "DMI-PROHIBITED">]>'
        + media.xmp("<plus:DataMining>&e;</plus:DataMining>"),
    ],
)
def test_what_is_broken_is_never_silent(told, broken):
    found = told(media.image() + broken + b"DMI-")
    assert found
    assert {each[1::2] for each in found} == {("unknown", "signal_unreadable")}


def test_broken_xmp_that_speaks_of_something_else_is_silent(told):
    assert told(media.image() + b"<x:xmpmeta><dc:title>") == []


def test_two_values_are_two_records(told):
    packets = media.data_mining("DMI-ALLOWED") + media.data_mining("DMI-PROHIBITED")
    assert [each[1] for each in told(media.image() + packets)] == ["allow", "deny"]


def test_a_packet_in_utf_16(told):
    packet = media.data_mining("DMI-PROHIBITED").decode().encode("utf-16-le")
    assert told(media.image() + packet) == [DENIES]


def test_extended_xmp_in_several_segments(told):
    packet = media.data_mining("DMI-PROHIBITED")
    head = b"http://ns.adobe.com/xmp/extension/\x00" + b"A" * 32 + len(packet).to_bytes(4, "big")
    half = len(packet) // 2
    segments = b""
    for start, stop in ((half, len(packet)), (0, half)):
        body = head + start.to_bytes(4, "big") + packet[start:stop]
        segments += b"\xff\xe1" + (len(body) + 2).to_bytes(2, "big") + body
    plain = media.image()
    assert DENIES in told(plain[:2] + segments + plain[2:])


def test_compressed_text_in_png(told):
    text = zlib.compress(media.data_mining("DMI-PROHIBITED"))
    body = b"XML:com.adobe.xmp\x00\x01\x00\x00\x00" + text
    chunk = b"iTXt" + body
    whole = len(body).to_bytes(4, "big") + chunk + zlib.crc32(chunk).to_bytes(4, "big")
    plain = media.image(kind="PNG")
    assert told(plain[:33] + whole + plain[33:]) == [DENIES]


@pytest.mark.parametrize("kind", [b"tEXt", b"zTXt"])
def test_a_hexadecimal_profile_in_png(told, kind):
    packet = media.data_mining("DMI-PROHIBITED")
    text = f"\nxmp\n    {len(packet)}\n{packet.hex()}\n".encode()
    text = b"\x00" + zlib.compress(text) if kind == b"zTXt" else text
    body = b"Raw profile type xmp\x00" + text
    chunk = kind + body
    whole = len(body).to_bytes(4, "big") + chunk + zlib.crc32(chunk).to_bytes(4, "big")
    plain = media.image(kind="PNG")
    assert told(plain[:33] + whole + plain[33:]) == [DENIES]


def test_svg_that_declares_its_prefixes_above(told):
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
        ' xmlns:plus="http://ns.useplus.org/ldf/xmp/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        "<metadata><rdf:RDF><rdf:Description><dc:title>A: b</dc:title>"
        "<plus:DataMining>DMI-PROHIBITED</plus:DataMining>"
        "</rdf:Description></rdf:RDF></metadata></svg>"
    )
    assert told(svg.encode()) == [DENIES]


def test_compressed_metadata_in_pdf(told):
    packet = zlib.compress(media.data_mining("DMI-PROHIBITED"))
    content = media.pdf(packet).replace(b"/Subtype", b"/Filter/FlateDecode/Subtype")
    assert told(content) == [DENIES]


def test_packets_in_audio_and_video(told):
    packet = media.data_mining("DMI-PROHIBITED")
    for head in (b"ID3\x04\x00", b"\x00\x00\x00\x18ftypisom", b"RIFF\x00\x00\x00\x00WAVE"):
        assert told(head + b"\x00" * 100 + packet) == [DENIES]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("1", ("deny", "")),
        ("0", ("allow", "")),
        ("true", ("unknown", "signal_unreadable")),
    ],
)
def test_tdm_reservation_in_pdf(told, value, expected):
    packet = media.xmp(f"<tdm:reservation>{value}</tdm:reservation>")
    [(scheme, *found)] = told(media.pdf(packet))
    assert (scheme, found[0], found[2]) == ("tdmrep_pdf", *expected)
