"""The same job with pandas, as somebody who knows pandas would write it for one dataset.

    python benchmarks/frames.py MANIFEST REGISTRY OUTPUT

Keys are made with vectorised string methods, each distinct licence is read once, kinds of records
are merged one by one, and the record that decides is found by sorting. It leaves out much of what
an audit does: hostile values, whole path segments and patterns, accounts' pages, authority,
approvals, reports. Run in a process of its own, for its peak memory.
"""

from __future__ import annotations

import argparse
import json
import re
from pathlib import Path

from measuring import Clock, peak_memory

AS_OF = "2026-11-21"
_COLUMNS = (
    "item_id", "source_url", "landing_url", "creator", "creator_id", "sha256", "work_id",
    "license", "depicts_person",
)  # fmt: skip
_ADDRESSES = {
    "url": ("url", "landing"),
    "host": ("host", "landing_host"),
    "domain": ("domain", "landing_domain"),
    "url_prefix": ("prefix", "landing_prefix"),
}
_EQUAL = {
    "creator_id": "creator_id",
    "account": "creator_id",
    "creator_name": "name",
    "sha256": "sha256",
    "work_id": "work_id",
}
_ORDER = {"denied": 0, "revoked": 1, "expired": 2, "review": 3, "incomplete": 4, "complete": 5}
_STATUS = {"denied": "opted_out", "revoked": "opted_out", "complete": "proprietary_with_consent"}
_RANK = {"public_domain_or_cc": 2, "proprietary_with_consent": 3}
_OUTCOME = {
    "opted_out": "prohibited",
    "consent_required": "prohibited",
    "terms_not_met": "prohibited",
    "public_domain_or_cc": "conditional",
    "proprietary_with_consent": "permitted",
    "not_established": "undetermined",
}
_REASON = {
    "denied": "opted_out_by_creator ",
    "revoked": "consent_revoked ",
    "expired": "consent_expired ",
    "review": "creator_name_match ",
    "incomplete": "consent_incomplete ",
    "consent_required": "likeness_without_consent ",
    "terms_not_met": "non_commercial ",
    "not_established": "license_unknown ",
}
_CC = re.compile(r"(?:cc|creativecommons)\W*(?:org)?\W*(?:licenses?)?\W*(by(?:\W(?:nc|nd|sa))*)")
_PUBLIC = re.compile(r"cc0|cc.?zero|publicdomain|public domain|pddl")
_OPEN = re.compile(r"\b(?:mit|apache|bsd|isc|mpl|odbl|ofl)\b")


def license_class(text: str) -> str:
    """What a licence is, by three patterns."""
    lowered = text.strip().lower()
    if _PUBLIC.search(lowered):
        return "public-domain"
    if found := _CC.search(lowered):
        return f"cc-{found[1]}"
    return "permissive" if _OPEN.search(lowered) else "unknown"


def audit(manifest: Path, registry: Path, output: Path) -> dict:
    """One row per item with its status and the record behind it; tell what it took."""
    clock = Clock()
    clock.step("reading")
    import pandas as pd

    items = pd.read_parquet(manifest, columns=list(_COLUMNS))
    records = pd.read_parquet(registry)
    clock.step("licences")
    classes = {text: license_class(text) for text in items.license.dropna().unique()}
    items["license_class"] = items.pop("license").map(classes).fillna("unknown")
    clock.step("keys")
    _make_keys(items)
    records = _weighed(records)
    clock.step("matching")
    pairs = _pairs(items, records)
    best = pairs.drop_duplicates("item").set_index("item")[["record_id", "answer"]]
    clock.step("verdicts")
    result = _verdicts(items, best)
    clock.step("counting")
    counted = {
        "statuses": result.status.value_counts().to_dict(),
        "licences": result.groupby(["license_concluded", "status"]).size().nlargest(20).to_dict(),
        "hosts": items.host.value_counts().head(20).to_dict(),
        "creators": items.name.value_counts().head(20).to_dict(),
    }
    clock.step("writing")
    output.mkdir()
    result.to_parquet(output / "findings.parquet", compression="zstd", index=False)
    pairs.to_parquet(output / "evidence.parquet", compression="zstd", index=False)
    return clock.total() | {
        "items": len(result),
        "steps": clock.steps,
        "memory": peak_memory(),
        "statuses": counted["statuses"],
    }


