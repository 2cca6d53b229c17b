"""What texts, upstream datasets, models and dates add to declared licences, in whole audits."""

import json

import pytest

import sourcing_audit
from sourcing_audit import output
from sourcing_audit.model import UpstreamDataset

GPL_TAG = "# SPDX-License-Identifier: GPL-3.0-only\nprint(1)\n"


def write(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture
def audit(tmp_path):
    """Audit rows; the findings by id, with the conclusion behind each."""
    opened = []

    def made(rows, **given):
        manifest = write(tmp_path / "m.jsonl", [{"creator": "Jane Doe", **row} for row in rows])
        audited = sourcing_audit.audit(manifest, as_of="2026-11-21", **given)
        opened.append(audited)
        concluded = {r["license_no"]: r for r in audited.to_arrow(audited.licenses).to_pylist()}
        found = audited.to_arrow().to_pylist()
        return audited, {r["item_id"]: r | {"license": concluded[r["license_no"]]} for r in found}

    yield made
    for each in opened:
        each.close()


@pytest.fixture
def texts(audit):
    return audit(
        [
            {"item_id": "agrees", "license_raw": "GPL-3.0-only", "text": GPL_TAG},
            {"item_id": "conflicts", "license_raw": "MIT", "text": GPL_TAG},
            {"item_id": "alone", "license_raw": None, "text": GPL_TAG},
            {"item_id": "silent", "license_raw": "MIT", "text": "Once there was a harbour."},
            {"item_id": "refuses", "license_raw": "MIT", "text": "Not to be used to train AI."},
            {"item_id": "none", "license_raw": "MIT", "text": None},
        ]
    )


def test_declared_and_detected(texts):
    _, found = texts
    expected = {
        "agrees": ("GPL-3.0-only", "item", False),
        "conflicts": ("GPL-3.0-only", "detected", True),
        "alone": ("GPL-3.0-only", "detected", False),
        "silent": ("MIT", "item", False),
        "none": ("MIT", "item", False),
    }
    for item, (expression, evidence, conflict) in expected.items():
        row = found[item]
        assert row["license_concluded"] == expression, item
        assert row["license_evidence"] == evidence, item
        assert ("license_conflict" in row["reasons"]) is conflict, item
    assert found["refuses"]["status"] == "terms_not_met"
    assert "no_ai_training" in found["refuses"]["reasons"]
    assert found["conflicts"]["license"]["license_raw"] == "MIT"
    assert found["conflicts"]["license"]["license_detected"] == "GPL-3.0-only"


def test_each_distinct_text_is_read_once_and_kept_as_evidence(texts, tmp_path):
    audited, _ = texts
    told = audited.report.texts
    assert (told.items, told.distinct_texts) == (5, 3)
    assert told.stating_a_license == 4
    folder = audited.save(tmp_path / "out")
    with sourcing_audit.load(folder) as loaded:
        kept = loaded.to_arrow(loaded._tables[output.TEXTS]).to_pylist()
        assert [row["item_id"] for row in kept] == [
            "agrees", "conflicts", "alone", "silent", "refuses",
        ]  # fmt: skip
        assert kept[0]["lines"] == "1-1"
        assert kept[3]["license_detected"] is None
        (told,) = loaded.explain("conflicts")
        assert "detected   GPL-3.0-only  (text:tag, lines 1-1; text " in str(told)
        (told,) = loaded.explain("none")
        assert told.text is None


def test_upstream_terms_reach_the_items_that_name_them(audit):
    audited, found = audit(
        [
            {"item_id": "own", "license_raw": "CC0 1.0", "upstream": None},
            {"item_id": "strict", "license_raw": "CC0 1.0", "upstream": "daily_dialog"},
            {"item_id": "unknown", "license_raw": "CC0 1.0", "upstream": ["gsm8k", "elsewhere"]},
        ]
    )
    assert found["own"]["outcome"] == "permitted"
    assert found["strict"]["status"] == "terms_not_met"
    assert found["unknown"]["status"] == "not_established"
    lineage = {entry.dataset: (entry.expression, entry.items) for entry in audited.report.lineage}
    assert lineage == {
        "DailyDialog": ("CC-BY-NC-SA-4.0", 1),
        "GSM8K": ("MIT", 1),
        "elsewhere": ("NOASSERTION", 1),
    }
    (told,) = audited.explain("strict")
    assert "made from  DailyDialog: CC-BY-NC-SA-4.0" in str(told)


def test_upstream_datasets_that_the_user_names(audit):
    given = ["gsm8k", UpstreamDataset("scans", "CC BY-NC 4.0", everywhere=False)]
    _, found = audit(
        [
            {"item_id": "a", "license_raw": "CC0 1.0", "upstream": None},
            {"item_id": "b", "license_raw": "CC0 1.0", "upstream": "scans"},
        ],
        upstream=given,
    )
    assert found["a"]["license"]["lineage"] == ["GSM8K: MIT"]
    assert found["b"]["status"] == "terms_not_met"


def test_items_of_models_are_told_apart(audit):
    audited, found = audit(
        [
            {"item_id": "a", "license_raw": "CC0 1.0", "generator": "some new model"},
            {"item_id": "b", "license_raw": "CC0 1.0", "generator": "human"},
            {"item_id": "c", "license_raw": "CC0 1.0", "generator": None},
        ]
    )
    assert [found[one]["generated"] for one in "abc"] == [True, False, None]
    assert found["a"]["status"] == "not_established"
    origin = audited.report.origin
    assert (origin.generated, origin.human, origin.not_stated) == (1, 1, 1)
    assert any("Made by a model" in line for line in audited.report.disclosure.statements)


RULE = """value,target,from,until,source
Reusable Clip,CC-BY-3.0,,2025-08-01,https://example.org
Reusable Clip,CC-BY-4.0,2025-08-01,,https://example.org
"""


def test_a_name_that_changed_its_meaning_is_read_by_the_day(audit, tmp_path):
    rules = tmp_path / "rules"
    (rules / "licenses").mkdir(parents=True)
    (rules / "licenses" / "dated.csv").write_text(RULE, encoding="utf-8")
    days = {
        "a": "2025-07-31",
        "b": "2025-08-01T00:00:00Z",
        "c": None,
        "d": "in summer",
        "e": "20250731",
    }
    _, found = audit(
        [
            {"item_id": item, "license_raw": "Reusable Clip", "published_at": day}
            for item, day in days.items()
        ],
        rules=[rules],
    )
    concluded = {item: row["license_concluded"] for item, row in found.items()}
    assert concluded == {
        "a": "CC-BY-3.0",
        "b": "CC-BY-4.0",
        "c": "NOASSERTION",
        "d": "NOASSERTION",
        "e": "CC-BY-3.0",
    }
