"""What a history holds of a report, as rows of its tables."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from sourcing_audit.remembered import content

if TYPE_CHECKING:
    from sourcing_audit.report import Report

Row = dict[str, Any]


def audit(report: Report, sha256: str, folder: str) -> Row:
    """The row of `tables.AUDITS`, without its numbers and its moment."""
    totals = report.totals
    return {
        "dataset": report.dataset.name,
        "as_of": report.as_of,
        "use": report.use.sentence,
        "project": report.use.project,
        "tool_version": report.tool.version,
        "rules_version": report.rules.version,
        "rules_digest": report.rules.digest,
        "inputs_digest": inputs_digest(report),
        "registries_digest": registries_digest(report),
        "dataset_status": str(report.dataset_status),
        "items_in": totals.items_in,
        "verdicts": totals.verdicts,
        "quarantined": totals.quarantined,
        "unreadable_files": totals.unreadable_files,
        "report_sha256": sha256,
        "folder": folder,
    }


def counts(report: Report) -> list[Row]:
    """Rows of `tables.COUNTS`, without the number of the audit."""
    by_kind: dict[str, dict[str, int]] = {
        "status": {str(each.status): each.items for each in report.statuses},
        "outcome": {str(each.outcome): each.items for each in report.outcomes},
        "reason": {each.code: each.items for each in report.reasons},
        "obligation": {each.code: each.items for each in report.obligations},
        "consent": {each.consent_status: each.items for each in report.consent.counts},
    }
    if report.changes is not None:
        by_kind["change"] = {each.kind: each.items for each in report.changes.kinds}
    return [
        {"kind": kind, "code": code, "items": items}
        for kind, codes in by_kind.items()
        for code, items in codes.items()
    ]


def inputs(report: Report) -> list[Row]:
    """Rows of `tables.INPUTS`."""
    same = {"dataset": report.dataset.name, "inputs_digest": inputs_digest(report)}
    return [
        {
            **same,
            "name": each.name,
            "sha256": each.sha256,
            "version": each.version,
            "items": each.items,
            "quarantined": each.quarantined,
            "content": content(each, report.dataset.mapping),
        }
        for each in report.dataset.inputs
    ]


def registries(report: Report) -> list[Row]:
    """Rows of `tables.REGISTRIES`."""
    digest = registries_digest(report)
    return [
        {
            "registries_digest": digest,
            "name": each.name,
            "format": each.format,
            "sha256": each.sha256,
            "snapshot_at": each.snapshot_at,
            "records": each.records,
        }
        for each in report.asked
    ]


def inputs_digest(report: Report) -> str:
    """What the inputs were: files, how they were mapped, and documents about the dataset."""
    dataset = report.dataset
    return _digest(
        [(each.name, each.sha256, each.version, each.size) for each in dataset.inputs],
        [(each.field, each.template) for each in dataset.mapping],
        dataset.default_license,
        [each.model_dump(mode="json") for each in dataset.cards],
    )


def registries_digest(report: Report) -> str:
    """What the registries were that were asked."""
    return _digest([(each.name, each.format, each.sha256) for each in report.asked])


def _digest(*parts: Any) -> str:
    return hashlib.sha256(json.dumps(parts, ensure_ascii=True).encode()).hexdigest()
