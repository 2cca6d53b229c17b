"""Reports to disclose: the hand-built ones, and one of which everything is established."""

import pytest

from sourcing_audit.model import DatasetStatus, LicenseClass, Outcome, Status, Term
from sourcing_audit.report import (
    Consent,
    ConsentCount,
    Coverage,
    LicenseCount,
    Origin,
    OutcomeCount,
    Report,
    Totals,
)
from sourcing_audit.reports import disclose
from sourcing_audit.rules import RuleStore
from sourcing_audit.rules.disclosures import DisclosureRules
from tests.reports.conftest import build_report, poison

NOTHING_MISSING = Coverage(
    without_license=0,
    unresolved_license=0,
    dataset_default_license=0,
    without_creator=0,
    without_source=0,
    without_any_consent_key=0,
    likeness_not_checked=0,
    unreadable_values={},
    duplicate_item_ids=0,
    registries_given=2,
)


def reworded(report: Report) -> Report:
    """The report with the words that its own counts give."""
    told = disclose(
        dataset_status=report.dataset_status,
        totals=report.totals,
        statuses=report.statuses,
        outcomes=report.outcomes,
        coverage=report.coverage,
        registries=report.asked,
        consent=report.consent,
        origin=report.origin,
        as_of=report.as_of,
        use=report.use.sentence,
        rules_version=report.rules.version,
    )
    return report.model_copy(update={"disclosure": told})


def established(items: int = 12) -> Report:
    """Every item is under CC0 and permitted, and nothing is unknown."""
    report = build_report()
    one = LicenseCount(
        expression="CC0-1.0",
        license_class=LicenseClass.PUBLIC_DOMAIN,
        terms=list[Term](),
        items=items,
        share=1.0,
        distinct_values=1,
    )
    return reworded(
        report.model_copy(
            update={
                "totals": Totals(items_in=items, verdicts=items, quarantined=0, unreadable_files=0),
                "dataset_status": DatasetStatus.ESTABLISHED,
                "statuses": [
                    entry.model_copy(
                        update={
                            "items": items if entry.status is Status.PUBLIC_DOMAIN_OR_CC else 0,
                            "by_basis": {},
                        }
                    )
                    for entry in report.statuses
                ],
                "outcomes": [
                    OutcomeCount(
                        outcome=outcome,
                        items=items if outcome is Outcome.PERMITTED else 0,
                        share=1.0,
                    )
                    for outcome in Outcome
                ],
                "licenses": [one],
                "license_expressions": 1,
                "coverage": NOTHING_MISSING,
                "origin": Origin(generated=0, human=items, not_stated=0),
                "consent": Consent(
                    counts=[
                        ConsentCount(
                            consent_status="consent_complete", label="full consent", items=items
                        )
                    ],
                    review_matches=0,
                    opted_out_after_acquisition=0,
                    expiring=[],
                ),
                "quarantine": [],
                "lineage": [],
            }
        )
    )


@pytest.fixture(scope="session")
def rules() -> DisclosureRules:
    return DisclosureRules.load(RuleStore())


@pytest.fixture(scope="session")
def report() -> Report:
    """One of which most things are wrong or unknown."""
    return build_report()


@pytest.fixture(scope="session")
def good_report() -> Report:
    return established()


@pytest.fixture(scope="session")
def hostile_report(report) -> Report:
    return Report.model_validate(poison(report.model_dump()))


def known_license(name: str) -> str | None:
    """A stand-in for the licence rules, which take seconds to load."""
    return {
        "cc0-1.0": "CC0-1.0",
        "cc0": "CC0-1.0",
        "cc-by-4.0": "CC-BY-4.0",
        "cc by 4.0": "CC-BY-4.0",
    }.get(name.strip())
