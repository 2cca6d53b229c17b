"""A dataset's tag, licence text and prose held against each other."""

import pytest

import sourcing_audit
from sourcing_audit import documents
from sourcing_audit.licenses import Classifier, LicenseRules
from sourcing_audit.licenses.expression import render
from sourcing_audit.licenses.texts import Detector
from sourcing_audit.rules import RuleStore
from sourcing_audit.sources.cards import Card, Quote, Upstream

NON_COMMERCIAL = Quote("The images may be used for non-commercial purposes only.", 10, "License")
TAGGED = Card("README.md", "huggingface", declared=("cc-by-4.0",))


@pytest.fixture(scope="module")
def classifier():
    return Classifier(LicenseRules.load(RuleStore()))


@pytest.fixture
def read(classifier):
    def made(*cards, default_license=None):
        return documents.read(
            cards, classifier, lambda: Detector(classifier.rules), default_license
        )

    return made


def expressions(pairs):
    return [render(resolution.tree) for _, resolution in pairs]


def test_a_tag_alone(read):
    said = read(TAGGED)
    assert expressions(said.terms.statements) == ["CC-BY-4.0"]
    assert said.terms.limits == ()
    assert not said.cards[0].contradicted


def test_non_commercial_under_a_permissive_tag(read):
    card = Card("README.md", "huggingface", declared=("cc-by-4.0",), prose=(NON_COMMERCIAL,))
    said = read(card)
    assert expressions(said.terms.limits) == ["LicenseRef-Non-Commercial-Use"]
    (told,) = said.cards
    assert told.contradicted
    assert [(one.where, one.expression) for one in told.statements] == [
        ("tag", "CC-BY-4.0"),
        ("line 10, License", "LicenseRef-Non-Commercial-Use"),
    ]


def test_prose_of_one_document_counts_against_the_tag_of_another(read):
    described = Card("croissant.json", "croissant", prose=(NON_COMMERCIAL,))
    said = read(TAGGED, described)
    assert expressions(said.terms.limits) == ["LicenseRef-Non-Commercial-Use"]
    assert [card.contradicted for card in said.cards] == [False, True]


def test_prose_that_agrees_or_has_no_tag_adds_nothing(read):
    agreeing = Card("a", "huggingface", declared=("cc-by-nc-4.0",), prose=(NON_COMMERCIAL,))
    assert read(agreeing).terms.limits == ()
    untagged = Card("a", "huggingface", prose=(NON_COMMERCIAL,))
    assert read(untagged).terms.limits == ()
    assert read(untagged).terms.statements == ()


def test_what_the_user_declares_is_held_against_the_prose(read):
    untagged = Card("a", "huggingface", prose=(NON_COMMERCIAL,))
    limits = read(untagged, default_license="CC BY 4.0").terms.limits
    assert expressions(limits) == ["LicenseRef-Non-Commercial-Use"]


def test_links_count_where_they_name_a_licence(read):
    links = ("https://creativecommons.org/licenses/by-nc/4.0/", "https://example.org/terms")
    said = read(Card("a", "huggingface", declared=("cc-by-4.0",), links=links))
    assert expressions(said.terms.statements) == ["CC-BY-4.0", "CC-BY-NC-4.0"]


def test_a_licence_text_is_a_statement(read):
    tag = "SPDX-License-Identifier: GPL-3.0-only"
    said = read(TAGGED, Card("LICENSE", "license-file", license_text=tag))
    assert expressions(said.terms.statements) == ["CC-BY-4.0", "GPL-3.0-only"]
    assert said.cards[1].statements[0].where == "licence text"


def test_upstream_generators_and_problems_are_passed_on(read):
    card = Card(
        "a",
        "huggingface",
        upstream=(Upstream("squad", None, "source_datasets"),),
        generators=("gpt-4", "some model"),
        problems=("front matter: broken",),
    )
    said = read(card)
    assert [each.name for each in said.upstream] == ["squad"]
    assert said.terms.generator == "gpt-4; some model"
    assert said.cards[0].problems == ("front matter: broken",)


README = """---
license: cc-by-4.0
---
## Licensing
The images may be used for non-commercial purposes only.
"""


@pytest.fixture(scope="module")
def audited(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    (folder / "README.md").write_text(README, encoding="utf-8")
    rows = '{"item_id": "none", "creator": "J"}\n{"item_id": "own", "license_raw": "CC0 1.0"}\n'
    (folder / "m.jsonl").write_text(rows, encoding="utf-8")
    with sourcing_audit.audit(folder, as_of="2026-11-21") as result:
        yield result


def test_items_without_a_licence_take_what_the_dataset_says(audited):
    found = {row["item_id"]: row for row in audited.to_arrow().to_pylist()}
    assert found["none"]["status"] == "terms_not_met"
    assert found["none"]["license_evidence"] == "dataset default"
    assert {"card_contradicts_tag", "non_commercial"} <= set(found["none"]["reasons"])
    (told,) = audited.explain("none")
    assert "README.md, tag: cc-by-4.0" in str(told)
    assert "non-commercial purposes only" in str(told)


def test_for_items_with_a_licence_of_their_own_a_person_has_to_judge(audited):
    found = {row["item_id"]: row for row in audited.to_arrow().to_pylist()}
    assert found["own"]["outcome"] == "conditional"
    assert found["own"]["obligations"] == ["check_dataset_limits"]
    (told,) = audited.explain("own")
    assert told.dataset == []


def test_the_report_shows_both(audited):
    (card,) = audited.report.dataset.cards
    assert card.contradicted
    assert [one.expression for one in card.statements] == [
        "CC-BY-4.0",
        "LicenseRef-Non-Commercial-Use",
    ]


def test_a_card_elsewhere(tmp_path):
    manifest = tmp_path / "m.csv"
    manifest.write_text("item_id,creator\na,J\n", encoding="utf-8")
    card = tmp_path / "elsewhere.md"
    card.write_text("---\nlicense: cc0-1.0\n---\n", encoding="utf-8")
    with sourcing_audit.audit(manifest, cards=[card], as_of="2026-11-21") as result:
        (row,) = result.to_arrow().to_pylist()
    assert row["license_concluded"] == "CC0-1.0"
    with pytest.raises(sourcing_audit.errors.InputError, match="no such file"):
        sourcing_audit.audit(manifest, cards=[tmp_path / "no.md"])
