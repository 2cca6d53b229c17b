"""SARIF 2.1.0 (OASIS): findings for code-scanning services, one result per group of items alike.

Rules are the lines of the decision table that don't permit; reasons and obligations are two
taxonomies (3.19.3), because an item has several of them. Results point at the manifest's record.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, Final

from sourcing_audit.model import Outcome
from sourcing_audit.reports import wording
from sourcing_audit.reports.interface import ReportFormat
from sourcing_audit.reports.quantities import count, plural
from sourcing_audit.reports.standards import facts, places, sarif_rules
from sourcing_audit.reports.standards.documents import json_bytes
from sourcing_audit.reports.standards.remainder import quarantined, rest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sourcing_audit.report import Group, Input, Report
    from sourcing_audit.reports.standards.sarif_rules import Rules

MOST_RESULTS: Final = 5000
"""What code-scanning services take of one run."""

SCHEMA: Final = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)

LEVELS: Final = {
    Outcome.PROHIBITED: "error",
    Outcome.UNDETERMINED: "warning",
    Outcome.CONDITIONAL: "note",
}
"""The level of every outcome that is a finding."""

Json = dict[str, Any]


class SarifFormat(ReportFormat):
    """Writes findings as results of a static analysis."""

    @property
    def name(self) -> str:
        """The format as a user asks for it."""
        return "sarif"

    @property
    def filename(self) -> str:
        """The file's name in the output folder."""
        return "report.sarif"

    def render(self, report: Report) -> bytes:
        """Return one run; what is left off is said in its notifications."""
        rules = sarif_rules.rules(report)
        results = list(_results(report, rules))
        run = {
            "tool": {
                "driver": {
                    "name": report.tool.name,
                    "version": facts.name(report.tool.version),
                    "rules": rules.descriptors,
                }
            },
            "automationDetails": {"id": f"{report.tool.name}/{facts.name(report.dataset.name)}/"},
            "invocations": [
                {
                    "executionSuccessful": True,
                    "toolExecutionNotifications": list(_notifications(report, len(results))),
                }
            ],
            "artifacts": _artifacts(report),
            "taxonomies": rules.taxonomies,
            "results": results[:MOST_RESULTS],
            "columnKind": "unicodeCodePoints",
            "properties": {
                "asOf": report.as_of.isoformat(),
                "datasetStatus": report.dataset_status,
                "intendedUse": facts.line(report.use.sentence),
                "itemsIn": report.totals.items_in,
                "rulesVersion": facts.name(report.rules.version),
                "rulesDigest": facts.name(report.rules.digest),
                "sentence": facts.line(report.sentence),
            },
        }
        return json_bytes({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})


def _artifacts(report: Report) -> list[Json]:
    """The inputs; SARIF wants none twice."""
    found = {json.dumps(one): one for one in map(_artifact, report.dataset.inputs)}
    return list(found.values())


def _artifact(source: Input) -> Json:
    artifact: Json = {
        "location": {"uri": places.uri(source.name)},
        "mimeType": places.media_type(source.format),
        "roles": ["analysisTarget"],
    }
    if source.size is not None:
        artifact["length"] = source.size
    if source.sha256 is not None:
        artifact["hashes"] = {"sha-256": facts.name(source.sha256)}
    return artifact


def _results(report: Report, rules: Rules) -> Iterator[Json]:
    """All results, the worst outcome first; what isn't read comes before what is conditional."""
    groups = [group for group in report.groups if group.outcome in LEVELS]
    unlisted = [one for one in rest(report, report.groups) if one.outcome in LEVELS]
    for outcome in LEVELS:
        if outcome is Outcome.CONDITIONAL:
            yield from _unread(report, rules)
        for group in groups:
            if group.outcome is outcome:
                yield _of_group(group, rules)
        for one in unlisted:
            if one.outcome is outcome:
                rule = one.status or sarif_rules.OPEN
                yield _result(
                    rules,
                    rule,
                    LEVELS[outcome],
                    f"{plural(one.items, 'item')} more: {rules.label(rule)}. What they have in"
                    " common and where they are stands in groups.parquet beside this file.",
                    key=["rest", rule],
                    items=one.items,
                    locations=[_location(entry.name) for entry in report.dataset.inputs[:1]],
                    properties={"outcome": outcome},
                )


