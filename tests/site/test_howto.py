"""The how-tos' commands and code run as they stand, on the bundled sample."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest
from site_pages import schema_pages

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import Ran

    Run = Callable[..., Ran]

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = ("index", "howto/engineer", "howto/production", "howto/reviewer")
_BLOCK = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
_EXITS = re.compile(r"\s+# exits with (\d)$")


def commands() -> list[tuple[str, int]]:
    """Every command of the pages with its exit code; each once, in the order of reading."""
    found = {}
    for page in PAGES:
        for block in _BLOCK.findall((DOCS / f"{page}.md").read_text(encoding="utf-8")):
            for command in block.replace("\\\n", " ").removeprefix("$ ").split("\n$ "):
                code = _EXITS.search(command.strip())
                found[_EXITS.sub("", command.strip())] = int(code[1]) if code else 0
    return [(text, code) for text, code in found.items() if text.startswith("sourcing-audit ")]


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder with the bundled sample where the pages have it."""
    for name in ("film-stills", "schedule"):
        shutil.copytree(ROOT / "examples" / name, tmp_path / "examples" / name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_commands_run_and_exit_as_the_pages_say(run: Run, checkout: Path) -> None:
    listed = commands()
    assert len(listed) > 10
    for text, code in listed:
        ran = run(*shlex.split(text)[1:])
        assert ran.code == code, f"{text}\n{ran.err}"
    assert (checkout / "usable.csv").is_file()
    assert (checkout / "audit.toml").read_text().startswith("#:schema ./audit.schema.json\n")
    for name, (_, columns) in schema_pages.TABLES.items():
        assert set(pq.read_schema(checkout / "audit-out" / name).names) == set(columns), name


def test_the_python_code_runs(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = (DOCS / "howto" / "researcher.md").read_text(encoding="utf-8")
    exec("\n".join(_CODE.findall(page)), {})  # noqa: S102
    printed = capsys.readouterr().out
    assert "scientific research" in printed
    assert (checkout / "study-out" / "report.json").is_file()
