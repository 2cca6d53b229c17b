"""What holds for every standard."""

import importlib.util
import re
import time
from pathlib import Path

import pytest

from sourcing_audit import config
from sourcing_audit.cli.options import FormatOption
from sourcing_audit.errors import ConfigError
from sourcing_audit.escape import is_active
from sourcing_audit.report import Report
from sourcing_audit.reports import FORMATS, USUAL, choose, render_all
from sourcing_audit.reports.standards import STANDARDS

CHECKOUT = Path(__file__).parents[3]
standard = pytest.mark.parametrize("form", STANDARDS, ids=lambda form: form.name)
PLAIN = {"\n", "\ufeff"}


@standard
def test_equal_reports_give_equal_bytes(form, each):
    assert form.render(Report.model_validate(each.model_dump())) == form.render(each)


@standard
def test_another_report_gives_other_bytes(form, grouped, settled):
    assert form.render(grouped) != form.render(settled)


@standard
def test_hostile_text_never_acts(form, hostile):
    text = form.render(hostile).decode()
    assert not {char for char in text if is_active(char)} - PLAIN


@standard
def test_files_end_with_one_newline(form, each):
    content = form.render(each)
    assert content.endswith(b"\n")
    assert not content.endswith(b"\n\n")


@standard
def test_a_thousand_groups_take_less_than_a_second(form, many):
    form.render(many)  # what is imported and read once isn't counted
    start = time.process_time()
    form.render(many)
    assert time.process_time() - start < 1


@standard
def test_no_registry_is_said_where_consent_is_told(form, empty_report):
    if form.name != "csv":
        text = form.render(empty_report).decode()
        assert "No consent registry was consulted" in text


@standard
def test_waivers_are_shown_and_their_items_stay_counted(form, grouped):
    if form.name not in {"csv", "dpv"}:
        text = form.render(grouped).decode()
        assert "license_missing for 4,000 items (host host-2.example): under_review" in text
        assert "expired on 2026-01-01, so that it waives nothing" in text
        assert "120,000" in text or "226,076" in text


def test_every_format_is_named_where_users_look():
    documented = (CHECKOUT / "docs" / "formats.md").read_text(encoding="utf-8")
    offered = FormatOption.__metadata__[0].help
    for form in FORMATS:
        assert f"`{form.name}`" in documented
        assert f"`{form.filename}`" in documented
        assert re.search(rf"\b{form.name}\b", offered)
        assert re.search(rf"\b{form.name}\b", config.TEMPLATE)


def test_names_and_files_are_unique():
    assert len({form.name for form in FORMATS}) == len(FORMATS)
    assert len({form.filename for form in FORMATS}) == len(FORMATS)


def test_formats_are_chosen_by_name(report):
    assert [form.name for form in choose([])] == list(USUAL)
    assert [form.name for form in choose(["junit", "sarif", "junit"])] == ["sarif", "junit"]
    assert list(render_all(report, ["csv"])) == ["report.json", "report.csv"]


def test_an_unknown_format_is_refused_with_those_that_are_known():
    with pytest.raises(ConfigError, match="'pdf-x'") as caught:
        choose(["sarif", "pdf-x"])
    assert "sarif, junit, csv, spdx" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "module"),
    [("spdx", "spdx_tools"), ("spdx3", "spdx_python_model"), ("cyclonedx", "cyclonedx")],
)
def test_a_missing_library_is_said_with_the_extra(name, module, report, monkeypatch):
    found = importlib.util.find_spec
    monkeypatch.setattr(
        "sourcing_audit.reports.standards.documents.find_spec",
        lambda wanted: None if wanted == module else found(wanted),
    )
    with pytest.raises(ConfigError, match=name) as caught:
        choose([name])
    assert "sourcing-audit[standards]" in str(caught.value)
    with pytest.raises(ConfigError):
        next(form for form in STANDARDS if form.name == name).render(report)
