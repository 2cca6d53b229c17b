"""Text of rules, commands and models as Markdown: shown, and inert."""

from __future__ import annotations

import pytest
from site_pages import markdown, project_pages


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("see `a | b` or --use it", "see `a | b` or `--use` it"),
        ("`audit --use X` runs", "`audit --use X` runs"),
        (
            "<script> *bold* [x](http://evil.example)",
            r"&lt;script&gt; \*bold\* \[x\](http\://evil.example)",
        ),
        ("a\n\n# b", r"a \# b"),
        ("an odd ` tick", r"an odd \` tick"),
    ],
    ids=["flag", "code", "markup", "heading", "tick"],
)
def test_text(given: str, expected: str) -> None:
    assert markdown.text(given) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [("a`b", "``a`b``"), ("`a`", "`` `a` ``"), ("", ""), ("\x1b[31m", r"`\x1b[31m`")],
    ids=["inner", "outer", "empty", "control"],
)
def test_code(given: str, expected: str) -> None:
    assert markdown.code(given) == expected


def test_a_block_is_not_left_by_what_it_holds() -> None:
    assert markdown.block("a\n```\nb") == "````text\na\n```\nb\n````"


def test_pipes_stay_in_their_cell() -> None:
    assert markdown.table(("x",), [(markdown.code("a|b"),), (markdown.text("a|b"),)]) == (
        "| x |\n| --- |\n| `a\\|b` |\n| a\\|b |"
    )


@pytest.mark.parametrize(
    ("target", "folder", "name", "expected"),
    [
        ("../ARCHITECTURE.md", "docs", "cli", "project/architecture.md"),
        ("../license_rules/terms.toml", "docs", "terms", "../license_rules/terms.toml"),
        ("docs/large.md#x", "", "project/changelog", "../large.md#x"),
        ("report.md", "reports", "project/reports", "path:../../reports/report.md"),
        ("../codes/index.md", "docs/howto", "howto/engineer", "../codes/index.md"),
        ("https://a.example/b.md", "docs", "cli", "https://a.example/b.md"),
        ("#here", "docs", "cli", "#here"),
    ],
    ids=["page", "file", "anchor", "markdown-file", "generated", "address", "same-page"],
)
def test_links_lead_where_the_site_has_their_target(
    target: str, folder: str, name: str, expected: str
) -> None:
    assert project_pages.relinked(f"[x]({target})", folder, name) == f"[x]({expected})"
