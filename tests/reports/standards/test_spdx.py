"""SPDX: valid by spdx-tools, read back by it, and no claim beyond the evidence."""

import json

import pytest
from spdx_tools.spdx.model import RelationshipType, SpdxNoAssertion
from spdx_tools.spdx.parser.parse_anything import parse_file
from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document

from sourcing_audit.model import LicenseClass
from sourcing_audit.report import LicenseCount
from sourcing_audit.reports.standards.spdx import SpdxFormat


@pytest.fixture
def read(tmp_path):
    def read(report):
        path = tmp_path / "report.spdx.json"
        path.write_bytes(SpdxFormat().render(report))
        return parse_file(str(path))

    return read


def dataset(document):
    return next(one for one in document.packages if one.spdx_id == "SPDXRef-Dataset")


def test_the_document_is_valid_and_reads_back(each, read):
    document = read(each)
    assert validate_full_spdx_document(document) == []
    assert document.creation_info.spdx_version == "SPDX-2.3"
    assert len(document.packages) == 1 + len(each.dataset.inputs)


def test_the_validator_would_find_a_fault(report, tmp_path):
    path = tmp_path / "report.spdx.json"
    document = json.loads(SpdxFormat().render(report))
    document["packages"][0]["licenseConcluded"] = "LicenseRef-Nobody-Knows"
    path.write_text(json.dumps(document), encoding="utf-8")
    assert validate_full_spdx_document(parse_file(str(path)))


def test_nothing_is_concluded_where_items_are_not(grouped, read):
    package = dataset(read(grouped))
    assert package.license_concluded == SpdxNoAssertion()
    assert str(package.license_declared) == "CC-BY-4.0"
    assert "NOASSERTION: 226,076 items (18.8 %)" in package.license_comment
    assert "31 records and 1 file could not be read" in package.license_comment
    assert "limits what its tag permits" in package.license_comment


def test_a_collection_is_under_the_conjunction_of_its_items(settled, read):
    document = read(settled)
    package = dataset(document)
    expected = "CC-BY-4.0 AND LicenseRef-Studio AND (MIT OR Apache-2.0)"
    assert str(package.license_concluded) == expected
    [own] = document.extracted_licensing_info
    assert own.license_id == "LicenseRef-Studio"
    assert "does not hold the text" in own.extracted_text


@pytest.mark.parametrize("expression", ["NOASSERTION", "NONE", "CC-BY-4.0 AND NOASSERTION"])
def test_one_item_without_a_licence_is_enough(expression, settled, read):
    silent = LicenseCount(
        expression=expression,
        license_class=LicenseClass.UNKNOWN,
        terms=[],
        items=1,
        share=0.1,
        distinct_values=1,
    )
    licenses = [*settled.licenses[:2], silent]
    package = dataset(read(settled.model_copy(update={"licenses": licenses})))
    assert package.license_concluded == SpdxNoAssertion()
    assert "the licence of 1 item is not known" in package.license_comment


@pytest.mark.parametrize(
    "update",
    [
        {"license_expressions": 4},
        {"licenses": []},
        {"totals": {"items_in": 11, "verdicts": 11, "quarantined": 0, "unreadable_files": 0}},
        {"totals": {"items_in": 10, "verdicts": 10, "quarantined": 0, "unreadable_files": 1}},
    ],
    ids=["not all listed", "none listed", "not all counted", "a file unread"],
)
def test_what_is_not_listed_in_full_is_not_concluded(update, settled, read):
    report = type(settled).model_validate(settled.model_dump() | update)
    assert dataset(read(report)).license_concluded == SpdxNoAssertion()


def test_inputs_are_its_data_files_with_their_hashes(grouped, read):
    document = read(grouped)
    inputs = document.packages[1:]
    assert [one.name for one in inputs] == [one.name for one in grouped.dataset.inputs]
    assert inputs[0].checksums[0].value == grouped.dataset.inputs[0].sha256
    kinds = {one.relationship_type for one in document.relationships}
    assert kinds == {RelationshipType.DESCRIBES, RelationshipType.DATA_FILE_OF}


def test_an_input_without_a_hash_has_no_checksum(grouped, read):
    stream = grouped.dataset.inputs[0].model_copy(update={"sha256": None, "version": "etag:a"})
    data = grouped.dataset.model_copy(update={"inputs": [stream]})
    [_, package] = read(grouped.model_copy(update={"dataset": data})).packages
    assert (package.checksums, package.version) == ([], "etag:a")


def test_consent_persons_and_gaps_are_annotations(grouped, read):
    told = [one.annotation_comment for one in read(grouped).annotations]
    titles = [one.partition(":")[0] for one in told]
    assert titles == [
        "Sourcing status",
        "Consent",
        "Persons",
        "Not established",
        "Waived",
        "Limits",
    ]
    assert "Refused: 57,416 items." in told[1]
    assert "not legal advice" in told[5]
