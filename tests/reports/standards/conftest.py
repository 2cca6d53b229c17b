"""Reports for the standards: with groups, hostile, empty, and one in which all is concluded."""

import datetime as dt

import pytest

from sourcing_audit.model import DatasetStatus, LicenseClass, Outcome, Status
from sourcing_audit.report import Consent, Group, LicenseCount, Report, Totals, Waiver

GROUPS = (
    (Outcome.PROHIBITED, Status.OPTED_OUT, ["consent_refused", "consent_revoked"], [], 58_000),
    (Outcome.PROHIBITED, Status.TERMS_NOT_MET, ["non_commercial_use"], [], 964),
    (Outcome.UNDETERMINED, Status.NOT_ESTABLISHED, ["license_missing"], [], 120_000),
    (
        Outcome.CONDITIONAL,
        Status.PUBLIC_DOMAIN_OR_CC,
        [],
        ["attribute", "share_alike_if_adapted"],
        2_900,
    ),
    (Outcome.PERMITTED, Status.PUBLIC_DOMAIN_OR_CC, [], [], 541_718),
)
"""They cover part of the items: what a report of many groups leaves off has to be told."""


WAIVERS = tuple(
    Waiver(
        code="license_missing",
        match={"host": "host-2.example"} if number else {},
        reason="under_review",
        comment="",
        owner="legal",
        approved_by="counsel",
        expires=dt.date(2026, 12, 31) if number else dt.date(2026, 1, 1),
        expired=not number,
        items=4_000,
    )
    for number in range(2)
)


def group(number, outcome, status, reasons, obligations, items) -> Group:
    return Group(
        outcome=outcome,
        status=status,
        license_concluded="CC-BY-SA-4.0",
        reasons=reasons,
        obligations=obligations,
        host=None if number == 2 else f"host-{number}.example",
        items=items,
        shard=f"data/part-{number % 2:03}.parquet",
        row=number + 1,
    )


@pytest.fixture(scope="session")
def grouped(report) -> Report:
    groups = [group(number, *one) for number, one in enumerate(GROUPS)]
    return report.model_copy(
        update={"groups": groups, "groups_in_all": 7, "waivers": list(WAIVERS)}
    )


@pytest.fixture(scope="session")
def hostile(grouped, hostile_report) -> Report:
    """Every free text of groups is hostile too."""
    text = hostile_report.dataset.name
    groups = [
        one.model_copy(
            update={
                "license_concluded": text,
                "reasons": [text, "\uffff"],
                "obligations": [text],
                "host": text,
                "shard": text,
            }
        )
        for one in grouped.groups
    ]
    waivers = [
        one.model_copy(
            update={"code": text, "match": {text: text}, "owner": text, "approved_by": text}
        )
        for one in WAIVERS
    ]
    return hostile_report.model_copy(
        update={"groups": groups, "groups_in_all": 7, "waivers": waivers}
    )


@pytest.fixture(scope="session")
def many(grouped) -> Report:
    """As many groups as a report holds."""
    groups = [group(number, *GROUPS[number % 5][:4], 3) for number in range(1_000)]
    return grouped.model_copy(update={"groups": groups, "groups_in_all": 4_000})


@pytest.fixture(scope="session")
def settled(report) -> Report:
    """Nothing is unread, every licence is concluded, and a registry was asked."""
    licenses = [
        LicenseCount(
            expression=expression,
            license_class=LicenseClass.CREATIVE_COMMONS,
            terms=[],
            items=items,
            share=items / 10,
            distinct_values=1,
        )
        for expression, items in (
            ("CC-BY-4.0", 6),
            ("MIT OR Apache-2.0", 3),
            ("LicenseRef-Studio", 1),
        )
    ]
    inputs = [report.dataset.inputs[0].model_copy(update={"items": 10, "quarantined": 0})]
    dataset = report.dataset.model_copy(
        update={"inputs": inputs, "default_license": "cc-by-4.0", "cards": []}
    )
    cc, permitted = Status.PUBLIC_DOMAIN_OR_CC, Outcome.PERMITTED
    return report.model_copy(
        update={
            "groups": [],
            "groups_in_all": 0,
            "dataset": dataset,
            "dataset_status": DatasetStatus.ESTABLISHED,
            "totals": Totals(items_in=10, verdicts=10, quarantined=0, unreadable_files=0),
            "statuses": [
                entry.model_copy(update={"items": 10 if entry.status is cc else 0})
                for entry in report.statuses
            ],
            "outcomes": [
                entry.model_copy(update={"items": 10 if entry.outcome is permitted else 0})
                for entry in report.outcomes
            ],
            "licenses": licenses,
            "license_expressions": 3,
            "quarantine": [],
            "consent": Consent(
                counts=[], review_matches=0, opted_out_after_acquisition=0, expiring=[]
            ),
        }
    )


@pytest.fixture(scope="session", params=["grouped", "hostile", "empty_report", "many", "settled"])
def each(request) -> Report:
    """Every report that a standard has to stay valid for."""
    return request.getfixturevalue(request.param)
