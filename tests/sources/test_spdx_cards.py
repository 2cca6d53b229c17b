"""SPDX documents about a dataset: its licences, what it is made from and what generated it."""

from __future__ import annotations

import json

import pytest

from sourcing_audit.sources import cards
from sourcing_audit.sources.cards import Quote, Upstream


@pytest.fixture
def spdx(tmp_path):
    def write(content, name="dataset.spdx.json"):
        path = tmp_path / name
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return cards.read_card(path)

    return write


def package(name, declared="NOASSERTION", concluded="NOASSERTION", **fields):
    return {
        "SPDXID": f"SPDXRef-{name}",
        "name": name,
        "licenseDeclared": declared,
        "licenseConcluded": concluded,
        **fields,
    }


def related(one, kind, other):
    return {
        "spdxElementId": f"SPDXRef-{one}",
        "relationshipType": kind,
        "relatedSpdxElement": f"SPDXRef-{other}",
    }


def document(*packages, relationships=(), **fields):
    return {
        "spdxVersion": "SPDX-2.3",
        "packages": list(packages),
        "relationships": list(relationships),
        **fields,
    }


def test_licences_and_prose(spdx):
    doors = package(
        "doors",
        "LicenseRef-Doors",
        "CC-BY-4.0",
        copyrightText="Copyright 2020 Jane",
        comment="A list of doors. It is for research use only.",
        licenseComments="Ask Jane.",
    )
    extracted = [
        {"licenseId": "LicenseRef-Doors", "extractedText": "Ours.", "seeAlsos": ["https://d.ex/l"]},
        {"licenseId": "LicenseRef-Other", "extractedText": "Not meant."},
    ]
    card = spdx(
        document(doors, package("b", "MIT"), documentDescribes=["SPDXRef-doors"])
        | {"hasExtractedLicensingInfos": extracted}
    )
    assert (card.kind, card.problems) == ("spdx", ())
    assert card.declared == ("LicenseRef-Doors", "CC-BY-4.0")
    assert (card.license_text, card.links) == ("Ours.", ("https://d.ex/l",))
    assert card.prose == (
        Quote("Ask Jane.", None, "licenseComments"),
        Quote("Copyright 2020 Jane", None, "copyrightText"),
        Quote("It is for research use only.", None, "comment"),
    )


def test_nobody_says(spdx):
    described = [related("DOCUMENT", "DESCRIBES", "doors")]
    assert spdx(document(package("doors"), relationships=described)).declared == ("NOASSERTION",)
    card = spdx(document(package("a", "MIT"), package("b", "NONE")))
    assert card.declared == ("MIT", "NONE")
    assert "doesn't say which package" in card.problems[0]
    assert "no package" in spdx(document()).problems[0]


def test_relationships(spdx):
    card = spdx(
        document(
            package("doors"),
            package("photos", "CC-BY-NC-4.0"),
            package("walls", concluded="MIT"),
            package("part", "GPL-3.0-only"),
            relationships=[
                related("doors", "DESCRIBED_BY", "DOCUMENT"),
                related("doors", "DESCENDANT_OF", "photos"),
                related("walls", "GENERATES", "doors"),
                related("doors", "CONTAINS", "part"),
                related("doors", "CONTAINS", "a-file"),
                related("doors", "COPY_OF", "elsewhere"),
                related("doors", "GENERATED_FROM", "doors"),
                related("doors", "DEPENDS_ON", "photos"),
            ],
        )
    )
    assert card.upstream == (
        Upstream("photos", "CC-BY-NC-4.0", "DESCENDANT_OF"),
        Upstream("walls", "MIT", "GENERATED_FROM"),
        Upstream("part", "GPL-3.0-only", "CONTAINS"),
        Upstream("SPDXRef-elsewhere", None, "COPY_OF"),
    )


TAGS = """# A comment
SPDXVersion: SPDX-2.3
DataLicense: CC0-1.0
SPDXID: SPDXRef-DOCUMENT
Relationship: SPDXRef-DOCUMENT DESCRIBES SPDXRef-doors
Relationship: SPDXRef-doors GENERATED_FROM SPDXRef-photos

PackageName: doors
SPDXID: SPDXRef-doors
PackageLicenseDeclared: LicenseRef-1
PackageCopyrightText: <text>Copyright 2020
Jane</text>
FileName: ./a.csv
SPDXID: SPDXRef-a
LicenseConcluded: GPL-3.0-only

PackageName: photos
SPDXID: SPDXRef-photos
PackageLicenseConcluded: CC-BY-NC-4.0

LicenseID: LicenseRef-1
ExtractedText: <text>Only
for friends.</text>
LicenseCrossReference: https://d.ex/l
"""


