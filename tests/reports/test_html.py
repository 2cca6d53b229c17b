import re
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from sourcing_audit.reports import render_all
from sourcing_audit.reports.quantities import NARROW_SPACE

VOID = {"meta", "link", "img", "br", "hr", "input"}
HEADINGS = {"h1", "h2", "h3", "h4"}


class Page(HTMLParser):
    """Collects tags, and fails on one that is not closed where it should be."""

    def __init__(self, text):
        super().__init__()
        self.tags = []
        self.open = []
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def named(self, tag):
        return [attrs for name, attrs in self.tags if name == tag]


def html(report):
    return render_all(report)["report.html"].decode()


@pytest.fixture(params=["report", "hostile_report", "empty_report"])
def page(request):
    return Page(html(request.getfixturevalue(request.param)))


def test_nothing_is_loaded_or_run(page):
    names = {name for name, _ in page.tags}
    assert not names & {"script", "link", "img", "iframe", "object", "embed", "form", "base"}
    for _, attrs in page.tags:
        assert not any(name.startswith("on") or name == "src" for name in attrs)
        assert attrs.get("href", "#").startswith("#")
        assert "url(" not in attrs.get("style", "")


def test_policy_forbids_everything_but_inline_styles(page):
    policies = [attrs for attrs in page.named("meta") if "http-equiv" in attrs]
    assert [attrs["content"] for attrs in policies] == [
        "default-src 'none'; style-src 'unsafe-inline'"
    ]


def test_style_sheet_reaches_out_to_nothing(report):
    style = re.search(r"<style>(.*?)</style>", html(report), re.DOTALL)[1]
    assert "@import" not in style
    assert "url(" not in style


def test_ids_are_unique_and_references_resolve(page):
    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    for _, attrs in page.tags:
        for name in attrs.get("aria-labelledby", "").split():
            assert name in ids
        if attrs.get("href"):
            assert attrs["href"][1:] in ids
        if attrs.get("fill", "").startswith("url("):
            assert attrs["fill"][5:-1] in ids


def test_headings_are_in_order(page):
    levels = [int(name[1]) for name, _ in page.tags if name in HEADINGS]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_tables_are_captioned_and_scoped(page):
    assert len(page.named("caption")) == len(page.named("table"))
    assert all(attrs.get("scope") in {"col", "row"} for attrs in page.named("th"))


def test_chart_has_a_name_and_a_table(page):
    chart = next(attrs for attrs in page.named("svg") if attrs.get("role") == "img")
    assert chart["aria-labelledby"] == "chart-status-title chart-status-desc"
    assert page.named("details")
    assert page.named("html") == [{"lang": "en"}]


def test_size(report, hostile_report):
    assert len(html(report).encode()) < 100_000
    assert len(html(hostile_report).encode()) < 500_000


def test_a_crowded_hostile_report_stays_small(hostile_report):
    crowded = {
        name: getattr(hostile_report, name) * 500
        for name in ("reasons", "obligations", "licenses", "hosts", "creators", "quarantine")
    }
    crowded["registries"] = hostile_report.registries * 500
    crowded["dataset"] = hostile_report.dataset.model_copy(
        update={"inputs": hostile_report.dataset.inputs * 500}
    )
    assert len(html(hostile_report.model_copy(update=crowded)).encode()) <= 500_000


def test_hostile_text_is_shown_as_text(hostile_report):
    text = html(hostile_report)
    assert "<script" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;\\x1b[31m" in text


def test_advice_shows_commands_as_code(report):
    assert "<code>sourcing-audit filter</code>" in html(report)


def test_numbers_are_grouped_by_narrow_spaces(report):
    text = html(report)
    assert f"1{NARROW_SPACE}204{NARROW_SPACE}331 items in" in text
    assert f"under 0.1{NARROW_SPACE}%" in text
    assert not re.search(r"\d,\d{3}\b", text.split("</style>")[1])


def test_none_found_names_the_export(report):
    statuses = [
        entry.model_copy(update={"items": 0}) if entry.status == "opted_out" else entry
        for entry in report.statuses
    ]
    text = html(report.model_copy(update={"statuses": statuses}))
    assert "Refusals in force: none in the export of 2026-11-03 of gallery" in text
