"""Disclosures: forms filled from a report, and existing disclosures held against one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sourcing_audit.disclosures.checking import Checked, Finding, check
from sourcing_audit.disclosures.forms import fill
from sourcing_audit.disclosures.verdicts import Verdict
from sourcing_audit.disclosures.writing import write
from sourcing_audit.licenses import Classifier, LicenseRules
from sourcing_audit.model import NOASSERTION
from sourcing_audit.rules.disclosures import DisclosureRules

if TYPE_CHECKING:
    from collections.abc import Callable

    from sourcing_audit.report import Report
    from sourcing_audit.rules import RuleStore

__all__ = ["Checked", "Finding", "Verdict", "check_text", "disclosure"]


def disclosure(report: Report, form: str, store: RuleStore, style: str | None = None) -> str:
    """Fill a form and write it.

    Args:
        report: of the audit.
        form: one of `disclosures/forms.toml`.
        store: the rules that forms are read from.
        style: one of the form's own; its first by default.

    Raises:
        ConfigError: there is no such form, or it isn't written in this style.
        RulesError: a rule is invalid.

    """
    rules = DisclosureRules.load(store)
    return write(fill(report, form, rules), rules, style)


def check_text(text: str, report: Report, store: RuleStore) -> Checked:
    """Hold a disclosure against an audit.

    Raises:
        RulesError: a rule is invalid.

    """
    return check(text, report, DisclosureRules.load(store), _resolver(store))


def _resolver(store: RuleStore) -> Callable[[str], str | None]:
    """What a licence's name stands for; the rules are read when the first one is met."""
    classifiers: list[Classifier] = []

    def resolve(name: str) -> str | None:
        if not classifiers:
            classifiers.append(Classifier(LicenseRules.load(store)))
        expression = classifiers[0].classify(name).expression
        return None if expression == NOASSERTION else expression

    return resolve