def _verdicts(items, best):  # noqa: ANN001, ANN202 (pandas is loaded where its time is measured)
    """One row per item, with the columns of an audit's findings; lists as text."""
    import pandas as pd

    found = items.join(best)
    answer = found.answer.fillna("unknown")
    is_open = found.license_class.str.startswith(("cc-", "public", "permissive"))
    forbidden = found.license_class.str.contains("nc", regex=False)
    status = answer.map(_STATUS)
    person = (found.depicts_person == "true") & (answer != "complete")
    status = status.mask(status.isna() & person, "consent_required")
    status = status.mask(status.isna() & forbidden, "terms_not_met")
    status = status.mask(status.isna() & is_open, "public_domain_or_cc")
    status = status.fillna("not_established")
    return pd.DataFrame(
        {
            "item_id": found.item_id,
            "dataset": "bench",
            "row": range(1, len(found) + 1),
            "status": status,
            "rank": status.map(_RANK),
            "license_concluded": found.license_class,
            "consent_status": answer,
            "consent_record": found.record_id,
            "reasons": answer.map(_REASON).fillna("") + status.map(_REASON).fillna(""),
            "obligations": found.license_class.map({"cc-by": "attribute"}).fillna(""),
            "outcome": status.map(_OUTCOME),
        }
    )


def _make_keys(items) -> None:  # noqa: ANN001
    for column, names in (
        ("source_url", ("url", "host", "domain", "prefix")),
        ("landing_url", ("landing", "landing_host", "landing_domain", "landing_prefix")),
    ):
        url, host, domain, prefix = names
        items[url] = _address(items.pop(column))
        items[host] = items[url].str.split("/", n=1).str[0].str.split(":", n=1).str[0]
        items[domain] = items[host].str.replace(r"^[^.]+\.(?=[^.]+\.[^.]{3,})", "", regex=True)
        items[prefix] = items[url].str.extract(r"^([^/]*/[^/]*/[^/]*)", expand=False)
    items["name"] = items.pop("creator").str.strip().str.lower()
    items["sha256"] = items.sha256.str.lower()


def _address(urls):  # noqa: ANN001, ANN202
    """Without scheme, `www.` and fragment."""
    bare = urls.str.replace(r"^(?i:https?)://(?:(?i:www)\.)?", "", regex=True)
    return bare.str.replace(r"#.*$", "", regex=True)


def _weighed(records):  # noqa: ANN001, ANN202
    """Records with what each says on the day, and its key."""
    kind, value = records.subject_kind, records.subject_value
    records["key"] = _address(value).str.rstrip("/")
    records["key"] = records.key.mask(kind == "creator_name", value.str.lower())
    answer = records.decision.map({"deny": "denied", "allow": "complete"})
    grant = records.decision == "allow"
    incomplete = (records.compensation_kind == "not_stated") | ~records.grantee_id.isin(
        ["*", "org:us"]
    )
    answer = answer.mask(grant & incomplete, "incomplete")
    answer = answer.mask(grant & (records.valid_until < AS_OF), "expired")
    answer = answer.mask(records.record_id.isin(records.refers_to.dropna()), "revoked")
    records["answer"] = answer.mask(kind == "creator_name", "review")
    records["order"] = records.answer.map(_ORDER)
    return records[["record_id", "subject_kind", "key", "answer", "order"]]


def _pairs(items, records):  # noqa: ANN001, ANN202
    """Items and the records that speak about them, the deciding one first."""
    import pandas as pd

    pairs = [(kind, column) for kind, columns in _ADDRESSES.items() for column in columns]
    found = []
    for kind, column in (*pairs, *_EQUAL.items()):
        of_kind = records[records.subject_kind == kind].drop(columns="subject_kind")
        keyed = items[column].dropna().rename("key").rename_axis("item").reset_index()
        found.append(keyed.merge(of_kind, on="key").drop(columns="key"))
    return pd.concat(found).sort_values(["item", "order", "record_id"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("manifest", type=Path)
    parser.add_argument("registry", type=Path)
    parser.add_argument("output", type=Path)
    given = parser.parse_args()
    print(json.dumps(audit(given.manifest, given.registry, given.output)))


if __name__ == "__main__":
    main()
