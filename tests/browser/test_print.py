"""The page as a browser prints it."""

import re
import shutil
import subprocess

import pytest

pytestmark = pytest.mark.browser


def poppler(program, content):
    if not shutil.which(program):
        pytest.skip(f"needs {program} (poppler-utils)")
    command = [program, "-", "-"] if program == "pdftotext" else [program, "-"]
    return subprocess.run(command, input=content, capture_output=True, check=True).stdout.decode()


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_print_opens_the_data_and_fits_the_paper(visit, scheme, script):
    with visit("usual", scheme=scheme, java_script_enabled=script) as seen:
        content = seen.page.pdf(format="A4", print_background=True)
        still_closed = seen.page.locator("details[open]").count() == 0
    pages = int(re.search(r"Pages: +(\d+)", poppler("pdfinfo", content))[1])
    assert 8 <= pages <= 14
    text = poppler("pdftotext", content)
    for hidden_on_screen in ("licences not listed", "2026-12-04", "By licence evidence"):
        assert hidden_on_screen in text
    assert "Data of the chart" not in text
    assert "Skip to the report" not in text
    assert f"1 of {pages}" in text
    assert still_closed


def test_a_dark_screen_prints_on_white(visit):
    with visit("usual", scheme="dark") as seen:
        seen.page.emulate_media(media="print")
        ground = seen.page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert ground == "rgb(255, 255, 255)"


def test_paper_shows_all_rows_whatever_the_screen_was_filtered_for(visit):
    with visit("long") as seen:
        seen.page.get_by_label("Filter").fill("gallery.example")
        text = poppler("pdftotext", seen.page.pdf(format="A4"))
        assert text.count("no address on record") == 12
        assert text.count("Verdict and licence") >= 2, "heads repeat on every page"
        assert "Filter" not in text
        assert "12 of 48 rows" not in text
