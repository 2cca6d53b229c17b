"""Work list, waivers and charts: what the words and bars are made of."""

import datetime as dt

import pytest

from sourcing_audit.report import ExpiringDay, SourceCount
from sourcing_audit.reports import charts, waiving, work_list


def test_lines_tell_reasons_and_what_is_to_be_done(report):
    first, second, third, last = work_list.lines(report, 10)
    assert first.why == (
        "The creator refused use for training; The licence allows non-commercial use only"
    )
    assert second.why == "A grant was revoked"
    assert third.host is None
    assert last.why == (
        "to do: Credit the creator, name source and licence; Share adapted material alike"
    )
    assert last.first == "data/part-000.parquet:4414"


def test_a_code_without_a_label_and_many_reasons(report):
    codes = ["unheard_of", *(entry.code for entry in report.reasons)]
    group = report.groups[0].model_copy(update={"reasons": codes})
    (line,) = work_list.lines(report.model_copy(update={"groups": [group]}), 10)
    assert line.why.startswith("unheard_of; No licence is stated; ")
    assert line.why.endswith("; and 3 more")


def test_what_is_cut_is_said(report):
    assert work_list.shown(report, 2).startswith("The first 2 of 2,317 groups;")
    whole = report.model_copy(update={"groups_in_all": 4})
    assert work_list.shown(whole, 4) is None
    assert work_list.shown(whole, 3).startswith("The first 3 of 4 groups;")


def test_expired_waivers_come_first_and_are_loud(report):
    first, *rest = waiving.waived(report)
    assert (first.expired, first.expires, first.left) == (True, "expired 2026-10-31", "")
    assert [(entry.expires, entry.left) for entry in rest] == [
        ("2027-01-31", "71 days left"),
        ("never", ""),
    ]
    assert [entry.applies_to for entry in rest] == [
        "host archive.example, license see website",
        "all items with it",
    ]
    assert waiving.alarm(report).startswith("1 waiver has expired and waives nothing any more.")


def test_why_something_is_waived_is_told_in_words(report):
    label = "Asked, and not answered yet"
    told = [each.model_copy(update={"reason_label": label}) for each in report.waivers[:1]]
    assert waiving.waived(report.model_copy(update={"waivers": told}))[0].why == label
    assert waiving.waived(report)[0].why == "license-acquired"


def test_several_expired_waivers_and_none(report):
    expired = [entry.model_copy(update={"expired": True}) for entry in report.waivers]
    several = report.model_copy(update={"waivers": expired})
    assert waiving.alarm(several).startswith("3 waivers have expired and waive nothing any more.")
    held = report.model_copy(update={"waivers": report.waivers[:2]})
    assert waiving.alarm(held) is None


def test_classes_hold_every_item_with_a_verdict(report):
    chart = charts.classes(report)
    assert sum(bar.items for bar in chart.bars) == report.totals.verdicts
    assert chart.bars[-1].label == "licences not listed"
    assert chart.bars[-1].items == 210_506
    assert all(sum(items for _, items in bar.parts) == bar.items for bar in chart.bars)


def test_weeks_hold_every_item(report):
    weeks = charts.weeks(report)
    assert sum(week.items for week in weeks) == 8_510
    assert (weeks[0].first, weeks[-1].last) == (dt.date(2026, 11, 21), dt.date(2027, 2, 19))
    assert [(week.first.isoformat(), week.items) for week in weeks if week.items] == [
        ("2026-11-28", 310),
        ("2026-12-12", 4_100),
        ("2027-01-30", 4_100),
    ]


@pytest.mark.parametrize("days", [0, 90], ids=["today", "day-90"])
def test_the_first_and_the_last_day_are_in(report, days):
    day = report.as_of + dt.timedelta(days)
    entry = ExpiringDay(day=day, consents=1, approvals=0, items=7)
    by_day = [*report.consent.expiring_by_day, entry]
    consent = report.consent.model_copy(update={"expiring_by_day": by_day})
    weeks = charts.weeks(report.model_copy(update={"consent": consent}))
    assert weeks[0 if days == 0 else -1].items == 7


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("short.example", "short.example"),
        ("x" * 27, "x" * 25 + "…"),
        ("花" * 14, "花" * 12 + "…"),
    ],
    ids=["short", "long", "wide"],
)
def test_labels_fit_a_phone(name, label):
    entry = SourceCount(name=name, items=3, outcomes={"permitted": 3})
    (bar,) = charts.sources("id", "title", [entry], 3).bars
    assert bar.label == label
