"""The hooks for pre-commit: valid, and they run what is there."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer.main
import yaml

from sourcing_audit import cli

ROOT = Path(__file__).parents[2]
FILE = ROOT / ".pre-commit-hooks.yaml"
HOOKS: dict[str, dict[str, Any]] = {hook["id"]: hook for hook in yaml.safe_load(FILE.read_text())}


def test_they_are_valid() -> None:
    checked = subprocess.run(
        [sys.executable, "-m", "pre_commit", "validate-manifest", FILE],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout


def test_the_action_is_valid() -> None:
    path = ROOT / ".github" / "actions" / "audit" / "action.yml"
    command = ["check_jsonschema", "--builtin-schema", "vendor.github-actions", path]
    checked = subprocess.run(
        [sys.executable, "-m", *command], capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize("name", HOOKS)
def test_they_run_commands_that_are_there(name: str) -> None:
    program, *words = HOOKS[name]["entry"].split()
    assert program == "sourcing-audit"
    command = typer.main.get_command(cli.app)
    while words and not words[0].startswith("-"):
        command = command.commands[words.pop(0)]
    assert set(words) <= {flag for parameter in command.params for flag in parameter.opts}


@pytest.mark.parametrize(
    ("name", "path", "expected"),
    [
        ("sourcing-audit", "audit.toml", True),
        ("sourcing-audit", "film/audit.toml", True),
        ("sourcing-audit", "manifests/2026/works.csv", True),
        ("sourcing-audit", "src/my-audit.toml.py", False),
        ("sourcing-audit", "not-audit.toml", False),
        ("sourcing-audit-rules", "our-rules/licenses/aliases.csv", True),
        ("sourcing-audit-rules", "our-rules/cases/licenses.toml", True),
        ("sourcing-audit-rules", "our-rules/README.md", False),
        ("sourcing-audit-rules", "data/works.csv", False),
    ],
)
def test_they_run_where_something_changed_that_matters(
    name: str, path: str, expected: bool
) -> None:
    assert bool(re.search(HOOKS[name]["files"], path)) is expected
