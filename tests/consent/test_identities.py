"""Creators, works, accounts and hashes, from a manifest to its verdicts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest

from sourcing_audit import audit
from tests.conftest import write_csv

if TYPE_CHECKING:
    from collections.abc import Callable

CODE = "KACYPXW445FTYNJ3CYSXHAFJMA2HUWULUNRFE3BLHRSCXYH2M5AEGQ"
RECORDS = [
    {"subject_kind": "account", "platform": "deviantart", "subject_value": "alice"},
    {"subject_kind": "orcid", "subject_value": "https://orcid.org/0000-0002-1825-0097"},
    {"subject_kind": "isbn13", "subject_value": "9780306406157"},
    {"subject_kind": "doi", "subject_value": "https://doi.org/10.1000/abc"},
    {"subject_kind": "creator_name", "subject_value": "josé"},
    {"subject_kind": "domain", "subject_value": "tumblr.com"},
    {"subject_kind": "phash", "subject_value": "00FF00FF00FF00FF"},
    {"subject_kind": "iscc", "subject_value": f"ISCC:{CODE}I", "max_distance": 4},
]
ITEMS: dict[str, tuple[dict[str, str], str, list[str]]] = {
    "a page of the account": (
        {"landing_url": "https://www.deviantart.com/Alice/art/x"},
        "opted_out",
        [],
    ),
    "the account's profile": (
        {"creator_id": "https://www.DeviantArt.com/ALICE/"},
        "opted_out",
        [],
    ),
    "the account's handle": ({"creator_id": "DeviantArt:Alice"}, "opted_out", []),
    "one of several creators": ({"creator_id": '["x:1", "deviantart:alice"]'}, "opted_out", []),
    "one of several names": (
        {"creator": '["Somebody", "José"]'},
        "public_domain_or_cc",
        ["creator_name_match"],
    ),
    "another account": (
        {"landing_url": "https://www.deviantart.com/alice-b/x"},
        "public_domain_or_cc",
        [],
    ),
    "a bare ORCID": ({"creator_id": "0000-0002-1825-0097"}, "opted_out", []),
    "a wrong ORCID": ({"creator_id": "0000-0002-1825-0098"}, "public_domain_or_cc", []),
    "an ISBN of ten digits": ({"work_id": "0-306-40615-2"}, "opted_out", []),
    "a DOI in capitals": ({"work_id": "10.1000/ABC"}, "opted_out", []),
    "a name in wide letters": (
        {"creator": "ＪＯＳÉ"},
        "public_domain_or_cc",
        ["creator_name_match"],
    ),
    "a stranger on the platform": (
        {"landing_url": "https://bob.tumblr.com/7"},
        "public_domain_or_cc",
        [],
    ),
    "an image that is alike": (
        {"phash": "00ff00ff00ff00fe"},
        "public_domain_or_cc",
        ["near_duplicate_match"],
    ),
    "an image that isn't": ({"phash": "00ff00ff00ffff00"}, "public_domain_or_cc", []),
    "a text that is alike": (
        {"iscc": f"{CODE}Y"},
        "public_domain_or_cc",
        ["near_duplicate_match"],
    ),
    "the very text": ({"iscc": f"iscc:{CODE}i".lower()}, "opted_out", []),
}


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Any]:
    """What became of an item, by its name."""
    folder = tmp_path_factory.mktemp("identities")
    items = [
        {
            "item_id": name,
            "source_url": f"https://cdn.example/{n}",
            "license_raw": "CC0 1.0",
            **item,
        }
        for n, (name, (item, *_)) in enumerate(ITEMS.items())
    ]
    records = [{"record_id": f"R{n}", "decision": "deny", **row} for n, row in enumerate(RECORDS)]
    manifest = write_csv(folder / "items.csv", items)
    registry = write_csv(folder / "registry.csv", records)
    report = audit(manifest, registries=[f"canonical:{registry}"])
    report.save(folder / "out")
    rows = pq.read_table(folder / "out" / "findings.parquet").to_pylist()
    return {row["item_id"]: row for row in rows}.__getitem__


@pytest.mark.parametrize("name", ITEMS)
def test_what_becomes_of(verdicts: Callable[[str], Any], name: str) -> None:
    _, status, reasons = ITEMS[name]
    verdict = verdicts(name)
    assert verdict["status"] == status
    assert set(reasons) <= set(verdict["reasons"])
    assert ("near_duplicate_match" in verdict["reasons"]) == ("near_duplicate_match" in reasons)
