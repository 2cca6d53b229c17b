"""What must hold for any records: denials and doubts only ever restrict, and order never matters.

Many random scenarios are audited together, each with keys of its own, so that one audit checks
hundreds of them. A scenario is there once for each variant: as it is, and with one more record of
a kind that must not help.
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
PROBLEMS = ("signal_malformed", "signal_unreadable", "signal_document_missing", "signal_unverified")
VARIANTS = ("as it is", "denied", "widely granted", "unreadable")


def item(number: int, chance: random.Random) -> Row:
    return {
        "item_id": f"i{number}",
        "source_url": f"https://www.h{number}.example/a/b/{number}.jpg",
        "creator": f"Name {number}",
        "creator_id": f"id:{number}",
        "sha256": f"{number:064x}",
        "license": chance.choice(LICENSES),
        "depicts_person": chance.choice(["", "no", "yes"]),
        "person_status": chance.choice(["", "", "minor"]),
        "subject_id": f"id:{number}",
        "acquired_at": chance.choice(["", "2026-02-01"]),
    }


def subjects(number: int) -> list[tuple[str, str]]:
    return [
        ("url", f"https://www.h{number}.example/a/b/{number}.jpg"),
        ("url_prefix", f"https://www.h{number}.example/a"),
        ("url_pattern", f"www.h{number}.example/a/*.jpg$"),
        ("host", f"www.h{number}.example"),
        ("domain", f"h{number}.example"),
        ("creator_id", f"id:{number}"),
        ("subject_id", f"id:{number}"),
        ("creator_name", f"name {number}"),
        ("sha256", f"{number:064x}"),
    ]


def wide_subjects(number: int) -> list[tuple[str, str]]:
    """Subjects that a refusal reaches the item by, and that aren't exactly its own."""
    return [
        ("url", f"http://h{number}.example/a/b/{number}.jpg"),
        ("url", f"https://www.h{number}.example/a/b/{number}.jpg#part"),
        ("url_prefix", f"http://h{number}.example/a"),
        ("host", f"h{number}.example"),
        ("domain", f"h{number}.example"),
        ("creator_id", f"ID:{number}"),
        ("creator_name", f"NAME {number}"),
    ]


def record(
    number: int,
    name: str,
    decision: str,
    chance: random.Random,
    *,
    about: Sequence[tuple[str, str]] | None = None,
) -> Row:
    kind, value = chance.choice(about or subjects(number))
    signal = kind == "url_pattern" or chance.random() < 0.3
    row = {
        "record_id": f"{number}-{name}",
        "statement_id": f"{number}-{chance.choice(['s', name])}" if signal else "",
        "subject_kind": kind,
        "subject_value": value,
        "decision": decision,
        "signal_scheme": chance.choice(["robots_ua", "tdmrep_file", "tdmrep_meta", "rsl", "c2pa"])
        if signal
        else chance.choice(["", "contract"]),
        "priority": str(chance.randrange(4)) if kind == "url_pattern" else "",
        "declarant_id": chance.choice(["", f"id:{number}", f"other:{number}"]),
        "declarant_role": chance.choice(
            ["creator", "rightsholder", "performer", "host", "unknown"]
        ),
        "declared_at": chance.choice(["2025-01-01", "2026-01-01", "2026-06-01", "2027-01-01"]),
        "hash_target": "file_bytes" if kind == "sha256" else "",
    }
    if decision == "unknown":
        row["problem"] = chance.choice(PROBLEMS)
    if decision in {"allow", "conditional"}:
        row |= grant(chance)
        if row["valid_until"] and row["valid_until"] <= row["declared_at"]:
            del row["valid_until"]
    return row


def grant(chance: random.Random) -> Row:
    return {
        "record_type": chance.choice(["consent", "licence_agreement", "opt_in"]),
        "grantee_id": chance.choice(["*", "org:us", "org:them"]),
        "uses": chance.choice(["train_generative", "train_generative", "any", "search_index"]),
        "authority_level": chance.choice(
            ["none", "self_asserted", "document_checked", "signature_invalid"]
        ),
        "valid_until": chance.choice(["", "", "2027-12-31", "2026-07-01"]),
        "person_status": chance.choice(["", "", "minor"]),
        "conditions": chance.choice(["", "", '{"attribution": true}', '{"payment": true}']),
        "scope_kind": "general_training",
        "duration_kind": chance.choice(["perpetual", "not_stated"]),
        "compensation_kind": "none_waived",
        "revocable": "yes",
        "revocation_method": "mail",
        "deletion_mechanism": "dataset_removal",
    }


def referring(number: int, name: str, earlier: Sequence[Row], chance: random.Random) -> Row:
    """A revocation or an approval of one of the earlier records, or of none."""
    target = chance.choice([*(row["record_id"] for row in earlier), f"{number}-lost"])
    if chance.random() < 0.5:
        return record(number, name, "deny", chance) | {
            "record_type": "revocation",
            "refers_to": target,
        }
    return {
        "record_id": f"{number}-{name}",
        "subject_kind": "subject_id",
        "subject_value": f"id:{number}",
        "decision": "allow",
        "record_type": "approval",
        "refers_to": target,
        "approver_role": chance.choice(["guardian", "estate"]),
        "declared_at": "2026-01-02",
    }


def scenario(number: int, seed: str) -> tuple[Row, list[Row]]:
    """An item and its records: the same, but for its keys, for one seed."""
    chance = random.Random(seed)
    thing = item(number, chance)
    records: list[Row] = []
    for nth in range(chance.randrange(4)):
        decision = chance.choice(["allow", "allow", "allow", "conditional", "deny", "unknown"])
        records.append(record(number, str(nth), decision, chance))
    if records and chance.random() < 0.4:
        records.append(referring(number, "ref", records, chance))
    return thing, records


