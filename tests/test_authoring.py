import pytest

from sourcing_audit.authoring import ALIASES, CASES, add_alias
from sourcing_audit.errors import RulesError
from sourcing_audit.licenses import Classifier, LicenseRules, check_cases
from sourcing_audit.licenses.cases import Case
from sourcing_audit.rules import RuleStore

VALUE = "Zaubergarten Lizenz Zwei"
SOURCE = "https://zaubergarten.example/lizenz"


def add(value, target, folder, **given):
    return add_alias(value, target, source=SOURCE, folders=[folder], **given)


def meaning(value, *folders):
    return Classifier(LicenseRules.load(RuleStore(folders))).classify(value)


def test_a_value_becomes_a_rule_with_its_example(tmp_path):
    folder = tmp_path / "new" / "rules"
    added = add(VALUE, "CC-BY-NC-4.0", folder)
    assert added.before.expression == "NOASSERTION"
    assert added.after.expression == "CC-BY-NC-4.0"
    assert added.files == (folder / ALIASES, folder / CASES)
    found = meaning("zaubergarten  LIZENZ zwei", folder)
    assert (found.expression, found.terms) == ("CC-BY-NC-4.0", added.after.terms)
    assert f'raw = "{VALUE}"' in (folder / CASES).read_text(encoding="utf-8")
    assert not [each for each in check_cases(RuleStore([folder])) if VALUE in each]


def test_rules_are_added_one_by_one_and_the_later_word_counts(tmp_path):
    add(VALUE, "CC-BY-NC-4.0", tmp_path)
    add("Mondgarten Lizenz", "NONE", tmp_path, kind="moon")
    assert meaning(VALUE, tmp_path).expression == "CC-BY-NC-4.0"
    assert meaning("Mondgarten Lizenz", tmp_path).rule == "alias:moon:mondgarten-lizenz"
    with pytest.raises(RulesError, match="contradicts examples, so nothing was written"):
        add(VALUE, "CC-BY-4.0", tmp_path)
    assert meaning(VALUE, tmp_path).expression == "CC-BY-NC-4.0"


def test_the_last_of_several_folders_is_written(tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    add(VALUE, "CC-BY-NC-4.0", first)
    again = add_alias(VALUE, "CC-BY-NC-4.0", source=SOURCE, folders=[first, second])
    assert again.files == ()
    add_alias("Mondgarten Lizenz", "MIT", source=SOURCE, folders=[first, second])
    assert "Mondgarten" not in (first / ALIASES).read_text(encoding="utf-8")
    assert meaning("Mondgarten Lizenz", first, second).expression == "MIT"


def test_what_is_known_needs_no_rule(tmp_path):
    assert add("MIT", "MIT", tmp_path).files == ()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("value", "target", "message"),
    [
        ("CC BY-NC 4.0", "CC-BY-4.0", "contradicts examples"),
        (VALUE, "NO-SUCH-1.0", "is not a licence expression"),
        (" . ", "MIT", "holds no word"),
        ("x" * 5000, "MIT", "more than 4000 characters"),
    ],
)
def test_nothing_is_written_when_it_can_not_be_right(tmp_path, value, target, message):
    with pytest.raises(RulesError, match=message):
        add(value, target, tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_rule_needs_a_source(tmp_path):
    with pytest.raises(RulesError, match="needs a source"):
        add_alias(VALUE, "MIT", source=" ", folders=[tmp_path])


@pytest.mark.parametrize(
    "value",
    ['Garten "Lizenz", zwei', "=cmd|' /C calc'!A0 garten", "Garten\tLizenz\x7f\n№ ①", "庭 🌙"],
)
def test_hostile_values_are_kept_as_they_are(tmp_path, value):
    add(value, "CC-BY-NC-4.0", tmp_path)
    assert meaning(value, tmp_path).expression == "CC-BY-NC-4.0"
    assert RuleStore([tmp_path]).cases("licenses.toml", Case)[-1].raw == value
