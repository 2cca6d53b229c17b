"""The files that a unit leaves: findings, and the evidence for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sourcing_audit import consent, schema
from sourcing_audit.sources.interface import STRIDE

if TYPE_CHECKING:
    from pathlib import Path

    import ibis.expr.types as ir

    from sourcing_audit.engine import Engine

FINDINGS = (*schema.FINDINGS, "license_no")
"""The columns of findings; `license_no` leads to the evidence for the licence."""

EVIDENCE_OF_TEXTS = {
    "item_id": "!string",
    "shard": "!string",
    "row": "!int64",
    **schema.TEXTS,
}
EVIDENCE_OF_CONSENT = {
    "item_id": "!string",
    "shard": "!string",
    "row": "!int64",
    "registry_id": "!string",
    "record_id": "!string",
    **{name: kind for name, kind in consent.EVIDENCE.items() if name not in {"pos", "record_no"}},
}

EVIDENCE = (*consent.EVIDENCE, "registry_no", "registry_id", "record_id", "valid_until")
"""What is kept of the records about a unit's items."""

_REPEATING = ("registry_id", "key", "agrees", "distance", "standing", "place", "rule")
_SOUGHT = ("item_id", "shard", "row", "status", "outcome", "record_id")
"""What readers of findings and evidence look for rows by."""


def write_findings(
    engine: Engine, coded: ir.Table, classes: ir.Table, path: Path, shards: ir.Table
) -> None:
    """Write the findings of a unit, in order.

    Args:
        engine: holds the tables.
        coded: `pos`, `item_id`, `consent_record` and `class_no`.
        classes: by `class_no` the other columns of `FINDINGS`.
        path: the Parquet file.
        shards: `shard_no` and `shard`, the unit's.

    """
    rows, shards = _placed(coded, shards)
    own = {"item_id", "row", "shard", "consent_record"}
    engine.write_coded(
        rows.select("pos", "item_id", "consent_record", "class_no", "shard_no", "row"),
        path,
        order_by=["pos"],
        columns=FINDINGS,
        lookups={
            "class_no": classes.select("class_no", *(n for n in FINDINGS if n not in own)),
            "shard_no": shards,
        },
        sought=_SOUGHT,
    )


def write_texts(
    engine: Engine, texts: ir.Table, items: ir.Table, path: Path, shards: ir.Table
) -> None:
    """Write what the licence texts of a unit's items state, in order.

    Args:
        engine: holds the tables.
        texts: `pos` and columns of `schema.TEXTS`, of these items and others.
        items: `pos` and `item_id`.
        path: the Parquet file.
        shards: as `write_findings` takes them.

    """
    places = _places(items, shards)
    joined = texts.inner_join(places, "pos").order_by("pos")
    engine.write_parquet(joined.select(*EVIDENCE_OF_TEXTS), path)


def write_evidence(
    engine: Engine, evidence: ir.Table, items: ir.Table, path: Path, shards: ir.Table
) -> None:
    """Write the records about a unit's items, in order.

    Args:
        engine: holds the tables.
        evidence: columns of `EVIDENCE`.
        items: `pos` and `item_id`.
        path: the Parquet file.
        shards: as `write_findings` takes them.

    """
    rows, shards = _placed(evidence.inner_join(items.select("pos", "item_id"), "pos"), shards)
    engine.write_coded(
        rows,
        path,
        order_by=["pos", "record_no"],
        columns=tuple(EVIDENCE_OF_CONSENT),
        lookups={"shard_no": shards},
        repeating=_REPEATING,
        sought=_SOUGHT,
    )


def _placed(table: ir.Table, shards: ir.Table) -> tuple[ir.Table, ir.Table]:
    """Add `row` and `shard_no` by `pos`, the latter counted from the first of these shards."""
    first = shards.shard_no.min().as_scalar()
    placed = table.mutate(shard_no=table.pos // STRIDE - first, row=table.pos % STRIDE)
    return placed, shards.mutate(shard_no=shards.shard_no - first)


def _places(items: ir.Table, shards: ir.Table) -> ir.Table:
    """By `pos`: `item_id`, `shard` and `row`."""
    table = items.select("pos", "item_id", shard_no=items.pos // STRIDE, row=items.pos % STRIDE)
    return table.inner_join(shards, "shard_no").drop("shard_no")
