"""What the prose of a card says about the dataset's licence: it limits, and never grants."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sourcing_audit.errors import RulesError
from sourcing_audit.licenses.cards import Prose, disagreeing, prose_findings
from sourcing_audit.licenses.expression import UNKNOWN, render
from sourcing_audit.model import LicenseClass, Term
from sourcing_audit.rules import RuleStore
from sourcing_audit.rules.cards import CardKind, CardRules
from sourcing_audit.sources import cards

NC, RESEARCH, NO_AI = Term.NON_COMMERCIAL, Term.RESEARCH_ONLY, Term.NO_AI_TRAINING


@dataclass(frozen=True)
class Sentence:
    text: str


def against(tag, text, classifier):
    """The findings in one sentence that hold back more than the tag does."""
    return [
        classifier.finding(text, finding)
        for _, finding in disagreeing(
            [tag], prose_findings([Sentence(text)], classifier), classifier
        )
    ]


@pytest.mark.parametrize(
    ("tag", "text", "terms"),
    [
        ("cc-by-4.0", "The data is for non-commercial research purposes only.", {NC, RESEARCH}),
        ("mit", "The code is MIT, the data CC BY-NC.", {NC}),
        ("mit", "Commercial use is strictly prohibited.", {NC}),
        ("mit", "Please contact us for commercial use: commercial use requires a fee.", {NC}),
        ("cc-by-4.0", "License: CC BY-NC-SA 4.0", {NC}),
        ("cc-by-4.0", "[CC BY-NC 4.0](https://creativecommons.org/licenses/by-nc/4.0/)", {NC}),
        ("mit", "The dataset and the code are for non-commercial use only.", {NC}),
        ("mit", "Dataset provided for research purposes only.", {RESEARCH}),
        ("mit", "The images must not be used to train generative models.", {NO_AI}),
        ("mit", "Die Daten dürfen nur für nicht-kommerzielle Zwecke verwendet werden.", {NC}),
        ("mit", "Ces données sont réservées à un usage non commercial.", {NC}),
        ("mit", "Prohibido el uso comercial.", set()),
        ("mit", "Uso comercial prohibido.", {NC}),
        ("mit", "本数据集仅供学术研究使用，禁止商用。", {NC, RESEARCH}),  # noqa: RUF001
        ("mit", "研究目的に限り利用できます。", {RESEARCH}),
        ("mit", "usageInfo DUO_0000018", {NC}),
        ("mit", "Only for non\u2011com\u00admer\u200bcial use.", {NC}),
        ("mit", "<b>Non-commercial</b> use&nbsp;only.", {NC}),
        ("mit", "NON\u2013COMMERCIAL", {NC}),
        ("mit", "No restrictions for research; commercial use is prohibited.", {NC}),
        ("mit", "You do not have permission to use it for training models.", {NO_AI}),
        ("mit", "This repository is for non-commercial use only.", {NC}),
        ("mit", "Some of the source datasets are under non-commercial licenses.", {NC}),
        ("mit", "Compared to other datasets this one is for research purposes only.", {RESEARCH}),
        ("mit", "It includes other datasets, which are for non-commercial use.", {NC}),
    ],
)
def test_terms_that_the_tag_does_not_have(classifier, tag, text, terms):
    found = against(tag, text, classifier)
    assert terms <= {term for finding in found for term in finding.terms}


@pytest.mark.parametrize(
    "text",
    [
        "We do not own the copyright of the images.",
        "We don't claim any rights in the photos.",
        "All copyrights of the data belong to example.com.",
        "Images were scraped from the web and remain the property of their original owners.",
        "The corpus contains copyrighted material.",
        "Some images might be subject to copyrights.",
        "The licensing status of the data, as with [Pushshift.io](https://a.b/c), is unclear.",
        "No license information is available for the dataset.",
        "Use of the data must abide by the terms of the original licenses.",
        "The data set comes with the same license as the original sources.",
        "Data generated with a service: users must comply with OpenAI's terms of use.",
        "Please do not redistribute the videos.",
        "To get the data, sign the license agreement.",
        "The clips are used under fair use.",
        "The texts may not be copied without permission of the publisher.",
        "All rights reserved.",
        "The code snippets are under the licenses of their original repositories.",
        "Each paper keeps its own license.",
        "Answers can't be used to develop models that compete with OpenAI.",
    ],
)
def test_doubts_about_a_permissive_tag(classifier, text):
    found = against("mit", text, classifier)
    assert found
    assert all(finding.license_class is not LicenseClass.PERMISSIVE for finding in found)


@pytest.mark.parametrize(
    "text",
    [
        "The code is licensed under GPL-3.0.",
        "The code is released under GPL-3.0, and the dataset under CC BY 4.0.",
        "The code is GPL-3.0, but may not be sold commercially.",
        "The paper is licensed under CC BY-NC-ND 4.0.",
        "License of the code: GPL-3.0",
        "Unlike CC BY-NC data, ours can be used commercially.",
        "Most other datasets are for non-commercial use only.",
        "You can use it for commercial and non-commercial purposes.",
        "The PASS dataset is available for commercial/research purposes.",
        "The dataset is released under CC BY 4.0, and you must credit the authors.",
        "There are no restrictions on commercial use.",
        "The model was trained for commercial purposes.",
        "The corpus was built by researchers of an academic institution.",
        "Inter-annotator agreement was high.",
        "The train set doesn't overlap with the test set, which is not used for training.",
        "Copyright (c) 2018 The authors",
        "See the LICENSE file for details.",
        "",
    ],
)
def test_mere_mentions_and_agreement(classifier, text):
    assert against("cc-by-4.0", text, classifier) == []


def test_prose_never_grants(classifier):
    for tag in ("cc-by-nc-4.0", "other", "unknown", "NOASSERTION", ""):
        assert against(tag, "The dataset is in the public domain (CC0-1.0).", classifier) == []
    assert disagreeing([], [], classifier) == []


def test_the_sentence_is_kept_and_the_rule_named(classifier):
    quotes = [Sentence("Nothing."), Sentence("We do not own the copyright of the images.")]
    ((quote, finding),) = prose_findings(quotes, classifier)
    assert quote is quotes[1]
    assert (finding.rule, finding.tree) == ("card:not-ours", UNKNOWN)


def test_a_doubt_beside_a_term_hides_neither(classifier):
    text = "We do not own the copyright of the images, which are for non-commercial use only."
    (finding,) = against("mit", text, classifier)
    assert finding.expression == "NOASSERTION"
    assert NC in finding.terms


def test_a_tag_and_a_card(classifier, tmp_path):
    path = tmp_path / "README.md"
    path.write_text(
        "---\nlicense: cc-by-4.0\n---\n# Doors\n\n## Licensing Information\n\n"
        "[Attribution-NonCommercial 4.0](https://creativecommons.org/licenses/by-nc/4.0/)\n"
    )
    card = cards.read_card(path)
    found = disagreeing(card.declared, prose_findings(card.prose, classifier), classifier)
    assert [(quote.line, render(each.tree)) for quote, each in found] == [(8, "CC-BY-NC-4.0")]


def test_published_croissant_files(classifier, shared):
    """What their licence fields become; each was looked at."""
    found = [cards.read_card(path) for path in (shared / "cards" / "croissant").glob("*.json")]
    concluded = [classifier.classify(value).expression for card in found for value in card.declared]
    assert len(concluded) == 47
    assert sorted(set(concluded) - {"NOASSERTION", "NONE"}) == [
        "AFL-3.0",
        "Apache-2.0",
        "CC-BY-3.0",
        "CC-BY-4.0",
        "CC-BY-SA-3.0",
        "CC-BY-SA-4.0",
        "CC0-1.0",
        "LicenseRef-Common-Crawl",
        "LicenseRef-ODC-By",
        "MIT",
    ]
    unknown = {
        v
        for card in found
        for v in card.declared
        if classifier.classify(v).expression in {"NOASSERTION", "NONE"}
    }
    assert unknown == {
        "None",
        "Public",
        "other",
        "unknown",
        "https://choosealicense.com/licenses/undefined/",
    }
    against = [
        quote.text
        for card in found
        for quote, _ in disagreeing(
            card.declared, prose_findings(card.prose, classifier), classifier
        )
    ]
    assert len(against) == 1
    assert against[0].startswith("The data are intended for research purposes")


def test_every_claim_holds_back(classifier):
    """A claim stands for nothing that grants more than it limits."""
    prose = Prose(classifier)
    for row in CardRules.shipped().of(CardKind.CLAIM):
        assert prose.resolve(row.example) is not None, row.id
        assert against("mit", row.example, classifier), row.id


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ('kind = "claim"\npattern = "a"\nexample = "a"', "a claim has a target"),
        ('kind = "cue"\npattern = "a"\nexample = "a"\ntarget = "MIT"', "a claim has a target"),
        ('kind = "cue"\npattern = "a"\nexample = "b"', "its own example"),
        ('kind = "cue"\npattern = "a"\nexample = "a"\ncounter = ["xax"]', "found in 'xax'"),
        ('kind = "cue"\npattern = "("\nexample = "a"', "regular expression"),
        ('kind = "what"\npattern = "a"\nexample = "a"', "kind"),
    ],
)
def test_a_wrong_rule_does_not_load(tmp_path, row, message):
    folder = tmp_path / "licenses"
    folder.mkdir()
    (folder / "cards.toml").write_text(f'[[card]]\nid = "x"\nsource = "y"\n{row}\n')
    with pytest.raises(RulesError, match=message):
        CardRules(RuleStore([tmp_path]))


@settings(max_examples=200, deadline=None)
@given(text=st.text(max_size=300))
def test_any_text_is_read(classifier, text):
    prose = Prose(classifier)
    prose.resolve(text)
    assert prose.own(text) is not None
