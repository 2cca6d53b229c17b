import base64
import hashlib
import re
import time
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from sourcing_audit.report import Report
from sourcing_audit.reports.html_page import MOST_BYTES, HtmlFormat
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
    return HtmlFormat().render(report).decode()


@pytest.fixture(params=["report", "hostile_report", "empty_report"])
def parsed(request):
    return Page(html(request.getfixturevalue(request.param)))


def test_nothing_is_loaded_and_only_the_own_script_runs(parsed):
    names = {name for name, _ in parsed.tags}
    assert not names & {"link", "img", "iframe", "object", "embed", "form", "base"}
    assert parsed.named("script") == [{}]
    for _, attrs in parsed.tags:
        assert not any(name.startswith("on") or name in {"src", "style"} for name in attrs)
        href = attrs.get("href", "#")
        assert href.startswith("#") or href == "report.json"


def sha256(source):
    return base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()


@pytest.mark.parametrize("name", ["report", "hostile_report", "empty_report"])
def test_policy_allows_this_style_and_this_script_only(request, name):
    text = html(request.getfixturevalue(name))
    style = re.search(r"<style>(.*?)</style>", text, re.DOTALL)[1]
    script = re.search(r"<script>(.*?)</script>", text, re.DOTALL)[1]
    allowed = (
        f"default-src 'none'; style-src 'sha256-{sha256(style)}';"
        f" script-src 'sha256-{sha256(script)}'; base-uri 'none'; form-action 'none'"
    )
    policies = [attrs for attrs in Page(text).named("meta") if "http-equiv" in attrs]
    assert [attrs["content"] for attrs in policies] == [allowed]


def test_the_script_is_small(report):
    script = re.search(r"<script>(.*?)</script>", html(report), re.DOTALL)[1]
    assert len(script.encode()) <= 5_000


def test_style_sheet_reaches_out_to_nothing(report):
    style = re.search(r"<style>(.*?)</style>", html(report), re.DOTALL)[1]
    assert "@import" not in style
    assert "url(" not in style


