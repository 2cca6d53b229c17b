"""Accounts on platforms: a refusal reaches the account's pages, and nobody else's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from sourcing_audit import places
from sourcing_audit.addresses import Addresses
from sourcing_audit.consent import accounts
from sourcing_audit.engine import Engine
from sourcing_audit.errors import RegistryError
from sourcing_audit.registries import load
from sourcing_audit.rules.consent import ConsentRules
from sourcing_audit.rules.places import ACCOUNT
from sourcing_audit.rules.store import RuleStore
from tests.conftest import write_csv

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

RULES = ConsentRules.load(RuleStore())


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine.duckdb(threads=1) as found:
        yield found


@pytest.fixture
def refused(engine: Engine, tmp_path: Path) -> Any:
    """The addresses among some on which records speak by account, with the places of the records."""

    def of(rows: list[dict[str, Any]], addresses: list[str]) -> set[tuple[int, str]]:
        expanded = expand(engine, tmp_path, rows)
        if expanded is None:
            return set()
        items = engine.from_arrow(
            "items", pa.table({"pos": range(len(addresses)), "source_url": addresses})
        )
        reader = Addresses(RULES.tracking)
        items = items.mutate(odd=places.is_odd(items.source_url, reader))
        odd = items.filter(items.odd).select(given="source_url")
        at = places.addresses(items, "source_url", places.read(engine, odd, reader.read_all))
        pages = expanded.filter(expanded.matches == accounts.KIND)
        depths = set(engine.arrow(pages.select(n=accounts.depth(pages.wide)))["n"].to_pylist())
        return {
            (pair["record_no"] - 1, addresses[pair["pos"]])
            for depth in depths
            for pair in engine.arrow(accounts.joined(at, pages, depth)).to_pylist()
        }

    return of


def records_of(engine: Engine, folder: Path, rows: list[dict[str, Any]]) -> Any:
    given = [{"record_id": f"R{n}", "decision": "deny", **row} for n, row in enumerate(rows)]
    path = write_csv(folder / "registry.csv", given)
    return load(engine, [f"canonical:{path}"], RULES).records


def expand(engine: Engine, folder: Path, rows: list[dict[str, Any]]) -> Any:
    records = records_of(engine, folder, rows)
    kinds = {row.kind: row.matches for row in RULES.subject_kinds}
    kind = records.subject_kind.cases(*kinds.items())
    to_match = records.select(
        "record_no", "wide", "exact", "subdomains", matches=kind, is_deny=records.decision == "deny"
    )
    return accounts.expand(engine, to_match, RULES.platforms)


def account(value: str, platform: str | None = None, **more: Any) -> dict[str, Any]:
    named = {} if platform is None else {"platform": platform}
    return {"subject_kind": "account", "subject_value": value, **named, **more}


def test_each_page_of_each_platform(refused: Any) -> None:
    platforms = sorted({row.platform for row in RULES.platforms})
    records = [account(f"alice-{n}", platform) for n, platform in enumerate(platforms)]
    wanted, strangers = set(), set()
    for row in RULES.platforms:
        n = platforms.index(row.platform)
        page, other = (row.address.replace(ACCOUNT, f"{name}-{n}") for name in ("alice", "bob"))
        mine = [f"https://{page}/", f"http://www.{page}/works/7.jpg?x=1", f"https://{page}"]
        wanted |= {(n, address) for address in mine}
        strangers |= {f"https://{other}/alice-{n}", f"https://a.example/{page}"}
        strangers |= {f"https://{page}s/", f"https://x{page}"}
    addresses = sorted({address for _, address in wanted} | strangers)
    assert refused(records, addresses) == wanted


def test_an_account_in_any_form(refused: Any) -> None:
    records = [
        account("a0", "DeviantArt"),
        account("@A1", "deviantart"),
        account("deviantart:A2"),
        {"subject_kind": "handle", "subject_value": "deviantart:a3"},
        {"subject_kind": "creator_id", "subject_value": "https://www.deviantart.com/A4"},
        {"subject_kind": "creator_id", "subject_value": "https://a5.deviantart.com/"},
    ]
    wanted = {
        (n, address)
        for n in range(len(records))
        for address in (f"https://www.deviantart.com/A{n}/x/7", f"https://a{n}.deviantart.com/x")
    }
    assert refused(records, [address for _, address in wanted]) == wanted


def test_names_and_marks_of_accounts(refused: Any) -> None:
    """Other names of a platform, marks in an account, and capitals that tell accounts apart."""
    wiki = "https://commons.wikimedia.org/wiki/User:"
    wanted = {
        (0, "https://twitter.com/alice"),
        (1, "https://x.com/Bob/status/1"),
        (2, "https://www.flickr.com/photos/150386686@N03/4"),
        (2, "https://www.flickr.com/photos/150386686%40N03/4"),
        (3, f"{wiki}AliceB"),
        (4, f"{wiki}Alice_C"),
    }
    records = [
        account("alice", "x"),
        account("bob", "twitter"),
        account("150386686@N03", "flickr"),
        account("AliceB", "wikimedia"),
        account("Alice C", "wikimedia"),
    ]
    addresses = [address for _, address in wanted]
    assert refused(records, [*addresses, f"{wiki}Aliceb", f"{wiki}alice_c"]) == wanted


def test_what_refuses_for_no_account(refused: Any) -> None:
    records = [
        account("alice", "deviantart", decision="allow", grantee_id="*"),
        account("alice", "an-unknown-platform"),
        account("alice"),
        {"subject_kind": "creator_id", "subject_value": "https://www.deviantart.com/alice/art/7"},
        {"subject_kind": "creator_name", "subject_value": "deviantart:alice"},
        {"subject_kind": "domain", "subject_value": "alice.deviantart.com"},
        account("%", "tumblr"),
        account("*", "tumblr"),
    ]
    assert refused(records[:6], ["https://www.deviantart.com/alice/art/7"]) == set()
    assert refused(records, ["https://www.deviantart.com/alice", "https://a.tumblr.com"]) == set()


def test_names_of_an_account_as_creator(engine: Engine, tmp_path: Path) -> None:
    """Its profile's address is a name of an account, and so are the platform's other names."""
    row = {"subject_kind": "creator_id", "subject_value": "https://twitter.com/Alice"}
    expanded = expand(engine, tmp_path, [row])
    creators = expanded.filter(expanded.matches == "creator_id")
    assert set(engine.arrow(creators)["wide"].to_pylist()) == {
        "x:alice",
        "twitter:alice",
        "x.com/alice",
        "mobile.twitter.com/alice",
        "m.twitter.com/alice",
    }


def test_whose_domain_reaches_subdomains(engine: Engine, tmp_path: Path) -> None:
    cases = [
        ("unknown", "tumblr.com", False),
        ("creator", "tumblr.com", False),
        ("creator", "alice.tumblr.com", True),
        ("platform", "tumblr.com", True),
        ("host", "wordpress.com", True),
        ("platform", "github.io", False),
        ("creator", "files.wordpress.com", False),
        ("creator", "studio.example", True),
    ]
    rows = [
        {"subject_kind": "domain", "subject_value": domain, "declarant_role": role}
        for role, domain, _ in cases
    ]
    found = engine.arrow(records_of(engine, tmp_path, rows).order_by("record_no"))
    assert found["subdomains"].to_pylist() == [reaches for *_, reaches in cases]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("orcid", "0000-0002-1825-0098"),
        ("creator_id", "https://orcid.org/0000-0002-1825-0098"),
        ("isbn13", "9780306406158"),
        ("work_id", "isbn:0306406153"),
        ("iscc", "ISCC:ABC"),
        ("phash", "00FF"),
    ],
)
def test_a_wrong_check_digit_stops_the_audit(
    engine: Engine, tmp_path: Path, kind: str, value: str
) -> None:
    good = {"subject_kind": "creator_id", "subject_value": "x"}
    with pytest.raises(RegistryError, match=r"row 2: .* is not an? "):
        records_of(engine, tmp_path, [good, {"subject_kind": kind, "subject_value": value}])


def test_keys_of_hashes(engine: Engine, tmp_path: Path) -> None:
    """A hash has the algorithm of its length, unless its record names one."""
    hashes = ["00FF00FF00FF00FF", "0x00ff00ff00ff00ff", "F" * 64]
    rows = [{"subject_kind": "phash", "subject_value": hash_} for hash_ in hashes]
    rows.append({**rows[0], "hash_algorithm": "phash64"})
    found = engine.arrow(records_of(engine, tmp_path, rows).order_by("record_no"))
    image = "phash64:00ff00ff00ff00ff"
    assert found["wide"].to_pylist() == [image, image, "pdq256:" + "f" * 64, image]
    with pytest.raises(RegistryError, match="is not a phash"):
        records_of(engine, tmp_path, [{**rows[0], "hash_algorithm": "pdq256"}])


@pytest.mark.parametrize(
    "value",
    [
        "github.com/ann/x",
        "https://github.com/ann/x.git",
        "git@github.com:ann/x.git",
        "github.com/ann/x.git/",
    ],
)
def test_a_repository_is_refused_however_version_control_writes_it(
    engine: Engine, tmp_path: Path, value: str
) -> None:
    grant = {"decision": "allow", "record_type": "opt_in", "declared_at": "2026-01-01"}
    rows = [{"subject_kind": "repo", "subject_value": value, **more} for more in ({}, grant)]
    found = records_of(engine, tmp_path, rows).order_by("record_no")
    refused, permitted = engine.arrow(found.select("wide", "exact")).to_pylist()
    assert refused["wide"] == "github.com/ann/x"
    assert permitted["exact"].endswith(value.rpartition("/")[2] or "x.git")
