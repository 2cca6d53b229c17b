"""Sphinx extension: pages made of the rules, the commands and the models when the site is built.

They are written below the documentation, where git ignores them; pages whose source is gone are
taken away, and those that are as they were are left alone.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pygments.lexers.special import TextLexer

from site_pages import cli_pages, code_pages, project_pages, schema_pages
from sourcing_audit.rules import RuleStore

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sphinx.application import Sphinx

FOLDERS = ("codes", "project", "reference")
"""The folders that hold generated pages and nothing else."""


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.connect("builder-inited", lambda app: write(Path(app.srcdir)))
    app.connect("source-read", _relink)
    app.add_lexer("csv", TextLexer)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def pages() -> Iterator[tuple[str, str]]:
    """Each generated page's name below the documentation, and its Markdown."""
    store = RuleStore()
    yield from code_pages.pages(store)
    yield from cli_pages.pages()
    yield from schema_pages.pages(store)
    yield from project_pages.pages()


def write(folder: Path) -> None:
    """Write the pages below `folder`."""
    wanted = {folder / f"{name}.md": text for name, text in pages()}
    for name in FOLDERS:
        for path in (folder / name).rglob("*"):
            if path not in wanted and path.is_file():
                path.unlink()
    for path, text in wanted.items():
        if path.is_file() and path.read_text(encoding="utf-8") == text:
            continue
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")


def _relink(_: Sphinx, name: str, source: list[str]) -> None:
    """Lead links from the pages of `docs/` out of it to where the site has their target."""
    if name.partition("/")[0] not in FOLDERS:
        folder = Path("docs", name).parent.as_posix()
        source[0] = project_pages.relinked(source[0], folder, name)
