"""What the commands about registries do: list the formats, check an export, convert one."""

from __future__ import annotations

import json
import sys
import textwrap
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sourcing_audit import config, registries
from sourcing_audit.engine import Engine
from sourcing_audit.escape import json_text, terminal
from sourcing_audit.rules import RuleStore
from sourcing_audit.rules.consent import ConsentRules

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from sourcing_audit.consent.inventory import Finding, Inventory

_INDENT, _TEXT_AT = 2, 13
"""Columns: where labels begin, and the text that they stand for."""

_LABELS = {
    "record_type": "types",
    "decision": "decisions",
    "signal_scheme": "schemes",
    "subject_kind": "subjects",
}


def list_formats() -> None:
    """Print the formats that `--registry` takes, each with one line about it."""
    width = max(map(len, registries.READERS))
    for name, reader in sorted(registries.READERS.items()):
        sys.stdout.write(f"{name:<{width}}  {reader.summary}\n")


def check(spec: str, *, as_json: bool, as_of: str | None, rules: Sequence[Path]) -> int:
    """Read an export as an audit would and print what is in it; return the exit code.

    Raises:
        RegistryError: a record can't be trusted; an audit would stop there too.

    """
    from sourcing_audit.consent import inventory

    day = config.parse_date(as_of)
    export = registries.parse(spec)
    with _read(spec, rules) as (engine, found, consent_rules):
        unstated = registries.READERS[export.format].unstated(engine, export)
        taken = inventory.take(engine, found, consent_rules, unstated=unstated, as_of=day)
    if as_json:
        sys.stdout.write(json_text(json.dumps(_as_json(taken), ensure_ascii=False, indent=2)))
        sys.stdout.write("\n")
    else:
        for line in _in_words(taken):
            sys.stdout.write(f"{_fitted(terminal(line))}\n")
    return 1 if taken.findings else 0


def convert(spec: str, target: Path, *, rules: Sequence[Path]) -> None:
    """Write an export's records in the canonical format.

    Raises:
        RegistryError: a record can't be trusted, or the target is the export itself.

    """
    from sourcing_audit.registries import writing
    from sourcing_audit.terminal import say

    writing.refuse_target(registries.parse(spec).path, target)
    with _read(spec, rules) as (engine, found, _):
        written = writing.write(engine, found.records, target)
    say(f"Wrote {written:,} records to {target}")


@contextmanager
def _read(
    spec: str, rules: Sequence[Path]
) -> Iterator[tuple[Engine, registries.Registries, ConsentRules]]:
    consent_rules = ConsentRules.load(RuleStore(rules))
    with Engine.duckdb() as engine:
        yield engine, registries.load(engine, [spec], consent_rules), consent_rules


def _as_json(taken: Inventory) -> dict[str, Any]:
    export = taken.export
    return {
        "name": export.name,
        "path": export.path,
        "format": export.format,
        "sha256": export.sha256,
        "records": export.records,
        "unstated": taken.unstated,
        "snapshot_at": export.snapshot_at and export.snapshot_at.isoformat(),
        "age_days": taken.age_days,
        "limit_days": taken.limit_days,
        **taken.counts,
        "grants": taken.grants,
        "complete_grants": taken.complete,
        "findings": [
            {
                "code": finding.code,
                "records": finding.records,
                "meaning": finding.meaning,
                "samples": list(finding.samples),
            }
            for finding in taken.findings
        ],
    }


def _in_words(taken: Inventory) -> Iterator[str]:
    from sourcing_audit.reports.quantities import plural

    export = taken.export
    yield f"{export.path}: {export.format}, {plural(export.records, 'record')}"
    yield f"  sha256     {export.sha256}"
    yield f"  snapshot   {_age(taken)}"
    for name, label in _LABELS.items():
        counted = ", ".join(f"{value} {n:,}" for value, n in taken.counts[name].items())
        yield f"  {label:<10} {counted or 'none'}"
    if taken.grants:
        yield (
            f"  grants     {taken.grants:,}; {taken.complete:,} of them state scope, duration, "
            "compensation and revocation with deletion (AIMEG 3.2)"
        )
    if taken.unstated:
        yield f"  silent     {taken.unstated:,} without a statement, and so without a record"
    if not taken.findings:
        yield "No findings."
        return
    yield "Findings:"
    for finding in taken.findings:
        yield from _finding(finding)


def _fitted(line: str) -> str:
    """A line that is too wide, continued below its own text."""
    from sourcing_audit.terminal import width

    indent = len(line) - len(line.lstrip())
    below = " " * (_TEXT_AT if indent == _INDENT else indent)
    return "\n".join(
        textwrap.wrap(line, width(), subsequent_indent=below, break_on_hyphens=False) or [line]
    )


def _age(taken: Inventory) -> str:
    limit = "" if taken.limit_days is None else f"; the limit is {taken.limit_days} days"
    if taken.export.snapshot_at is None:
        return f"not stated{limit}"
    day = taken.export.snapshot_at.isoformat()[:10]
    return f"{day}, {taken.age_days:,} days before the day of the check{limit}"


def _finding(finding: Finding) -> Iterator[str]:
    yield f"  {finding.code}  {finding.records:,}: {finding.meaning}"
    for sample in finding.samples:
        yield f"    {sample}"
