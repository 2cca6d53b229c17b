"""Long numbers that no rule spells out never change an answer."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sourcing_audit.licenses import Classifier, LicenseRules
from sourcing_audit.licenses.numbers import Numbers
from sourcing_audit.rules import RuleStore

RULES = LicenseRules.load(RuleStore())
CLASSIFIER = Classifier(RULES)
SHAPES = [
    "© photographer {}",
    "CC BY 4.0 by Jane Doe {}",
    "CC BY 4.0.{}",
    "https://www.flickr.com/photos/{}/?utm_source=x",
    "https://creativecommons.org/licenses/by/4.0/?ref={}",
    "https://example.org/%{}/creativecommons.org/licenses/by/4.0/",
    "MIT {}",
    "GPL-{}",
    "Copyright {} Jane Doe",
    "DACS {}",
    "v{}",
    "PD-old-{}",
    "image {}: all rights reserved",
]


@settings(deadline=None, max_examples=400)
@given(st.sampled_from(SHAPES), st.integers(10_000, 9_999_999_999))
def test_the_shared_answer_is_the_value_s_own(shape, number):
    value = shape.format(number)
    own, shared = CLASSIFIER._resolve(value), CLASSIFIER.resolve(value)
    assert (own.tree, own.rule, own.reasons) == (shared.tree, shared.rule, shared.reasons)


def test_numbers_share_one_answer():
    numbers = Numbers(["alias 20180626"])
    assert numbers.template("© photographer 123456") == numbers.template("© photographer 129999")
    assert numbers.template("© photographer 123456") != numbers.template("© photographer 133456")
    assert len({numbers.template(f"p {n}") for n in range(100_000, 1_000_000, 7)}) == 90


@pytest.mark.parametrize("value", ["terms 20180626", "x 9201806261", "&#12345;", "1234", "in 2014"])
def test_what_may_matter_is_left_as_it_is(value):
    assert Numbers(["alias 20180626"]).template(value) == value


def test_every_long_number_of_the_rules_is_known():
    numbers = Numbers(RULES.spelt_out())
    for name in RULES.names:
        if re.search(r"[0-9]{5,}", name):
            assert numbers.template(name) == name
