"""The audit of one dataset, from its files to a verdict on every item.

    ingest ─► licences ─┐
                        ├─► verdict
    registries ─► consent

All tables are lazy expressions in the engine; Python sees distinct declared values and nothing
else of the items.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import ibis
import pyarrow as pa
import pyarrow.parquet as pq

from sourcing_audit import consent, schema, sources, verdict
from sourcing_audit.errors import InputError
from sourcing_audit.licenses import Concluder, LicenseRules, conclude_batches
from sourcing_audit.model import IntendedUse
from sourcing_audit.rules import ConsentRules, PolicyRules, RuleStore

if TYPE_CHECKING:
    import datetime as dt

    import ibis.expr.types as ir

    from sourcing_audit.engine import Engine
    from sourcing_audit.sources import Ingested

DECLARED = ("license_raw", "license_url", "rights_raw")

Progress = Callable[[str, int, int | None], None]
"""Called with a step's name, how much is done and, where known, how much there is."""


def silent(_step: str, _done: int, _total: int | None) -> None:
    """Report no progress."""


@dataclass(frozen=True)
class Rulebook:
    """All rules of an audit, loaded and validated once."""

    store: RuleStore
    licenses: LicenseRules
    consent: ConsentRules
    policy: PolicyRules

    @classmethod
    def load(cls, store: RuleStore) -> Rulebook:
        """Load every rule file.

        Raises:
            RulesError: naming file, rule and field.

        """
        return cls(
            store=store,
            licenses=LicenseRules.load(store),
            consent=ConsentRules.load(store),
            policy=PolicyRules.load(store),
        )


@dataclass(frozen=True)
class Request:
    """What to audit, for which use, as of when."""

    dataset: str
    inputs: tuple[str, ...]
    as_of: dt.date
    use: IntendedUse = field(default_factory=IntendedUse)
    mapping: Mapping[str, str] = field(default_factory=dict)
    mapping_origin: str = "flag"
    default_license: str | None = None
    strict: bool = False
    """Treat quarantined records and files as an error."""


@dataclass(frozen=True)
class Judged:
    """An audited dataset: what came in, what was concluded, and why."""

    request: Request
    ingested: Ingested
    licenses: ir.Table
    """Columns of `schema.LICENSES` and `license_no`."""
    consulted: consent.Consulted
    consent: consent.Consent
    findings: ir.Table
    """Columns of `schema.FINDINGS` and `verdict.JUDGED`, in no particular order."""


def audit_dataset(
    engine: Engine,
    request: Request,
    rules: Rulebook,
    consulted: consent.Consulted,
    progress: Progress = silent,
) -> Judged:
    """Reach a verdict on every item of one dataset.

    Raises:
        InputError: the input can't be read, or `strict` and something was quarantined.
        NothingToAuditError: there are no items.
        ConfigError: the column mapping doesn't fit the input.

    """
    ingested = sources.ingest(
        engine,
        request.inputs,
        dataset=request.dataset,
        mapping=request.mapping,
        mapping_origin=request.mapping_origin,
        store=rules.store,
        progress=progress,
    )
    if request.strict:
        _refuse_quarantined(engine, ingested)
    request = replace(request, default_license=request.default_license or ingested.default_license)
    columns = frozenset(mapped.field for mapped in ingested.mapping)
    items = _with_ids(ingested.items)
    licenses = _conclude(engine, items, columns, request, rules, progress)
    progress("matching consent records", 0, None)
    answer = consent.ask(engine, consulted, items, columns)
    progress("reaching verdicts", 0, None)
    judged = verdict.findings(
        items,
        licenses,
        answer.consent,
        rules.policy.verdict,
        dataset=request.dataset,
        columns=columns,
    )
    return Judged(
        request=request,
        ingested=ingested,
        licenses=licenses,
        consulted=consulted,
        consent=answer,
        findings=engine.materialise(judged, "findings"),
    )


def _with_ids(items: ir.Table) -> ir.Table:
    """Items that the manifest gives no id are known by their file and row."""
    place = items.shard.concat(":", items.row.cast("string"))
    return items.mutate(item_id=ibis.coalesce(items.item_id, place))


def _refuse_quarantined(engine: Engine, ingested: Ingested) -> None:
    first = engine.arrow(ingested.quarantine.order_by(["shard", "row"]).limit(1)).to_pylist()
    if first:
        place = first[0]["shard"]
        if first[0]["row"] is not None:
            place += f": row {first[0]['row']}"
        raise InputError(
            f"{place}: {first[0]['reason']}: {first[0]['detail']}",
            fix="mend the input, or leave out --strict to quarantine what can't be read",
        )


def _conclude(
    engine: Engine,
    items: ir.Table,
    columns: frozenset[str],
    request: Request,
    rules: Rulebook,
    progress: Progress,
) -> ir.Table:
    """Classify each distinct set of declared values once."""
    concluder = Concluder(rules.licenses, request.use, default_license=request.default_license)
    fields = ibis.schema(dict.fromkeys(DECLARED, "string")).to_pyarrow()
    declared = [name for name in DECLARED if name in columns]

    def batches() -> Iterator[pa.RecordBatch]:
        if not declared:
            yield pa.RecordBatch.from_pylist([dict.fromkeys(DECLARED)], schema=fields)
            return
        distinct = items.select(*declared).distinct()
        done = 0
        for batch in engine.batches(distinct):
            progress("classifying licences", done, None)
            done += batch.num_rows
            arrays = [
                batch.column(name).cast("string")
                if name in declared
                else pa.nulls(batch.num_rows, pa.string())
                for name in DECLARED
            ]
            yield pa.RecordBatch.from_arrays(arrays, schema=fields)
        progress("classifying licences", done, done)

    # The engine can't take a stream in while it gives one out, so conclusions go through a file.
    path = engine.new_folder() / "licenses.parquet"
    with pq.ParquetWriter(path, ibis.schema(schema.LICENSES).to_pyarrow()) as writer:
        for batch in conclude_batches(concluder, batches()):
            writer.write_batch(batch)
    concluded = schema.check(engine.read_parquet([path]), schema.LICENSES, "licenses")
    in_order = ibis.window(order_by=list(DECLARED))
    return engine.materialise(
        concluded.mutate(license_no=ibis.row_number().over(in_order)), "licenses"
    )
