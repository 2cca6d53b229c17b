"""Audits made by hand: items with the verdicts that a test wants, as an audit would leave them."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import ibis
import pyarrow as pa

from sourcing_audit import results, schema
from sourcing_audit.changes import Audited
from sourcing_audit.model import Status
from sourcing_audit.units import EVIDENCE_OF_CONSENT
from tests.reports.conftest import build_report

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sourcing_audit.engine import Engine
    from sourcing_audit.report import Report

REPORT = build_report()


@dataclass(frozen=True)
class Item:
    """An item with its verdict; `declared` stands for all that the manifest says of its licence."""

    item_id: str
    outcome: str = "permitted"
    status: str = "public_domain_or_cc"
    consent_status: str = "unknown"
    license_concluded: str = "CC0-1.0"
    reasons: tuple[str, ...] = ()
    obligations: tuple[str, ...] = ()
    consent_record: str | None = None
    declared: int = 1
    host: str | None = "a.example"
    shard: str = "works.csv"
    row: int = 1

    @property
    def verdict(self) -> tuple[object, ...]:
        return (
            self.outcome,
            self.status,
            self.consent_status,
            self.license_concluded,
            self.reasons,
            self.obligations,
        )


REFUSED = Item(
    "", "prohibited", "opted_out", "denied", "CC0-1.0", ("opted_out_by_creator",), (), "r/1"
)
MISSING = Item(
    "", "undetermined", "not_established", "unknown", "NOASSERTION", ("license_missing",)
)
UNRESOLVED = replace(MISSING, reasons=("license_missing", "no_consent_on_record"), declared=2)
CREDITED = Item("", "conditional", license_concluded="CC-BY-4.0", obligations=("attribute",))
FREE = Item("")
VERDICTS = (REFUSED, MISSING, UNRESOLVED, CREDITED, FREE)


def of(kind: Item, item_id: str, **changes: Any) -> Item:
    return replace(kind, item_id=item_id, **changes)


@dataclass
class Made:
    """What a hand-made audit is given beside its items."""

    report: Report = field(default_factory=lambda: REPORT)
    records: Sequence[dict[str, Any]] = ()
    about: Sequence[tuple[str, str]] = ()
    """Items, and the records of registry `r` that speak about them."""


def audited(engine: Engine, items: Sequence[Item], made: Made | None = None) -> Audited:
    made = made or Made()
    tables = {
        results.FINDINGS: _table(engine, _findings(items), {**schema.FINDINGS, "license_no": "int64"}),
        results.GROUPS: _table(engine, _groups(items), schema.GROUPS),
        results.LICENSES: _table(engine, _licenses(items), {**schema.LICENSES, "license_no": "int64"}),
        results.RECORDS: _table(engine, list(made.records), schema.RECORDS),
        results.CONSENT: _table(engine, _consent(made), EVIDENCE_OF_CONSENT),
    }  # fmt: skip
    return Audited(counted(made.report, items), tables)


def counted(report: Report, items: Sequence[Item], **changes: Any) -> Report:
    """A report that counts these items."""
    per = Counter(item.status for item in items)
    totals = report.totals.model_copy(
        update={
            "items_in": len(items),
            "verdicts": len(items),
            "quarantined": 0,
            "unreadable_files": 0,
        }
    )
    statuses = [
        entry.model_copy(update={"items": per[str(entry.status)]}) for entry in report.statuses
    ]
    return report.model_copy(update={"totals": totals, "statuses": statuses, **changes})


def some(seed: int, count: int = 60) -> tuple[list[Item], list[Item]]:
    """Two audits of nearly the same items, some with ids of their own and some without."""
    chosen = random.Random(seed)
    ids = [f"id-{chosen.randrange(count)}" for _ in range(count)]

    def made(item_id: str) -> Item:
        return of(
            chosen.choice(VERDICTS),
            item_id,
            host=chosen.choice(["a.example", "b.example", None]),
            shard=chosen.choice(["works.csv", "more.csv"]),
            row=chosen.randrange(1, count),
        )

    then = [made(item_id) for item_id in ids if chosen.random() < 0.9]
    now = [
        chosen.choice([item, item, made(item.item_id)]) for item in then if chosen.random() < 0.9
    ]
    return then, [*now, *(made(f"new-{n}") for n in range(chosen.randrange(5)))]


def statuses() -> list[str]:
    return [str(status) for status in Status]


def _table(engine: Engine, rows: list[dict[str, Any]], columns: dict[str, str]) -> Any:
    fields = ibis.schema({name: kind.removeprefix("!") for name, kind in columns.items()})
    return engine.from_arrow("made", pa.Table.from_pylist(rows, fields.to_pyarrow()))


def _findings(items: Sequence[Item]) -> list[dict[str, Any]]:
    return [
        {
            **{name: getattr(item, name) for name in ("item_id", "shard", "row", "consent_record")},
            **_verdict(item),
            "consent_status": item.consent_status,
            "dataset": "films",
            "license_no": item.declared,
        }
        for item in items
    ]


def _consent(made: Made) -> list[dict[str, Any]]:
    return [
        {"item_id": item_id, "registry_id": "r", "record_id": record_id}
        for item_id, record_id in made.about
    ]


def _verdict(item: Item) -> dict[str, Any]:
    return {
        "outcome": item.outcome,
        "status": item.status,
        "license_concluded": item.license_concluded,
        "reasons": list(item.reasons),
        "obligations": list(item.obligations),
    }


def _groups(items: Sequence[Item]) -> list[dict[str, Any]]:
    groups: dict[tuple[object, ...], list[Item]] = {}
    for item in items:
        groups.setdefault((item.host, *map(str, _verdict(item).values())), []).append(item)
    return [
        {**_verdict(some[0]), "host": some[0].host, "items": len(some), "shard": "works.csv", "row": 1}
        for some in groups.values()
    ]  # fmt: skip


def _licenses(items: Sequence[Item]) -> list[dict[str, Any]]:
    return [
        {"license_no": number, "license_raw": f"licence {number}"}
        for number in sorted({item.declared for item in items})
    ]
