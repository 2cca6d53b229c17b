"""SPDX 3: read back by SPDX' own bindings, which hold types and cardinalities of the model."""

import io
import json

import pytest
from spdx_python_model import v3_0_1 as spdx

from sourcing_audit.reports.standards.spdx3 import Spdx3Format

NOTHING = "https://spdx.org/rdf/3.0.1/terms/ExpandedLicensing/NoAssertionLicense"


def read(report):
    elements = spdx.SHACLObjectSet()
    spdx.JSONLDDeserializer().read(io.BytesIO(Spdx3Format().render(report)), elements)
    return elements


def only(elements, kind):
    [found] = elements.foreach_type(kind)
    return found


def relations(elements):
    return {
        one.relationshipType.rpartition("/")[2]: one
        for one in elements.foreach_type(spdx.Relationship)
    }


def license_of(elements, kind):
    [target] = relations(elements)[kind].to
    if isinstance(target, spdx.simplelicensing_LicenseExpression):
        return target.simplelicensing_licenseExpression
    return target if isinstance(target, str) else target._id


def test_it_reads_back_and_every_reference_leads_somewhere(each):
    elements = read(each)
    assert elements.link() <= {NOTHING}
    document = only(elements, spdx.SpdxDocument)
    assert {one.spdxId for one in document.rootElement} == {
        only(elements, spdx.dataset_DatasetPackage).spdxId
    }
    listed = {one.spdxId for one in document.element}
    ids = {one.spdxId for one in elements.foreach_type(spdx.Element)}
    assert listed == ids - {document.spdxId}


def test_the_bindings_would_find_a_fault(report):
    document = json.loads(Spdx3Format().render(report))
    [dataset] = [one for one in document["@graph"] if one["type"] == "dataset_DatasetPackage"]
    dataset["dataset_datasetType"] = ["moonlight"]
    with pytest.raises(ValueError, match="moonlight"):
        spdx.JSONLDDeserializer().deserialize_data(document, spdx.SHACLObjectSet())


def test_it_does_not_claim_the_dataset_profile(report):
    document = only(read(report), spdx.SpdxDocument)
    profiles = {one.rpartition("/")[2] for one in document.profileConformance}
    assert profiles == {"core", "software", "simpleLicensing"}


def test_nothing_is_concluded_where_items_are_not(grouped):
    elements = read(grouped)
    assert license_of(elements, "hasDeclaredLicense") == "CC-BY-4.0"
    assert license_of(elements, "hasConcludedLicense") == NOTHING
    assert "could not be read" in relations(elements)["hasConcludedLicense"].comment


def test_a_collection_is_under_the_conjunction_of_its_items(settled):
    expected = "CC-BY-4.0 AND LicenseRef-Studio AND (MIT OR Apache-2.0)"
    assert license_of(read(settled), "hasConcludedLicense") == expected


def test_inputs_are_data_files_with_their_hashes(grouped):
    elements = read(grouped)
    files = sorted(elements.foreach_type(spdx.software_File), key=lambda one: one.spdxId)
    assert [one.name for one in files] == [one.name for one in grouped.dataset.inputs]
    assert files[0].verifiedUsing[0].hashValue == grouped.dataset.inputs[0].sha256
    assert files[0].contentType == "application/vnd.apache.parquet"
    assert len(relations(elements)["hasDataFile"].to) == len(files)


def test_what_is_not_known_is_not_asserted(grouped):
    dataset = only(read(grouped), spdx.dataset_DatasetPackage)
    assert [one.rpartition("/")[2] for one in dataset.dataset_datasetType] == ["noAssertion"]
    presence = dataset.dataset_hasSensitivePersonalInformation
    assert presence.rpartition("/")[2] == "noAssertion"
    assert dataset.dataset_intendedUse is None
    assert "film-archive under CC-BY-NC-4.0" in dataset.dataset_dataCollectionProcess


def test_consent_persons_and_gaps_are_annotations(grouped):
    told = sorted(one.statement for one in read(grouped).foreach_type(spdx.Annotation))
    titles = [one.partition(":")[0] for one in told]
    assert titles == [
        "Consent",
        "Limits",
        "Not established",
        "Persons",
        "Sourcing status",
        "Waived",
    ]
