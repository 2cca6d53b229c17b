"""The card by which an audit shows itself in a notebook."""

import re
from html.parser import HTMLParser

import pytest

from sourcing_audit.escape import is_active
from sourcing_audit.notebook import html
from sourcing_audit.reports.wording import NO_REGISTRY


class Page(HTMLParser):
    """What a browser makes of a card."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.text = [], [], []
        self.feed(text)
        self.words = " ".join(" ".join(self.text).split())

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data):
        self.text.append(data)


TAGS = {
    "div",
    "style",
    "p",
    "bdi",
    "span",
    "table",
    "tbody",
    "tr",
    "th",
    "td",
    "ul",
    "li",
    "strong",
}


def test_it_says_status_sentence_counts_and_gaps(report):
    words = Page(html(report)).words
    assert "✗ contains opted-out items" in words
    assert report.sentence in words
    assert "✓ permitted 703,118 58.4 %" in words
    assert "! conditional 214,900 17.8 %" in words
    assert "? undetermined 226,076 18.8 %" in words
    assert "✗ prohibited 60,206 5.0 %" in words
    assert "□ quarantined 31 under 0.1 %" in words
    assert "1,204,331 items in = 1,204,300 verdicts + 31 quarantined" in words
    assert "unreadable files, not counted: 1" in words
    assert words.index("What could not be established") < words.index("Sourcing not established")
    assert NO_REGISTRY not in words


def test_it_says_that_no_registry_was_asked(empty_report):
    assert NO_REGISTRY in Page(html(empty_report)).words


@pytest.mark.parametrize("name", ["report", "hostile_report", "empty_report"])
def test_it_runs_and_loads_nothing(request, name):
    text = html(request.getfixturevalue(name))
    page = Page(text)
    assert set(page.tags) <= TAGS
    assert {key for key, _ in page.attributes} <= {"class", "scope", "aria-hidden", "style"}
    assert not re.search(r"url\(|@import|expression\(", text)
    assert not [char for char in text if char != "\n" and is_active(char)]


def test_its_style_reaches_nothing_else(report):
    (style,) = re.findall(r"<style>(.*?)</style>", html(report), re.DOTALL)
    rules = re.sub(r"@media \([^)]*\) \{", "", style)
    selectors = [one for rule in re.findall(r"([^{}]+)\{", rules) for one in rule.split(", ")]
    outside = [one for one in selectors if one.strip() and ".sourcing-audit-card" not in one]
    # A comma inside `:not(…)` splits one selector in two.
    assert [one for one in outside if ":not(" not in one] == []


def test_it_is_small(report):
    assert len(html(report)) < 6_000