def _of_group(group: Group, rules: Rules) -> Json:
    rule = sarif_rules.rule_of(group)
    host = f" from {group.host}" if group.host else " without an address"
    what = f"{plural(group.items, 'item')}{host} under {group.license_concluded}"
    told = [
        f"{what}: {rules.label(rule)}.",
        *(rules.advice(code) for code in (*group.reasons, *group.obligations)),
        f"The first is record {count(group.row)}.",
    ]
    result = _result(
        rules,
        rule,
        LEVELS[group.outcome],
        " ".join(one for one in told if one),
        key=[
            str(group.status),
            group.license_concluded,
            group.host,
            sorted(group.reasons),
            sorted(group.obligations),
        ],
        items=group.items,
        locations=[_location(group.shard, group.row)],
        properties={
            "outcome": group.outcome,
            "status": group.status,
            "licenseConcluded": facts.line(group.license_concluded),
            "host": None if group.host is None else facts.line(group.host),
            "reasons": [facts.line(code) for code in group.reasons],
            "obligations": [facts.line(code) for code in group.obligations],
        },
    )
    taxa = rules.taxa(group)
    return result | ({"taxa": taxa} if taxa else {})


def _unread(report: Report, rules: Rules) -> Iterator[Json]:
    for entry in quarantined(report):
        amounts = ((entry.records, "record"), (entry.files, "file"))
        told = " and ".join(plural(number, noun) for number, noun in amounts if number)
        yield _result(
            rules,
            sarif_rules.QUARANTINED,
            "warning",
            f"{told or 'Nothing'} quarantined: {entry.label}. {entry.how_to_fix}",
            key=[entry.reason],
            items=entry.records,
            locations=[_sample(one) for one in entry.samples],
            properties={"records": entry.records, "files": entry.files},
        )
    for source in report.dataset.inputs:
        if source.unreadable:
            yield _result(
                rules,
                sarif_rules.UNREADABLE,
                "warning",
                f"{source.name} could not be read; how many items it holds is not known.",
                key=[source.name],
                items=None,
                locations=[_location(source.name)],
                properties={},
            )


def _result(
    rules: Rules,
    rule: str,
    level: str,
    text: str,
    *,
    key: list[Any],
    items: int | None,
    locations: list[Json],
    properties: Json,
) -> Json:
    fingerprint = hashlib.sha256(json.dumps([rule, *key]).encode()).hexdigest()
    result: Json = {
        "ruleId": rule,
        "ruleIndex": rules.index(rule),
        "level": level,
        "message": {"text": facts.line(text)},
        "locations": locations,
        "partialFingerprints": {"alike/v1": fingerprint},
        "properties": {**({} if items is None else {"items": items}), **properties},
    }
    if items:
        result["occurrenceCount"] = items
    return result


def _location(name: str, row: int | None = None) -> Json:
    place: Json = {"artifactLocation": {"uri": places.uri(name)}}
    if row is not None and row > 0:
        place["region"] = {"startLine": row}
    return {"physicalLocation": place}


def _sample(sample: str) -> Json:
    """The place that `file:row` or a file's name alone stands for."""
    name, _, row = sample.rpartition(":")
    if name and row.isascii() and row.isdigit():
        return _location(name, int(row))
    return _location(sample)


def _notifications(report: Report, results: int) -> Iterator[Json]:
    if results > MOST_RESULTS:
        left = plural(results - MOST_RESULTS, "result")
        yield _notification("warning", f"{left} left off: services take {count(MOST_RESULTS)}.")
    listed = len(report.groups)
    if report.groups_in_all > listed:
        left = plural(report.groups_in_all - listed, "group")
        yield _notification(
            "warning",
            f"{left} of items alike are not told apart here; their items are in the results that"
            " say so, and all groups are in groups.parquet.",
        )
    if not report.asked:
        yield _notification("warning", wording.NO_REGISTRY)
    for waiver in facts.waivers(report):
        yield _notification("note", f"Waived, and counted as before: {facts.stopped(waiver)}")
    for gap in facts.known_gaps(report):
        yield _notification("note", gap)


def _notification(level: str, text: str) -> Json:
    return {"level": level, "message": {"text": facts.line(text)}}
