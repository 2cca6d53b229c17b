import pytest
from markdown_it import MarkdownIt

from sourcing_audit.reports import render_all
from tests.disclosures.conftest import established

PARSER = MarkdownIt("commonmark").enable("table")


@pytest.mark.parametrize("filename", ["report.md", "disclosure.md"])
@pytest.mark.parametrize("name", ["report", "hostile_report", "empty_report"])
def test_data_never_becomes_markup(request, filename, name):
    tokens = PARSER.parse(render_all(request.getfixturevalue(name))[filename].decode())
    inline = {child.type for token in tokens for child in token.children or []}
    assert inline <= {"text", "text_special", "strong_open", "strong_close", "code_inline"}
    assert not {token.type for token in tokens} & {"html_block", "fence", "code_block"}


@pytest.mark.parametrize("filename", ["report.md", "disclosure.md"])
def test_hostile_data_changes_no_structure(report, hostile_report, filename):
    def outline(source):
        tokens = PARSER.parse(render_all(source)[filename].decode())
        return [token.type for token in tokens if token.type.endswith(("_open", "_close"))]

    assert outline(report) == outline(hostile_report)


def test_counts_and_shares(report):
    text = render_all(report)["report.md"].decode()
    assert "| ✓ permitted | 703,118 | 58.4 % |" in text
    assert "| □ quarantined | 31 | under 0.1 % |" in text
    assert "| items in | 1,204,331 | — |" in text  # a file could not be read


def test_disclosure_states_its_basis(report):
    text = render_all(report)["disclosure.md"].decode()
    assert report.disclosure.short in text
    assert "| ✓ Licensed | 1 | 151,300 | 12.6 % |" in text
    assert "- As of: 2026-11-21" in text
    assert f"- Rules: version 2026.11.0, SHA-256 {report.rules.digest}" in text
    assert "not legal advice" in text
    rows = [line for line in text.splitlines() if line.startswith("| ") and " % |" in line]
    assert [row.split(" | ")[1] for row in rows[:4]] == ["1", "2", "3", "none"]


def test_no_gap_is_not_said_below_a_registry_that_nobody_asked(report):
    whole = established().model_copy(update={"registries": []})
    written = render_all(whole)
    for name in ("report.md", "report.html"):
        assert "No consent registry was consulted" in written[name].decode()
        assert "No gap was found" not in written[name].decode()


def test_nothing_concluded_is_said_without_an_empty_table(empty_report):
    text = render_all(empty_report)["report.md"].decode()
    assert "No licence was concluded." in text
    assert "| Concluded licence |" not in text
