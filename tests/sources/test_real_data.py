"""Manifests and authority files as published; every record is compared with Python's own readers."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest

from sourcing_audit.sources.table import read_table
from tests.support.real_data import MANIFESTS, WORKS, needs

if TYPE_CHECKING:
    from pathlib import Path


def with_python(path: Path) -> list[dict[str, str | None]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = [dict(row) for row in csv.DictReader(stream)]
    return [{key: (value or "").strip() or None for key, value in row.items()} for row in rows]


@needs("openverse")
def test_openverse(read):
    found = read(MANIFESTS["openverse"].path)
    expected = with_python(MANIFESTS["openverse"].path)
    assert not found.quarantine
    assert len(found.items) == MANIFESTS["openverse"].items
    for field, column in [
        ("item_id", "identifier"),
        ("source_url", "url"),
        ("landing_url", "foreign_landing_url"),
        ("creator", "creator"),
        ("creator_id", "creator_url"),
        ("title", "title"),
    ]:
        assert found.column(field) == [row[column] for row in expected]
    assert found.column("license_raw") == [
        f"{row['license']} {row['license_version'] or ''}".strip() for row in expected
    ]
    assert sum(value is not None for value in found.column("license_url")) > 100


@needs("tate")
def test_tate(read):
    found = read(MANIFESTS["tate"].path)
    expected = pq.read_table(MANIFESTS["tate"].path).to_pydict()
    assert len(found.items) == MANIFESTS["tate"].items
    assert found.column("item_id") == [str(value) for value in expected["id"]]
    for field, column in [("rights_raw", "copyright"), ("creator", "artist")]:
        assert found.column(field) == [(text or "").strip() or None for text in expected[column]]


@needs("commoncrawl")
def test_common_crawl(read):
    found = read(MANIFESTS["commoncrawl"].path)
    expected = pq.read_table(MANIFESTS["commoncrawl"].path).to_pylist()
    assert found.column("license_url") == [
        f"https://{row['cc_domain'].strip()}{row['cc_license'].strip()}" for row in expected
    ]
    assert found.column("source_url") == [
        f"https://{row['provider_domain'].strip()}{row['content_path'].strip()}" for row in expected
    ]


@needs("tate")
@pytest.mark.parametrize("name", ["tate-artists.csv", "nga-constituents.csv"])
def test_authority_files(engine, name):
    table = engine.arrow(read_table(engine, WORKS / name).order_by("row")).to_pylist()
    expected = with_python(WORKS / name)
    assert [row.pop("row") for row in table] == list(range(1, len(expected) + 1))
    assert [
        {key: (value or "").strip() or None for key, value in row.items()} for row in table
    ] == expected
