"""The gate, what came back and the trend: told in every report that has them, and only there."""

from __future__ import annotations

import datetime as dt

import pytest

from sourcing_audit.report import Gate, GateCheck, Report, TrendPoint
from sourcing_audit.reports import gating, render_all

GATE = Gate(
    passed=False,
    baseline=None,
    checks=[
        GateCheck(
            code="prohibited",
            label="prohibited",
            asked_by="fail_on",
            allowed=0,
            allowed_share=None,
            found=60_206,
            waived=200,
            in_baseline=0,
            counted=60_006,
            passed=False,
        ),
        GateCheck(
            code="not_established",
            label="Not established",
            asked_by="limit",
            allowed=None,
            allowed_share=0.25,
            found=226_076,
            waived=0,
            in_baseline=6,
            counted=226_070,
            unreadable_files=1,
            passed=False,
        ),
    ],
    expired_waivers=1,
)


def point(month: int, prohibited: int, *differs: str) -> TrendPoint:
    return TrendPoint(
        as_of=dt.date(2026, month, 1),
        rules_version="2026.11.0",
        items_in=1_000,
        outcomes={"prohibited": prohibited, "permitted": 1_000 - prohibited},
        differs=list(differs),
    )


@pytest.fixture(scope="module")
def judged(report: Report) -> Report:
    told = {
        "gate": GATE,
        "returned": 3,
        "trend": [point(9, 100), point(10, 80, "registries"), point(11, 250, "inputs", "as_of")],
    }
    return report.model_copy(update=told)


def test_each_limit_is_told_with_what_counts(judged: Report) -> None:
    assert judged.gate is not None
    assert gating.verdict(judged.gate) == "It did not pass; 1 waiver expired."
    first, second = gating.limits(judged, judged.gate).rows
    assert first == ("prohibited", "0", 60_206, 200, 0, 60_006, "✗ not kept")
    assert second[1] == "25 % of items; it is 18.8 %, 1 unreadable file bears no limit"


@pytest.mark.parametrize("name", ["report.html", "report.md"])
def test_gate_and_trend_stand_in_the_report(judged: Report, report: Report, name: str) -> None:
    text = render_all(judged)[name].decode()
    assert "It did not pass" in text
    assert "3 items have the address, id or hash of a work that was taken down" in text
    assert "2026-11-01" in text
    plain = render_all(report)[name].decode()
    assert ">Gate<" not in plain
    assert "## Gate" not in plain
    assert "Trend" not in plain


def test_the_trend_is_drawn_with_its_numbers_behind_it(judged: Report) -> None:
    page = render_all(judged)["report.html"].decode()
    chart = page[page.index('aria-labelledby="chart-trend') :]
    chart = chart[: chart.index("</svg>")]
    assert chart.count('height="120"') == 3, "one column each"
    assert "2026-09-01: permitted 900" in chart.replace("\u202f", ",")
    trend = gating.trend(judged)
    assert trend is not None
    assert trend.rows[0] == ("2026-11-01", 1_000, 750, 0, 0, 250, 0, "inputs, as_of")
    assert gating.drift(judged).startswith("Permitted or conditional: 90.0 % of items as of")


def test_one_audit_is_no_trend(report: Report) -> None:
    assert gating.trend(report.model_copy(update={"trend": [point(9, 1)]})) is None


def test_a_trend_accounts_for_what_was_quarantined(judged: Report) -> None:
    first = judged.trend[0].model_copy(update={"outcomes": {"permitted": 990}})
    told = gating.trend(judged.model_copy(update={"trend": [first, *judged.trend[1:]]}))
    assert told is not None
    assert "quarantined" in told.header
    assert told.rows[-1][1:7] == (1_000, 990, 0, 0, 0, 10)
