"""The tables' schemas as data, and the check that names a wrong column.

Types are Ibis type strings. Nothing here imports an engine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sourcing_audit.errors import SourcingAuditError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import ibis.expr.types as ir

ITEM_TEXT_FIELDS: tuple[str, ...] = (
    "item_id",
    "split",
    "source_url",
    "landing_url",
    "creator",
    "creator_id",
    "title",
    "work_id",
    "sha256",
    "md5",
    "phash",
    "iscc",
    "license_raw",
    "license_url",
    "rights_raw",
    "text",
    "upstream",
    "generator",
    "attribution",
    "agreement_id",
    "consent_id",
    "media_type",
    "media_path",
    "depicts_person",
    "person_status",
    "subject_id",
    "published_at",
    "acquired_at",
    "x_robots_tag",
    "meta_robots",
    "content_usage",
    "tdm_reservation",
)
"""The canonical columns that a mapping can fill; all are read as text and NULL when absent."""

ITEMS: dict[str, str] = {
    "pos": "!int64",
    "shard": "!string",
    "row": "!int64",
    **dict.fromkeys(ITEM_TEXT_FIELDS, "string"),
}
"""One row per readable item. `pos` identifies an item within its dataset and orders it as in
the input; `row` is the 1-based record number within the shard (its header not counted)."""

MEDIA: dict[str, str] = {
    "other_sha256": "string",
    "media_files": "string",
    "media_finding": "string",
    "hash_differs": "boolean",
}
"""What reading an item's media files adds to it, NULL where it has none. Its `sha256` is then that
of the bytes that were there. `other_sha256` is the one that was declared, if it differs, or that
of a second file; only refusals are looked up by it. `media_files` are the SHA-256 of all files but
the first, with spaces between; `media_finding` says why a file wasn't read."""

QUARANTINE: dict[str, str] = {
    "dataset": "!string",
    "shard": "!string",
    "row": "int64",
    "reason": "!string",
    "detail": "string",
    "excerpt": "string",
}
"""One row per record or file that could not be read; `row` is NULL for a whole file."""

DECLARED: dict[str, str] = dict.fromkeys(
    (
        "license_raw",
        "license_url",
        "rights_raw",
        "license_detected",
        "detected_by",
        "upstream",
        "generator",
        "period",
    ),
    "string",
)
"""Everything that is said about an item's licence. `license_detected` and `detected_by` are what
its text states and how that was found (a rule, then reasons, with spaces between); `period` is
the first day since which a name that changed its meaning means what it did when the item was
published."""

LICENSES: dict[str, str] = {
    **DECLARED,
    "license_concluded": "!string",
    "license_class": "!string",
    "license_terms": "!array<string>",
    "license_evidence": "!string",
    "license_rule": "!string",
    "license_grant": "!string",
    "license_rank": "int8",
    "needs_attribution": "!boolean",
    "license_reasons": "!array<string>",
    "license_obligations": "!array<string>",
    "suggestions": "!array<string>",
    "lineage": "!array<string>",
    "generated": "boolean",
}
"""One row per distinct set of declared values: what it was concluded to be, and whether the
intended use is granted. `lineage` has a line for each upstream dataset whose terms are carried
on; `generated` says whether a model made the items, NULL where nobody said."""

TEXTS: dict[str, str] = {
    "text_sha256": "!string",
    "license_detected": "string",
    "detected_by": "!string",
    "lines": "!string",
}
"""One row per distinct text: the licence that it states, NULL for none, and where."""

FINDINGS: dict[str, str] = {
    "item_id": "!string",
    "dataset": "!string",
    "shard": "!string",
    "row": "!int64",
    "status": "!string",
    "rank": "int8",
    "license_concluded": "!string",
    "license_class": "!string",
    "license_evidence": "!string",
    "license_rule": "!string",
    "consent_status": "!string",
    "consent_record": "string",
    "reasons": "!array<string>",
    "obligations": "!array<string>",
    "outcome": "!string",
    "verdict_rule": "!string",
    "basis": "string",
    "generated": "boolean",
}
"""One row per item with a verdict. `basis` splits two statuses: `agreement` or `open licence`
for `licensed`; `creator`, `rightsholder`, `host` or `other` for `opted_out`."""

