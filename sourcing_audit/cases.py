"""The rules' own examples: `license_rules/cases/` run through the real pipeline.

`licenses.toml` holds declared values and what they become; `verdicts.toml` and `signals.toml` hold
items with the consent records and the raw signals about them, and the verdict that must follow;
`changes.toml` verdicts of then and now, and what has changed; `quarantine.toml` files with what
can't be read; `datasets.toml` small folders, with documents, texts and media files.
"""

from __future__ import annotations

import datetime as dt
import json
import tempfile
from collections import defaultdict
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sourcing_audit import api, config, pipeline
from sourcing_audit.changes import cases as change_cases
from sourcing_audit.disclosures import cases as disclosure_cases
from sourcing_audit.licenses import cases as license_cases
from sourcing_audit.rules import RuleStore
from sourcing_audit.rules.cases import load_datasets, load_quarantine, load_verdicts
from sourcing_audit.rules.disclosures import DisclosureRules

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sourcing_audit.model import MediaChoice
    from sourcing_audit.rules.cases import DatasetCase, Extra, QuarantineCase, VerdictCase

REGISTRY = "registry"
"""The registry of the cases' canonical records."""

_ANY_DAY: Final = dt.date(2026, 11, 21)

_MODULES: Final[dict[Extra, str]] = {"media": "c2pa", "text": "licensedcode"}
"""What an extra brings."""


def run(store: RuleStore) -> tuple[int, list[str]]:
    """Run every example; return how many there are, and what is wrong with those that fail.

    Raises:
        RulesError: a case isn't well formed.

    """
    values = license_cases.load_cases(store)
    verdicts = load_verdicts(store)
    failures = license_cases.check_cases(store)
    failures += check_verdicts(verdicts, rules=store.overlays)
    failures += change_cases.check_cases(store)
    claims, wrong = disclosure_cases.check_examples(DisclosureRules.load(store))
    unread = load_quarantine(store)
    failures += check_quarantine(unread, rules=store.overlays)
    whole = [case for case in load_datasets(store) if visible(case)]
    failures += check_datasets(whole, rules=store.overlays)
    changed = len(change_cases.load_cases(store))
    count = len(values) + len(verdicts) + changed + claims + len(unread) + len(whole)
    return count, failures + wrong


def check_verdicts(cases: Sequence[VerdictCase], rules: Sequence[Path] = ()) -> list[str]:
    """Audit the items of cases with one use and date together, and compare each verdict."""
    rulebook = pipeline.Rulebook.load(RuleStore(rules))
    together: dict[tuple[str, dt.date], list[VerdictCase]] = defaultdict(list)
    for case in cases:
        together[case.use, case.as_of].append(case)
    failures: list[str] = []
    for (use, as_of), group in together.items():
        with tempfile.TemporaryDirectory(prefix="sourcing-audit-") as folder:
            manifest, registries = written(group, Path(folder))
            request = pipeline.Request(
                dataset="cases",
                inputs=(str(manifest),),
                as_of=as_of,
                use=config.parse_use(use, rulebook.policy.uses),
            )
            with next(api.audit_all([request], rulebook, registry_specs=registries)) as audited:
                verdicts = audited.to_arrow().to_pylist()
                evidence = audited.to_arrow(audited.consent_evidence).to_pylist()
        found = {row["item_id"]: row for row in verdicts}
        failures += _compare(group, found, evidence)
    return failures


def check_quarantine(cases: Sequence[QuarantineCase], rules: Sequence[Path] = ()) -> list[str]:
    """Audit the files of the cases as one dataset, and compare what is quarantined of each."""
    with tempfile.TemporaryDirectory(prefix="sourcing-audit-") as folder:
        paths = {case.name: Path(folder) / case.file for case in cases}
        for case in cases:
            paths[case.name].write_bytes(case.content.encode(case.encoding))
        with api.audit(*paths.values(), dataset="cases", rules=rules) as audited:
            rows = audited.to_arrow(audited.quarantine).to_pylist()
    found = defaultdict(list)
    for row in rows:
        found[Path(row["shard"])].append((row["reason"], row["row"]))
    return [
        f"{case.name}: quarantined is {found[paths[case.name]]}, not {expected}"
        for case in cases
        if found[paths[case.name]] != (expected := [(case.reason, case.row)])
    ]


def visible(case: DatasetCase) -> bool:
    """Whether a case can be seen here, by the extras that are installed."""
    there = {extra for extra, module in _MODULES.items() if find_spec(module) is not None}
    return (case.needs is None or case.needs in there) and case.lacks not in there


