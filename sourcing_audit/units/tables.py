"""What is asked of a unit's items, as expressions: their numbers, classes, groups and counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis

from sourcing_audit import places, schema, verdict
from sourcing_audit.model import Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    import ibis.expr.types as ir

    from sourcing_audit.consent import Sieve
    from sourcing_audit.rules.policy import VerdictLine

ALIKE = ("outcome", "status", "license_concluded", "reasons", "obligations")
"""What items of one host must agree in to be one group."""

_ADDRESSES = ("source_url", "landing_url")
_ENDING = ("agreement", "consent_complete", "consent_incomplete")
_IN_FORCE = ("decides", "stands", "person")


def told(
    columns: frozenset[str],
    sieve: Sieve | None,
    items: ir.Table,
    licenses: ir.Table,
) -> ir.Table:
    """See `Judge.told`; without a sieve there are no registries."""
    table = _with_license(items, licenses, columns)
    sifted: list[str | ir.Value] = []
    if sieve is not None:
        table = sieve.onto(table)
        sifted += sieve.columns
    if sieve is None or not sieve.urls:
        sifted.append(_host(table, columns).name("host"))
    return table.select(
        "pos",
        "item_id",
        "license_no",
        "creator",
        *sifted,
        facts=verdict.packed(table, columns, {} if sieve is None else sieve.normal(table)),
    )


def _host(items: ir.Table, columns: frozenset[str]) -> ir.StringValue:
    there = [places.shown_host(items[name]) for name in _ADDRESSES if name in columns]
    found: ir.StringValue = ibis.coalesce(*there) if there else ibis.null("string")
    return found


def judged(
    lines: Sequence[VerdictLine],
    replicates: bool,
    found: ir.Table,
    licenses: ir.Table,
    kinds: ir.Table | None = None,
) -> ir.Table:
    """Classes with their verdicts, numbered by what they are and by what is alike."""
    return verdict.classes(found, licenses, kinds, lines, replicates=replicates).mutate(
        class_no=ibis.row_number().over(order_by=list(verdict.CLASSES)),
        alike_no=ibis.dense_rank().over(order_by=list(ALIKE)),
    )


def groups(coded: ir.Table) -> ir.Table:
    """Items that are alike, by host: as numbers, for which there is what they mean."""
    return coded.group_by(["alike_no", "host"]).aggregate(
        items=coded.count(), first=coded.pos.min()
    )


def creators(coded: ir.Table) -> ir.Table:
    """Items by creator and outcome."""
    known = coded.filter(coded.creator.notnull())
    counted = known.group_by(name="creator", outcome_no="outcome_no").aggregate(items=known.count())
    return counted.select("name", "items", outcome=_outcome(counted.outcome_no))


def outcome_no(outcome: ir.StringValue) -> ir.IntegerValue:
    """A small number, which is cheaper to group many items by."""
    return ibis.cases(*((outcome == str(each), place) for place, each in enumerate(Outcome)))


def _outcome(number: ir.IntegerValue) -> ir.StringValue:
    """What `_outcome_no` made a number of."""
    return ibis.cases(*((number == place, str(each)) for place, each in enumerate(Outcome)))


def matched(evidence: ir.Table) -> ir.Table:
    """The records that speak about items: see `Unit.matched`."""
    ending = evidence.standing.isin(_ENDING) & evidence.place.isin(_IN_FORCE)
    return evidence.group_by(
        ["registry_no", "record_no", "registry_id", "record_id", "valid_until"]
    ).aggregate(items=evidence.count(), ending=evidence.count(where=ending))


def asked(evidence: ir.Table) -> ir.Table:
    """The registries that speak about items: see `Unit.asked`."""
    return evidence.group_by("registry_no").aggregate(items=evidence.pos.nunique())


def _with_license(items: ir.Table, licenses: ir.Table, columns: frozenset[str]) -> ir.Table:
    """Join each item with the conclusion on its declared values; NULL equals NULL here."""
    declared = [name for name in schema.DECLARED if name in columns]
    known = licenses.select(
        "license_no", **{f"declared_{name}": licenses[name] for name in declared}
    )
    if not declared:
        return items.cross_join(known)
    return items.inner_join(
        known, [items[name].identical_to(known[f"declared_{name}"]) for name in declared]
    )
