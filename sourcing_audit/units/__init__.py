"""The verdicts on one unit of a dataset: so many of its items as are held at a time.

    items ─► numbers of licence, facts and answer ─► classes ─► verdicts on the classes
               └──────────────────────────────────────────────────┴─► findings, written in order

What a unit leaves are files, and tables that don't grow with its items.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Protocol

import ibis
import pyarrow as pa

from sourcing_audit import consent, results, verdict
from sourcing_audit.engine import smallest
from sourcing_audit.units import tables
from sourcing_audit.units.tables import ALIKE
from sourcing_audit.units.writing import (
    EVIDENCE,
    EVIDENCE_OF_CONSENT,
    EVIDENCE_OF_TEXTS,
    FINDINGS,
    write_evidence,
    write_findings,
    write_texts,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    import ibis.expr.types as ir

    from sourcing_audit.consent import Consent, Consulted, Matched
    from sourcing_audit.engine import Engine
    from sourcing_audit.rules.policy import VerdictLine
    from sourcing_audit.sources.interface import Portion

__all__ = [
    "ALIKE",
    "EVIDENCE_OF_CONSENT",
    "EVIDENCE_OF_TEXTS",
    "FINDINGS",
    "SAMPLES",
    "Finder",
    "Judge",
    "Unit",
]

SAMPLES = 5
"""Positions that are kept of each class."""


class Finder(Protocol):
    """Finds out what verdicts follow from, afresh (a `Judge`) or with what is known of earlier."""

    def prepare(self) -> None:
        """Make what outlives the portion, before anything else is asked."""

    def told(self, portion: Portion) -> ir.Table:
        """See `Judge.told`."""

    def matched(self, portion: Portion, told: ir.Table) -> Matched | None:
        """See `Judge.matched`."""


@dataclass(frozen=True)
class Unit:
    """What is known of a judged unit beside the parts of tables that it left."""

    classes: ir.Table
    """What `verdict.classes` gives, `items` and `first`, the positions of the first of them; and
    numbers from 0 that only count in this unit: `class_no`, and `alike_no` of what is in `ALIKE`.
    """
    groups: ir.Table
    """`alike_no`, `host`, `items` and `first`, the position of the first of them."""
    creators: ir.Table
    """`name`, `outcome` and `items`."""
    matched: ir.Table | None
    """`registry_no`, `record_no`, `registry_id`, `record_id`, `valid_until`, `items` about which
    the record speaks, and `ending`: those for which it is a consent in force."""
    asked: ir.Table | None
    """`registry_no` and `items` about which any of its records speaks."""


@dataclass(frozen=True)
class Judge:
    """What the units of one dataset have in common."""

    engine: Engine
    dataset: str
    shards: Sequence[str]
    """Their names, in order."""
    columns: frozenset[str]
    """The columns of items that aren't NULL throughout."""
    licenses: ir.Table
    """Columns of `schema.LICENSES`, and `license_no`."""
    texts: ir.Table | None
    consulted: Consulted
    lines: Sequence[VerdictLine]
    replicates: bool
    folder: Path
    """Where the parts of tables are left."""
    units: int
    """How many there are."""

    def judge(self, portion: Portion, finder: Finder | None = None) -> Unit:
        """Reach a verdict on each item of a portion.

        Args:
            portion: with the columns of `schema.ITEMS`, `schema.MEDIA` and `schema.DECLARED`.
            finder: finds out what the items say, and which records speak about them; by default
                this judge.

        Raises:
            InputError: an input turns out to be damaged.
            SourcingAuditError: the engine failed.

        """
        engine, finder = self.engine, self if finder is None else finder
        finder.prepare()
        with engine.scope():
            number, shards = portion.number, self._shards(portion.shards)
            items = finder.told(portion)
            answer = self._answer(portion, items, finder)
            numbered = self._numbered(items, answer)
            classes = engine.keep(engine.materialise(self._classes(numbered, answer), "classes"))
            coded = engine.named(
                numbered.inner_join(
                    classes.select(
                        "class_no",
                        "alike_no",
                        *verdict.CLASSES,
                        outcome_no=tables.outcome_no(classes.outcome),
                    ),
                    list(verdict.CLASSES),
                )
            )
            write_findings(engine, coded, classes, self._new(results.FINDINGS, number), shards)
            groups = engine.keep(engine.materialise(tables.groups(coded), "groups"))
            creators = engine.keep(engine.materialise(tables.creators(coded), "creators"))
            if self.texts is not None:
                write_texts(engine, self.texts, items, self._new(results.TEXTS, number), shards)
            if answer.evidence is None:
                return Unit(classes, groups, creators, None, None)
            evidence = answer.evidence
            write_evidence(engine, evidence, items, self._new(results.CONSENT, number), shards)
            matched = engine.keep(engine.materialise(tables.matched(evidence), "matched"))
            asked = engine.keep(engine.materialise(tables.asked(evidence), "asked"))
            return Unit(classes, groups, creators, matched, asked)

    def part(self, table: str, number: int) -> Path:
        """Where the part of a table that a unit leaves is."""
        return results.part(self.folder, table, number, self.units)

    def _new(self, table: str, number: int) -> Path:
        path = self.part(table, number)
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def prepare(self) -> None:
        """See `Finder.prepare`: plan the joins that every portion's items are matched by."""
        _ = self.consulted.planned

    def told(self, portion: Portion, kinds: Collection[str] | None = None) -> ir.Table:
        """What a portion's items say, whatever the registries do: one row each.

        Args:
            portion: as `judge` takes it.
            kinds: what records may be matched with; by default what those are that there are.

        Returns:
            `pos`, `item_id`, `creator`, `license_no`, `facts`; and the columns of a
            `consent.Sieve`, where there are registries. Where these tell no hosts, `host`.

        """
        sieve = None
        if self.consulted.exports:
            found = self.consulted.planned.kinds if kinds is None else kinds
            sieve = consent.Sieve.of(self.consulted.rules, self.columns, found)
        return self.consulted.queries.table(
            "told",
            partial(tables.told, self.columns, sieve),
            items=portion.items,
            licenses=self.licenses,
        )

    def matched(
        self, portion: Portion, told: ir.Table, consulted: Consulted | None = None
    ) -> Matched | None:
        """The records that speak about a portion's items; None where there are none.

        Args:
            portion: as `judge` takes it.
            told: what its items say, for the kinds of all these records.
            consulted: the records; by default all that there are.

        """
        known = self.consulted if consulted is None else consulted
        return consent.match(self.engine, known, portion.items, told, self.columns)

    def _answer(self, portion: Portion, told: ir.Table, finder: Finder) -> Consent:
        """What the registries say; the tables that it took are dropped again."""
        if not self.consulted.exports:
            return consent.Consent()
        engine = self.engine
        with engine.scope():
            matched = finder.matched(portion, told)
            found = consent.resolve(engine, self.consulted, matched, self.columns)
            evidence = found.evidence
            if evidence is not None:
                evidence = engine.materialise(evidence.select(*EVIDENCE), "evidence")
            kept = (found.answers, found.kinds, evidence)
            return consent.Consent(*(None if t is None else engine.keep(t) for t in kept))

    def _numbered(self, told: ir.Table, answer: Consent) -> ir.Table:
        """Each item with the numbers that decide its verdict, and what is written of it."""
        none = ibis.literal(verdict.NO_ANSWER, "int64")
        host = told.host if "host" in told.columns else consent.sieve.host(told)
        told = told.select("pos", "item_id", "license_no", "creator", "facts", host=host)
        if answer.answers is None:
            return told.mutate(answer_no=none, consent_record=ibis.null("string"))
        table = told.left_join(answer.answers, "pos").drop("pos_right")
        return self.engine.named(table.mutate(answer_no=ibis.coalesce(table.answer_no, none)))

    def _classes(self, numbered: ir.Table, answer: Consent) -> ir.Table:
        found = numbered.group_by(list(verdict.CLASSES)).aggregate(
            items=numbered.count(), first=smallest(numbered.pos, SAMPLES)
        )
        found = self.engine.materialise(found, "found")
        known = {"found": found, "licenses": self.licenses}
        if answer.kinds is not None:
            known["kinds"] = answer.kinds
        judged = self.consulted.queries.view(
            "judged", partial(tables.judged, tuple(self.lines), self.replicates), **known
        )
        return judged.mutate(dataset=ibis.literal(self.dataset))

    def _shards(self, places: range) -> ir.Table:
        """`shard_no` and name of the shards of a portion."""
        names = [self.shards[place] for place in places]
        columns = {"shard_no": pa.array(places, pa.int64()), "shard": pa.array(names, pa.string())}
        return self.engine.from_arrow("shards", pa.table(columns))
