"""Whatever the counts: no form says more than they do, and each passes its own check."""

from __future__ import annotations

import re

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sourcing_audit.disclosures.checking import check, judged
from sourcing_audit.disclosures.forms import fill
from sourcing_audit.disclosures.reading import read
from sourcing_audit.disclosures.verdicts import Verdict
from sourcing_audit.disclosures.writing import write
from sourcing_audit.model import DatasetStatus, LicenseClass, Outcome, Status
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
from sourcing_audit.rules import RuleStore
from sourcing_audit.rules.disclosures import DisclosureRules
from tests.disclosures.conftest import known_license, reworded
from tests.reports.conftest import build_report

RULES = DisclosureRules.load(RuleStore())
BASE = build_report()
RANKED = (Status.LICENSED, Status.PUBLIC_DOMAIN_OR_CC, Status.PROPRIETARY_WITH_CONSENT)
COUNTS = st.sampled_from([0, 0, 0, 1, 2, 7, 999, 1_000, 58_811, 12_345_678])

OF = re.compile(
    r"(?P<part>[\d,]+) of (?P<whole>[\d,]+) items?(?P<read> read)?(?: \((?P<share>[^)]*)\))?"
)


@st.composite
def reports(draw: st.DrawFn) -> Report:
    """A report whose counts agree with each other."""
    counts = {status: draw(COUNTS) for status in Status}
    verdicts = sum(counts.values())
    quarantined, unreadable = draw(COUNTS), draw(st.sampled_from([0, 0, 1, 3]))
    ranked = sum(counts[status] for status in RANKED)
    conditional = draw(st.integers(0, ranked))
    generated = draw(st.integers(0, verdicts))
    human = draw(st.integers(0, verdicts - generated))
    public_domain = draw(st.integers(0, verdicts))
    some = st.one_of(st.just(0), st.integers(0, verdicts))
    items_in = verdicts + quarantined
    asked = draw(st.booleans())
    if counts[Status.OPTED_OUT]:
        status = DatasetStatus.CONTAINS_OPTED_OUT
    elif not ranked:
        status = DatasetStatus.NOT_ESTABLISHED
    elif ranked < items_in or unreadable:
        status = DatasetStatus.PARTLY_ESTABLISHED
    elif conditional:
        status = DatasetStatus.ESTABLISHED_WITH_OBLIGATIONS
    else:
        status = DatasetStatus.ESTABLISHED
    outcomes = {
        Outcome.PERMITTED: ranked - conditional,
        Outcome.CONDITIONAL: conditional,
        Outcome.UNDETERMINED: counts[Status.NOT_ESTABLISHED],
    }
    outcomes[Outcome.PROHIBITED] = verdicts - sum(outcomes.values())
    licenses = [
        LicenseCount(
            expression=expression,
            license_class=license_class,
            terms=[],
            items=items,
            share=0.0,
            distinct_values=1,
        )
        for expression, license_class, items in (
            ("CC0-1.0", LicenseClass.PUBLIC_DOMAIN, public_domain),
            ("NOASSERTION", LicenseClass.UNKNOWN, verdicts - public_domain),
        )
        if items
    ]
    return reworded(
        BASE.model_copy(
            update={
                "totals": Totals(
                    items_in=items_in,
                    verdicts=verdicts,
                    quarantined=quarantined,
                    unreadable_files=unreadable,
                ),
                "dataset_status": status,
                "registries": BASE.registries if asked else [],
                "statuses": [
                    entry.model_copy(
                        update={
                            "items": counts[entry.status],
                            "by_basis": {"creator": counts[entry.status]}
                            if entry.status is Status.OPTED_OUT
                            else {},
                        }
                    )
                    for entry in BASE.statuses
                ],
                "outcomes": [
                    OutcomeCount(outcome=outcome, items=items, share=0.0)
                    for outcome, items in outcomes.items()
                ],
                "licenses": licenses,
                "license_expressions": len(licenses),
                "coverage": Coverage(
                    without_license=draw(some),
                    unresolved_license=draw(some),
                    dataset_default_license=draw(some),
                    without_creator=draw(some),
                    without_source=draw(some),
                    without_any_consent_key=draw(some),
                    likeness_not_checked=draw(some),
                    unreadable_values={},
                    duplicate_item_ids=draw(some),
                    registries_given=2 * asked,
                ),
                "origin": Origin(
                    generated=generated, human=human, not_stated=verdicts - generated - human
                ),
                "consent": Consent(
                    counts=[
                        ConsentCount(
                            consent_status="consent_complete",
                            label="full consent",
                            items=draw(some),
                        )
                    ],
                    review_matches=draw(some),
                    opted_out_after_acquisition=0,
                    expiring=[],
                ),
                "hosts": [],
                "lineage": [],
            }
        )
    )


