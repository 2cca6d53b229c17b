"""What is written in the canonical format is read again as the same records."""

from __future__ import annotations

import csv
import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from sourcing_audit import schema
from sourcing_audit.errors import OutputError
from sourcing_audit.escape import csv_cell
from sourcing_audit.registries import READERS, Export, writing
from sourcing_audit.registries.canonical import guarded
from sourcing_audit.registries.record import checked
from tests.registries.support import RULES

if TYPE_CHECKING:
    from pathlib import Path

    from sourcing_audit.engine import Engine

FORMULAS = ["=1+1", "'=1", "''@x", "+49", "-2", "@sum", " =x", "\uff1dx", "\u00a0=x", "'", "'a"]
AWKWARD = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12),
    st.sampled_from([*FORMULAS, 'a"b', "a,b", "a\nb", "a\r\nb", "null", "NULL", "\u202e", "\\N"]),
)
DATES = st.datetimes(
    min_value=dt.datetime(1970, 1, 1),  # noqa: DTZ001
    max_value=dt.datetime(2100, 1, 1),  # noqa: DTZ001
).map(lambda moment: f"{moment.isoformat()}Z")
TEXTS = ("signal_raw", "scope_text", "declarant_name", "conditions", "revocation_method")


@st.composite
def row(draw: st.DrawFn) -> dict[str, Any]:
    decision = draw(st.sampled_from(["allow", "deny", "conditional", "unknown"]))
    fields: dict[str, Any] = {
        "subject_kind": draw(st.sampled_from(["creator_name", "work_id", "handle"])),
        "subject_value": draw(AWKWARD.filter(lambda text: text.strip())),
        "decision": decision,
        "uses": draw(st.lists(st.sampled_from(["train_generative", "any"]), max_size=2)),
        "territory": draw(st.sampled_from([None, "DE|GB", ["de", "EU"], "WORLD"])),
        "declared_at": draw(st.none() | DATES),
        "include_subdomains": draw(st.sampled_from([None, True, False, "yes"])),
        "priority": draw(st.none() | st.integers(-99_999, 999_999)),
        "problem": draw(st.sampled_from([None, "signal_malformed"])),
    }
    return fields | {name: draw(st.none() | AWKWARD) for name in TEXTS}


def read(engine: Engine, path: Path) -> list[dict[str, Any]]:
    export = Export(name="same", path=path, format="canonical")
    table = checked(engine, READERS["canonical"].read(engine, export, RULES), RULES, export)
    return engine.arrow(table.order_by("row").select(*schema.RECORDS)).to_pylist()


def converted(engine: Engine, source: Path, *targets: Path) -> list[list[dict[str, Any]]]:
    export = Export(name="same", path=source, format="canonical")
    table = checked(engine, READERS["canonical"].read(engine, export, RULES), RULES, export)
    table = engine.materialise(table.mutate(record_no="row"), "converted")
    for target in targets:
        writing.write(engine, table, target)
    return [read(engine, target) for target in targets]


@settings(
    max_examples=4,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    # A failing example is found quickly; making it smaller takes minutes of the engine.
    phases=[Phase.generate],
)
@given(rows=st.lists(row(), min_size=20, max_size=60))
def test_a_round_trip_changes_nothing(engine, tmp_path_factory, rows):
    folder = tmp_path_factory.mktemp("trip")
    source = folder / "source.jsonl"
    lines = [json.dumps({"record_id": f"R{n}", **one}) for n, one in enumerate(rows)]
    source.write_text("\n".join(lines), encoding="utf-8")
    wanted = read(engine, source)
    assert len(wanted) == len(rows)
    names = ("o.csv", "o.parquet", "o.jsonl")
    found = converted(engine, source, *(folder / name for name in names))
    assert dict(zip(names, found, strict=True)) == dict.fromkeys(names, wanted)


@given(text=AWKWARD)
def test_no_cell_is_a_formula(text):
    assert csv_cell(guarded(text)) == guarded(text)


def test_formulas_in_a_cell(engine, tmp_path):
    source = tmp_path / "source.jsonl"
    rows = [
        {"record_id": f"R{n}", "subject_kind": "handle", "subject_value": text, "decision": "deny"}
        for n, text in enumerate(FORMULAS)
    ]
    source.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    wanted = [one["subject_value"] for one in read(engine, source)]
    [found] = converted(engine, source, tmp_path / "o.csv")
    assert [one["subject_value"] for one in found] == wanted
    with (tmp_path / "o.csv").open(encoding="utf-8", newline="") as stream:
        cells = [line["subject_value"] for line in csv.DictReader(stream)]
    assert not [cell for cell in cells if csv_cell(cell) != cell]


def test_the_same_records_give_the_same_bytes(engine, tmp_path):
    source = tmp_path / "s.csv"
    source.write_text("record_id,subject_kind,subject_value,decision\nR1,domain,a.example,deny\n")
    targets = [tmp_path / name for name in ("o.csv", "o.parquet", "o.jsonl")]
    converted(engine, source, *targets)
    first = [target.read_bytes() for target in targets]
    converted(engine, source, *targets)
    assert [target.read_bytes() for target in targets] == first
    assert not list(tmp_path.glob(".o*"))


def test_what_is_not_overwritten(tmp_path):
    source = tmp_path / "s.csv"
    source.touch()
    for target, message in (
        (source, "overwrite"),
        (tmp_path / "x" / ".." / "s.csv", "overwrite"),
        (tmp_path / "s.txt", "not a format"),
        (tmp_path, "not a format"),
    ):
        with pytest.raises(OutputError, match=message):
            writing.refuse_target(source, target)
    with pytest.raises(OutputError, match="overwrite"):
        writing.refuse_target(tmp_path, tmp_path / "new.csv")
    (tmp_path / "d.csv").mkdir()
    with pytest.raises(OutputError, match="is a folder"):
        writing.refuse_target(source, tmp_path / "d.csv")
