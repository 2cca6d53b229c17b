"""Where somebody's works were: in which inputs, rows, datasets, runs and models, since when.

Only remembered keys are read, never items.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import ibis
import pyarrow as pa

from sourcing_audit.remembered.keys import BY_NAME, numbered
from sourcing_audit.remembered.subjects import BY_HOSTS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import ibis.expr.types as ir

    from sourcing_audit.engine import Engine
    from sourcing_audit.history import Audited
    from sourcing_audit.remembered.contents import Contents
    from sourcing_audit.rules.consent import ConsentRules

REMOVALS: dict[str, str] = {
    "dataset": "!string",
    "input": "!string",
    "row": "!int64",
    "subject": "!string",
    "record_id": "string",
    "kind": "!string",
    "to_review": "!boolean",
    "in_latest": "!boolean",
    "first_run": "!int64",
    "first_as_of": "!date",
    "last_run": "!int64",
    "last_as_of": "!date",
    "models": "string",
}
"""One row per row of an input that has a subject's key. `to_review`: by a bare name only;
`in_latest`: the latest audit of the dataset read this input; `models`: the named uses of the audits
that read it, with `|` between them."""


@dataclass(frozen=True)
class Trace:
    """What was found."""

    removals: ir.Table
    """Columns of `REMOVALS` and `content`, in the order of datasets, inputs and rows."""
    not_remembered: int
    """Inputs of audits whose keys weren't kept: nothing is known of them."""
    made_otherwise: int
    """Inputs whose keys were made by other rules: what has another key by today's isn't found."""


def trace(
    engine: Engine,
    subjects: ir.Table,
    contents: Contents,
    audited: Sequence[Audited],
    rules: ConsentRules,
) -> Trace:
    """Look for subjects in everything that was audited.

    Args:
        engine: holds the subjects.
        subjects: columns of `subjects.SUBJECTS`.
        contents: where keys are remembered.
        audited: the inputs of all audits.
        rules: by which the subjects' keys were made.

    Raises:
        SourcingAuditError: the engine failed.

    """
    wanted = sorted({each.content for each in audited if each.content})
    found = contents.keys(engine, wanted)
    lost = contents.missing(wanted)
    missing = sum(each.content is None or each.content in lost for each in audited)
    other = contents.made_otherwise(wanted, rules)
    made_otherwise = sum(each.content in other for each in audited)
    if found is None:
        return Trace(_nothing(engine), missing, made_otherwise)
    places = engine.from_arrow("audited", _places(audited))
    named = engine.materialise(_with_subdomains(engine, subjects, contents, wanted), "asked")
    found_numbers = engine.arrow(named.select("number").distinct())["number"].to_pylist()
    numbers = [ibis.literal(each, "uint64") for each in found_numbers]
    # A few numbers are looked up in their order; many are joined.
    there = found.select("number", "row", "content")
    few = there.filter(there.number.isin(numbers)) if 0 < len(numbers) <= _FEW else there
    hits = few.inner_join(named, "number").inner_join(places, "content")
    removals = hits.mutate(to_review=hits.kind == BY_NAME).select(*REMOVALS, "content").distinct()
    in_order = removals.order_by(["dataset", "input", "row", "kind", "subject", "record_id"])
    return Trace(engine.materialise(in_order, "removals"), missing, made_otherwise)


_FEW = 1000


def _with_subdomains(
    engine: Engine, subjects: ir.Table, contents: Contents, wanted: Sequence[str]
) -> ir.Table:
    """Domains as the hosts that they and their subdomains have."""
    domains = subjects.filter(subjects.kind == BY_HOSTS)
    others = subjects.filter(subjects.kind != BY_HOSTS)
    if not engine.arrow(domains.limit(1)).num_rows:
        return others
    hosts = contents.hosts(engine, wanted)
    if hosts is None:
        return others
    names = hosts.select("host").distinct()
    below = names.join(
        domains,
        (names.host == domains.key) | names.host.endswith(ibis.literal(".").concat(domains.key)),
    )
    return others.union(
        below.select(
            "subject",
            "record_id",
            kind=ibis.literal("host"),
            key="host",
            number=numbered("host", below.host),
        )
    )


def _places(audited: Sequence[Audited]) -> pa.Table:
    rows = [
        {
            "content": each.content,
            "dataset": each.dataset,
            "input": each.name,
            "in_latest": each.in_latest,
            "first_run": each.first.run_no,
            "first_as_of": each.first.as_of,
            "last_run": each.last.run_no,
            "last_as_of": each.last.as_of,
            "models": "|".join(each.models) or None,
        }
        for each in audited
        if each.content
    ]
    kinds: Mapping[str, pa.DataType] = {
        "in_latest": pa.bool_(),
        "first_run": pa.int64(),
        "last_run": pa.int64(),
        "first_as_of": pa.date32(),
        "last_as_of": pa.date32(),
    }
    names = list(rows[0]) if rows else []
    return pa.Table.from_pylist(
        rows, schema=pa.schema([(name, kinds.get(name, pa.string())) for name in names])
    )


def _nothing(engine: Engine) -> ir.Table:
    fields = ibis.schema({**REMOVALS, "content": "!string"}).to_pyarrow()
    return engine.from_arrow("removals", pa.Table.from_batches([], fields))