def written(report: Report) -> list[str]:
    return [
        write(fill(report, form, RULES), RULES, style)
        for form, row in RULES.forms.items()
        for style in row.styles
    ]


def number(text: str) -> int:
    return int(text.replace(",", ""))


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(reports())
def test_no_form_says_all_or_none_unless_it_is_exactly_so(report: Report) -> None:
    totals = report.totals
    whole = bool(totals.items_in) and not totals.quarantined and not totals.unreadable_files
    for text in written(report):
        for found in OF.finditer(text):
            part, of = number(found["part"]), number(found["whole"])
            assert of == totals.items_in
            assert bool(found["read"]) == bool(totals.unreadable_files)
            if found["share"] == "100 %":
                assert part == of
                assert not totals.unreadable_files
            if found["share"] == "0 %":
                assert part == 0
        if totals.unreadable_files:
            assert "100 %" not in text
        statements = [one.text for one in read(text) if "To be completed" not in one.block]
        for statement in statements:
            if re.search(r"\ball [\d,]+ items|\bthe only item\b|\bof every item\b", statement):
                assert whole, statement


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(reports())
def test_our_own_output_passes_our_own_check(report: Report) -> None:
    """Also without the shortcut by which the audit's own sentences are recognised."""
    for text in written(report):
        found = check(text, report, RULES, known_license)
        assert not found.contradicted
        assert not found.not_checked
    asked = {field.asks for fields in RULES.fields.values() for field in fields}
    asked |= {field.rest for fields in RULES.fields.values() for field in fields if field.rest}
    for form in RULES.forms:
        filled = fill(report, form, RULES)
        for field in filled.fields:
            for answer in field.answers:
                for told in answer.texts():
                    for one in read(told):
                        wrong = [
                            finding
                            for finding in judged(one, report, RULES, known_license)
                            if finding.verdict is Verdict.CONTRADICTED
                        ]
                        assert not wrong
    for told in asked:
        for one in read(told):
            for finding in judged(one, report, RULES, known_license):
                assert finding.verdict is not Verdict.CONTRADICTED, finding


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    reports(),
    st.sampled_from(
        [
            ("All items are licensed.", "established"),
            ("100 % public domain.", "public domain"),
            ("No items are opted out.", "opted out"),
            ("Every item was checked.", "read"),
            ("No synthetic data.", "generated"),
        ]
    ),
)
def test_a_claim_about_the_whole_is_supported_only_if_it_holds_of_the_whole(
    report: Report, case: tuple[str, str]
) -> None:
    text, about = case
    totals = report.totals
    holds = {
        "established": sum(entry.items for entry in report.statuses if entry.rank is not None),
        "public domain": sum(one.items for one in report.licenses if one.expression == "CC0-1.0"),
        "opted out": totals.items_in
        - sum(one.items for one in report.statuses if one.status is Status.OPTED_OUT),
        "read": totals.verdicts,
        "generated": report.origin.human,
    }[about]
    so = holds == totals.items_in and bool(totals.items_in) and not totals.unreadable_files
    so = so and not totals.quarantined
    for one in read(text):
        for finding in judged(one, report, RULES, known_license):
            if finding.verdict is Verdict.SUPPORTED:
                assert so
            if so:
                assert finding.verdict is not Verdict.CONTRADICTED
