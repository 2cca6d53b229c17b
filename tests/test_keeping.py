"""Queries that are kept on disk: what they are known by, what is in them, what may go wrong."""

from __future__ import annotations

import datetime as dt
import os
import threading
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

import sourcing_audit
from sourcing_audit.consent import Sieve
from sourcing_audit.consent.questions import Questions, odd_texts, texts
from sourcing_audit.engine import Engine, Queries, keeping
from sourcing_audit.engine.told import told
from sourcing_audit.model import IntendedUse
from sourcing_audit.rules.consent import ConsentRules
from sourcing_audit.rules.store import RuleStore
from tests.conftest import write_csv

if TYPE_CHECKING:
    from pathlib import Path

    import ibis.expr.types as ir

RULES = ConsentRules.load(RuleStore())
KEY = "a" * 64
QUERY = "SELECT 'ä\n'"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(keeping.VARIABLE, str(tmp_path / "cache"))
    return tmp_path / "cache" / "queries"


def test_what_is_kept_is_found_again(folder: Path) -> None:
    assert keeping.recalled(KEY) is None
    keeping.keep(KEY, QUERY)
    assert keeping.recalled(KEY) == QUERY
    assert [path.name for path in folder.iterdir()] == [KEY]
    assert folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("damage", [b"", b"SELECT 1", b"\xff\n\xff", b"0" * 64 + b"\nSELECT 1"])
def test_a_damaged_entry_is_none_and_is_made_anew(folder: Path, damage: bytes) -> None:
    keeping.keep(KEY, QUERY)
    (folder / KEY).write_bytes(damage)
    assert keeping.recalled(KEY) is None
    keeping.keep(KEY, QUERY)
    assert keeping.recalled(KEY) == QUERY


@pytest.mark.parametrize("depth", [0, 1])
def test_a_folder_that_others_can_write_is_not_used(folder: Path, depth: int) -> None:
    keeping.keep(KEY, QUERY)
    (folder, folder.parent)[depth].chmod(0o777)
    assert keeping.recalled(KEY) is None
    keeping.keep("b" * 64, QUERY)
    assert not (folder / ("b" * 64)).exists()


