"""What came of the datasets of a run, as Markdown: complete, inert, and small enough."""

from __future__ import annotations

import re

import pytest

from sourcing_audit.report import Gate, GateCheck, Report
from sourcing_audit.reports.run_page import LIMIT, Row, render

HOSTILE = "](x)<img src=x onerror=alert(1)>|`$(touch x)`\n# owned\x1b[31m"


def check(*, passed: bool, counted: int) -> GateCheck:
    return GateCheck(
        code="opted_out",
        label="opted out",
        asked_by="limit",
        allowed=3,
        allowed_share=0.5,
        found=9,
        waived=1,
        in_baseline=2,
        counted=counted,
        unreadable_files=4,
        passed=passed,
    )


def test_the_worst_stands_first_and_all_are_counted(report: Report) -> None:
    page = render(
        [
            Row("good", report, passed=True),
            Row("bad", report, passed=False),
            Row("gone", None, passed=False, problem="gone.csv: no such file\n  how to fix: look"),
        ]
    )
    assert "**1 of 3 datasets passed**, 1 did not, 1 could not be audited." in page
    assert re.findall(r"^## (.*)$", page, re.MULTILINE) == ["gone", "bad", "good"]
    rows = [line.split(" | ") for line in page.splitlines() if line.startswith("| ")]
    assert [row[:2] for row in rows[2:5]] == [
        ["| gone", "□ not audited"],
        ["| bad", "✗ did not pass"],
        ["| good", "✓ passed"],
    ]
    assert len({len(row) for row in rows[:5]}) == 1
    assert "**gone.csv: no such file; how to fix: look**" in page
    assert "Nothing is known of its items from this run." in page


def test_a_row_has_the_counts_of_its_report(report: Report) -> None:
    [row] = [
        line
        for line in render([Row("films", report, passed=True)]).splitlines()
        if "| films" in line
    ]
    numbers = [int(cell.replace(",", "")) for cell in row.strip("| ").split(" | ")[2:]]
    assert numbers[0] == report.totals.items_in == sum(numbers[1:])


def test_what_was_asked_and_what_came_back_is_told(report: Report) -> None:
    gate = Gate(
        passed=False,
        baseline=None,
        checks=[check(passed=False, counted=6), check(passed=True, counted=0)],
        expired_waivers=0,
    )
    told = report.model_copy(update={"gate": gate, "returned": 2})
    page = render([Row("films", told, passed=False)])
    aside = "1 waived, 2 in the baseline, 4 unreadable files"
    assert f"| opted\\_out | 3 and 0.5 of items | 6 | ✗ no, {aside} |" in page
    assert f"| 0 | ✓ yes, {aside} |" in page
    assert "**✗ 2 items came back after a takedown.**" in page


def test_without_an_earlier_audit_nothing_is_said_to_be_unchanged(report: Report) -> None:
    alone = report.model_copy(update={"changes": None})
    assert "There was no earlier audit to compare with." in render(
        [Row("films", alone, passed=True)]
    )


def test_hostile_text_is_inert(hostile_report: Report) -> None:
    page = render(
        [
            Row(HOSTILE, hostile_report, passed=False),
            Row(HOSTILE, None, passed=False, problem=HOSTILE),
        ]
    )
    assert "\x1b" not in page
    assert "<img" not in page
    assert "<script" not in page
    assert re.findall(r"^# .*$", page, re.MULTILINE) == ["# Sourcing audit"]
    assert not re.search(r"(?<!\\)[`\]]", page)
    header, *cells = [line for line in page.splitlines() if line.startswith("| ")][:4]
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in cells} == {header.count("|")}


@pytest.mark.parametrize("datasets", [60, 3000])
def test_it_stays_small_and_counts_what_it_leaves_out(report: Report, datasets: int) -> None:
    rows = [Row(f"{n}", report, passed=False, problem="é" * 2000) for n in range(datasets)]
    page = render(rows)
    assert len(page.encode()) <= LIMIT + 200
    shown = len(re.findall("^## ", page, re.MULTILINE))
    assert f"**0 of {datasets:,} datasets passed**" in page
    assert f"{datasets - 50:,} more datasets, none of them worse than the last row." in page
    assert (f"\n{datasets - shown:,} more datasets: see the folder of each.\n" in page) == (
        shown < datasets
    )
    assert (shown < datasets) == (datasets == 3000)
