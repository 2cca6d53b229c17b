"""The licence rules' examples, for `sourcing-audit rules test`."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from sourcing_audit.licenses.catalog import LicenseRules
from sourcing_audit.licenses.classify import Classifier
from sourcing_audit.model import LicenseClass, Term
from sourcing_audit.rules import Rule, RuleStore

CASES = "licenses.toml"


class Case(Rule):
    """A declared value and what it must become."""

    name: str
    raw: Annotated[str, StringConstraints(strip_whitespace=False)]
    expression: str
    license_class: LicenseClass = Field(alias="class")
    terms: tuple[Term, ...] = ()
    rule: str | None = None


def load_cases(store: RuleStore) -> list[Case]:
    """Every example of `cases/licenses.toml`, overlays included."""
    return store.cases(CASES, Case)


def check_case(classifier: Classifier, case: Case) -> str | None:
    """What is wrong with the answer to `case`, or None."""
    found = classifier.classify(case.raw)
    expected = {
        "expression": (case.expression, found.expression),
        "class": (case.license_class, found.license_class),
        "terms": (set(case.terms), set(found.terms)),
        "rule": (case.rule or found.rule, found.rule),
    }
    wrong = [
        f"{name} is {got!r}, not {want!r}" for name, (want, got) in expected.items() if want != got
    ]
    return f"{case.name}: {case.raw[:80]!r}: " + "; ".join(wrong) if wrong else None


def check_cases(store: RuleStore) -> list[str]:
    """The examples that don't come out as written, each with what is wrong."""
    classifier = Classifier(LicenseRules.load(store))
    failures = (check_case(classifier, case) for case in load_cases(store))
    return [failure for failure in failures if failure]