def test_tags_and_values(spdx):
    card = spdx(TAGS, "dataset.spdx")
    assert card.declared == ("LicenseRef-1",)
    assert card.license_text == "Only\nfor friends."
    assert card.links == ("https://d.ex/l",)
    assert [quote.text for quote in card.prose] == ["Copyright 2020", "Jane"]
    assert card.upstream == (Upstream("photos", "CC-BY-NC-4.0", "GENERATED_FROM"),)
    cut = spdx(TAGS[: TAGS.index("Jane")], "dataset.spdx")
    assert cut.declared == ("LicenseRef-1",)


def element(kind, identifier, **fields):
    return {"type": kind, "spdxId": f"https://d.ex/{identifier}", **fields}


def link(one, kind, *others):
    to = [other if ":" in other else f"https://d.ex/{other}" for other in others]
    return element("Relationship", f"r/{one}/{kind}/{others[0]}") | {
        "from": f"https://d.ex/{one}",
        "relationshipType": kind,
        "to": to,
    }


def graph(*elements):
    return {"@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld", "@graph": list(elements)}


def test_a_graph(spdx):
    card = spdx(
        graph(
            element("SpdxDocument", "doc", rootElement=["https://d.ex/bom"]),
            element("software_Sbom", "bom", rootElement=["https://d.ex/doors"]),
            element(
                "dataset_DatasetPackage",
                "doors",
                name="doors",
                software_copyrightText="Copyright Jane",
                dataset_intendedUse="For research use only.",
            ),
            element("dataset_DatasetPackage", "photos", name="photos"),
            element("ai_AIPackage", "painter", name="Painter 2"),
            element("software_File", "a.csv"),
            element(
                "simplelicensing_LicenseExpression",
                "l1",
                simplelicensing_licenseExpression="CC-BY-4.0",
            ),
            element(
                "expandedlicensing_ConjunctiveLicenseSet",
                "l2",
                expandedlicensing_member=["https://d.ex/l1", "https://spdx.org/licenses/MIT"],
            ),
            element(
                "simplelicensing_SimpleLicensingText",
                "l3",
                name="House rules",
                simplelicensing_licenseText="Wipe your feet.",
            ),
            link("doors", "hasDeclaredLicense", "l2"),
            link("doors", "hasConcludedLicense", "l3"),
            link("photos", "hasDeclaredLicense", "https://spdx.org/licenses/CC-BY-NC-4.0"),
            link("photos", "hasConcludedLicense", "https://spdx.org/rdf/NoAssertionLicense"),
            link("doors", "descendantOf", "photos"),
            link("painter", "generates", "doors"),
            link("doors", "contains", "a.csv"),
            link("painter", "trainedOn", "photos"),
        )
    )
    assert card.declared == ("(CC-BY-4.0 AND https://spdx.org/licenses/MIT)", "House rules")
    assert card.license_text == "Wipe your feet."
    assert card.upstream == (
        Upstream("photos", "https://spdx.org/licenses/CC-BY-NC-4.0", "descendantOf"),
        Upstream("Painter 2", None, "generatedBy"),
    )
    assert card.generators == ("Painter 2",)
    assert [quote.text for quote in card.prose] == ["Copyright Jane", "For research use only."]


def test_a_graph_of_a_model_and_one_without_a_root(spdx):
    card = spdx(
        graph(
            element("SpdxDocument", "doc", rootElement="https://d.ex/model"),
            element("ai_AIPackage", "model"),
            element("dataset_DatasetPackage", "a", name="a"),
            link("model", "trainedOn", "a"),
        )
    )
    assert card.upstream == (Upstream("a", None, "trainedOn"),)
    card = spdx(graph(element("dataset_DatasetPackage", "a"), element("Dataset", "b")))
    assert card.problems == ()
    assert "no dataset" in spdx(graph()).problems[0]


def test_licences_that_go_in_circles(spdx):
    card = spdx(
        graph(
            element("dataset_DatasetPackage", "a"),
            element("expandedlicensing_DisjunctiveLicenseSet", "l", member=["https://d.ex/l"]),
            link("a", "hasDeclaredLicense", "l"),
        )
    )
    assert "NOASSERTION" in card.declared[0]
