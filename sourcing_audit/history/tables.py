"""The tables of a history: one row for each audit, and what it found in counts.

Rows are only ever added. `audit_no` and `run_no` count up whatever the clock says; `recorded_at`
is the machine's clock, and nothing is ordered by it.
"""

from __future__ import annotations

AUDITS: dict[str, str] = {
    "audit_no": "!int64",
    "run_no": "!int64",
    "recorded_at": "!timestamp",
    "dataset": "!string",
    "as_of": "!date",
    "use": "!string",
    "project": "string",
    "tool_version": "!string",
    "rules_version": "!string",
    "rules_digest": "!string",
    "inputs_digest": "!string",
    "registries_digest": "!string",
    "dataset_status": "!string",
    "items_in": "!int64",
    "verdicts": "!int64",
    "quarantined": "!int64",
    "unreadable_files": "!int64",
    "report_sha256": "!string",
    "folder": "!string",
}
"""One row per audit of one dataset. `project` is the model that the use names; the digests are
SHA-256 over what the report says of rules, inputs and registries."""

COUNTS: dict[str, str] = {
    "audit_no": "!int64",
    "kind": "!string",
    "code": "!string",
    "items": "!int64",
}
"""Items by `kind`: status, outcome, reason, obligation, consent or change."""

INPUTS: dict[str, str] = {
    "dataset": "!string",
    "inputs_digest": "!string",
    "name": "!string",
    "sha256": "string",
    "version": "string",
    "items": "!int64",
    "quarantined": "!int64",
    "content": "string",
}
"""The input files, once for all audits of a dataset that read the same ones. `content` is what
their keys are remembered by (`remembered.content`); NULL where that can't be told."""

REGISTRIES: dict[str, str] = {
    "registries_digest": "!string",
    "name": "!string",
    "format": "!string",
    "sha256": "!string",
    "snapshot_at": "timestamp",
    "records": "!int64",
}
"""The registry exports, once for all audits that asked the same ones."""

FAILURES: dict[str, str] = {
    "run_no": "!int64",
    "recorded_at": "!timestamp",
    "dataset": "!string",
    "problem": "!string",
}
"""One row per dataset that could not be audited, and why."""

META: dict[str, str] = {"name": "!string", "value": "!string"}
"""`schema` is the version of these tables."""

TABLES: dict[str, dict[str, str]] = {
    "audits": AUDITS,
    "counts": COUNTS,
    "inputs": INPUTS,
    "registries": REGISTRIES,
    "failures": FAILURES,
    "meta": META,
}

VERSION = "1"
