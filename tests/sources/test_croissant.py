"""Croissant files: the rights and the origin that they state, and the tables that they describe."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from sourcing_audit.errors import InputError, NothingToAuditError
from sourcing_audit.sources import cards, dataset_name
from sourcing_audit.sources.cards import Quote, Upstream, linked

PUBLISHED = Path(__file__).parents[3] / "shared" / "data" / "cards" / "croissant"
CONTEXT = {"@vocab": "https://schema.org/", "sc": "https://schema.org/", "lic": "sc:license"}


@pytest.fixture
def croissant(tmp_path):
    """Write a description of a dataset and give its path."""

    def write(content=None, **fields):
        path = tmp_path / "croissant.json"
        whole = {"@context": CONTEXT, "@type": "sc:Dataset", **fields}
        path.write_text(json.dumps(whole if content is None else content))
        return path

    return write


CC_BY = "https://creativecommons.org/licenses/by/4.0/"


@pytest.mark.parametrize(
    ("fields", "declared", "links"),
    [
        ({"license": "mit"}, ("mit",), ()),
        ({"license": ["mit", CC_BY]}, ("mit", CC_BY), ()),
        ({"sc:license": CC_BY}, (CC_BY,), ()),
        ({"http://schema.org/license": CC_BY}, (CC_BY,), ()),
        ({"dct:license": {"@id": CC_BY}}, (CC_BY,), ()),
        ({"lic": "mit"}, ("mit",), ()),
        ({"license": {"@value": "mit", "@language": "en"}}, ("mit",), ()),
        ({"license": {"@list": ["mit", "gpl-3.0"]}}, ("mit", "gpl-3.0"), ()),
        (
            {"license": {"@type": "CreativeWork", "name": "CC BY 4.0", "url": CC_BY}},
            ("CC BY 4.0",),
            (CC_BY,),
        ),
        ({"license": {"@type": "CreativeWork", "url": CC_BY}}, (CC_BY,), ()),
        ({"license": [{"name": "A", "license": {"name": "B"}}]}, ("A", "B"), ()),
        ({"license": "mit", "sdLicense": "cc-by-nc-4.0"}, ("mit",), ()),
        ({"dct:rights": [CC_BY, "Be kind"]}, (CC_BY,), ()),
        ({"license": None}, (), ()),
        ({"license": ["", None]}, (), ()),
        ({"license": "None"}, ("None",), ()),
        ({"license": True}, ("true",), ()),
        ({}, (), ()),
    ],
)
def test_the_licence_field_in_all_its_forms(croissant, fields, declared, links):
    card = cards.read_card(croissant(**fields))
    assert (card.kind, card.declared, card.links) == ("croissant", declared, links)
    assert card.problems == ()


def test_a_licence_that_is_not_understood_is_said(croissant):
    card = cards.read_card(croissant(license={"@type": "CreativeWork", "x": [1]}))
    assert card.declared == ('{"@type": "CreativeWork", "x": [1]}',)
    assert "without name or address" in card.problems[0]
    card = cards.read_card(croissant(license={"text": "Do as you like."}))
    assert (card.declared, card.license_text) == ((), "Do as you like.")


def test_a_licence_that_refers_to_itself(croissant):
    card = cards.read_card(
        croissant(
            license={"@id": "#l"},
            about={"@id": "#l", "name": "CC BY 4.0", "license": {"@id": "#l"}},
        )
    )
    assert set(card.declared) == {"CC BY 4.0"}
    assert card.problems == ("a licence field refers to itself",)


def test_a_licence_given_twice_is_not_lost(tmp_path):
    path = tmp_path / "croissant.json"
    path.write_text('{"@type": "Dataset", "license": "cc-by-nc-4.0", "license": "mit"}')
    assert cards.read_card(path).declared == ("cc-by-nc-4.0", "mit")


def test_a_graph_with_references(croissant):
    card = cards.read_card(
        croissant(
            {
                "@context": CONTEXT,
                "@graph": [
                    {"@id": "#other", "@type": "Dataset", "license": "gpl-3.0", "name": "other"},
                    {"@id": "#l", "@type": "CreativeWork", "name": "CC BY 4.0"},
                    {
                        "@id": "./",
                        "@type": ["Dataset", "Thing"],
                        "license": {"@id": "#l"},
                        "isBasedOn": {"@id": "#other"},
                    },
                ],
            }
        )
    )
    assert card.declared == ("CC BY 4.0",)
    assert card.upstream == (Upstream("other", "gpl-3.0", "isBasedOn"),)


def test_prose_in_fields(croissant):
    card = cards.read_card(
        croissant(
            description="Doors of Rome.\n\tFor research use only. They are nice.",
            citation="@misc{x, title={For non-commercial use}}",
            citeAs="For non-commercial use only.",
            usageInfo={"@type": "DefinedTerm", "name": "Ask first", "termCode": "DUO_0000018"},
            conditionsOfAccess="Write to us",
            **{"rai:dataLimitations": ["Not sold commercially.", "Doors only."]},
            distribution=[
                {"@type": "FileObject", "@id": "a.csv", "license": {"name": "CC BY-NC 4.0"}},
                {"@type": "FileObject", "name": "b.csv", "copyrightNotice": "© B"},
            ],
        )
    )
    assert card.declared == ()
    assert card.prose == (
        Quote("For research use only.", None, "description"),
        Quote("Ask first", None, "usageInfo"),
        Quote("DUO_0000018", None, "usageInfo"),
        Quote("Write to us", None, "conditionsOfAccess"),
        Quote("Not sold commercially.", None, "rai:dataLimitations"),
        Quote("CC BY-NC 4.0", None, "a.csv: license"),
        Quote("© B", None, "b.csv: copyrightNotice"),
    )


def test_where_it_comes_from(croissant):
    card = cards.read_card(
        croissant(
            isBasedOn=["https://example.org/a", {"name": "B", "license": ["mit", "gpl-3.0"]}],
            **{"prov:wasDerivedFrom": {"@id": "c", "prov:atLocation": "https://example.org/c"}},
            distribution=[{"@type": "FileObject", "prov:wasDerivedFrom": {"@id": "urn:d"}}],
        )
    )
    assert card.upstream == (
        Upstream("https://example.org/a", None, "isBasedOn"),
        Upstream("B", "mit AND gpl-3.0", "isBasedOn"),
        Upstream("https://example.org/c", None, "wasDerivedFrom"),
        Upstream("urn:d", None, "wasDerivedFrom"),
    )
    card = cards.read_card(croissant(isBasedOn={"x": 1}))
    assert (card.upstream, len(card.problems)) == ((), 1)


def test_what_generated_it(croissant):
    activity = {
        "@type": "prov:Activity",
        "prov:label": "Answers were generated by a language model",
        "prov:wasAssociatedWith": [
            {"@type": "prov:SoftwareAgent", "name": "GPT-4"},
            {"@type": "prov:Person", "name": "Jane"},
        ],
    }
    moderation = {
        "@type": "prov:Activity",
        "prov:label": "Generated answers were removed",
        "prov:wasAssociatedWith": {"@type": "prov:SoftwareAgent", "name": "Moderation API"},
    }
    card = cards.read_card(
        croissant(
            **{
                "prov:wasGeneratedBy": [activity, moderation],
                "rai:dataCollectionType": ["Synthetic data", "Web Scraping"],
                "keywords": ["doors"],
            }
        )
    )
    assert card.generators == ("Synthetic data", "GPT-4")


@pytest.mark.skipif(not PUBLISHED.is_dir(), reason="the published files are not here")
def test_published_files():
    found = {path.stem: cards.read_card(path) for path in sorted(PUBLISHED.glob("*.json"))}
    assert len(found) == 60
    assert not [card.problems for card in found.values() if card.problems]
    without = sorted(name for name, card in found.items() if not card.declared)
    stated = [json.loads(path.read_text()).get("license") for path in PUBLISHED.glob("*.json")]
    assert len(without) == stated.count(None)
    assert all(len(card.declared) == 1 for card in found.values() if card.declared)
    assert found["1.1__huggingface-wildchat"].upstream == (
        Upstream(
            "https://huggingface.co/datasets/allenai/WildChat-1M-Full", None, "wasDerivedFrom"
        ),
    )
    assert found["1.1__huggingface-wildchat"].generators == ()
    assert found["1.0__huggingface-open-hermes"].generators == (
        "Synthetic",
        "GPT-4",
        "Distillation",
    )


ROWS = "url,title\nhttps://a.example/1,One\nhttps://a.example/2,Two\n"


def file_object(name, **fields):
    base = {"@type": "cr:FileObject", "@id": name, "contentUrl": name}
    return {**base, "encodingFormat": "text/csv", **fields}


def record_set(name, *sources, **fields):
    columns = [
        {"@type": "cr:Field", "source": {"fileObject": {"@id": s}, "extract": {"column": "url"}}}
        for s in sources
    ]
    return {"@type": "cr:RecordSet", "@id": name, "field": columns, **fields}


def test_a_table_as_input(croissant, read, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a b.csv").write_text(ROWS)
    digest = hashlib.sha256(ROWS.encode()).hexdigest()
    path = croissant(
        license=["cc-by-4.0", "mit"],
        distribution=[
            file_object("data/a%20b.csv", sha256=digest.upper()),
            file_object("labels.csv"),
            {"@type": "cr:FileObject", "@id": "i.tar", "encodingFormat": "application/x-tar"},
        ],
        recordSet=[
            record_set("items", "data/a%20b.csv", "i.tar"),
            record_set("labels", "labels.csv", dataType="sc:Enumeration"),
        ],
    )
    found = read(path)
    assert found.column("source_url") == ["https://a.example/1", "https://a.example/2"]
    (described,) = found.ingested.cards
    assert described.declared == ("cc-by-4.0", "mit")
    assert [shard.name for shard in found.ingested.shards] == [str(tmp_path / "data" / "a b.csv")]
    assert dataset_name(str(path)) == "croissant"


def test_other_forms_of_tables(croissant, read, tmp_path):
    (tmp_path / "one.csv").write_text(ROWS)
    (tmp_path / "two").write_text(ROWS)
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "x.csv").write_text(ROWS)
    (tmp_path / "set" / "y.csv").write_text(ROWS)
    path = croissant(
        distribution=[
            {"@type": "sc:FileObject", "name": "one", "contentUrl": "one.csv"},
            file_object("two"),
            {"@type": "cr:FileSet", "@id": "s", "includes": "set/*.csv", "excludes": "set/y*"},
        ]
    )
    found = read(path)
    assert len(found.items) == 6
    assert [Path(one.name).name for one in found.ingested.shards] == ["one.csv", "two", "x.csv"]
    path = croissant(
        distribution=[{"@type": "sc:FileObject", "name": "one", "contentUrl": "one.csv"}],
        recordSet=[{"@type": "RecordSet", "field": [{"source": "#{one/url}"}]}],
    )
    assert len(read(path).items) == 2


def test_a_file_that_is_not_the_one_described(croissant, read, tmp_path):
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text(ROWS)
    wrong = file_object("b.csv", sha256="0" * 64)
    found = read(croissant(distribution=[file_object("a.csv"), wrong]))
    assert len(found.items) == 2
    assert found.reasons() == [(None, "digest_mismatch")]
    with pytest.raises(InputError, match="expected the SHA-256 0000"):
        read(croissant(distribution=[wrong]))
    placeholder = file_object("b.csv", sha256="https://github.com/mlcommons/croissant/issues/80")
    assert len(read(croissant(distribution=[placeholder])).items) == 2


HUB = "https://huggingface.co/datasets/org/name/tree/refs%2Fconvert%2Fparquet"


@pytest.mark.parametrize(
    ("distribution", "message"),
    [
        ([file_object("https://example.org/a.csv")], "nothing is fetched"),
        ([file_object("s3://bucket/a.csv")], "nothing is fetched"),
        ([file_object("//host/a.csv")], "nothing is fetched"),
        ([file_object("file:///etc/passwd")], "nothing is fetched"),
        ([file_object("/etc/passwd")], "leads out of the folder"),
        ([file_object("../secret.csv")], "leads out of the folder"),
        ([file_object("%2e%2e/secret.csv")], "leads out of the folder"),
        ([file_object("link.csv")], "leads out of the folder"),
        ([file_object("a\0.csv")], "leads out of the folder"),
        ([file_object("gone.csv")], "isn't there"),
        ([file_object("x" * 5000 + ".csv")], "isn't there"),
        ([file_object("a.csv", contentUrl=None)], "has no contentUrl"),
        ([file_object("a.csv", containedIn={"@id": "z.zip"})], "unpack it"),
        ([file_object("a.json", encodingFormat="application/json")], "JSON lines"),
        ([{"@type": "cr:FileSet", "@id": "s", "includes": "../*.csv"}], "leads out"),
        ([{"@type": "cr:FileSet", "@id": "s", "includes": "none/*.csv"}], "matches 'none"),
        (
            [
                {"@type": "cr:FileObject", "@id": "repo", "contentUrl": HUB},
                {"@type": "cr:FileSet", "@id": "s", "includes": "a/*.parquet"}
                | {"containedIn": {"@id": "repo"}, "encodingFormat": "application/x-parquet"},
            ],
            "audit hf:org/name",
        ),
    ],
)
def test_what_cannot_be_reached(croissant, read, tmp_path, distribution, message):
    (tmp_path.parent / "secret.csv").write_text(ROWS)
    (tmp_path / "link.csv").symlink_to(tmp_path.parent / "secret.csv")
    with pytest.raises(InputError, match=message):
        read(croissant(distribution=distribution))


def test_records_inside_the_description(croissant, read, tmp_path):
    (tmp_path / "a.csv").write_text(ROWS)
    inline = record_set("users", data=[{"users/name": "A"}])
    with pytest.raises(InputError, match="'users' holds its records itself"):
        read(croissant(distribution=[file_object("a.csv")], recordSet=[inline]))
    splits = record_set("splits", data=[{"splits/name": "train"}], dataType="cr:Split")
    path = croissant(distribution=[file_object("a.csv")], recordSet=[splits])
    assert len(read(path).items) == 2


def test_a_description_that_is_too_large(croissant, read, monkeypatch, tmp_path):
    (tmp_path / "a.csv").write_text(ROWS)
    path = croissant(distribution=[file_object("a.csv")] * 5)
    monkeypatch.setattr(linked, "MOST_OBJECTS", 3)
    with pytest.raises(InputError, match="too many objects"):
        read(path)
    assert "not all were looked at" in cards.read_card(path).problems[0]


def test_what_is_no_description(croissant, read, tmp_path):
    path = tmp_path / "x.json"
    path.write_text("{")
    with pytest.raises(InputError, match="valid JSON"):
        read(path)
    path.write_text('[{"url": "a"}]')
    with pytest.raises(InputError, match="describes no files"):
        read(path)
    images = {"@type": "cr:FileObject", "@id": "i.tar", "encodingFormat": "application/x-tar"}
    with pytest.raises(NothingToAuditError, match="describes no table"):
        read(croissant(distribution=[images]))
