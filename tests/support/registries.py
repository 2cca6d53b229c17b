"""A registry export out of a manifest's own addresses, creators and hashes.

Every kind of statement that `docs/registry.md` describes is made about values that the manifest
really holds, so that each one decides something. Pure and deterministic: the same values give the
same rows.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

Row = dict[str, str]
Story = Callable[[str], str]
"""Adds what the registry says about one address; returns the id of the last record."""

GRANTEE = "org:northlight-films"
PROJECT = "project:harbour-lights"
AS_OF = "2026-11-21"
"""The date for which the rows are made: what is expired is expired then."""

ELEMENTS: dict[str, Row] = {
    "scope": {"scope_kind": "general_training"},
    "duration": {"duration_kind": "fixed", "valid_until": "2029-01-01T00:00:00Z"},
    "compensation": {"compensation_kind": "flat", "compensation_amount": "50"},
    "revocation": {"revocable": "yes", "revocation_method": "https://registry.example/revoke"},
    "deletion": {"deletion_mechanism": "dataset_removal"},
}
"""The elements of AIMEG 3.2, as the columns that state them."""


@dataclass(frozen=True)
class Values:
    """What the items of a manifest can be known by; lists may repeat values and hold blanks."""

    urls: Iterable[str] = ()
    url_prefixes: Iterable[str] = ()
    hosts: Iterable[str] = ()
    domains: Iterable[str] = ()
    creator_ids: Iterable[str] = ()
    creator_names: Iterable[str] = ()
    sha256: Iterable[str] = ()
    md5: Iterable[str] = ()


@dataclass
class _Deck:
    """Hands out each distinct value once, in an order that only the values decide."""

    values: Iterable[str]
    _left: Iterator[str] = field(init=False)

    def __post_init__(self) -> None:
        distinct = {value for value in self.values if value and value.strip()}
        by_digest = sorted(distinct, key=lambda value: hashlib.sha256(value.encode()).digest())
        self._left = iter(by_digest)

    def deal(self, count: int) -> Iterator[str]:
        """Up to `count` values that were not handed out before."""
        for _, value in zip(range(count), self._left, strict=False):
            yield value


class _Book:
    """The rows so far; record ids count upwards."""

    def __init__(self) -> None:
        self.rows: list[Row] = []

    def add(self, kind: str, value: str, decision: str, **given: str) -> str:
        record_id = f"R{len(self.rows) + 1:05}"
        self.rows.append(
            {
                "record_id": record_id,
                "registry_id": "made-from-data",
                "snapshot_at": "2026-11-20T00:00:00Z",
                "subject_kind": kind,
                "subject_value": value,
                "decision": decision,
                "declared_at": "2026-01-15T00:00:00Z",
                "declarant_id": f"party:{hashlib.sha256(value.encode()).hexdigest()[:12]}",
                "declarant_role": "creator",
                **given,
            }
        )
        return record_id

    def refuse(self, kind: str, value: str, **given: str) -> str:
        return self.add(kind, value, "deny", **given)

    def consent(self, kind: str, value: str, *, without: str = "", **given: str) -> str:
        stated: Row = {}
        for element, columns in ELEMENTS.items():
            if element != without:
                stated |= columns
        whole = {
            "record_type": "consent",
            "authority_level": "self_asserted",
            "grantee_id": GRANTEE,
            "uses": "train_generative",
        }
        decision = given.pop("decision", "allow")
        return self.add(kind, value, decision, **(whole | stated | given))

    def agreement(self, kind: str, value: str, **given: str) -> str:
        whole = {
            "record_type": "licence_agreement",
            "declarant_role": "rightsholder",
            "authority_level": "document_checked",
        }
        return self.consent(kind, value, **(whole | given))

    def follow(self, record: str, record_type: str, **given: str) -> str:
        """A record that refers to an earlier one, about the same subject by the same party."""
        kept = ("subject_kind", "subject_value", "declarant_id", "declarant_role")
        earlier = next(row for row in self.rows if row["record_id"] == record)
        same = {name: earlier[name] for name in kept}
        same["authority_level"] = earlier.get("authority_level", "self_asserted")
        decision = "deny" if record_type == "revocation" else "allow"
        fields = same | {"record_type": record_type, "refers_to": record} | given
        return self.add(fields.pop("subject_kind"), fields.pop("subject_value"), decision, **fields)


def rows(values: Values, *, per_kind: int = 20) -> list[Row]:
    """The records of a registry about these values, at most `per_kind` of each sort."""
    book = _Book()
    few = max(1, per_kind // 4)
    _about_urls(book, _Deck(values.urls), per_kind, few)
    _about_places(book, values, few)
    _about_creators(book, values, per_kind, few)
    for kind, hashes in (("sha256", values.sha256), ("md5", values.md5)):
        deck = _Deck(hashes)
        for value in deck.deal(per_kind):
            book.refuse(kind, value.upper(), hash_target="file_bytes")
        for value in deck.deal(few):
            book.consent(kind, value, hash_target="file_bytes")
    return book.rows


def _about_urls(book: _Book, urls: _Deck, many: int, few: int) -> None:
    def refuse(**given: str) -> Story:
        return lambda url: book.refuse("url", url, **given)

    def consent(**given: str) -> Story:
        return lambda url: book.consent("url", url, **given)

    def agreement(**given: str) -> Story:
        return lambda url: book.agreement("url", url, **given)

    def then(story: Story, record_type: str, **given: str) -> Story:
        return lambda url: book.follow(story(url), record_type, **given)

    past = {"declared_at": "2023-01-01", "valid_until": "2024-01-01"}
    stories = [
        (many, refuse()),
        (many, refuse(record_type="refusal", uses="train_generative|ai_input")),
        (few, refuse(valid_from="2027-01-01")),
        (many, agreement()),
        (few, agreement(authority_level="self_asserted")),
        (many, consent()),
        *((few, consent(without=element)) for element in ELEMENTS),
        (many, consent(**past)),
        (few, then(consent(**past), "renewal", declared_at="2024-02-01", valid_until="2028-01-01")),
        (many, then(consent(), "revocation", declared_at="2026-10-01")),
        (few, consent(person_status="minor")),
        (few, then(consent(person_status="minor"), "approval", approver_role="guardian")),
        (few, consent(grantee_id="org:somebody-else")),
        (few, consent(uses="search_index")),
        (few, consent(uses="any")),
        (few, consent(territory="DE|FR")),
        (few, consent(scope_kind="specific_project", scope_id=PROJECT)),
        (few, consent(declared_at="")),
        (few, consent(valid_from="2027-06-01")),
        (few, consent(declarant_role="platform")),
        (few, consent(authority_level="signature_invalid")),
        (few, consent(signal_scheme="content_signal", signal_raw="ai-train=yes")),
        (few, consent(decision="conditional")),
        (few, lambda url: book.add("url", url, "unknown", record_type="consent")),
    ]
    for count, tell in stories:
        for url in urls.deal(count):
            tell(url)


def _about_places(book: _Book, values: Values, few: int) -> None:
    for prefix in _Deck(values.url_prefixes).deal(few):
        book.refuse("url_prefix", prefix, declarant_role="publisher")
    hosts = _Deck(values.hosts)
    host = {"declarant_role": "host", "authority_level": "domain_dns"}
    for name in hosts.deal(few):
        book.refuse("host", name, **host)
    for name in hosts.deal(few):
        book.consent("host", name, **host)
    domains = _Deck(values.domains)
    for name in domains.deal(few):
        book.refuse("domain", name, include_subdomains="true", **host)
    for name in domains.deal(few):
        book.refuse("domain", name, include_subdomains="false", **host)


def _about_creators(book: _Book, values: Values, many: int, few: int) -> None:
    creators = _Deck(values.creator_ids)
    for creator in creators.deal(many):
        book.refuse("creator_id", creator)
    for creator in creators.deal(many):
        book.consent("creator_id", creator)
    for creator in creators.deal(few):
        book.refuse("creator_id", creator, declared_at="2024-01-01")
        book.consent("creator_id", creator, declared_at="2026-01-01")
    for creator in creators.deal(few):
        revoked = book.consent("creator_id", creator)
        book.follow(revoked, "revocation", declared_at="2026-10-01")
    for name in _Deck(values.creator_names).deal(many):
        book.refuse("creator_name", name, declarant_name=name)


def write(records: list[Row], path: Path) -> Path:
    """Write records as CSV, JSONL or Parquet, by the path's ending."""
    columns = list(dict.fromkeys(name for row in records for name in row))
    if path.suffix == ".csv":
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, columns, restval="")
            writer.writeheader()
            writer.writerows(records)
    elif path.suffix == ".jsonl":
        lines = (json.dumps(row, ensure_ascii=False) for row in records)
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    elif path.suffix == ".parquet":
        import pyarrow as pa
        import pyarrow.parquet as pq

        table = pa.table({name: [row.get(name) for row in records] for name in columns})
        pq.write_table(table, path)
    else:
        raise ValueError(f"{path}: write .csv, .jsonl or .parquet")
    return path
