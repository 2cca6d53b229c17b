import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from sourcing_audit.licenses import Classifier, Concluder, LicenseRules
from sourcing_audit.model import Grant, IntendedUse, LicenseClass
from sourcing_audit.rules import RuleStore

RULES = LicenseRules.load(RuleStore())
CLASSIFIER = Classifier(RULES)
CONCLUDER = Concluder(RULES, IntendedUse())
RESTRICTIVE = [
    "All rights reserved",
    "non-commercial use only",
    "not for commercial use",
    "no AI training",
    "No License",
    "InC",
    "proprietary",
    "CC BY-NC-ND 4.0",
    "may not be used without permission",
    "personal use only",
]
NAMES = sorted(RULES.names)
declared = st.one_of(
    st.sampled_from(NAMES),
    st.sampled_from(sorted(RULES.licenses())),
    st.text(max_size=200),
    st.from_regex(r"https?://(www\.)?creativecommons\.org/[a-z0-9/.+-]{0,30}", fullmatch=True),
    st.lists(st.sampled_from([*NAMES, *RESTRICTIVE, "and", "or", "/", ",", "©"]), max_size=6).map(
        " ".join
    ),
)
usual = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=300)


def usable(grant: Grant) -> bool:
    return grant is Grant.GRANTED


@usual
@given(st.text() | st.binary().map(lambda raw: raw.decode("latin-1")) | declared)
def test_classify_never_raises(raw):
    finding = CLASSIFIER.classify(raw)
    assert finding.raw == raw
    if finding.expression == "NOASSERTION":
        assert finding.license_class is LicenseClass.UNKNOWN


@usual
@given(st.sampled_from(NAMES), st.sampled_from(["  {} ", "{}\n", "\t{}"]))
def test_case_and_space_do_not_matter(name, shape):
    plain = CLASSIFIER.classify(name)
    for variant in (name.upper(), name.title(), shape.format(name.replace(" ", "   "))):
        if variant.casefold().split() == name.casefold().split():
            found = CLASSIFIER.classify(variant)
            assert (found.expression, found.terms) == (plain.expression, plain.terms)


@usual
@given(declared, st.sampled_from(RESTRICTIVE))
def test_an_added_restriction_never_makes_more_usable(raw, restriction):
    alone = CONCLUDER.conclude(raw, None, None).outcome.grant
    restricted = CONCLUDER.conclude(raw, None, restriction)
    assert usable(restricted.outcome.grant) <= usable(alone)
    assert not usable(restricted.outcome.grant)
    if alone is Grant.BREACHED:
        assert restricted.outcome.grant is Grant.BREACHED


@usual
@given(declared, declared)
def test_a_second_value_never_turns_a_breach_into_a_permission(first, second):
    alone = CONCLUDER.conclude(first, None, None).outcome.grant
    both = CONCLUDER.conclude(first, None, second).outcome.grant
    if alone in (Grant.BREACHED, Grant.NOT_GRANTED) and not CLASSIFIER.classify(
        first
    ).expression.endswith("Copyright-Notice"):
        assert not usable(both)


@usual
@given(declared)
def test_unknown_is_never_permission(raw):
    found = CONCLUDER.conclude(raw, None, None)
    if found.finding.license_class in ("unknown", "no-license", "all-rights-reserved"):
        assert not usable(found.outcome.grant)


@pytest.mark.parametrize("value", ["", " ", "\x00"])
def test_empty_is_missing(value):
    assert CLASSIFIER.classify(value).reasons == ("license_missing",)


@usual
@given(
    st.sampled_from(NAMES),
    st.sampled_from(
        [*RESTRICTIVE, "NC", "非営利", "with restrictions", "uso no comercial", "EULA"]
    ),
    st.sampled_from(["{} {}", "{} ({})", "{}, {}", "{} - {}", "{} / {}", "{} + {}", "{} with {}"]),
    st.booleans(),
)
def test_a_restriction_in_the_same_text_is_never_lost(name, restriction, shape, before):
    assume(restriction != "InC")  # in a sentence, as much a company's ending
    # "... 3.0 NO" is the Norwegian port; before "No License" nobody can tell them apart.
    assume(not (name.casefold().endswith(" no") and restriction.casefold().startswith("no ")))
    first, second = (restriction, name) if before else (name, restriction)
    found = CONCLUDER.conclude(shape.format(first, second), None, None)
    assert not usable(found.outcome.grant)