def check_datasets(cases: Sequence[DatasetCase], rules: Sequence[Path] = ()) -> list[str]:
    """Audit the folders of cases, and compare the first item of each and what is quarantined.

    Those with documents or huge values are datasets of their own; others are audited together, as
    shards of one.
    """
    rulebook = pipeline.Rulebook.load(RuleStore(rules))
    together: dict[tuple[MediaChoice, str], list[DatasetCase]] = defaultdict(list)
    for case in cases:
        alone = case.documented or case.padding
        together[case.media, case.name if alone else ""].append(case)
    failures = []
    with tempfile.TemporaryDirectory(prefix="sourcing-audit-") as folder:
        for case in cases:
            inside = Path(folder, case.name)
            inside.mkdir()
            for name, text in case.contents().items():
                inside.joinpath(name).write_text(text, encoding="utf-8")
        requests = [
            pipeline.Request(
                dataset="cases",
                inputs=tuple(str(Path(folder, case.name, case.input)) for case in group),
                as_of=_ANY_DAY,
                media=media,
            )
            for (media, _), group in together.items()
        ]
        audits = api.audit_all(requests, rulebook)
        for group, audited in zip(together.values(), audits, strict=True):
            with audited:
                rows = audited.to_arrow(audited.findings.order_by(["shard", "row"])).to_pylist()
                unread = audited.to_arrow(audited.quarantine).to_pylist()
            for case in group:
                wrong = _of_dataset(case, rows, unread)
                failures += [f"{case.name}: {'; '.join(wrong)}"] if wrong else []
    return failures


def _of_dataset(
    case: DatasetCase, rows: Sequence[dict[str, Any]], unread: Sequence[dict[str, Any]]
) -> list[str]:
    """Compare one case with what was found of the group in which it was audited."""

    def of_case(row: dict[str, Any]) -> bool:
        return case.documented or case.name in Path(row["shard"]).parts

    first = next(row for row in rows if of_case(row))
    reasons = {row["reason"] for row in unread if of_case(row)}
    expected, wrong = case.expect, []
    if expected.status not in (None, first["status"]):
        wrong.append(f"status is {first['status']}, not {expected.status}")
    for name in ("reasons", "obligations"):
        missing = set(getattr(expected, name)) - set(first[name])
        wrong += [f"{name} lack {code}: {sorted(first[name])}" for code in sorted(missing)]
    if expected.quarantined and expected.quarantined not in reasons:
        wrong.append(f"quarantined is {sorted(reasons)}, not {expected.quarantined}")
    return wrong


def written(group: Sequence[VerdictCase], folder: Path) -> tuple[Path, list[str]]:
    """The group's items, and its records and signals as `--registry` takes them."""
    items = [{"item_id": case.name, **case.item} for case in group]
    manifest = _lines(folder / "items.jsonl", items)
    registries = [f"{name}:{path}" for name, path in _exports(group, folder)]
    return manifest, registries


def _exports(group: Sequence[VerdictCase], folder: Path) -> Iterator[tuple[str, Path]]:
    """Format and file: of canonical records, whose ids begin with the case's name, and signals."""
    records = [
        {
            **record,
            **{
                name: f"{case.name}/{record[name]}"
                for name in ("record_id", "statement_id", "refers_to")
                if name in record
            },
        }
        for case in group
        for record in case.record
    ]
    if records:
        yield "canonical", _lines(folder / f"{REGISTRY}.jsonl", records)
    rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for case in group:
        for nth, signal in enumerate(case.signal):
            if signal.row is not None:
                rows[signal.format].append(signal.row)
            if signal.body is not None:
                path = folder / f"{case.name}-{nth}{signal.ending}"
                path.write_text(signal.body, "utf-8")
                yield signal.format, path
    for name, lines in sorted(rows.items()):
        yield name, _lines(folder / f"{name}.jsonl", lines)


def _lines(path: Path, rows: Sequence[dict[str, Any]]) -> Path:
    path.write_text("".join(f"{json.dumps(row, default=str)}\n" for row in rows), "utf-8")
    return path


def _compare(
    group: Sequence[VerdictCase], found: dict[str, dict[str, Any]], evidence: list[dict[str, Any]]
) -> list[str]:
    failures = []
    for case in group:
        row = found[case.name]
        said = {
            e["record_id"]: e
            for e in evidence
            if e["item_id"] == case.name and e["registry_id"] == REGISTRY
        }
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
        found_too = set(case.expect.without) & {*row["reasons"], *row["obligations"]}
        wrong += [f"{code} isn't due" for code in sorted(found_too)]
        for record_id, rule in case.expect.lost.items():
            place = said.get(f"{case.name}/{record_id}", {"place": "unmatched", "rule": None})
            if (place["place"], place["rule"]) != ("lost", rule):
                wrong.append(
                    f"{record_id} is {place['place']} by {place['rule']}, not lost by {rule}"
                )
        if wrong:
            failures.append(f"{case.name}: {'; '.join(wrong)}")
    return failures