def added(number: int, variant: str, chance: random.Random) -> list[Row]:
    if variant == "denied":
        return [record(number, "added", "deny", chance)]
    if variant == "widely granted":
        return [record(number, "added", "allow", chance, about=wide_subjects(number))]
    if variant == "unreadable":
        return [record(number, "added", "unknown", chance)]
    return []


def number_of(seed: int, nth: int, place: int) -> int:
    return (seed * SCENARIOS + nth) * len(VARIANTS) + place


def scenarios(seed: int) -> tuple[list[Row], list[Row]]:
    """Every scenario in every variant; `number_of` finds them again."""
    items, records = [], []
    for nth in range(SCENARIOS):
        for place, variant in enumerate(VARIANTS):
            number = number_of(seed, nth, place)
            thing, said = scenario(number, f"{seed}-{nth}")
            items.append(thing)
            records += [*said, *added(number, variant, random.Random(f"{seed}-{nth}-{variant}"))]
    return items, records


def verdicts(
    folder: Path, items: Sequence[Row], *registries: Sequence[Row]
) -> dict[str, dict[str, Any]]:
    manifest = write_csv(folder / "items.csv", items)
    paths = []
    columns = dict.fromkeys(name for rows in registries for row in rows for name in row)
    for number, rows in enumerate(registries):
        whole = [{"registry_id": "r", **{n: row.get(n, "") for n in columns}} for row in rows]
        paths.append(write_csv(folder / f"r{number}.csv", whole))
    use = "commercial-training,grantee=org:us,trained=2026-03-01"
    with sourcing_audit.audit(manifest, registries=paths, use=use, as_of="2026-11-21") as audited:
        assert audited.report.totals.verdicts == len(items)
        return {row["item_id"]: row for row in audited.to_pandas().to_dict("records")}


def told(row: dict[str, Any]) -> tuple[Any, ...]:
    names = ("status", "outcome", "consent_status", "verdict_rule", "basis")
    return (*(row[name] for name in names), *row["reasons"], "|", *row["obligations"])


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """The verdicts on the items of three seeds, audited together."""
    found = [scenarios(seed) for seed in (1, 2, 3)]
    items = [row for things, _ in found for row in things]
    records = [row for _, said in found for row in said]
    return verdicts(tmp_path_factory.mktemp("whole"), items, records)


@pytest.mark.parametrize("seed", [1, 2])
def test_what_must_hold_for_any_records(whole: dict[str, dict[str, Any]], seed: int) -> None:
    changed = 0
    for nth in range(SCENARIOS):
        plain, denied, granted, unread = (
            whole[f"i{number_of(seed, nth, place)}"] for place in range(len(VARIANTS))
        )
        for worse in (denied, unread):
            assert USABLE[worse["outcome"]] <= USABLE[plain["outcome"]], worse["item_id"]
        for name in ("status", "outcome", "basis"):
            same = granted[name] == plain[name] or granted[name] is plain[name]
            assert same or granted[name] != granted[name], (name, granted["item_id"])
        changed += denied["status"] != plain["status"]
    assert changed > SCENARIOS / 10


def test_order_and_files_never_matter(tmp_path: Path, whole: dict[str, dict[str, Any]]) -> None:
    """Nor what else is audited with the items."""
    found = [scenarios(seed) for seed in (1, 2)]
    items = [row for things, _ in found for row in things]
    records = [row for _, said in found for row in said]
    shuffled = random.Random(3).sample(records, len(records))
    split = verdicts(tmp_path, items, shuffled[::2], shuffled[1::2])
    together = {key: whole[key] for key in split}
    assert {key: told(row) for key, row in together.items()} == {
        key: told(row) for key, row in split.items()
    }
    records_of = {key: row["consent_record"] for key, row in together.items()}
    assert records_of == {key: row["consent_record"] for key, row in split.items()}


def test_without_records_nobody_is_asked(tmp_path: Path) -> None:
    items, _ = scenarios(4)
    assert {row["consent_status"] for row in verdicts(tmp_path, items).values()} == {"unknown"}


@pytest.mark.parametrize("beside", [False, True], ids=["alone", "beside others"])
def test_a_renewal_of_nothing_grants_nothing_whatever_others_refer_to(
    tmp_path: Path, beside: bool
) -> None:
    item = {"item_id": "a", "source_url": "https://a.example/1", "creator": "A", "license_raw": "©"}
    grant = {
        "record_type": "consent",
        "relation": "renews",
        "decision": "allow",
        "subject_kind": "url",
        "declarant_role": "creator",
        "authority_level": "self_asserted",
        "grantee_id": "*",
        "uses": "train_generative",
        "scope_kind": "general_training",
        "duration_kind": "perpetual",
        "compensation_kind": "none_waived",
        "revocable": "yes",
        "revocation_method": "mail to the registry",
        "deletion_mechanism": "dataset_removal",
        "declared_at": "2026-01-10",
    }
    records = [{**grant, "record_id": "r", "subject_value": item["source_url"]}]
    if beside:
        elsewhere = {**grant, "subject_value": "https://b.example/1"}
        records += [
            {**elsewhere, "record_id": "first", "relation": ""},
            {**elsewhere, "record_id": "second", "refers_to": "first"},
        ]
    found = verdicts(tmp_path, [item], records)["a"]
    assert (found["status"], found["outcome"]) == ("not_established", "undetermined")
    assert "consent_continues_nothing" in found["reasons"]