def test_ids_are_unique_and_references_resolve(parsed):
    ids = [attrs["id"] for _, attrs in parsed.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    for _, attrs in parsed.tags:
        for name in attrs.get("aria-labelledby", "").split():
            assert name in ids
        if attrs.get("href", "").startswith("#"):
            assert attrs["href"][1:] in ids
        if attrs.get("fill", "").startswith("url("):
            assert attrs["fill"][5:-1] in ids


def test_headings_are_in_order(parsed):
    levels = [int(name[1]) for name, _ in parsed.tags if name in HEADINGS]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_tables_are_captioned_and_scoped(parsed):
    assert len(parsed.named("caption")) == len(parsed.named("table"))
    assert all(attrs.get("scope") in {"col", "row"} for attrs in parsed.named("th"))


def test_charts_have_a_name_and_a_table(report):
    text = html(report)
    figures = re.findall(r"<figure>(.*?)</figure>", text, re.DOTALL)
    names = []
    for figure in figures:
        inner = Page(figure)
        chart = inner.named("svg")[0]
        assert chart["role"] == "img"
        title, description = chart["aria-labelledby"].split()
        assert {attrs.get("id") for attrs in inner.named("title") + inner.named("desc")} >= {
            title,
            description,
        }
        assert inner.named("details")
        assert inner.named("table")
        names.append(title)
    assert names == [
        "chart-status-title",
        "chart-class-title",
        "chart-expiring-title",
        "chart-host-title",
        "chart-creator-title",
    ]
    assert Page(text).named("html") == [{"lang": "en"}]


def test_a_chart_of_one_thing_is_not_drawn(report):
    lone = {
        "hosts": report.hosts[:1],
        "creators": report.creators[:1],
        "licenses": report.licenses[:1],
        "totals": report.totals.model_copy(update={"verdicts": report.licenses[0].items}),
        "consent": report.consent.model_copy(
            update={"expiring": report.consent.expiring[:1], "expiring_by_day": []}
        ),
    }
    text = html(report.model_copy(update=lone))
    assert text.count("<figure>") == 1
    assert "upload.wikimedia.org" in text
    assert "2026-12-01" in text


def test_nothing_to_say_gives_no_heading(empty_report):
    text = html(empty_report)
    for title in ("Waivers", "Items to go through", "Quarantine", "By host", "Made from"):
        assert f">{title}</h" not in text
    assert "Neither a host nor a creator is on record." in text
    assert "No finding was waived." in text
    assert "<code>sourcing-audit audit … --since FOLDER</code>" in text


def test_every_section_is_in_the_contents(parsed):
    sections = [attrs["aria-labelledby"] for attrs in parsed.named("section")]
    links = [attrs["href"][1:] for attrs in parsed.named("a") if attrs["href"].startswith("#")]
    assert sections == [link for link in links if link not in {"content", "work"}]


def test_what_a_reviewer_asks_is_answered(report):
    text = html(report)
    assert "Both the data and the rules changed." in text
    assert f"<li>2{NARROW_SPACE}090 items of both audits changed verdict" in text
    assert "1 waiver has expired and waives nothing any more." in text
    assert f"The first 4 of 2{NARROW_SPACE}317 groups; the rest is in <code>groups.parquet" in text
    assert '<td class="num">10</td><td><bdi>gallery</bdi>' in text


def test_size(report, hostile_report):
    assert len(html(report).encode()) < 100_000
    assert len(html(hostile_report).encode()) < 500_000


def crowd(report, times):
    """A report whose every list is at its maximum, as far as reports bound it, and beyond."""
    names = ("reasons", "obligations", "licenses", "hosts", "creators", "quarantine", "lineage")
    crowded = {name: getattr(report, name) * times for name in (*names, "registries", "waivers")}
    expiring = report.consent.expiring * times
    return report.model_copy(
        update=crowded
        | {
            "groups": report.groups * 250,
            "groups_in_all": 41_000,
            "consent": report.consent.model_copy(update={"expiring": expiring}),
            "dataset": report.dataset.model_copy(update={"inputs": report.dataset.inputs * times}),
        }
    )


@pytest.mark.parametrize("name", ["report", "hostile_report"])
def test_a_crowded_report_stays_small_and_fast(request, name):
    crowded = crowd(request.getfixturevalue(name), 500)
    html(crowded)
    start = time.process_time()
    text = html(crowded)
    assert time.process_time() - start < 1
    assert len(text.encode()) <= MOST_BYTES


def test_long_names_show_fewer_rows_and_never_a_bigger_page(report):
    def stretched(value, key=""):
        if isinstance(value, dict):
            return {name: stretched(entry, name) for name, entry in value.items()}
        if isinstance(value, list):
            return [stretched(entry, key) for entry in value]
        free = type(value) is str and key not in {"schema_version", "action", "differs"}
        return value * 40 + '"' * 400 if free and value != "sourcing-audit" else value

    crowded = crowd(Report.model_validate(stretched(report.model_dump())), 500)
    text = html(crowded)
    assert len(text.encode()) <= MOST_BYTES
    assert f"of 41{NARROW_SPACE}000 groups" in text


def test_hostile_text_is_shown_as_text(hostile_report):
    text = html(hostile_report)
    assert text.count("<script") == 1
    assert "&lt;script&gt;alert(1)&lt;/script&gt;\\x1b[31m" in text


def test_advice_shows_commands_as_code(report):
    assert "<code>sourcing-audit filter</code>" in html(report)


def test_numbers_are_grouped_by_narrow_spaces(report):
    text = html(report)
    assert f"1{NARROW_SPACE}204{NARROW_SPACE}331 items in" in text
    assert f"under 0.1{NARROW_SPACE}%" in text
    assert not re.search(r"\d,\d{3}\b", text.split("</style>")[1].split("<script>")[0])


def test_none_found_names_the_export(report):
    statuses = [
        entry.model_copy(update={"items": 0}) if entry.status == "opted_out" else entry
        for entry in report.statuses
    ]
    text = html(report.model_copy(update={"statuses": statuses}))
    assert "Refusals in force: none in the export of 2026-11-03 of gallery" in text
