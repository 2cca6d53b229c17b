import pytest

from sourcing_audit.licenses import check_cases
from sourcing_audit.licenses.cases import Case, check_case, load_cases
from sourcing_audit.licenses.phrases import Phrases
from sourcing_audit.rules import RuleStore

CASES = load_cases(RuleStore())


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_case(classifier, case: Case):
    assert check_case(classifier, case) is None


def test_case_names_are_unique():
    assert len({case.name for case in CASES}) == len(CASES)


def test_a_wrong_case_is_reported_with_what_is_wrong(tmp_path):
    (tmp_path / "cases").mkdir()
    (tmp_path / "cases" / "licenses.toml").write_text(
        '[[case]]\nname = "wrong"\nraw = "MIT"\nexpression = "ISC"\nclass = "permissive"\n'
    )
    [failure] = check_cases(RuleStore([tmp_path]))
    assert "wrong: 'MIT': expression is 'MIT', not 'ISC'" in failure
    assert "terms" in failure


def test_every_phrase_rule_matches_its_own_example(rules):
    for phrase in rules.phrases:
        alone = Phrases([(phrase, None)], (), ())
        assert alone.read(phrase.example.casefold()).found, phrase.id
