"""Who is to be credited for what: the audit's findings joined with the inputs, read again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import ibis

from sourcing_audit import sources
from sourcing_audit.errors import InputError
from sourcing_audit.model import NOASSERTION, Status

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import ibis.expr.types as ir

    from sourcing_audit.engine import Engine
    from sourcing_audit.model import ShardInfo
    from sourcing_audit.report import Report
    from sourcing_audit.rules import RuleStore

OBLIGATIONS: Final = ("attribute", "keep_notices")
"""What an attribution fulfils, as `obligations.toml` calls it."""

UNFULFILLED: Final = "attribution_missing"
"""The reason of items that can't be credited: neither creator nor source is on record."""

_BY_LICENSE: Final = "open licence"
"""The basis of a status that rests on an open licence and not on an agreement."""

_FIELDS: Final = ("title", "creator", "source_url", "landing_url", "attribution", "rights_raw")
_KEY: Final = ("fulfilled", "license", "title", "author", "source", "given", "notice")
_BATCH: Final = 10_000


@dataclass(frozen=True)
class Credit:
    """Items with the same licence, title, author, source and notice."""

    license: str
    """The concluded expression; NOASSERTION where an agreement or consent permits the use."""
    title: str | None
    author: str | None
    source: str | None
    """The page that a work is on; its own address where no page is on record."""
    given: str | None
    """The attribution as the manifest words it."""
    notice: str | None
    fulfilled: bool
    """False: the licence asks for a credit that nothing on record allows."""
    items: int
    first: str
    """The least of their ids."""


@dataclass(frozen=True)
class Attribution:
    """What an attribution holds. Counts are items unless they say otherwise."""

    entries: int
    """Distinct attributions."""
    items: int
    """Items with an attribution."""
    as_given: int
    """Of these, with the words of the manifest's own `attribution` column."""
    without_title: int
    without_author: int
    without_source: int
    unfulfilled: int
    """Items that ask for an attribution and have none: neither creator nor source is on record."""
    unfulfilled_entries: int
    """Distinct ones of these."""


class Credits:
    """Every attribution that is due, each once, in order: by licence, author and title."""

    def __init__(self, engine: Engine, table: ir.Table) -> None:
        """Take the table of distinct attributions; use `collect` instead."""
        self._engine = engine
        self._table = table

    def counted(self) -> Attribution:
        """How many there are, and what isn't on record."""
        due = self._table
        worded = due.given.notnull()
        found = self._engine.arrow(
            due.aggregate(
                entries=due.count(where=due.fulfilled),
                items=_sum(due, due.fulfilled),
                as_given=_sum(due, due.fulfilled & worded),
                without_title=_sum(due, due.fulfilled & ~worded & due.title.isnull()),
                without_author=_sum(due, due.fulfilled & ~worded & due.author.isnull()),
                without_source=_sum(due, due.fulfilled & ~worded & due.source.isnull()),
                unfulfilled=_sum(due, ~due.fulfilled),
                unfulfilled_entries=due.count(where=~due.fulfilled),
            )
        ).to_pylist()[0]
        return Attribution(**{name: int(number) for name, number in found.items()})

    def __iter__(self) -> Iterator[Credit]:
        """Stream them: those that can be credited first."""
        columns = [*_KEY, "items", "first"]
        for batch in self._engine.batches(self._table.select(*columns), _BATCH):
            for row in batch.to_pylist():
                yield Credit(**row)


def collect(
    engine: Engine,
    findings: ir.Table,
    report: Report,
    shards: Sequence[ShardInfo],
    store: RuleStore,
) -> Credits:
    """Find out what is to be attributed; the inputs are read again for titles and creators.

    Args:
        engine: holds the findings.
        findings: columns of `schema.FINDINGS`.
        report: says how the inputs' columns were read.
        shards: the inputs, as the audit recorded them.
        store: holds the usual column names.

    Raises:
        InputError: an input is gone or has changed since the audit.

    """
    due = _due(findings)
    items = _items(engine, report, shards, store)
    if items is None:
        nothing = {name: ibis.null("string") for name in _FIELDS}
        told = due.mutate(**nothing)
    else:
        told = _joined(engine, due, items)
    named = told.select(
        "item_id",
        "license",
        "fulfilled",
        "title",
        author=told.creator,
        source=ibis.coalesce(told.landing_url, told.source_url),
        given=told.attribution,
        notice=told.rights_raw,
    )
    distinct = named.group_by(list(_KEY)).aggregate(items=named.count(), first=named.item_id.min())
    order = [ibis.desc("fulfilled"), "license", "author", "title", "source", "given", "notice"]
    return Credits(engine, engine.materialise(distinct.order_by(order), "credits"))


def _due(findings: ir.Table) -> ir.Table:
    """The items whose use asks for an attribution, and the licence that does."""
    asked = ibis.or_(*(findings.obligations.contains(each) for each in OBLIGATIONS))
    unfulfilled = findings.reasons.contains(UNFULFILLED)
    by_license = (
        (findings.status == str(Status.PUBLIC_DOMAIN_OR_CC))
        | ibis.coalesce(findings.basis == _BY_LICENSE, ibis.literal(False))
        | unfulfilled
    )
    return findings.filter(asked | unfulfilled).select(
        "item_id",
        "shard",
        "row",
        license=ibis.ifelse(by_license, findings.license_concluded, NOASSERTION),
        fulfilled=~unfulfilled,
    )


def _items(
    engine: Engine, report: Report, shards: Sequence[ShardInfo], store: RuleStore
) -> ir.Table | None:
    """The items' own words, where a column for any of them was mapped."""
    mapping = {each.field: each.template for each in report.dataset.mapping}
    fields: dict[str, str] = {name: mapping[name] for name in _FIELDS if name in mapping}
    if not fields:
        return None
    items = sources.read_again(engine, shards, fields, store=store)
    return items.select("shard", "row", *_FIELDS)


def _joined(engine: Engine, due: ir.Table, items: ir.Table) -> ir.Table:
    """Each finding with its item.

    Raises:
        InputError: an item isn't there any more.

    """
    renamed = items.rename(item_shard="shard", item_row="row")
    joined = due.left_join(renamed, [due.shard == renamed.item_shard, due.row == renamed.item_row])
    told = engine.materialise(joined, "credited")
    lost = told.filter(told.item_row.isnull()).order_by(["shard", "row"]).limit(1)
    for row in engine.arrow(lost).to_pylist():
        raise InputError(
            f"{row['shard']}: record {row['row']} is not there any more", fix="audit it again"
        )
    return told


def _sum(table: ir.Table, where: Any) -> ir.IntegerScalar:
    return ibis.coalesce(table["items"].sum(where=where), 0)
