"""The documentation says what is there: commands, flags, codes, formats and files."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest
import site_pages
import typer.core
import typer.main

from sourcing_audit import cli, config, registries, schema
from sourcing_audit.config.schema import audit_schema
from sourcing_audit.pipeline import Rulebook
from sourcing_audit.reports import terms
from sourcing_audit.rules import RuleStore

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = (
    "cards",
    "changes",
    "cli",
    "disclosure",
    "evidence",
    "formats",
    "howto/engineer",
    "howto/production",
    "howto/researcher",
    "howto/reviewer",
    "index",
    "manifests",
    "registry",
    "remote",
    "scheduled",
    "signals",
    "spark",
    "texts",
    "verdicts",
)


def flags_of(command: typer.core.TyperCommand) -> list[str]:
    return [flag for p in command.params for flag in p.opts if flag.startswith("--")]


def commands() -> dict[str, list[str]]:
    """Each command with its flags."""
    found = {}
    group = typer.main.get_command(cli.app)
    for name, command in group.commands.items():
        subcommands = getattr(command, "commands", None)
        if subcommands is None:
            found[name] = flags_of(command)
        else:
            found |= {f"{name} {sub}": flags_of(inner) for sub, inner in subcommands.items()}
    return found


@pytest.mark.parametrize(("command", "flags"), commands().items(), ids=list(commands()))
def test_every_command_and_flag_is_documented(command: str, flags: list[str]) -> None:
    text = (DOCS / "cli.md").read_text(encoding="utf-8")
    assert f"sourcing-audit {command}" in text
    missing = [flag for flag in flags if flag not in text and flag != "--help"]
    assert not missing


def test_every_documented_flag_exists() -> None:
    known = {flag for flags in commands().values() for flag in flags}
    known |= {"--version", "--help", "--group"}
    for page in (ROOT / "README.md", *(DOCS / f"{n}.md" for n in PAGES)):
        used = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", page.read_text(encoding="utf-8")))
        assert used <= known, page.name


def test_every_field_of_the_record_is_documented() -> None:
    text = (DOCS / "registry.md").read_text(encoding="utf-8")
    missing = [name for name in schema.RECORDS if f"`{name}`" not in text]
    assert not missing
    assert not [name for name in registries.READERS if f"`{name}`" not in text]


def test_every_canonical_column_is_documented() -> None:
    text = (DOCS / "manifests.md").read_text(encoding="utf-8")
    assert not [name for name in schema.ITEM_TEXT_FIELDS if f"`{name}`" not in text]


def test_every_named_use_and_verdict_line_is_documented() -> None:
    rules = Rulebook.load(RuleStore()).policy
    text = (DOCS / "verdicts.md").read_text(encoding="utf-8")
    assert not [name for name in rules.uses if f"`{name}`" not in text]
    assert not [line.id for line in rules.verdict if line.id not in text]
    assert not [f"P{n}" for n in range(1, 12) if f"P{n}" not in text]


def test_terms_and_uses_are_as_the_rules_say() -> None:
    committed = (DOCS / "terms.md").read_text(encoding="utf-8")
    assert committed == terms.page(RuleStore()), "run `make schema`"


def test_the_schema_of_the_configuration_is_as_its_models_say() -> None:
    committed = (DOCS / "audit.schema.json").read_text(encoding="utf-8")
    assert committed == audit_schema(), "run `make schema`"
    schema = json.loads(committed)
    assert set(tomllib.loads(config.TEMPLATE)) <= set(schema["properties"])
    assert schema["properties"]["fail_on"]["default"] == "prohibited"
    assert schema["additionalProperties"] is False


def test_every_kind_of_change_cause_and_reason_to_waive_is_documented() -> None:
    text = (DOCS / "changes.md").read_text(encoding="utf-8")
    rules = Rulebook.load(RuleStore()).changes
    assert not [kind.id for kind in rules.kinds if f"`{kind.id}`" not in text]
    assert not [code for code in (*rules.causes, *rules.waivers) if f"`{code}`" not in text]


def test_links_in_the_documentation_lead_somewhere() -> None:
    generated = {DOCS / f"{name}.md" for name, _ in site_pages.pages()}
    for page in (*ROOT.glob("*.md"), *DOCS.rglob("*.md"), ROOT / "license_rules" / "README.md"):
        if page in generated or DOCS / "_build" in page.parents:
            continue
        for target in re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8")):
            place = (page.parent / target).resolve()
            if not target.startswith("http") and place not in generated:
                assert place.exists(), f"{page.name}: {target}"


def test_the_config_template_is_documented_where_it_is_written() -> None:
    fields = {
        *config.AuditConfig.model_fields,
        *config.DatasetConfig.model_fields,
        *config.UpstreamConfig.model_fields,
        *config.WaiverConfig.model_fields,
        *config.WaiverMatch.model_fields,
    }
    assert not [name for name in fields if name not in config.TEMPLATE]
