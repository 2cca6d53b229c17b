from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sourcing_audit.errors import InputError
from sourcing_audit.sources.table import read_table


def test_all_columns_as_text(tmp_path, engine):
    rows = [{"row": 1, "a": "x", "b c": "1"}, {"row": 2, "a": None, "b c": "[2,3]"}]
    (tmp_path / "m.csv").write_text('a,b c\nx,1\n,"[2,3]"\n')
    (tmp_path / "m.jsonl").write_text('{"a": "x", "b c": 1}\n{"b c": [2, 3]}\n')
    for name in ("m.csv", "m.jsonl"):
        table = read_table(engine, tmp_path / name)
        assert table.columns[0] == "row"
        assert engine.arrow(table.order_by("row").select("row", "a", "b c")).to_pylist() == rows
    pq.write_table(pa.table({"a": [1.5], "reason": ["r"]}), tmp_path / "m.parquet")
    table = read_table(engine, tmp_path / "m.parquet")
    assert engine.arrow(table).to_pylist() == [{"row": 1, "a": "1.5", "reason": "r"}]


def test_nothing_is_skipped(tmp_path, engine):
    (tmp_path / "m.csv").write_text("a,b\n1,2\n3\n")
    with pytest.raises(InputError, match=r"m\.csv: row 2: columns_missing: expected 2 columns"):
        read_table(engine, tmp_path / "m.csv")
    (tmp_path / "m.jsonl").write_text('{"a": 1}\nno\n')
    with pytest.raises(InputError, match=r"m\.jsonl: row 2: invalid_json"):
        read_table(engine, tmp_path / "m.jsonl")
    (tmp_path / "m.parquet").write_text("no")
    with pytest.raises(InputError, match=r"m\.parquet"):
        read_table(engine, tmp_path / "m.parquet")
    (tmp_path / "r.csv").write_text("row,b\n1,2\n")
    with pytest.raises(InputError, match="called row"):
        read_table(engine, tmp_path / "r.csv")
    with pytest.raises(InputError, match="no such file"):
        read_table(engine, tmp_path / "none.csv")
