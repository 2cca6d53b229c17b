import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from sourcing_audit.escape import (
    csv_cell,
    is_active,
    json_text,
    markdown_cell,
    one_line,
    terminal,
)

PARSER = MarkdownIt("commonmark").enable("table")
ANY_TEXT = st.text(st.characters(codec=None))
"""Lone surrogates included."""
PUNCTUATION = st.text("\\`*_{}[]()#+-.!|~<>&:@/ \n\tahtpw1")


def inline_types(document):
    return {
        child.type
        for token in PARSER.parse(document)
        if token.type == "inline"
        for child in token.children
    }


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"),
        ("a\nb\rc\td", "a\\nb\\rc\\td"),
        ("\x9b2J", "\\x9b2J"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
        ("zero\u200bwidth\ufeff", "zero\\u200bwidth\\ufeff"),
        ("\U000e0041", "\\U000e0041"),
        ("\ud800", "\\ud800"),
        ("山田 花子 é", "山田 花子 é"),
    ],
)
def test_terminal_shows_what_would_act(text, shown):
    assert terminal(text) == shown


@given(ANY_TEXT)
def test_terminal_leaves_nothing_active_and_encodes(text):
    shown = terminal(text)
    assert not any(map(is_active, shown))
    assert shown.encode().decode() == shown


@given(ANY_TEXT)
def test_terminal_is_idempotent(text):
    assert terminal(terminal(text)) == terminal(text)


@given(ANY_TEXT, st.integers(1, 50))
def test_one_line_fits_and_has_no_break(text, limit):
    line = one_line(text, limit)
    assert len(line) <= limit
    assert len(line.splitlines()) <= 1


def test_one_line_marks_what_it_cut():
    assert one_line("one two three", 8) == "one two…"


@given(st.one_of(ANY_TEXT, PUNCTUATION))
def test_markdown_cell_is_only_text(text):
    document = f"| a | b |\n| --- | --- |\n| {markdown_cell(text)} | end |\n"
    cells = [token for token in PARSER.parse(document) if token.type == "td_open"]
    assert len(cells) == 2
    assert inline_types(document) <= {"text", "text_special"}


@given(st.one_of(ANY_TEXT, PUNCTUATION))
def test_markdown_paragraph_shows_the_text_and_starts_no_block(text):
    shown = terminal(" ".join(text.split()))
    tokens = PARSER.parse(f"{markdown_cell(text)}\n")
    if not shown:
        assert tokens == []
        return
    assert [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"]
    assert "".join(child.content for child in tokens[1].children) == shown


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", " =", "\uff1d"])
def test_csv_cell_is_no_formula(start):
    assert csv_cell(f"{start}cmd|' /C calc'!A0").startswith("'")


@given(ANY_TEXT)
def test_csv_cell_keeps_the_text(text):
    buffer = io.StringIO()
    csv.writer(buffer).writerow([csv_cell(text), "end"])
    cell = csv_cell(text)
    assert cell in (text, f"'{text}")
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))


@given(ANY_TEXT)
def test_json_text_changes_no_value(text):
    document = json.dumps({"value": text}, ensure_ascii=False, indent=2)
    escaped = json_text(document)
    # A pair of lone surrogates is one character to JSON.
    expected = text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
    assert json.loads(escaped)["value"] == expected
    assert not any(is_active(char) for char in escaped.replace("\n", ""))
