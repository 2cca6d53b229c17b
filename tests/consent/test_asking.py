"""Asking the registries about items: one answer for each, however they are taken together."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from sourcing_audit import schema
from sourcing_audit.consent import Sieve, ask, consult, planning, questions
from sourcing_audit.consent import sieve as sieving
from sourcing_audit.consent.answer import ANSWERS, KINDS
from sourcing_audit.engine import Engine
from sourcing_audit.model import IntendedUse
from sourcing_audit.registries import load
from sourcing_audit.rules.consent import ConsentRules
from sourcing_audit.rules.store import RuleStore
from tests.conftest import write_csv

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sourcing_audit.consent import Consent, Consulted

RULES = ConsentRules.load(RuleStore())
COLUMNS = frozenset({"source_url", "creator_id", "subject_id"})
CONSENTED = {
    "record_type": "consent",
    "decision": "allow",
    "grantee_id": "*",
    "uses": "train_generative",
    "authority_level": "registry_verified",
    "scope_kind": "general_training",
    "duration_kind": "perpetual",
    "compensation_kind": "none_waived",
    "revocable": "yes",
    "revocation_method": "mail",
    "deletion_mechanism": "dataset_removal",
}


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine.duckdb(threads=1) as found:
        yield found


def record(kind: str, value: str, **more: str) -> dict[str, str]:
    said = {"subject_kind": kind, "subject_value": value, "declared_at": "2025-01-01"}
    return {"decision": "deny", "declarant_role": "creator", **said, **more}


def consulted(engine: Engine, folder: Path, *records: dict[str, str]) -> Consulted:
    rows = [{"record_id": f"R{n}", **row} for n, row in enumerate(records)]
    found = load(engine, [f"canonical:{write_csv(folder / 'registry.csv', rows)}"], RULES)
    return consult(engine, found, RULES, IntendedUse(), dt.date(2026, 11, 21))


def asked(
    engine: Engine, given: Consulted, *items: dict[str, Any], sieve: Sieve | None = None
) -> Consent:
    columns = ("pos", *COLUMNS)
    rows = [{"pos": n, **row} for n, row in enumerate(items)]
    fields = pa.schema([(name, pa.int64() if name == "pos" else pa.string()) for name in columns])
    table = engine.from_arrow("items", pa.Table.from_pylist(rows, fields))
    others = (schema.ITEMS.keys() | schema.MEDIA.keys()) - set(columns)
    nothing = table.mutate(**dict.fromkeys(sorted(others), table.creator_id.nullif("")))
    sifted = (sieve or Sieve.of(RULES, COLUMNS)).onto(nothing)
    return ask(engine, given, nothing, sifted, COLUMNS)


def rows(engine: Engine, table: Any, *by: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = engine.arrow(table.order_by(list(by))).to_pylist()
    return found


def test_each_item_has_one_answer_whoever_it_shows(engine: Engine, tmp_path: Path) -> None:
    known = consulted(
        engine,
        tmp_path,
        record("creator_id", "id:1", declarant_id="id:2"),
        record("subject_id", "id:3", declarant_id="id:3"),
    )
    several = '["id:2", "id:3", "id:4"]'
    answer = asked(
        engine,
        known,
        {"creator_id": "id:1", "subject_id": several},
        {"creator_id": "id:9", "subject_id": several},
    )
    assert answer.evidence is not None
    assert [row["pos"] for row in rows(engine, answer.answers, "pos")] == [0, 1]
    assert [row["pos"] for row in rows(engine, answer.evidence, "pos")] == [0, 0, 1]


def test_answers_are_numbered_by_what_they_say(engine: Engine, tmp_path: Path) -> None:
    known = consulted(
        engine,
        tmp_path,
        record("creator_id", "id:1"),
        record("creator_id", "id:2"),
        record("creator_id", "id:3", **CONSENTED),
    )
    items = [{"creator_id": f"id:{n}"} for n in (3, 2, 1, 2, 7)]
    answer, backwards = asked(engine, known, *items), asked(engine, known, *items[::-1])
    assert answer.answers is not None
    assert set(answer.answers.columns) == set(ANSWERS)
    numbered = rows(engine, answer.answers, "pos")
    assert [row["consent_record"].partition("/")[2] for row in numbered] == ["R2", "R1", "R0", "R1"]
    assert len({row["answer_no"] for row in numbered}) == 2
    found = rows(engine, answer.kinds, "answer_no")
    assert [row["answer_no"] for row in found] == [0, 1]
    assert found == rows(engine, backwards.kinds, "answer_no")
    assert set(found[0]) == set(KINDS)


def test_nothing_is_said_of_items_that_nobody_knows(engine: Engine, tmp_path: Path) -> None:
    known = consulted(engine, tmp_path, record("creator_id", "id:1"))
    answer = asked(engine, known, {"creator_id": "id:2"})
    assert answer.evidence is None
    assert rows(engine, answer.answers, "pos") == rows(engine, answer.kinds, "answer_no") == []


DOMAINS = ("site.co.uk", "a.site.co.uk", "or.de", "x.com")
HOSTS = ("a.site.co.uk", "b.a.site.co.uk", "x.or.de", "or.de", "site.co.uk", "localhost.x.com")


def test_domains_of_any_depth_reach_their_hosts(engine: Engine, tmp_path: Path) -> None:
    records = [record("domain", domain, include_subdomains="true") for domain in DOMAINS]
    items = [{"source_url": f"https://{host}/1.jpg"} for host in HOSTS]
    answer = asked(engine, consulted(engine, tmp_path, *records), *items)
    found = {(HOSTS[row["pos"]], row["record_id"]) for row in rows(engine, answer.evidence, "pos")}
    assert found == {
        (host, f"R{n}")
        for host in HOSTS
        for n, domain in enumerate(DOMAINS)
        if f".{host}".endswith(f".{domain}")
    }


MIXED = (
    {"source_url": "https://a.example/x/1.jpg", "creator_id": "id:1"},
    {"source_url": "https://a.example/y/1.jpg", "creator_id": "id:2"},
    {"source_url": "https://b.example/1.jpg", "creator_id": "orcid:0000-0002-1825-0097"},
    {"source_url": "HTTPS://C.example/%7Eone/1.jpg", "creator_id": "id:3"},
    {"source_url": "https://d.example/1.jpg", "creator_id": "https://orcid.org/0000000218250097"},
    {"source_url": "https://e.example/1.jpg"},
)


def found_in(engine: Engine, answer: Consent) -> set[tuple[int, str]]:
    return {(row["pos"], row["record_id"]) for row in rows(engine, answer.evidence, "pos")}


def test_equal_numbers_of_different_keys_match_nothing(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = (
        record("url_prefix", "https://a.example/x/"),
        record("orcid", "0000-0002-1825-0097"),
        record("url", "https://c.example/~one/1.jpg"),
        record("creator_id", "id:2"),
    )
    expected = {(0, "R0"), (1, "R3"), (2, "R1"), (3, "R2"), (4, "R1")}
    answer = asked(engine, consulted(engine, tmp_path, *records), *MIXED)
    assert found_in(engine, answer) == expected
    # Queries that are kept have the function as it is.
    monkeypatch.setenv("SOURCING_AUDIT_CACHE", "off")
    for module in (sieving, planning, questions):
        monkeypatch.setattr(module, "hashed", lambda text: (text.length() * 0).cast("uint64"))
    answer = asked(engine, consulted(engine, tmp_path, *records), *MIXED)
    assert found_in(engine, answer) == expected


def test_what_the_sieve_makes_for_every_registry_serves_any(engine: Engine, tmp_path: Path) -> None:
    given = consulted(engine, tmp_path, record("domain", "b.example", include_subdomains="true"))
    narrow = Sieve.of(RULES, COLUMNS, given.planned.kinds)
    every = Sieve.of(RULES, COLUMNS)
    assert set(narrow.columns) < set(every.columns)
    assert found_in(engine, asked(engine, given, *MIXED, sieve=narrow)) == {(2, "R0")}
    assert found_in(engine, asked(engine, given, *MIXED, sieve=every)) == {(2, "R0")}
