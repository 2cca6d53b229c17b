"""What holds for every format."""

import json
from pathlib import Path

import pytest

from sourcing_audit.report import Report
from sourcing_audit.reports import FORMATS, USUAL, render_all
from sourcing_audit.reports.schema import report_schema
from sourcing_audit.reports.terminal import summary
from tests.disclosures.conftest import established, reworded

CHECKOUT = Path(__file__).parents[2]


def reverse_mappings(value):
    if isinstance(value, dict):
        return {key: reverse_mappings(value[key]) for key in reversed(value)}
    return [reverse_mappings(entry) for entry in value] if isinstance(value, list) else value


def test_names_and_files(report):
    assert [form.name for form in FORMATS if form.name in USUAL] == list(USUAL)
    assert list(render_all(report)) == ["report.json", "report.md", "report.html", "disclosure.md"]


def test_equal_reports_give_equal_bytes(report):
    same = Report.model_validate(reverse_mappings(report.model_dump()))
    assert same == report
    assert render_all(same) == render_all(report)


def test_every_file_ends_with_one_newline(report, hostile_report, empty_report):
    for source in (report, hostile_report, empty_report):
        for content in render_all(source).values():
            assert content.endswith(b"\n")
            assert not content.endswith(b"\n\n")


def test_hostile_text_never_acts(hostile_report):
    for filename, content in render_all(hostile_report).items():
        text = content.decode()
        for char in "\x1b\x9b\u202e\u2066\u200b\r":
            assert char not in text, filename


def test_json_holds_the_report(report, hostile_report):
    for source in (report, hostile_report):
        content = render_all(source)["report.json"]
        assert Report.model_validate_json(content) == source


def test_json_layout(report):
    content = render_all(report)["report.json"].decode()
    assert content.startswith('{\n  "schema_version": "1.0",\n  "tool": {\n')
    assert json.loads(content)["as_of"] == "2026-11-21"
    assert "山田 花子" in content


def test_committed_schema_is_current():
    committed = (CHECKOUT / "docs" / "report.schema.json").read_text(encoding="utf-8")
    assert committed == report_schema(), "run `make schema`"


@pytest.mark.parametrize("filename", ["report.md", "report.html", "disclosure.md"])
def test_no_registry_is_said_plainly(empty_report, filename):
    text = render_all(empty_report)[filename].decode()
    assert "No consent registry was consulted; whether creators objected is not known." in text
    if filename != "disclosure.md":
        assert "Consent was not checked." in text


@pytest.mark.parametrize("filename", ["report.md", "report.html"])
def test_missing_evidence_comes_before_verdicts(report, filename):
    text = render_all(report)[filename].decode()
    titles = [
        "What could not be established",
        "Reasons",
        "Items to go through",
        "Obligations that stay open",
        "Licences",
        "Consent",
        "Sources",
        "Changes since an earlier audit",
        "Waivers",
        "Disclosure text",
        "Method",
    ]
    heading = "## {}" if filename == "report.md" else ">{}</h"
    places = [text.index(heading.format(title)) for title in titles]
    assert places == sorted(places)


@pytest.mark.parametrize("filename", ["report.md", "report.html"])
def test_long_lists_are_cut_and_say_so(report, filename):
    entry = report.dataset.inputs[0]
    inputs = [entry.model_copy(update={"name": f"data/{part}.parquet"}) for part in range(5_000)]
    dataset = report.dataset.model_copy(update={"inputs": inputs})
    text = render_all(report.model_copy(update={"dataset": dataset}))[filename].decode()
    assert "data/49.parquet" in text
    assert "data/50.parquet" not in text
    assert "report.json" in text


def test_no_share_hides_a_file_that_could_not_be_read():
    whole = established()
    totals = whole.totals.model_copy(update={"unreadable_files": 1})
    partly = reworded(whole.model_copy(update={"totals": totals, "gate": None, "trend": []}))
    names = [entry.name for entry in FORMATS if entry.name not in {"pdf", "json"}]
    written = {name: text.decode() for name, text in render_all(partly, names).items()}
    written["terminal"] = summary(partly, width=80, color=False)
    for name, text in written.items():
        assert "100 %" not in text, name
        assert "100\u202f%" not in text, name
