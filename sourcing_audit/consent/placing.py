"""Every record about an item gets its place: once for all items alike, where it is alone there.

Most items are known by one record. What places it is its class and a few facts about the item, so
each distinct combination of these is placed once. Where several records are about an item, they
are placed among each other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import ibis

from sourcing_audit.consent import coverage, native, resolution
from sourcing_audit.consent.classes import PLACING
from sourcing_audit.consent.pairing import MATCHES
from sourcing_audit.consent.peers import Several, Single, Strangers

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from sourcing_audit.engine import Queries
    from sourcing_audit.rules.consent import ConsentRules

_MOMENTS = ("declared_at", "granted_from", "valid_until")
"""What the day on which an item was acquired is compared with."""


@dataclass(frozen=True)
class Placed:
    """The records about items in their places."""

    alone: ir.Table
    """Each item's only record: columns of `pairing.MATCHES`, and `profile_no`."""
    profiles: ir.Table
    """What there is of only records: `profile_no`, `class_no`, and columns of
    `resolution.PLACED`."""
    together: ir.Table
    """The records of the other items: columns of `pairing.MATCHES`, `class_no`, and columns of
    `resolution.PLACED`."""


@dataclass(frozen=True)
class Placer:
    """Places the records that speak about the items of one dataset."""

    queries: Queries
    standings: ir.Table
    """Weighed records with their classes, as `classes.classed` gives them."""
    classes: ir.Table
    records: ir.Table
    """The same records with their keys, as `normalise.with_keys` gives them."""
    rules: ConsentRules
    columns: frozenset[str]
    """The item columns that the manifest fills."""

    def placed(self, pairs: ir.Table, items: ir.Table, shown: ir.Table | None) -> Placed:
        """Give every record about an item its place.

        Args:
            pairs: columns of `pairing.MATCHES`, materialised.
            items: the candidates.
            shown: as `Matcher.shown` gives them; None where the manifest names nobody.

        """
        tables = {"pairs": pairs, "standings": self.standings, "items": items}
        if shown is not None:
            tables["shown"] = shown
        if self.columns >= coverage.PAGES:
            tables["records"] = self.records
        placing = Placing(self.rules, self.columns)
        situated = self.queries.table("situated", placing.situated, **tables)
        several = self.queries.table("several", _several, pairs=pairs)
        profiles = self.queries.table(
            "profiles",
            placing.profiles,
            situated=situated,
            several=several,
            classes=self.classes,
            standings=self.standings,
        )
        alone = self.queries.table(
            "alone", _alone, situated=situated, several=several, profiles=profiles
        )
        related = self.queries.table(
            "related",
            placing.related,
            situated=situated,
            several=several,
            standings=self.standings,
        )
        together = self.queries.table(
            "together",
            placing.together,
            situated=situated,
            several=several,
            related=related,
            standings=self.standings,
        )
        return Placed(alone, profiles, together)