GROUPS: dict[str, str] = {
    "outcome": "!string",
    "status": "!string",
    "license_concluded": "!string",
    "reasons": "!array<string>",
    "obligations": "!array<string>",
    "host": "string",
    "items": "!int64",
    "shard": "!string",
    "row": "!int64",
}
"""One row per group of items alike in outcome, status, concluded licence, reasons, obligations and
host (NULL where no address is on record). `shard` and `row` are the place of the first of them."""

RECORDS: dict[str, str] = {
    "schema_version": "!string",
    "registry_id": "!string",
    "snapshot_at": "timestamp",
    "record_id": "!string",
    "statement_id": "!string",
    "record_type": "string",
    "refers_to": "string",
    "relation": "string",
    "signal_scheme": "!string",
    "signal_raw": "string",
    "problem": "string",
    "priority": "int64",
    "subject_kind": "!string",
    "subject_value": "!string",
    "include_subdomains": "boolean",
    "platform": "string",
    "hash_target": "string",
    "hash_algorithm": "string",
    "max_distance": "int64",
    "declarant_name": "string",
    "declarant_id": "string",
    "declarant_role": "!string",
    "authority_level": "!string",
    "person_status": "!string",
    "approver_name": "string",
    "approver_id": "string",
    "approver_role": "string",
    "approval_at": "timestamp",
    "approval_evidence": "string",
    "grantee_id": "string",
    "decision": "!string",
    "uses": "!string",
    "scope_kind": "!string",
    "scope_id": "string",
    "scope_text": "string",
    "territory": "string",
    "media_types": "string",
    "conditions": "string",
    "declared_at": "timestamp",
    "recorded_at": "timestamp",
    "valid_from": "timestamp",
    "valid_until": "timestamp",
    "duration_kind": "!string",
    "duration_event": "string",
    "compensation_kind": "!string",
    "compensation_amount": "string",
    "compensation_currency": "string",
    "compensation_terms": "string",
    "revocable": "!string",
    "revocation_method": "string",
    "revocation_notice_days": "int64",
    "revocation_effect": "!string",
    "deletion_mechanism": "!string",
    "deletion_contact": "string",
    "deletion_sla_days": "int64",
    "notice_uri": "string",
    "notice_sha256": "string",
    "separately_signed": "boolean",
    "agreement_uri": "string",
    "agreement_sha256": "string",
    "agreement_overrides_optout": "boolean",
    "evidence_uri": "string",
    "evidence_sha256": "string",
    "signature": "string",
}
"""The canonical consent record: one row is one statement about one subject key. Lists (`uses`,
`territory`, `media_types`) are text with `|` between their members; `conditions` is JSON.
Timestamps are UTC. `problem` is a reason code: why a signal isn't or isn't only what its scheme
allows. `priority` orders the rows of one statement that match the same item, by the scheme's own
rule (P4): the highest counts; NULL where all count."""

NOT_STATED: dict[str, str] = {
    "person_status": "unknown",
    "scope_kind": "not_stated",
    "duration_kind": "not_stated",
    "compensation_kind": "not_stated",
    "revocable": "not_stated",
    "revocation_effect": "not_stated",
    "deletion_mechanism": "not_stated",
}
"""What a record holds that says nothing about these."""


def check(table: ir.Table, expected: Mapping[str, str], name: str) -> ir.Table:
    """Return `table` if its columns are those of `expected`, in any order.

    Raises:
        SourcingAuditError: naming each column that is missing, extra or of another type.

    """
    import ibis

    wanted = {column: ibis.dtype(kind) for column, kind in expected.items()}
    found = dict(table.schema().items())
    problems = [f"{column} is missing" for column in wanted if column not in found]
    problems += [f"{column} is not expected" for column in found if column not in wanted]
    problems += [
        f"{column} is {found[column]}, not {kind}"
        for column, kind in wanted.items()
        if column in found and found[column].copy(nullable=True) != kind.copy(nullable=True)
    ]
    if problems:
        raise SourcingAuditError(f"table {name} does not fit its schema: " + "; ".join(problems))
    return table.select(*expected)
