"""The documentation site: every page is there, every link leads somewhere, nothing is fetched."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
import typer.main
from site_pages import schema_pages

from sourcing_audit import cli, codes, config, report
from sourcing_audit.rules import RuleStore

PROSE = Path(__file__).parents[2] / "docs"
CODES = codes.load(RuleStore())


@dataclass
class Page(HTMLParser):
    """What a page links to and loads, what can be linked to in it, and its text."""

    links: list[str] = field(default_factory=list)
    loads: list[str] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)
    words: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if "id" in given:
            self.ids.add(given["id"])
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        elif tag == "link" and given.get("rel") not in {"search", "index", "next", "prev"}:
            self.loads.append(given["href"])
        elif tag in {"script", "img", "iframe", "source"} and "src" in given:
            self.loads.append(given["src"])

    def handle_data(self, data: str) -> None:
        self.words.append(data)


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, Page]:
    """Every page of the site, read."""
    found = {}
    for path in site.rglob("*.html"):
        if "_static" not in path.parts and "_downloads" not in path.parts:
            found[path] = Page()
            found[path].feed(path.read_text(encoding="utf-8"))
    return found


def test_every_link_within_the_site_leads_somewhere(pages: dict[Path, Page]) -> None:
    broken = []
    for path, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            there = target.is_file() if target not in pages else True
            if there and parts.fragment and target in pages:
                there = unquote(parts.fragment) in pages[target].ids
            if not there:
                broken.append(f"{path.name}: {link}")
    assert not broken
    assert sum(len(page.links) for page in pages.values()) > 1_000


def test_nothing_is_loaded_from_elsewhere(site: Path, pages: dict[Path, Page]) -> None:
    outside = [
        (path.name, load)
        for path, page in pages.items()
        for load in page.loads
        if urlsplit(load).netloc or urlsplit(load).scheme not in {"", "data"}
    ]
    assert not outside
    for sheet in site.rglob("*.css"):
        text = sheet.read_text(encoding="utf-8")
        assert "@import" not in text, sheet
        assert "url(http" not in text.replace('"', ""), sheet


@pytest.mark.parametrize("code", CODES.values(), ids=lambda code: code.id)
def test_every_code_has_a_page(site: Path, pages: dict[Path, Page], code: codes.Code) -> None:
    page = pages[site / "codes" / f"{code.id}.html"]
    text = " ".join(" ".join(page.words).split())
    for said in (code.clause, code.how_to_fix):
        if said:
            assert " ".join(said.replace("`", " ").split())[:40] in text.replace("  ", " ")
    assert f"sourcing-audit rules show {code.id}" in "".join(page.words)
    for example in code.examples:
        assert example.case.name in text


def test_every_page_of_a_code_is_one_of_the_rules(site: Path) -> None:
    lists = {"index", *(f"{kind.name.lower()}-codes" for kind in codes.Kind)}
    assert {path.stem for path in (site / "codes").glob("*.html")} == {*CODES, *lists}


def commands(group: object, path: str = "") -> dict[str, list[str]]:
    """Each command with the names of its options."""
    found = {}
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            found |= commands(command, f"{path}{name} ")
        else:
            found[f"{path}{name}"] = [flag for p in command.params for flag in p.opts]
    return found


def test_the_reference_has_every_command_option_and_variable(
    site: Path, pages: dict[Path, Page]
) -> None:
    page = pages[site / "reference" / "cli.html"]
    text = "".join(page.words)
    group = typer.main.get_command(cli.app)
    for name, flags in commands(group).items():
        assert f"sourcing-audit {name}" in text
        assert name.replace(" ", "-") in page.ids
        assert not [flag for flag in flags if flag.startswith("-") and flag not in text]
    variables = {p.envvar for p in group.commands["audit"].params if p.envvar}
    assert len(variables) > 5
    assert not [variable for variable in variables if variable not in text]
    assert "never|prohibited|undetermined|conditional" in text


def test_the_references_have_every_field_and_column(site: Path, pages: dict[Path, Page]) -> None:
    words = {path.stem: set(pages[path].words) for path in (site / "reference").glob("*.html")}
    for model in (report.Report, report.Coverage, report.Group, report.Waiver):
        assert set(model.model_fields) <= words["report"], model
    for model in (config.AuditConfig, config.DatasetConfig, config.RegistryConfig):
        assert set(model.model_fields) <= words["audit-toml"], model
    for _, columns in schema_pages.TABLES.values():
        assert set(columns) <= words["tables"]


def test_every_key_of_the_configuration_says_what_it_is_for() -> None:
    for model in (
        config.AuditConfig,
        config.DatasetConfig,
        config.UpstreamConfig,
        config.RegistryConfig,
    ):
        silent = [name for name, entry in model.model_fields.items() if not entry.description]
        assert not silent, model


def test_schemas_can_be_downloaded(site: Path) -> None:
    there = {path.name for path in (site / "_downloads").rglob("*.schema.json")}
    assert there == {path.name for path in PROSE.glob("*.schema.json")}
    assert len(there) == 4
