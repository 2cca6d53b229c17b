"""Consents and approvals that end within 90 days: all are counted, and the soonest listed."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import sourcing_audit
from sourcing_audit.reports import render_all, terminal
from tests.conftest import write_csv

if TYPE_CHECKING:
    from pathlib import Path

    from sourcing_audit.report import Report

AS_OF = dt.date(2026, 11, 21)
MANY = 60
"""More than are listed."""

CONSENT = {
    "record_type": "consent",
    "refers_to": "",
    "decision": "allow",
    "declarant_role": "performer",
    "authority_level": "self_asserted",
    "grantee_id": "*",
    "uses": "train_generative",
    "scope_kind": "general_training",
    "duration_kind": "perpetual",
    "compensation_kind": "none_waived",
    "revocable": "yes",
    "revocation_method": "mail",
    "deletion_mechanism": "dataset_removal",
    "declared_at": "2026-01-10",
    "valid_until": "",
    "person_status": "",
    "approver_role": "",
}


def consent(name: str, **more: Any) -> dict[str, Any]:
    about = {"record_id": name, "subject_kind": "subject_id", "subject_value": f"person:{name}"}
    return CONSENT | about | more


def approval(of: str, until: str, role: str = "guardian", **more: Any) -> dict[str, Any]:
    told = {
        "record_id": f"{of}-ok",
        "record_type": "approval",
        "refers_to": of,
        "declarant_role": role,
        "approver_role": role,
        "valid_until": until,
        "uses": "",
        "person_status": "",
    }
    return consent(of) | told | more


def report_on(folder: Path, *records: dict[str, Any]) -> Report:
    people = {row["subject_value"]: row["person_status"] for row in reversed(records)}
    items = [
        {"item_id": f"{who}-{n}", "license": "CC0 1.0", "subject_id": who, "person_status": status}
        for who, status in people.items()
        for n in range(2)
    ]
    with sourcing_audit.audit(
        write_csv(folder / "items.csv", items),
        registries=[write_csv(folder / "register.csv", records)],
        as_of=AS_OF,
    ) as audited:
        return audited.report


def ending(report: Report) -> list[tuple[str, str | None, int]]:
    return [(one.record_id, one.approves, one.items) for one in report.consent.expiring]


def test_an_approval_that_is_needed_ends(tmp_path: Path) -> None:
    report = report_on(
        tmp_path,
        consent("child", person_status="minor", valid_until="2027-02-01"),
        approval("child", "2026-12-24"),
        consent("dead", person_status="deceased"),
        approval("dead", "2027-01-06", "estate"),
    )
    assert ending(report) == [
        ("child-ok", "child", 2),
        ("dead-ok", "dead", 2),
        ("child", None, 2),
    ]
    assert [tuple(day.model_dump().values()) for day in report.consent.expiring_by_day] == [
        (dt.date(2026, 12, 24), 0, 1, 2),
        (dt.date(2027, 1, 6), 0, 1, 2),
        (dt.date(2027, 2, 1), 1, 0, 2),
    ]
    told = (
        "1 consent and 2 approvals in force end within 90 days of the as-of date, the first on"
        " 2026-12-24, for 6 items; an item counts with each."
    )
    rendered = {name: content.decode() for name, content in render_all(report).items()}
    assert told in rendered["report.md"]
    assert told in rendered["report.html"]
    assert told in " ".join(terminal.summary(report, width=100, color=False).split())
    assert "| approval of child |" in rendered["report.md"]


def test_what_is_no_approval_in_force_does_not_end(tmp_path: Path) -> None:
    soon = "2026-12-24"
    report = report_on(
        tmp_path,
        *(consent(name, person_status="minor") for name in ("later", "endless", "over", "back")),
        approval("later", "2027-03-01"),
        approval("endless", ""),
        approval("over", "2026-11-20"),
        approval("back", soon),
        approval(
            "back-ok", "", record_type="revocation", decision="deny", subject_value="person:back"
        ),
        *(
            row
            for name, more in {
                "estate": {"role": "estate"},
                "refusal": {"decision": "deny"},
                "undated": {"declared_at": ""},
            }.items()
            for row in (
                consent(name, person_status="minor"),
                approval(name, ""),
                approval(name, soon, **{"record_id": f"{name}-no", **more}),
            )
        ),
    )
    assert ending(report) == []
    assert report.consent.expiring_by_day == []


def test_an_approval_that_nobody_needs_is_left_out(tmp_path: Path) -> None:
    report = report_on(tmp_path, consent("adult"), approval("adult", "2026-12-24"))
    assert ending(report) == []


def test_all_are_counted_where_not_all_are_listed(tmp_path: Path) -> None:
    days = [AS_OF + dt.timedelta(1 + number) for number in range(MANY)]
    report = report_on(
        tmp_path,
        *(consent(f"p{n:02}", valid_until=day.isoformat()) for n, day in enumerate(days)),
    )
    assert [name for name, *_ in ending(report)] == [f"p{n:02}" for n in range(50)]
    assert [day.day for day in report.consent.expiring_by_day] == days
    rendered = {name: content.decode() for name, content in render_all(report).items()}
    assert f"{MANY} consents in force end within 90 days" in rendered["report.md"]
    assert f"The first 50 of {MANY}." in rendered["report.md"]
    assert f"The first 50 of {MANY}; how many end on each day" in rendered["report.html"]
    assert sum(day.items for day in report.consent.expiring_by_day) == 2 * MANY
    # A report of before all were counted tells what it lists.
    older = report.consent.model_copy(update={"expiring_by_day": []})
    told = render_all(report.model_copy(update={"consent": older}))["report.md"].decode()
    assert "50 consents in force end within 90 days" in told
