"""The ready-made keys that the floor joins: all that it is spared to make.

    python benchmarks/keyed.py ITEMS FOLDER

Items with every form of their addresses, names and ids, records with theirs, each licence
statement with its number, and what the rules make of it with and without consent.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import ibis
import pyarrow as pa
import pyarrow.parquet as pq
from spellings import DIRTY, spellings
from synthetic import Data, copy

from sourcing_audit import schema
from sourcing_audit.licenses import Concluder, LicenseRules, conclude_batches
from sourcing_audit.model import IntendedUse
from sourcing_audit.rules import RuleStore

_DENIED, _ALLOWED = 1, 2
_LICENSE = {
    1: ("licensed", 1, "unknown", "conditional", "licensed"),
    2: ("public_domain_or_cc", 2, "unknown", "conditional", "open_licence"),
    None: ("not_established", None, "unknown", "undetermined", "otherwise"),
}
_CONSENT = {
    _DENIED: ("opted_out", None, "denied", "prohibited", "refused"),
    _ALLOWED: ("proprietary_with_consent", 3, "consent_complete", "permitted", "consented"),
}
_OF_CLASS = [name for name in schema.FINDINGS if name not in
             {"item_id", "dataset", "shard", "row", "consent_record"}]  # fmt: skip


def _bare(address: str) -> str:
    return f"replace(replace(replace({address}, 'https://', ''), 'http://', ''), 'www.', '')"


def _host(address: str) -> str:
    return f"split_part({_bare(address)}, '/', 1)"


def _domain(address: str) -> str:
    return f"regexp_replace({_host(address)}, '^(images|static|cdn1|media)\\.', '')"


def _prefix(address: str) -> str:
    return f"regexp_extract({_bare(address)}, '^[^/]*/[^/]*/[^/]*')"


def write(data: Data, folder: Path) -> None:
    """Write the ready-made keys of items and records, and the licences with their classes."""
    (folder / "items").mkdir(parents=True)
    with data.connect() as database:
        for number, (name, query) in enumerate(data.shards()):
            keyed = f"""SELECT '{name}' AS shard, row_number() OVER () AS row,
                row_number() OVER () + {number * data.shard} AS pos, item_id, license,
                {_bare("source_url")} AS url, {_bare("landing_url")} AS landing,
                {_host("source_url")} AS host, {_host("landing_url")} AS landing_host,
                {_domain("source_url")} AS domain, {_domain("landing_url")} AS landing_domain,
                {_prefix("source_url")} AS prefix, {_prefix("landing_url")} AS landing_prefix,
                creator_id, lower(creator) AS name, sha256, work_id FROM ({query})"""
            copy(database, keyed, folder / "items" / name)
        value = "subject_value"
        forms = {
            "creator_name": f"lower({value})",
            "url_prefix": f"rtrim({_bare(value)}, '/')",
            "url_pattern": _host(value),
        }
        branches = "".join(f" WHEN '{kind}' THEN {form}" for kind, form in forms.items())
        keyed = f"""SELECT row_number() OVER () AS record_no, record_id, subject_kind AS kind,
            decision = 'allow' AS allowed, CASE subject_kind {branches} ELSE {_bare(value)} END
            AS key FROM ({data.registry()})"""
        copy(database, keyed, folder / "records.parquet")
    licenses, classes = _classes()
    pq.write_table(licenses, folder / "licenses.parquet")
    pq.write_table(classes, folder / "classes.parquet")


def _classes() -> tuple[pa.Table, pa.Table]:
    """Each statement's number, and what the rules make of it, by number and consent."""
    values: list[str | None] = list(dict.fromkeys([None, *spellings(), *DIRTY]))
    fields = _arrow(schema.DECLARED)
    given = [{"license_raw": value} for value in values]
    batch = pa.RecordBatch.from_pylist(given, schema=fields)
    concluder = Concluder(LicenseRules.load(RuleStore()), IntendedUse())
    (concluded,) = conclude_batches(concluder, [batch])
    rows = []
    for number, said in enumerate(concluded.to_pylist()):
        for consent in (0, _DENIED, _ALLOWED):
            status, rank, answer, outcome, rule = _CONSENT.get(
                consent, _LICENSE[said["license_rank"]]
            )
            found = {
                **{name: said.get(name) for name in _OF_CLASS},
                "status": status,
                "rank": rank,
                "consent_status": answer,
                "outcome": outcome,
                "verdict_rule": rule,
                "reasons": said["license_reasons"],
                "obligations": said["license_obligations"],
                "basis": "creator" if consent == _DENIED else None,
            }
            rows.append({"license_no": number, "consent": consent, **found})
    kinds = {"license_no": "!int64", "consent": "!int64"}
    kinds |= {name: schema.FINDINGS[name] for name in _OF_CLASS}
    numbers = pa.table({"license": pa.array(values, pa.string()), "license_no": range(len(values))})
    return numbers, pa.Table.from_pylist(rows, schema=_arrow(kinds))


def _arrow(columns: dict[str, str]) -> pa.Schema:
    return ibis.schema(columns).to_pyarrow()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("items", type=int)
    parser.add_argument("folder", type=Path)
    given = parser.parse_args()
    write(Data(given.items), given.folder)


if __name__ == "__main__":
    main()
