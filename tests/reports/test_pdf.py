"""The report on paper. Everything in one PDF a report, since laying it out takes seconds."""

import re
import shutil
import subprocess
import sys

import pytest

from sourcing_audit.errors import ConfigError
from sourcing_audit.reports import pdf_page
from sourcing_audit.reports.pdf_page import PdfFormat


@pytest.fixture(scope="module")
def form():
    try:
        import weasyprint  # noqa: F401
    except (ImportError, OSError) as error:
        pytest.skip(f"PDF needs the extra `pdf` and Pango: {error}")
    return PdfFormat()


@pytest.fixture(scope="module")
def pdf(form, report):
    return form.render(report)


def read(program, content, *options):
    """What one of Poppler's programs says about a PDF."""
    if not shutil.which(program):
        pytest.skip(f"needs {program} (poppler-utils)")
    command = [program, *options, "-", *(["-"] if program == "pdftotext" else [])]
    return subprocess.run(command, input=content, capture_output=True, check=True).stdout.decode()


def little(report):
    """A report that is laid out fast."""
    names = ("reasons", "obligations", "groups", "waivers", "hosts", "creators", "licenses")
    return report.model_copy(
        update={
            **{name: [] for name in names},
            "changes": None,
            "registries": [],
            "disclosure": report.disclosure.model_copy(update={"statements": [], "limits": []}),
        }
    )


def test_equal_reports_give_equal_bytes_without_a_clock(form, report, pdf):
    small = little(report)
    assert form.render(small) == form.render(small.model_copy(deep=True))
    info = read("pdfinfo", pdf, "-isodates")
    assert re.search(r"CreationDate: +2026-11-21T00:00:00Z", info)
    assert "ModDate" not in info


def test_it_is_tagged_for_screen_readers(pdf):
    assert 'pdfuaid:part="1"' in read("pdfinfo", pdf, "-meta")
    info = read("pdfinfo", pdf)
    assert re.search(r"Tagged: +yes", info)
    assert re.search(r"Page size: .*A4", info)
    assert re.search(r"Title: +Sourcing status of film-stills-v3", info)
    tree = read("pdfinfo", pdf, "-struct")
    for tag in ("H1", "H2", "H3", "Table", "TH", "TD", "Figure", "Link", "L"):
        assert re.search(rf"^\s*{tag}\b", tree, re.MULTILINE), tag


def test_every_page_says_what_it_belongs_to(pdf):
    pages = read("pdftotext", pdf, "-layout").split("\f")[:-1]
    assert 8 <= len(pages) <= 16
    for number, page in enumerate(pages, start=1):
        assert f"{number} of {len(pages)}" in page
        if number > 1:
            assert page.lstrip().startswith("film-stills-v3")
            assert "Sourcing status as of 2026-11-21" in page


def test_contents_name_pages_and_charts_their_data(pdf):
    text = read("pdftotext", pdf, "-layout")
    contents = text.split("\f")[0]
    for title in ("What could not be established", "Waivers", "Disclosure text", "Method"):
        line = next(line for line in contents.splitlines() if title in line and "." * 5 in line)
        page = int(line.split()[-1])
        assert title in text.split("\f")[page - 1]
    assert "licences not listed" in text
    assert "2026-11-28" in text


def test_nothing_is_fetched():
    with pytest.raises(ValueError, match=r"loads nothing, so not http://evil\.example/"):
        pdf_page._refuse("http://evil.example/")


def test_hostile_text_is_text(form, hostile_report):
    content = form.render(little(hostile_report))
    assert b"/URI" not in content
    assert b"/JavaScript" not in content
    assert "<script>alert(1)</script>" in read("pdftotext", content)


def test_without_weasyprint_the_extra_is_named(report, monkeypatch):
    monkeypatch.setattr(pdf_page, "find_spec", lambda _: None)
    with pytest.raises(ConfigError, match=r"pip install 'sourcing-audit\[pdf\]'"):
        PdfFormat().render(report)


def test_without_pango_the_package_is_named(report, monkeypatch):
    class Missing:
        def find_spec(self, name, *_):
            if name == "weasyprint":
                raise OSError("cannot load library 'pango-1.0-0'")

    monkeypatch.setattr(pdf_page, "find_spec", lambda _: object())
    monkeypatch.delitem(sys.modules, "weasyprint", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Missing(), *sys.meta_path])
    with pytest.raises(ConfigError, match="libpango"):
        PdfFormat().render(report)
