import re

import pytest
from rich.cells import cell_len

from sourcing_audit.escape import is_active
from sourcing_audit.reports.terminal import summary

ANSI = re.compile(r"\x1b\[[0-9;]*m")


@pytest.mark.parametrize("width", [60, 61, 80, 120, 200])
@pytest.mark.parametrize("name", ["report", "hostile_report", "empty_report"])
def test_fits_the_width(request, name, width):
    text = summary(request.getfixturevalue(name), width=width, color=False)
    assert max(map(cell_len, text.splitlines())) <= width


def test_plain_says_status_with_symbol_word_count_and_share(report):
    text = summary(report, width=100, color=False)
    assert "\x1b" not in text
    assert re.search(r"✗ opted out +58,811 +4\.9 %  █", text)
    assert re.search(r"□ quarantined +31  under 0\.1 %  ▏", text)
    assert "1,204,331 items in = 1,204,300 verdicts + 31 quarantined; 1 unreadable file" in text
    assert "✗ contains opted-out items" in text
    assert "license_missing" in text
    assert "and 1 more reason in the report" in text


def test_color_adds_nothing_but_color(report):
    colored = summary(report, width=80, color=True)
    assert "\x1b[" in colored
    plain = "\n".join(line.rstrip() for line in ANSI.sub("", colored).splitlines()) + "\n"
    assert plain == summary(report, width=80, color=False)


def test_environment_decides_nothing(report, monkeypatch):
    before = summary(report, width=80, color=True)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "20")
    monkeypatch.setenv("TERM", "dumb")
    assert summary(report, width=80, color=True) == before


def test_hostile_text_never_acts(hostile_report):
    plain = summary(hostile_report, width=80, color=False)
    colored = summary(hostile_report, width=80, color=True)
    for text in (plain, ANSI.sub("", colored)):
        assert not any(is_active(char) for char in text.replace("\n", ""))


def test_markup_in_data_is_text(report):
    dataset = report.dataset.model_copy(update={"name": "[bold red]x[/] :smile:"})
    text = summary(report.model_copy(update={"dataset": dataset}), width=80, color=False)
    assert "[bold red]x[/] :smile:" in text


def test_only_all_items_fill_a_bar(report):
    statuses = [
        entry.model_copy(update={"items": report.totals.items_in - 1}) for entry in report.statuses
    ]
    text = summary(report.model_copy(update={"statuses": statuses}), width=100, color=False)
    bars = [line.split()[-1] for line in text.splitlines() if "over 99.9 %" in line]
    assert bars
    assert all(bar.endswith("▉") for bar in bars)
