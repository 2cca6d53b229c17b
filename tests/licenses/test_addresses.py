"""What an address declares is decided by where it leads to, not by what it holds."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sourcing_audit.licenses import Classifier, LicenseRules
from sourcing_audit.licenses.use import Uses
from sourcing_audit.model import Grant, IntendedUse
from sourcing_audit.rules import RuleStore

RULES = LicenseRules.load(RuleStore())
CLASSIFIER = Classifier(RULES)
USES = Uses(RULES, IntendedUse())
LICENCES = [
    "https://creativecommons.org/licenses/by/4.0/",
    "creativecommons.org/licenses/by-sa/3.0/de/",
    "https://i.creativecommons.org/p/zero/1.0/88x31.png",
    "https://opensource.org/licenses/MIT",
    "spdx.org/licenses/Apache-2.0",
    "https://www.apache.org/licenses/LICENSE-2.0",
]
ELSEWHERE = [
    "https://evil.test/{}",
    "https://evil.test/?u={}",
    "https://evil.test?u={}",
    "https://evil.test/#{}",
    "https://evil.test/a/b;{}",
    "https://evil.test/a,{}",
    "https://evil.test/({})",
    "https://evil.test/[{}]",
    "https://evil.test\\{}",
    "https://evil.test/%20{}",
    "https://evil.test/%00{}",
    "https://evil.test/redirect?to={}&x=1",
    "evil.test/{}",
    "evil.test?u={}",
    "www.evil.test/go/{}",
    "//evil.test/{}",
    "https://10.0.0.1/{}",
    "https://user:pw@evil.test/{}",
    "mailto:someone@{}",
]
SENTENCES = ["{}", "see {}", "licence: {}", "image from {} by Jane Doe", "<a href='{}'>x</a>"]


def grants(text):
    """Whether commercial training is granted."""
    return USES.outcome(CLASSIFIER.resolve(text).tree).grant is Grant.GRANTED


@settings(deadline=None, max_examples=400)
@given(st.sampled_from(LICENCES), st.sampled_from(ELSEWHERE), st.sampled_from(SENTENCES))
def test_an_address_that_holds_a_licence_s_address_is_no_licence(licence, elsewhere, sentence):
    assert not grants(sentence.format(elsewhere.format(licence)))


@pytest.mark.parametrize(
    "address",
    [
        "https://creativecommons.org@evil.test/licenses/by/4.0/",
        "https://creativecommons.org:pw@evil.test/licenses/by/4.0/",
        "https://creativecommons.org.evil.test/licenses/by/4.0/",
        "https://creativecommons.org%2Eevil.test/licenses/by/4.0/",
        "https://creativecommons.org%2F.evil.test/licenses/by/4.0/",
        "https://cre\u0430tivecommons.org/licenses/by/4.0/",
        "https://creativecommon\u0455.org/licenses/by/4.0/",
        "https://xn--cretivecommons-yij.org/licenses/by/4.0/",
        "https://creativecommons.org.\u043crg/licenses/by/4.0/",
        "https://creativecommons-org.test/licenses/by/4.0/",
        "https://opensource.org@evil.test/licenses/MIT",
        "https://0pensource.org/licenses/MIT",
    ],
)
def test_a_look_alike_is_no_licence(address):
    assert not grants(address)


@pytest.mark.parametrize("licence", LICENCES)
@pytest.mark.parametrize(
    "shape",
    [
        "https://web.archive.org/web/20200101000000/{}",
        "web.archive.org/web/2020*/{}",
        "{}?utm_source=x&utm_medium=y",
        "{}",
        "({})",
        "https://example.org/photo.jpg | {}",
    ],
)
def test_archives_and_tracking_change_nothing(licence, shape):
    assert CLASSIFIER.resolve(shape.format(licence)).tree == CLASSIFIER.resolve(licence).tree


def test_every_address_of_a_list_counts():
    two = "https://creativecommons.org/licenses/by/4.0/;https://creativecommons.org/licenses/by-nc/4.0/"
    assert CLASSIFIER.classify(two).expression == "CC-BY-4.0 AND CC-BY-NC-4.0"
    assert not grants(LICENCES[0] + "|https://evil.test/?u=" + LICENCES[0])


def test_a_licence_inside_another_address_makes_the_rest_doubtful():
    assert not grants(
        "CC BY 4.0 https://evil.test/?u=https://creativecommons.org/licenses/by-nc/4.0/"
    )


@pytest.mark.parametrize(
    ("markup", "expression"),
    [
        ("![License: MIT](https://img.shields.io/badge/License-MIT-yellow.svg)", "MIT"),
        ("https://img.shields.io/badge/License-Apache_2.0-blue.svg", "Apache-2.0"),
        (
            (
                "[![CC BY 4.0](https://img.shields.io/badge/License-CC%20BY%204.0-lightgrey.svg)]"
                "(https://creativecommons.org/licenses/by/4.0/)"
            ),
            "CC-BY-4.0",
        ),
        (
            (
                '<a rel="license" href="http://creativecommons.org/licenses/by-sa/4.0/">'
                '<img alt="Creative Commons License" style="border-width:0"'
                ' src="https://i.creativecommons.org/l/by-sa/4.0/88x31.png" /></a>'
            ),
            "CC-BY-SA-4.0",
        ),
        ("[Creative Commons](https://creativecommons.org/licenses/by/3.0/)", "CC-BY-3.0"),
    ],
)
def test_badges(markup, expression):
    assert CLASSIFIER.classify(markup).expression == expression


@pytest.mark.parametrize(
    "markup",
    [
        '<a title="not for AI" href="https://creativecommons.org/licenses/by/4.0/">CC BY 4.0</a>',
        '<a href="https://creativecommons.org/licenses/by/4.0/" title="non-commercial">CC BY</a>',
        '<img alt="only for members" src="https://licensebuttons.net/l/by/4.0/88x31.png">',
        '<a aria-label="not for AI training" href="https://opensource.org/licenses/MIT">MIT</a>',
        '<span data-note="revoked">CC BY 4.0</span>',
        '<meta name="robots" content="noai"> CC BY 4.0',
        '<span style="text-decoration: line-through">CC BY 4.0</span>',
        "~~CC BY 4.0~~",
        "<del>CC BY 4.0</del>",
        "![GPL](https://img.shields.io/badge/license-proprietary-red)",
        "CC BY 4.0 (https://example.org/terms)",
    ],
)
def test_what_markup_says_is_not_dropped(markup):
    assert not grants(markup)