@dataclass(frozen=True)
class Placing:
    """What is asked to place records, as expressions."""

    rules: ConsentRules
    columns: frozenset[str]
    """The item columns that the manifest fills."""

    def situated(
        self,
        pairs: ir.Table,
        standings: ir.Table,
        items: ir.Table,
        shown: ir.Table | None = None,
        records: ir.Table | None = None,
    ) -> ir.Table:
        """Pairs with the class of the record, and what of the item decides its place."""
        columns = self.columns
        found = ["key", "agrees", "distance", "class_no"]
        said: list[str] = []
        if "acquired_at" in columns:
            said += _MOMENTS
        if "media_type" in columns:
            found.append("media_type")
        if shown is not None:
            said.append("declarant")
        table = pairs.inner_join(standings.select("record_no", "class_no", *said), "record_no")
        facts = columns & {"acquired_at", "media_type"}
        if records is not None:
            table = table.inner_join(records.select("record_no", "exact"), "record_no")
            facts |= coverage.PAGES
        if facts:
            table = table.inner_join(items.select("pos", *sorted(facts)), "pos")
        if "acquired_at" in columns:
            since = resolution.since_acquired(table)
            table = table.mutate(**since)
            found += since
        if records is not None:
            table = table.mutate(elsewhere=coverage.elsewhere(table))
            found.append("elsewhere")
        if shown is not None:
            there = shown.rename(shown_at="pos")
            same = [table.pos == there.shown_at, table.declarant == there.subject]
            table = table.left_join(there, same)
            table = table.mutate(same_person=table.shown_at.notnull())
            found.append("same_person")
        return table.select("pos", "record_no", *found)

    def profiles(
        self, situated: ir.Table, several: ir.Table, classes: ir.Table, standings: ir.Table
    ) -> ir.Table:
        """What there is of only records, each once, in its place."""
        alone = situated.anti_join(several, "pos")
        told = [name for name in situated.columns if name not in {"pos", "record_no"}]
        profiles = alone.select(*told).distinct()
        profiles = profiles.mutate(profile_no=ibis.row_number().over(order_by=told))
        table = profiles.inner_join(classes.select("class_no", *PLACING), "class_no")
        # What only matters among several records.
        others = {
            name: ibis.null(kind)
            for name, kind in standings.schema().items()
            if name in resolution.WEIGHED and name not in table.columns
        }
        placed = self._in_place(table.mutate(**others), Single())
        rest = [name for name in resolution.PLACED if name not in told]
        return placed.select("profile_no", *told, *rest)

    def related(self, situated: ir.Table, several: ir.Table, standings: ir.Table) -> ir.Table:
        """The items with several records that aren't strangers to each other; see `peers`."""
        lifts = ibis.coalesce(standings.lifts, ibis.literal(value=True))
        bound = native.ranked(standings, self.rules) | lifts
        said = standings.select("record_no", "declarant", bound=bound)
        found = situated.select("pos", "record_no").semi_join(several, "pos")
        found = found.inner_join(said, "record_no")
        counted = found.group_by("pos").aggregate(
            # Records without a declarant are of one, too.
            akin=found.declarant.nunique() < found.count(),
            bound=found.bound.max(),
        )
        return counted.filter(counted.akin | counted.bound).select("pos")

    def together(
        self, situated: ir.Table, several: ir.Table, related: ir.Table, standings: ir.Table
    ) -> ir.Table:
        """The records of items that several are about, in their places."""
        said = [n for n in resolution.WEIGHED if n == "record_no" or n not in situated.columns]
        weighed = standings.select(*said)
        strangers = situated.semi_join(several.anti_join(related, "pos"), "pos")
        parts = [(situated.semi_join(related, "pos"), Several()), (strangers, Strangers())]
        return ibis.union(
            *(
                self._in_place(rows.inner_join(weighed, "record_no"), peers).select(
                    *MATCHES, "class_no", *resolution.PLACED
                )
                for rows, peers in parts
            )
        )

    def _in_place(self, table: ir.Table, peers: Single | Several) -> ir.Table:
        unsaid = {
            "media_type": ibis.null("string"),
            **dict.fromkeys(
                ("declared_since", "held_then", "same_person", "elsewhere"),
                ibis.literal(value=False),
            ),
        }
        return resolution.placed(
            table.mutate(**{n: v for n, v in unsaid.items() if n not in table.columns}),
            self.rules,
            peers,
        )


def _several(pairs: ir.Table) -> ir.Table:
    counted = pairs.group_by("pos").aggregate(n=pairs.count())
    return counted.filter(counted.n > 1).select("pos")


def _alone(situated: ir.Table, several: ir.Table, profiles: ir.Table) -> ir.Table:
    alone = situated.anti_join(several, "pos")
    told = [name for name in situated.columns if name not in {"pos", "record_no"}]
    there = profiles.select("profile_no", **{f"of_{name}": profiles[name] for name in told})
    joined = alone.inner_join(there, [alone[n].identical_to(there[f"of_{n}"]) for n in told])
    return joined.select(*MATCHES, "profile_no")


def evidence(
    alone: ir.Table, profiles: ir.Table, together: ir.Table, standings: ir.Table
) -> ir.Table:
    """Every matched record of every item: columns of `resolution.EVIDENCE` and of the record."""
    told = ("standing", "place", "rule", "instead")
    own = profiles.select("profile_no", *told)
    single = alone.inner_join(own, "profile_no").select(*MATCHES, *told)
    table = single.union(together.select(*MATCHES, *told))
    table = table.inner_join(standings.drop("standing"), "record_no")
    return table.mutate(reasons=resolution.reasons(table))
