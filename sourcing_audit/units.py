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

from sourcing_audit import consent, places, results, schema, verdict
from sourcing_audit.engine import smallest
from sourcing_audit.model import Outcome
from sourcing_audit.sources.interface import STRIDE

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    import ibis.expr.types as ir

    from sourcing_audit.consent import Consent, Consulted, Matched
    from sourcing_audit.engine import Engine
    from sourcing_audit.rules.policy import VerdictLine
    from sourcing_audit.sources.interface import Portion

SAMPLES = 5
"""Positions that are kept of each class."""

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

ALIKE = ("outcome", "status", "license_concluded", "reasons", "obligations")
"""What items of one host must agree in to be one group."""

_EVIDENCE = (*consent.EVIDENCE, "registry_no", "registry_id", "record_id", "valid_until")
_REPEATING = ("registry_id", "key", "agrees", "distance", "standing", "place", "rule")
_SOUGHT = ("item_id", "shard", "row", "status", "outcome", "record_id")
"""What readers of findings and evidence look for rows by."""
_ADDRESSES = ("source_url", "landing_url")
_ENDING = ("agreement", "consent_complete", "consent_incomplete")
_IN_FORCE = ("decides", "stands", "person")


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
                        outcome_no=_outcome_no(classes.outcome),
                    ),
                    list(verdict.CLASSES),
                )
            )
            self._write_findings(coded, classes, self._new(results.FINDINGS, number), shards)
            groups = engine.keep(engine.materialise(_groups(coded), "groups"))
            creators = engine.keep(engine.materialise(_creators(coded), "creators"))
            if self.texts is not None:
                places = _places(items, shards)
                self._write_texts(self.texts, places, self._new(results.TEXTS, number))
            if answer.evidence is None:
                return Unit(classes, groups, creators, None, None)
            evidence = answer.evidence
            self._write_evidence(items, evidence, self._new(results.CONSENT, number), shards)
            matched = engine.keep(engine.materialise(_matched(evidence), "matched"))
            asked = engine.keep(engine.materialise(_asked(evidence), "asked"))
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
            partial(_told, self.columns, sieve),
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
                evidence = engine.materialise(evidence.select(*_EVIDENCE), "evidence")
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
        tables = {"found": found, "licenses": self.licenses}
        if answer.kinds is not None:
            tables["kinds"] = answer.kinds
        judged = self.consulted.queries.view(
            "judged", partial(_judged, tuple(self.lines), self.replicates), **tables
        )
        return judged.mutate(dataset=ibis.literal(self.dataset))

    def _write_findings(
        self, coded: ir.Table, classes: ir.Table, path: Path, shards: ir.Table
    ) -> None:
        rows, shards = _placed(coded, shards)
        own = {"item_id", "row", "shard", "consent_record"}
        self.engine.write_coded(
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

    def _shards(self, places: range) -> ir.Table:
        """`shard_no` and name of the shards of a portion."""
        names = [self.shards[place] for place in places]
        columns = {"shard_no": pa.array(places, pa.int64()), "shard": pa.array(names, pa.string())}
        return self.engine.from_arrow("shards", pa.table(columns))

    def _write_texts(self, texts: ir.Table, places: ir.Table, path: Path) -> None:
        joined = texts.inner_join(places, "pos").order_by("pos")
        self.engine.write_parquet(joined.select(*EVIDENCE_OF_TEXTS), path)

    def _write_evidence(
        self, items: ir.Table, evidence: ir.Table, path: Path, shards: ir.Table
    ) -> None:
        rows, shards = _placed(evidence.inner_join(items.select("pos", "item_id"), "pos"), shards)
        self.engine.write_coded(
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


def _told(
    columns: frozenset[str],
    sieve: consent.Sieve | None,
    items: ir.Table,
    licenses: ir.Table,
) -> ir.Table:
    """See `Judge.told`."""
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


def _judged(
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


def _places(items: ir.Table, shards: ir.Table) -> ir.Table:
    """By `pos`: `item_id`, `shard` and `row`."""
    table = items.select("pos", "item_id", shard_no=items.pos // STRIDE, row=items.pos % STRIDE)
    return table.inner_join(shards, "shard_no").drop("shard_no")


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


def _groups(coded: ir.Table) -> ir.Table:
    """Items that are alike, by host: as numbers, for which there is what they mean."""
    return coded.group_by(["alike_no", "host"]).aggregate(
        items=coded.count(), first=coded.pos.min()
    )


def _creators(coded: ir.Table) -> ir.Table:
    """Items by creator and outcome."""
    known = coded.filter(coded.creator.notnull())
    counted = known.group_by(name="creator", outcome_no="outcome_no").aggregate(items=known.count())
    return counted.select("name", "items", outcome=_outcome(counted.outcome_no))


def _outcome_no(outcome: ir.StringValue) -> ir.IntegerValue:
    """A small number, which is cheaper to group many items by."""
    return ibis.cases(*((outcome == str(each), place) for place, each in enumerate(Outcome)))


def _outcome(number: ir.IntegerValue) -> ir.StringValue:
    """What `_outcome_no` made a number of."""
    return ibis.cases(*((number == place, str(each)) for place, each in enumerate(Outcome)))


def _matched(evidence: ir.Table) -> ir.Table:
    ending = evidence.standing.isin(_ENDING) & evidence.place.isin(_IN_FORCE)
    return evidence.group_by(
        ["registry_no", "record_no", "registry_id", "record_id", "valid_until"]
    ).aggregate(items=evidence.count(), ending=evidence.count(where=ending))


def _asked(evidence: ir.Table) -> ir.Table:
    return evidence.group_by("registry_no").aggregate(items=evidence.pos.nunique())
