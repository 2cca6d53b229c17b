"""What must hold for any records: denials only ever restrict, and order never matters.

Many random scenarios are audited together, each with keys of its own, so that one audit checks
hundreds of them.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest

import sourcing_audit
from sourcing_audit.model import Outcome
from tests.conftest import write_csv

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

Row = dict[str, Any]

SCENARIOS = 250
USABLE = {str(outcome): place for place, outcome in enumerate(Outcome)}
LICENSES = ("CC0 1.0", "CC BY-NC 4.0", "MIT", "© Somebody", "", "no idea")


def item(number: int, chance: random.Random) -> Row:
    return {
        "item_id": f"i{number}",
        "source_url": f"https://www.h{number}.example/a/b/{number}.jpg",
        "creator": f"Name {number}",
        "creator_id": f"id:{number}",
        "sha256": f"{number:064x}",
        "license": chance.choice(LICENSES),
        "depicts_person": chance.choice(["", "no", "yes"]),
        "subject_id": f"id:{number}",
    }


def subject(number: int, chance: random.Random) -> tuple[str, str]:
    return chance.choice(
        [
            ("url", f"https://www.h{number}.example/a/b/{number}.jpg"),
            ("url_prefix", f"https://www.h{number}.example/a"),
            ("host", f"www.h{number}.example"),
            ("domain", f"h{number}.example"),
            ("creator_id", f"id:{number}"),
            ("subject_id", f"id:{number}"),
            ("creator_name", f"name {number}"),
            ("sha256", f"{number:064x}"),
        ]
    )


def record(number: int, name: str, decision: str, chance: random.Random) -> Row:
    kind, value = subject(number, chance)
    row = {
        "record_id": f"{number}-{name}",
        "subject_kind": kind,
        "subject_value": value,
        "decision": decision,
        "declarant_id": chance.choice(["", f"id:{number}", f"other:{number}"]),
        "declarant_role": chance.choice(
            ["creator", "rightsholder", "performer", "host", "unknown"]
        ),
        "declared_at": chance.choice(["2025-01-01", "2026-01-01", "2026-06-01", "2027-01-01"]),
    }
    if decision == "allow":
        row |= {
            "record_type": chance.choice(["consent", "licence_agreement", "opt_in"]),
            "grantee_id": chance.choice(["*", "org:us", "org:them"]),
            "uses": chance.choice(["train_generative", "any", "search_index"]),
            "authority_level": chance.choice(["none", "document_checked", "signature_invalid"]),
            "valid_until": chance.choice(["", "", "2027-12-31", "2026-07-01"]),
            "scope_kind": "general_training",
            "duration_kind": chance.choice(["perpetual", "not_stated"]),
            "compensation_kind": "none_waived",
            "revocable": "yes",
            "revocation_method": "mail",
            "deletion_mechanism": "dataset_removal",
        }
        if row["valid_until"] and row["valid_until"] <= row["declared_at"]:
            del row["valid_until"]
    return row


def scenarios(seed: int) -> tuple[list[Row], list[Row], random.Random]:
    chance = random.Random(seed)
    items = [item(number, chance) for number in range(SCENARIOS)]
    records = [
        record(number, str(nth), chance.choice(["allow", "allow", "deny"]), chance)
        for number in range(SCENARIOS)
        for nth in range(chance.randrange(4))
    ]
    return items, records, chance


def verdicts(
    folder: Path, items: Sequence[Row], *registries: Sequence[Row]
) -> dict[str, dict[str, Any]]:
    manifest = write_csv(folder / "items.csv", items)
    paths = [
        write_csv(folder / f"r{number}.csv", [{"registry_id": "r", **row} for row in rows])
        for number, rows in enumerate(registries)
    ]
    with sourcing_audit.audit(
        manifest, registries=paths, use="commercial-training,grantee=org:us", as_of="2026-11-21"
    ) as audited:
        assert audited.report.totals.verdicts == len(items)
        return {row["item_id"]: row for row in audited.to_pandas().to_dict("records")}


def told(found: dict[str, dict[str, Any]]) -> dict[str, tuple[Any, ...]]:
    names = ("status", "outcome", "consent_status", "consent_record", "verdict_rule", "basis")
    return {
        key: (*(row[name] for name in names), *row["reasons"], "|", *row["obligations"])
        for key, row in found.items()
    }


@pytest.mark.parametrize("seed", [1, 2])
def test_adding_a_denial_never_makes_an_item_more_usable(tmp_path: Path, seed: int) -> None:
    items, records, chance = scenarios(seed)
    denials = [record(number, "added", "deny", chance) for number in range(SCENARIOS)]
    before = verdicts(tmp_path, items, records)
    after = verdicts(tmp_path, items, [*records, *denials])
    worse = {
        key: (before[key]["status"], after[key]["status"])
        for key in before
        if USABLE[after[key]["outcome"]] > USABLE[before[key]["outcome"]]
    }
    assert not worse
    assert told(before) != told(after)


def test_order_and_files_never_matter(tmp_path: Path) -> None:
    items, records, chance = scenarios(3)
    whole = verdicts(tmp_path, items, records)
    shuffled = chance.sample(records, len(records))
    split = verdicts(tmp_path, items, shuffled[::2], shuffled[1::2])
    assert told(whole) == told(split)


def test_without_records_nobody_is_asked(tmp_path: Path) -> None:
    items, _, _ = scenarios(4)
    assert {row["consent_status"] for row in verdicts(tmp_path, items).values()} == {"unknown"}
