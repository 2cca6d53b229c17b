"""Croissant: mlcroissant reads it without an error and without the network."""

import json

import mlcroissant
import pytest

from sourcing_audit.reports.standards.croissant import CONFORMS_TO, CroissantFormat

# rdflib 7 parses JSON-LD with a class of its own that it means to drop.
pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")

UNKNOWN_TO_AN_AUDIT = {"citeAs", "datePublished", "license", "version"}
"""What Croissant recommends and the reports here can't know."""


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    def refuse(*_, **__):
        raise AssertionError("a network was asked")

    monkeypatch.setattr("socket.socket.connect", refuse)


def card(report):
    return json.loads(CroissantFormat().render(report))


def metadata(report):
    return mlcroissant.Dataset(jsonld=card(report)).metadata


def test_it_is_read_without_an_error(each):
    read = metadata(each)
    assert not read.ctx.issues.errors
    missing = {one.rpartition("/")[2].partition('"')[0] for one in read.ctx.issues.warnings}
    assert missing <= UNKNOWN_TO_AN_AUDIT
    assert card(each)["conformsTo"] == list(CONFORMS_TO)


def test_the_reader_would_find_a_fault(report):
    document = card(report)
    del document["distribution"][0]["sha256"]
    with pytest.raises(mlcroissant.ValidationError, match="sha256"):
        mlcroissant.Dataset(jsonld=document)


def test_files_are_those_of_the_inputs(grouped):
    files = metadata(grouped).distribution
    assert [one.name for one in files] == [one.name for one in grouped.dataset.inputs]
    assert files[0].sha256 == grouped.dataset.inputs[0].sha256
    assert files[0].content_size == "812331002 B"
    assert files[0].encoding_formats == ["application/vnd.apache.parquet"]


def test_an_input_without_a_hash_is_named_among_the_limits(grouped):
    stream = grouped.dataset.inputs[0].model_copy(update={"sha256": None})
    data = grouped.dataset.model_copy(update={"inputs": [stream]})
    read = metadata(grouped.model_copy(update={"dataset": data}))
    assert read.distribution == []
    expected = "Input without a SHA-256, not in `distribution`: data/part-000.parquet."
    assert expected in read.data_limitations


def test_no_blanket_licence_is_claimed(grouped):
    assert metadata(grouped).license is None
    told = metadata(grouped).data_limitations
    assert any(one.startswith("Licence declared: CC-BY-4.0.") for one in told)
    assert any(one.startswith("Licence concluded: NOASSERTION. Not concluded") for one in told)


def test_a_licence_that_is_concluded_for_all_is_told(settled):
    assert metadata(settled).license == ["CC-BY-4.0 AND LicenseRef-Studio AND (MIT OR Apache-2.0)"]
    one = settled.licenses[0].model_copy(update={"items": 10})
    only = settled.model_copy(update={"licenses": [one], "license_expressions": 1})
    assert metadata(only).license == ["https://spdx.org/licenses/CC-BY-4.0.html"]


def test_the_fields_of_responsible_ai_are_filled(grouped):
    read = metadata(grouped)
    assert "upload.wikimedia.org: 601,100 items" in read.data_collection
    assert "film-archive under CC-BY-NC-4.0" in read.data_collection
    assert "Likeness not checked: 1,100,000 items" in read.data_collection_missing_data
    assert "1 file could not be read" in read.data_collection_missing_data
    assert "Consent: Refused: 57,416 items." in read.personal_sensitive_information
    [use] = read.data_use_cases
    assert use.startswith("Audited as of 2026-11-21 for: train generative")
    assert use.endswith("Other uses were not judged.")
