"""The rules on consent hold together, and each of them has its examples."""

from __future__ import annotations

import pytest

from sourcing_audit.rules import ConsentRules, PolicyRules, RuleStore
from sourcing_audit.rules.cases import load_verdicts

STORE = RuleStore()
RULES = ConsentRules.load(STORE)
CASES = {case.name for case in load_verdicts(STORE)}


@pytest.mark.parametrize("number", range(1, 12))
@pytest.mark.parametrize("what", ["fires", "silent"])
def test_every_precedence_rule_has_a_case_where_it_decides_and_one_where_not(
    number: int, what: str
) -> None:
    assert any(name.startswith(f"p{number}-{what}-") for name in CASES)


@pytest.mark.parametrize("scheme", sorted(RULES.schemes))
@pytest.mark.parametrize("what", ["allows", "denies", "malformed"])
def test_every_scheme_allows_denies_and_is_malformed(scheme: str, what: str) -> None:
    assert f"{scheme}-{what}" in CASES


def test_what_conditions_and_revocations_call_for_is_explained() -> None:
    explained = PolicyRules.load(STORE).obligations
    asked = {row.obligation for row in (*RULES.conditions, *RULES.removals) if row.obligation}
    assert asked <= set(explained)


def test_values_that_call_for_a_removal_are_in_the_vocabulary() -> None:
    for row in RULES.removals:
        assert row.value in RULES.vocabulary[row.field]


def test_a_condition_has_one_meaning() -> None:
    names = [name for row in RULES.conditions for name in row.names]
    assert len(names) == len(set(names))
    # They are compared with words in lower case and without dashes.
    assert all(name.replace("_", "").isalnum() and name == name.lower() for name in names)
