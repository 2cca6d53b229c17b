"""Asking the registries about items: one answer for each, however they are taken together."""

from __future__ import annotations

import datetime as dt
from itertools import product
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from sourcing_audit import places, schema
from sourcing_audit.consent import ask, consult
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


def asked(engine: Engine, given: Consulted, *items: dict[str, Any]) -> Consent:
    columns = ("pos", *COLUMNS)
    rows = [{"pos": n, **row} for n, row in enumerate(items)]
    fields = pa.schema([(name, pa.int64() if name == "pos" else pa.string()) for name in columns])
    table = engine.from_arrow("items", pa.Table.from_pylist(rows, fields))
    others = (schema.ITEMS.keys() | schema.MEDIA.keys()) - set(columns)
    nothing = table.mutate(**dict.fromkeys(sorted(others), table.creator_id.nullif("")))
    return ask(engine, given, nothing, COLUMNS)


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
    assert (answer.answers, answer.kinds, answer.evidence) == (None,) * 3


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


def test_hosts_have_the_tail_of_their_domain(engine: Engine) -> None:
    labels = ("a", "co", "com", "x-y", "de", "uk", "edu")
    pairs = [
        (".".join(host), ".".join(host[-levels:]))
        for size in (1, 2, 3, 4)
        for host in product(labels, repeat=size)
        for levels in range(1, size + 1)
    ]
    hosts, domains = map(list, zip(*pairs, strict=True))
    table = engine.from_arrow("names", pa.table({"host": hosts, "domain": domains}))
    other = places.tail(table.host) != places.tail(table.domain)
    assert rows(engine, table.filter(other & ~places.is_short(table.domain)), "host") == []
