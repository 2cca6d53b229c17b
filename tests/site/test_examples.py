"""The examples in `reports/` are what the tool writes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sourcing_audit.reports import FORMATS

if TYPE_CHECKING:
    from types import ModuleType

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def rendered(make_reports: ModuleType) -> dict[str, bytes]:
    return make_reports.rendered()


def test_examples_are_what_the_tool_writes(rendered: dict[str, bytes]) -> None:
    committed = {
        path.name: path.read_bytes() for path in (ROOT / "reports").iterdir() if path.is_file()
    }
    assert committed.keys() == rendered.keys(), "run `make examples`"
    differ = [name for name, content in rendered.items() if committed[name] != content]
    assert not differ, "run `make examples`"


def test_every_format_has_an_example_that_is_described(rendered: dict[str, bytes]) -> None:
    names = {form.filename for form in FORMATS if form.name != "pdf"}
    assert names <= rendered.keys()
    description = rendered["README.md"].decode()
    assert not [name for name in rendered if name != "README.md" and f"`{name}`" not in description]


def test_another_file_is_taken_away_and_a_changed_one_is_written_anew(
    make_reports: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "report.old").write_text("gone")
    (tmp_path / "report.md").write_text("edited")
    monkeypatch.setattr(make_reports, "TARGET", tmp_path)
    monkeypatch.setattr(make_reports, "rendered", lambda: {"report.md": b"as it is"})
    make_reports.main()
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {
        "report.md": b"as it is"
    }
