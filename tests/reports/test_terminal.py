import re
from pathlib import Path

import pytest
from rich.cells import cell_len

from sourcing_audit.escape import is_active
from sourcing_audit.model import Outcome, Status
from sourcing_audit.report import Group
from sourcing_audit.reports import lines
from sourcing_audit.reports.terminal import conclusion, summary

ANSI = re.compile(r"\x1b\[[0-9;]*m")
SNAPSHOTS = Path(__file__).parent / "snapshots"


def shown(report, *, width, color):
    """All that a terminal shows of a report."""
    options = {"width": width, "color": color}
    return summary(report, **options) + conclusion(report, **options)


@pytest.mark.parametrize("width", [60, 61, 80, 120, 200])
@pytest.mark.parametrize("name", ["report", "hostile_report", "empty_report"])
def test_fits_the_width(request, name, width):
    text = shown(request.getfixturevalue(name), width=width, color=False)
    assert max(map(cell_len, text.splitlines())) <= width


def test_plain_says_status_with_symbol_word_count_and_share(report):
    text = shown(report, width=100, color=False)
    assert "\x1b" not in text
    assert re.search(r"✗ opted out +58,811 +4\.9 %  █", text)
    assert re.search(r"□ quarantined +31  under 0\.1 %  ▏", text)
    assert "1,204,331 items in = 1,204,300 verdicts + 31 quarantined; 1 unreadable file" in text
    assert "✗ contains opted-out items" in text
    assert "license_missing" in text
    assert "and 1 more reason in the report" in text


def test_color_adds_nothing_but_color(report):
    colored = shown(report, width=80, color=True)
    assert "\x1b[" in colored
    plain = "\n".join(line.rstrip() for line in ANSI.sub("", colored).splitlines()) + "\n"
    assert plain == shown(report, width=80, color=False)


def test_environment_decides_nothing(report, monkeypatch):
    before = shown(report, width=80, color=True)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "20")
    monkeypatch.setenv("TERM", "dumb")
    assert shown(report, width=80, color=True) == before


def test_hostile_text_never_acts(hostile_report):
    plain = shown(hostile_report, width=80, color=False)
    colored = shown(hostile_report, width=80, color=True)
    for text in (plain, ANSI.sub("", colored)):
        assert not any(is_active(char) for char in text.replace("\n", ""))


def test_markup_in_data_is_text(report):
    dataset = report.dataset.model_copy(update={"name": "[bold red]x[/] :smile:"})
    text = shown(report.model_copy(update={"dataset": dataset}), width=80, color=False)
    assert "[bold red]x[/] :smile:" in text


def test_only_all_items_fill_a_bar(report):
    statuses = [
        entry.model_copy(update={"items": report.totals.items_in - 1}) for entry in report.statuses
    ]
    text = shown(report.model_copy(update={"statuses": statuses}), width=100, color=False)
    bars = [line.split()[-1] for line in text.splitlines() if "over 99.9 %" in line]
    assert bars
    assert all(bar.endswith("▉") for bar in bars)


@pytest.mark.parametrize("width", [60, 80, 120])
def test_exactly_this_is_shown(report, width):
    expected = (SNAPSHOTS / f"terminal-{width}.txt").read_text(encoding="utf-8")
    assert shown(report, width=width, color=False) == expected


def test_what_was_done_is_counted(report, empty_report):
    text = summary(report, width=100, color=False)
    assert re.search(r"Read +1,204,331  items +data/part-000\.parquet and 2 more files", text)
    assert re.search(r"Classified +42  licences +38 values not understood", text)
    assert re.search(r"Matched +60,200  items +gallery \(2026-11-03\)", text)
    assert re.search(
        r"Matched +— +no consent registry was given", summary(empty_report, width=80, color=False)
    )
    many = report.model_copy(update={"registries": report.registries[:1] * 9})
    assert "and 4 more sources" in summary(many, width=80, color=False)


def group(outcome, status, *, reasons=(), obligations=(), host="a.example"):
    return Group(
        outcome=outcome,
        status=status,
        license_concluded="CC-BY-4.0",
        reasons=list(reasons),
        obligations=list(obligations),
        host=host,
        items=1_200,
        shard="data/a.csv",
        row=7,
    )


GROUPS = [
    group(Outcome.PROHIBITED, Status.OPTED_OUT, reasons=["consent_refused", "consent_revoked"]),
    group(Outcome.UNDETERMINED, Status.NOT_ESTABLISHED, host=None),
    group(
        Outcome.CONDITIONAL,
        Status.LICENSED,
        reasons=["consent_refused"],
        obligations=["attribute"],
    ),
    group(Outcome.PERMITTED, Status.LICENSED, reasons=["consent_refused"]),
]


def test_a_pipe_gets_one_line_per_finding(report):
    found = list(lines.findings(report.model_copy(update={"groups": GROUPS})))
    assert found == [
        (
            "data/a.csv:7: consent_refused The creator refused use for training:"
            " 1,200 items prohibited, CC-BY-4.0 at a.example"
        ),
        (
            "data/a.csv:7: consent_revoked A grant was revoked:"
            " 1,200 items prohibited, CC-BY-4.0 at a.example"
        ),
        "data/a.csv:7: not_established not established: 1,200 items undetermined, CC-BY-4.0",
        (
            "data/a.csv:7: attribute Credit the creator, name source and licence:"
            " 1,200 items conditional, CC-BY-4.0 at a.example"
        ),
        (
            "data/part-000.parquet:4411: invalid_utf8 The record is not valid UTF-8:"
            " 31 records and 2 files, quarantined"
        ),
    ]


def test_groups_that_the_report_leaves_out_are_told(report):
    cut = report.model_copy(update={"groups": GROUPS, "groups_in_all": 5})
    assert lines.left_out(cut) == "1 more group of items alike in groups.parquet"
    assert lines.left_out(cut.model_copy(update={"groups_in_all": 4})) is None


def test_hostile_text_never_acts_in_a_pipe(hostile_report):
    hostile = hostile_report.registries[0].name
    groups = [
        each.model_copy(update={"shard": hostile, "host": hostile, "license_concluded": hostile})
        for each in GROUPS
    ]
    found = list(lines.findings(hostile_report.model_copy(update={"groups": groups})))
    assert len(found) == 5
    assert not any(is_active(char) for line in found for char in line)
