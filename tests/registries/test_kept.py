"""Checked exports that are kept: the same records without reading them again, or a new reading."""

from __future__ import annotations

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from sourcing_audit import registries, schema
from sourcing_audit.engine import Engine
from sourcing_audit.errors import RegistryError
from sourcing_audit.registries.canonical import CanonicalReader
from sourcing_audit.state import State
from tests.registries.support import RULES

if TYPE_CHECKING:
    from pathlib import Path

    from sourcing_audit.registries import Kept

FIRST = {"record_id": "A", "subject_kind": "host", "subject_value": "a.example", "decision": "deny"}
SECOND = FIRST | {"record_id": "B", "subject_value": "b.example", "declared_at": "2026-01-02"}


@pytest.fixture
def export(tmp_path: Path) -> Path:
    path = tmp_path / "export.jsonl"
    path.write_text(f"{json.dumps(FIRST)}\n{json.dumps(SECOND)}\n", encoding="utf-8")
    return path


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return registries.Kept(State(tmp_path / "state"), "rules 1")


@pytest.fixture
def readings(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The exports that were really read."""
    found: list[Path] = []
    read = CanonicalReader.read

    def counted(self: CanonicalReader, engine: Any, export: Any, rules: Any) -> Any:
        found.append(export.path)
        return read(self, engine, export, rules)

    monkeypatch.setattr(CanonicalReader, "read", counted)
    return found


def loaded(engine: Engine, *specs: object, kept: Kept | None = None) -> list[dict[str, Any]]:
    found = registries.load(engine, [str(spec) for spec in specs], RULES, kept).records
    columns = ("record_no", "registry_no", "row", "wide", "exact", "subdomains", "declarant")
    ordered = found.order_by("record_no").select(*columns, *schema.RECORDS)
    return engine.arrow(ordered).to_pylist()


def entries(kept: Kept) -> list[Path]:
    folder = kept.state.folder / "registries"
    return list(folder.iterdir()) if folder.is_dir() else []


def test_the_same_records_without_reading(engine, export, kept, readings, tmp_path):
    second = tmp_path / "other.csv"
    second.write_text("record_id,subject_kind,subject_value,decision\nX,creator_name,Jo,deny\n")
    plain = loaded(engine, export, second)
    assert loaded(engine, export, second, kept=kept) == plain
    assert len(readings) == 4
    assert loaded(engine, export, second, kept=kept) == plain
    assert loaded(engine, second, export, kept=kept)[0]["record_id"] == "X"
    assert len(readings) == 4


@pytest.mark.parametrize("change", ["content", "name", "rules"])
def test_what_could_change_the_records_is_part_of_the_key(engine, export, kept, readings, change):
    loaded(engine, export, kept=kept)
    if change == "content":
        export.write_text(export.read_text() + json.dumps(FIRST | {"record_id": "C"}))
    elif change == "name":
        export = export.rename(export.with_name("renamed.jsonl"))
    else:
        kept = registries.Kept(kept.state, "rules 2")
    found = loaded(engine, export, kept=kept)
    assert len(readings) == 2
    assert found == loaded(engine, export)


@pytest.mark.parametrize("name", ["rows.parquet", "terms.parquet", "entry.json"])
@pytest.mark.parametrize("damage", ["cut", "altered", "gone", "folder gone", "no json"])
def test_a_damaged_entry_is_written_anew(engine, export, kept, readings, name, damage):
    plain = loaded(engine, export, kept=kept)
    (entry,) = entries(kept)
    path = entry / name
    content = path.read_bytes()
    if damage == "cut":
        path.write_bytes(content[:-5])
    elif damage == "altered":
        path.write_bytes(content[:20] + bytes([content[20] ^ 1]) + content[21:])
    elif damage == "gone":
        path.unlink()
    elif damage == "folder gone":
        shutil.rmtree(entry)
    else:
        (entry / "entry.json").write_text("[" * 100_000)
    assert loaded(engine, export, kept=kept) == plain
    assert len(readings) == 2
    assert loaded(engine, export, kept=kept) == plain
    assert len(readings) == 2
    assert [path.name for path in entries(kept)] == [entry.name]


def test_a_faulty_export_is_never_kept(engine, export, kept):
    export.write_text(json.dumps(FIRST | {"decision": "perhaps"}))
    for _ in range(2):
        with pytest.raises(RegistryError, match="decision is 'perhaps'"):
            loaded(engine, export, kept=kept)
    export.write_text(json.dumps(FIRST | {"subject_value": "*"}))
    for _ in range(2):
        with pytest.raises(RegistryError, match="not a host"):
            loaded(engine, export, kept=kept)
    assert not entries(kept)


def test_what_changes_while_it_is_read_is_not_trusted(engine, export, kept, monkeypatch):
    read = CanonicalReader.read

    def slow(self: CanonicalReader, engine: Any, export: Any, rules: Any) -> Any:
        table = read(self, engine, export, rules)
        export.path.write_text(json.dumps(SECOND))
        return table

    monkeypatch.setattr(CanonicalReader, "read", slow)
    with pytest.raises(RegistryError, match="changed while it was read"):
        loaded(engine, export, kept=kept)
    assert not entries(kept)


def test_two_writers(export, kept, tmp_path):
    def audit(_: int) -> list[dict[str, Any]]:
        with Engine.duckdb(temp_directory=tmp_path, threads=1) as engine:
            return loaded(engine, export, kept=kept)

    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(audit, range(4)))
    assert all(one == found[0] for one in found)
    assert len(entries(kept)) == 1
