"""The rules' own examples: `license_rules/cases/` run through the real pipeline.

`licenses.toml` holds declared values and what they become; `verdicts.toml` holds items with the
consent records about them and the verdict that must follow.
"""

from __future__ import annotations

import datetime as dt
import json
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field

from sourcing_audit import api
from sourcing_audit.licenses import cases as license_cases
from sourcing_audit.model import ConsentStatus, Outcome, Status
from sourcing_audit.rules import Rule, RuleStore

if TYPE_CHECKING:
    from collections.abc import Sequence

VERDICTS = "verdicts.toml"


class Expectation(Rule):
    """What must be found; what isn't named isn't checked."""

    status: Status
    outcome: Outcome | None = None
    rule: str | None = None
    consent: ConsentStatus | None = None
    basis: str | None = None
    reasons: tuple[str, ...] = ()
    """Codes that must be among the reasons."""
    obligations: tuple[str, ...] = ()
    lost: dict[str, str] = Field(default_factory=dict)
    """Records that must have lost, with the precedence rule by which."""


class VerdictCase(Rule):
    """An item, what the registries say of it, and the verdict that must follow."""

    name: str
    item: dict[str, Any]
    record: tuple[dict[str, Any], ...] = ()
    use: str = "commercial-training,grantee=org:us"
    as_of: dt.date = dt.date(2026, 11, 21)
    expect: Expectation


def load_verdicts(store: RuleStore) -> list[VerdictCase]:
    """Every example of `cases/verdicts.toml`, overlays included."""
    return store.cases(VERDICTS, VerdictCase)


def run(store: RuleStore) -> tuple[int, list[str]]:
    """Run every example; return how many there are, and what is wrong with those that fail.

    Raises:
        RulesError: a case isn't well formed.

    """
    values = license_cases.load_cases(store)
    verdicts = load_verdicts(store)
    failures = license_cases.check_cases(store)
    failures += check_verdicts(verdicts, rules=store.overlays)
    return len(values) + len(verdicts), failures


def check_verdicts(cases: Sequence[VerdictCase], rules: Sequence[Path] = ()) -> list[str]:
    """Audit the items of cases with one use and date together, and compare each verdict."""
    together: dict[tuple[str, dt.date], list[VerdictCase]] = defaultdict(list)
    for case in cases:
        together[case.use, case.as_of].append(case)
    failures: list[str] = []
    for (use, as_of), group in together.items():
        with tempfile.TemporaryDirectory(prefix="sourcing-audit-") as folder:
            manifest, registry = _written(group, Path(folder))
            with api.audit(
                manifest, registries=registry, use=use, as_of=as_of, rules=rules, dataset="cases"
            ) as audited:
                verdicts = audited.to_arrow().to_pylist()
                evidence = audited.to_arrow(audited.consent_evidence).to_pylist()
        found = {row["item_id"]: row for row in verdicts}
        failures += _compare(group, found, evidence)
    return failures


def _written(group: Sequence[VerdictCase], folder: Path) -> tuple[Path, list[Path]]:
    """The group's items and records as files; ids are prefixed with the case's name."""
    items = [{"item_id": case.name, **case.item} for case in group]
    records = [
        {
            **record,
            "record_id": f"{case.name}/{record['record_id']}",
            **(
                {"refers_to": f"{case.name}/{record['refers_to']}"} if "refers_to" in record else {}
            ),
        }
        for case in group
        for record in case.record
    ]
    paths = []
    for name, rows in (("items", items), ("registry", records)):
        path = folder / f"{name}.jsonl"
        path.write_text("".join(f"{json.dumps(row, default=str)}\n" for row in rows), "utf-8")
        paths.append(path)
    return paths[0], paths[1:] if records else []


def _compare(
    group: Sequence[VerdictCase], found: dict[str, dict[str, Any]], evidence: list[dict[str, Any]]
) -> list[str]:
    failures = []
    for case in group:
        row = found[case.name]
        said = {e["record_id"]: e for e in evidence if e["item_id"] == case.name}
        wrong = [
            f"record {record_id} of another case matches"
            for record_id in said
            if not record_id.startswith(f"{case.name}/")
        ]
        expected = {
            "status": case.expect.status,
            "outcome": case.expect.outcome,
            "verdict_rule": case.expect.rule,
            "consent_status": case.expect.consent,
            "basis": case.expect.basis,
        }
        wrong += [
            f"{name} is {row[name]}, not {value}"
            for name, value in expected.items()
            if value is not None and row[name] != value
        ]
        for name in ("reasons", "obligations"):
            missing = set(getattr(case.expect, name)) - set(row[name])
            wrong += [f"{name} lack {code}: {sorted(row[name])}" for code in sorted(missing)]
        for record_id, rule in case.expect.lost.items():
            place = said.get(f"{case.name}/{record_id}", {"place": "unmatched", "rule": None})
            if (place["place"], place["rule"]) != ("lost", rule):
                wrong.append(
                    f"{record_id} is {place['place']} by {place['rule']}, not lost by {rule}"
                )
        if wrong:
            failures.append(f"{case.name}: {'; '.join(wrong)}")
    return failures
