import datetime as dt

import pytest

from sourcing_audit.licenses import Concluder, LicenseRules
from sourcing_audit.licenses.conclude import all_reasons
from sourcing_audit.licenses.dated import EARLIER, Dated, changes
from sourcing_audit.licenses.expression import render
from sourcing_audit.licenses.generators import Generators
from sourcing_audit.model import Grant, IntendedUse
from sourcing_audit.rules import RuleStore

RULES = """id,names,name,target,source,reviewed
open-model,openmodel,Open Model,,https://example.org,
strict-model,strict|strictco/strict,Strict Model,CC-BY-NC-4.0,https://example.org,
strict-model-pro,strict pro,Strict Model Pro,CC-BY-NC-ND-4.0,https://example.org,2026-01-31
"""


@pytest.fixture(scope="module")
def own_rules(tmp_path_factory):
    folder = tmp_path_factory.mktemp("rules")
    (folder / "generators.csv").write_text(RULES, encoding="utf-8")
    return LicenseRules.load(RuleStore([folder]))


@pytest.fixture(scope="module")
def generators(own_rules):
    return Generators(own_rules, own_rules.generators)


@pytest.mark.parametrize("value", [None, "", " ", "unknown", "null", "n/a", "NaN"])
def test_nobody_said(generators, value):
    assert generators.of(value).generated is None


@pytest.mark.parametrize("value", ["human", "No", "false", "0"])
def test_a_person_made_it(generators, value):
    found = generators.of(value)
    assert (found.generated, found.trees, found.reasons) == (False, (), ())


@pytest.mark.parametrize("value", ["yes", "true", "1", "AI", "some new model", "open-model; what?"])
def test_a_model_whose_terms_are_not_known(generators, value):
    found = generators.of(value)
    assert found.generated is True
    assert found.reasons == ("generator_unknown",)
    assert "NOASSERTION" in [render(tree) for tree in found.trees]


@pytest.mark.parametrize(
    ("value", "expressions"),
    [
        ("OpenModel", []),
        ("openmodel-7b", []),
        ("strictco/Strict-1.5", ["CC-BY-NC-4.0"]),
        ("Strict Pro (2025)", ["CC-BY-NC-ND-4.0"]),
        ("open model + strict", ["CC-BY-NC-4.0"]),
        ("strict, strict pro", ["CC-BY-NC-4.0", "CC-BY-NC-ND-4.0"]),
    ],
)
def test_models_by_name(generators, value, expressions):
    found = generators.of(value)
    assert found.generated is True
    assert [render(tree) for tree in found.trees] == expressions
    assert found.reasons == (("generator_terms",) if expressions else ())


def test_a_name_within_a_word_is_none(generators):
    assert generators.of("restricted").reasons == ("generator_unknown",)


def test_the_terms_of_the_output_hold_as_well(own_rules):
    concluder = Concluder(own_rules, IntendedUse())
    found = concluder.conclude("CC0 1.0", generator="strict")
    assert found.generated is True
    assert found.outcome.grant is Grant.BREACHED
    assert {"generator_terms", "non_commercial"} <= set(all_reasons(found))
    free = concluder.conclude("CC0 1.0", generator="openmodel")
    assert free.finding.expression == "CC0-1.0"
    assert free.outcome.grant is Grant.GRANTED
    unknown = concluder.conclude("CC0 1.0", generator="yes")
    assert unknown.outcome.grant is Grant.UNKNOWN
    assert all_reasons(unknown) == ["generator_unknown"]


def test_every_shipped_generator_is_found_by_each_of_its_names(rules):
    generators = Generators(rules, rules.generators)
    for row in rules.generators:
        for name in (row.id, *row.names):
            found = generators.of(name)
            assert found.generated is True, name
            assert found.reasons != ("generator_unknown",), name


DATED = """value,target,from,until,source
Some Licence,CC-BY-3.0,,2025-08-01,https://example.org
Some Licence,CC-BY-4.0,2025-08-01,,https://example.org
"""


@pytest.fixture(scope="module")
def dated(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dated")
    (folder / "licenses").mkdir()
    (folder / "licenses" / "dated.csv").write_text(DATED, encoding="utf-8")
    return Dated(LicenseRules.load(RuleStore([folder])))


@pytest.mark.parametrize(
    ("period", "expression"),
    [(EARLIER, "CC-BY-3.0"), ("2025-08-01", "CC-BY-4.0"), ("2026-01-01", "CC-BY-4.0")],
)
def test_the_day_decides(dated, period, expression):
    found = dated.meaning("some licence", period)
    assert render(found.tree) == expression
    assert found.rule == f"dated:{expression}"


def test_without_a_day_or_for_another_name_nothing_is_decided(dated):
    assert dated.meaning("some licence", None) is None
    assert dated.meaning("another licence", EARLIER) is None


def test_days_of_change(rules):
    days = changes(rules.dated)
    assert days == sorted(set(days))
    assert all(isinstance(day, dt.date) for day in days)
