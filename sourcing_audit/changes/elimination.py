"""What can't have had a part in an item's change, by the records that speak about it.

The date of an audit reaches a verdict through the moments of these records alone
(`consent.clocks`), a registry through what they say. So where none of their moments lies between
two audits, the date had no part; and where they are what they were, neither did the registries.

Records may also be reached by way of others, which revoke, approve or renew them. What is said here
is said only of items whose records refer to each other and to nothing else; of any other item
nothing is ruled out.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

import ibis

from sourcing_audit import results, schema
from sourcing_audit.engine import fingerprint

if TYPE_CHECKING:
    from collections.abc import Mapping

    import ibis.expr.types as ir

    from sourcing_audit.engine import Engine
    from sourcing_audit.report import Report

    Tables = Mapping[str, ir.Table]

RULED_OUT: Final = ("same_records", "untimed")
"""Columns of booleans: the registries had no part, and neither did the date."""

_EXPORT = frozenset({"snapshot_at", "schema_version"})
"""What is said of the export as a whole, and not by a record."""
_MOMENTS = ("declared_at", "valid_from", "valid_until", "approval_at")


class Between:
    """The time between two audits: after the end of one day, until the end of the other (UTC)."""

    def __init__(self, then: Report, now: Report) -> None:
        """Take the days; the later audit may be as of an earlier one."""
        self._first, self._last = (
            ibis.timestamp(dt.datetime.combine(day, dt.time.max).isoformat())
            for day in sorted((then.as_of, now.as_of))
        )

    def holds(self, moment: ir.TimestampValue) -> ir.BooleanValue:
        """Whether a moment lies in it; false for NULL."""
        return ibis.coalesce((moment > self._first) & (moment <= self._last), False)


def content(records: ir.Table) -> ir.IntegerValue:
    """A number made of all that a record says."""
    said = {name: records[name] for name in schema.RECORDS if name not in _EXPORT}
    return fingerprint(ibis.struct(said))


def ruled_out(
    engine: Engine, items: ir.Table, then: Tables, now: Tables, between: Between
) -> ir.Table:
    """What can't have had a part, for each of some items.

    Args:
        engine: holds the tables.
        items: `item_id`, each once.
        then: the tables of the earlier audit, by their names in `results`.
        now: those of this one.
        between: the time between them.

    Returns:
        `item_id` and the columns of `RULED_OUT`.

    """
    before, after = (_about(engine, items, tables) for tables in (then, now))
    tied = _tied(before, then).union(_tied(after, now), distinct=True)
    tied = engine.materialise(tied.rename(tied="item_id"), "tied")
    said_then, said_now = _said(before, between), _said(after, between)
    joined = items.left_join(said_then, "item_id").drop("item_id_right")
    joined = joined.left_join(said_now, "item_id", rname="now_{name}")
    joined = joined.left_join(tied, joined.item_id == tied.tied)
    alone = joined.tied.isnull()
    found = joined.select(
        "item_id",
        same_records=alone & joined.said.identical_to(joined.now_said),
        # What is new on record is the registries' part, whenever it was declared.
        untimed=alone & ~ibis.coalesce(joined.timed, False),
    )
    return engine.materialise(found, "ruled_out")


def _about(engine: Engine, items: ir.Table, tables: Tables) -> ir.Table:
    """The records that speak about each item: a row for each item and record."""
    matched = tables[results.CONSENT].select("item_id", "registry_id", "record_id")
    matched = matched.semi_join(items, "item_id").distinct()
    records = tables[results.RECORDS]
    told = records.select(
        "registry_id",
        "record_id",
        "statement_id",
        "refers_to",
        "duration_event",
        "revocation_notice_days",
        *_MOMENTS,
        revokes=(records.record_type == "revocation") | (records.relation == "revokes"),
        content=content(records),
    )
    return engine.materialise(matched.inner_join(told, ["registry_id", "record_id"]), "about")


def _tied(about: ir.Table, tables: Tables) -> ir.Table:
    """The items with a record that refers, or is referred to by, one that isn't about the item."""
    own = ("item_id", "registry_id")
    named = about.select(*own, name="record_id").union(
        about.select(*own, name="statement_id"), distinct=True
    )
    referring = about.filter(about.refers_to.notnull()).select(*own, name="refers_to")
    outside = referring.anti_join(named, [*own, "name"])
    records = tables[results.RECORDS]
    others = records.filter(records.refers_to.notnull()).select(
        "registry_id", name="refers_to", by="record_id"
    )
    reached = named.inner_join(others, ["registry_id", "name"]).select(*own, record_id="by")
    unknown = reached.anti_join(about, [*own, "record_id"])
    return outside.select("item_id").union(unknown.select("item_id"), distinct=True)


def _said(about: ir.Table, between: Between) -> ir.Table:
    """By item what its records say, and whether a moment of theirs lies between the audits."""
    moments = (between.holds(about[name]) for name in _MOMENTS)
    # The day of an event isn't always known, and notice is counted from another record's day.
    noticed = ibis.coalesce(about.revocation_notice_days > 0, False)
    timed = ibis.or_(*moments, about.duration_event.notnull())
    found = about.group_by("item_id").aggregate(
        said=about.content.collect().unique().sort(),
        timed=timed.max(),
        noticed=noticed.max(),
        revoked=ibis.coalesce(about.revokes, False).max(),
    )
    return found.select("item_id", "said", timed=found.timed | (found.noticed & found.revoked))
