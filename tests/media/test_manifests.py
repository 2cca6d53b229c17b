from __future__ import annotations

import socket

import pytest

from sourcing_audit.media import manifests
from sourcing_audit.media.statements import records
from tests.support import media
from tests.support.media import entries, signed

ALL = ("data_mining", "ai_inference", "ai_training", "ai_generative_training")
USES = {
    "data_mining": "tdm_other",
    "ai_inference": "ai_input",
    "ai_training": "train_non_generative",
    "ai_generative_training": "train_generative",
}


@pytest.mark.parametrize("family", ["c2pa", "cawg"])
def test_each_entry_speaks_of_its_own_use(told, family):
    found = told(signed([entries("notAllowed", *ALL, family=family)]))
    assert sorted(found) == sorted((family, "deny", USES[name], "") for name in ALL)


def test_a_permission_of_a_valid_manifest_is_a_signal(told):
    found = told(signed([entries("allowed", "ai_generative_training")]))
    assert found == [("cawg", "allow", "train_generative", "")]


def test_the_signer_and_its_authority_are_named(read, rules):
    [record] = records("0" * 64, read(signed([entries("allowed", "ai_training")])), rules)
    assert record["declarant_name"] == "A. Maker"
    # Nobody vouches for the signer, so it is its own word.
    assert record["authority_level"] == "self_asserted"


def test_an_early_draft_without_the_wrapper(told):
    bare = ("c2pa.training-mining", {"c2pa.ai_training": {"use": "notAllowed"}})
    assert told(signed([bare])) == [("c2pa", "deny", "train_non_generative", "")]


def test_a_tampered_file_denies_and_never_grants(told):
    def tampered(use):
        content = bytearray(signed([entries(use, "ai_generative_training")]))
        content[-3] ^= 0x01
        return told(bytes(content))

    unverified = "signal_unverified"
    assert tampered("allowed") == [("cawg", "unknown", "train_generative", unverified)]
    assert tampered("notAllowed") == [("cawg", "deny", "train_generative", unverified)]


def test_constrained_without_information_is_not_allowed(told):
    assert told(signed([entries("constrained", "ai_training")]))[0][1] == "deny"
    known = entries("constrained", "ai_training", constraint_info="CC BY-NC 4.0")
    assert told(signed([known]))[0][1] == "conditional"


def test_an_ingredient_refuses_and_never_permits(told, read):
    refusing = signed([entries("notAllowed", "ai_training")])
    assert told(signed([], ingredient=refusing)) == [("cawg", "deny", "train_non_generative", "")]
    assert not read(signed([], ingredient=refusing))[0].own
    permitting = signed([entries("allowed", "ai_training")])
    assert told(signed([], ingredient=permitting))[0][1] == "unknown"


@pytest.mark.parametrize(
    "data",
    [
        {"entries": {"cawg.ai_training": {"use": "perhaps"}}},
        {"entries": {"cawg.ai_training": "notAllowed"}},
        {"entries": {"com.example.dreaming": {"use": "notAllowed"}}},
        {"entries": {}},
        {"entries": [1]},
    ],
)
def test_what_the_scheme_doesnt_know_is_a_finding(told, data):
    [found] = told(signed([("cawg.training-mining", data)]))
    assert found[1::2] == ("unknown", "signal_unreadable")


def test_a_manifest_without_the_assertion_is_silent(told):
    assert told(signed([])) == []


def test_a_manifest_that_cant_be_parsed_is_a_finding(told):
    content = bytearray(signed([entries("notAllowed", "ai_training")]))
    at = content.index(b"cawg.training-mining")
    content[at - 40 : at + 40] = b"\xee" * 80
    found = told(bytes(content))
    assert [each[3] for each in found] == ["signal_unreadable"]


def test_nothing_is_fetched(read, monkeypatch):
    def refused(*_args, **_kwargs):
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refused)
    assert manifests._SETTINGS["core"]["allowed_network_hosts"] == []
    assert manifests._SETTINGS["verify"]["remote_manifest_fetch"] is False
    read(signed([entries("notAllowed", "ai_training")]))


@pytest.mark.skipif(not media.REAL.is_dir(), reason="the files aren't here")
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("c2pa-training-mining-not-allowed.png", {("c2pa", "deny", "")}),
        ("cawg-training-mining-not-allowed.jpg", {("cawg", "deny", "")}),
        ("c2pa-all-four-not-allowed.wav", {("cawg", "deny", "")}),
        (
            "c2pa-and-cawg-allowed-invalid-manifest.jpg",
            {("c2pa", "unknown", "signal_unverified"), ("cawg", "unknown", "signal_unverified")},
        ),
        ("IPTC-PhotometadataRef-Std2023.1.jpg", {("plus_dmi", "deny", "")}),
        ("IPTC-PhotometadataRef-Std2014_large.jpg", set()),
    ],
)
def test_files_of_others(told, name, expected):
    found = told((media.REAL / name).read_bytes())
    assert {(scheme, decision, problem) for scheme, decision, _, problem in found} == expected