def test_a_folder_of_somebody_else_is_not_used(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeping.keep(KEY, QUERY)
    monkeypatch.setattr(os, "getuid", lambda: folder.stat().st_uid + 1)
    assert keeping.recalled(KEY) is None


def test_a_link_is_not_followed(folder: Path, tmp_path: Path) -> None:
    keeping.keep(KEY, QUERY)
    folder.rename(tmp_path / "elsewhere")
    folder.symlink_to(tmp_path / "elsewhere")
    assert keeping.recalled(KEY) is None


def test_a_place_that_can_not_be_written_is_gone_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    monkeypatch.setenv(keeping.VARIABLE, str(tmp_path / "file" / "cache"))
    keeping.keep(KEY, QUERY)
    assert keeping.recalled(KEY) is None


def test_what_can_only_be_read_is_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keeping.keep(KEY, QUERY)

    def refused(*_: object, **__: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "utime", refused)
    monkeypatch.setattr("tempfile.mkstemp", refused)
    keeping.keep("b" * 64, QUERY)
    assert keeping.recalled(KEY) == QUERY
    assert keeping.recalled("b" * 64) is None
    assert [path.name for path in folder.iterdir()] == [KEY]


def test_others_of_the_group_get_no_part_in_it(folder: Path) -> None:
    before = os.umask(0o002)
    try:
        keeping.keep(KEY, QUERY)
    finally:
        os.umask(before)
    assert keeping.recalled(KEY) == QUERY
    assert folder.parent.stat().st_mode & 0o777 == 0o700


def test_it_can_be_switched_off(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keeping.keep(KEY, QUERY)
    monkeypatch.setenv(keeping.VARIABLE, "off")
    assert keeping.recalled(KEY) is None
    keeping.keep("b" * 64, QUERY)
    assert len(list(folder.iterdir())) == 1


def test_it_is_where_the_user_keeps_caches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(keeping.VARIABLE)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", "relative/is/ignored")
    keeping.keep(KEY, QUERY)
    assert (tmp_path / ".cache/sourcing-audit/queries" / KEY).is_file()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    keeping.keep(KEY, QUERY)
    assert (tmp_path / "xdg/sourcing-audit/queries" / KEY).is_file()


def test_it_never_holds_more_than_its_bound(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "MOST_BYTES", 10_000)
    for number in range(30):
        keeping.keep(f"{number:064}", "x" * 900)
        os.utime(folder / f"{number:064}", (number, number))
        # What is used is touched, and stays.
        assert keeping.recalled(f"{0:064}") is not None
    left = sorted(path.name for path in folder.iterdir())
    assert sum((folder / name).stat().st_size for name in left) <= 10_000
    assert left[0] == f"{0:064}"
    assert left[-1] == f"{29:064}"


def test_many_may_write_at_once(folder: Path) -> None:
    query = "SELECT " + "1, " * 50_000
    threads = [threading.Thread(target=keeping.keep, args=(KEY, query)) for _ in range(8)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        assert keeping.recalled(KEY) in {None, query}
    assert keeping.recalled(KEY) == query
    assert len(list(folder.iterdir())) == 1


@dataclass(frozen=True)
class NotOfThePackage:
    size: int = 1


def some(items: ir.Table) -> ir.Table:
    return items


QUESTIONS = Questions(frozenset({"source_url"}), frozenset({"url"}), (), (), ())


def test_all_that_a_query_follows_from_makes_its_key() -> None:
    schemes = {**RULES.schemes}
    first = next(iter(schemes))
    schemes[first] = schemes[first].model_copy(update={"level": 99})
    other_rules = replace(RULES, schemes=schemes)
    different = [
        partial(odd_texts, "creator_id"),
        partial(odd_texts, "work_id"),
        partial(texts, "creator_id"),
        QUESTIONS.wide,
        QUESTIONS.matches,
        replace(QUESTIONS, domain_labels=(2,)).matches,
        Sieve.of(RULES, {"source_url"}),
        Sieve.of(other_rules, {"source_url"}),
        IntendedUse(),
        IntendedUse(project="other"),
        dt.date(2026, 1, 1),
        "1",
        1,
        True,
        (1, 2),
        ((1,), 2),
    ]
    keys = [told("query", one) for one in different]
    assert None not in keys
    assert len(set(keys)) == len(keys)
    assert told("query", QUESTIONS.matches) == told("query", replace(QUESTIONS).matches)


def test_what_can_not_be_told_has_no_key(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    for one in (
        lambda table: table,
        some,
        NotOfThePackage(),
        object(),
        partial(odd_texts, object()),
    ):
        assert told("query", one) is None
    with Engine.duckdb(threads=1) as engine:
        assert told(Queries(engine)) is None
        table = engine.from_arrow("items", pa.table({"n": [1]}))
        assert told(table) is None
        Queries(engine).table("same", some, items=table)
    assert not folder.exists()
    monkeypatch.setattr("sourcing_audit.consent.questions.texts", some)
    assert told(texts) is None


RECORD = {
    "record_id": "secret-record",
    "subject_kind": "domain",
    "subject_value": "secret.example",
    "decision": "deny",
    "declarant_id": "secret-declarant",
    "x_secret_column": "secret-value",
}


def audited(folder: Path, name: str) -> str:
    folder.mkdir()
    write_csv(
        folder / "secret-items.csv",
        [
            {
                "item_id": "secret-id",
                "source_url": "https://secret.example/a",
                "license": "secret",
                "creator": "secret creator",
                "secret_column": "secret",
            }
        ],
    )
    write_csv(folder / "secret-registry.csv", [RECORD])
    with sourcing_audit.audit(
        folder / "secret-items.csv",
        registries=[folder / "secret-registry.csv"],
        dataset=name,
        as_of=dt.date(2026, 1, 1),
    ) as found:
        return found.report.model_dump_json()


def test_nothing_of_manifests_and_registries_is_kept(folder: Path, tmp_path: Path) -> None:
    audited(tmp_path / "secret-folder", "secret-dataset")
    entries = [path.read_bytes() for path in folder.iterdir()]
    assert len(entries) > 20
    assert not [entry for entry in entries if b"secret" in entry.lower()]


def test_an_audit_finds_the_same_with_kept_queries(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = audited(tmp_path / "a", "set")
    kept = {path.name for path in folder.iterdir()}
    again = audited(tmp_path / "b", "set")
    assert {path.name for path in folder.iterdir()} == kept
    monkeypatch.setenv(keeping.VARIABLE, "off")
    without = audited(tmp_path / "c", "set")
    assert first == again.replace(str(tmp_path / "b"), str(tmp_path / "a"))
    assert first == without.replace(str(tmp_path / "c"), str(tmp_path / "a"))
