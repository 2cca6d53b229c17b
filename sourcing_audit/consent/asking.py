"""Ask consulted registries about the items of a dataset: which records match, and their answer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sourcing_audit.consent import answer, coverage, placing, questions
from sourcing_audit.consent.kinds import SUBJECT, Readers
from sourcing_audit.consent.matching import Matcher
from sourcing_audit.consent.placing import Placer

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from sourcing_audit.consent.consult import Consulted
    from sourcing_audit.engine import Engine


@dataclass(frozen=True)
class Matched:
    """Which records speak about which items, and what of these items their answer depends on."""

    pairs: ir.Table
    """Columns of `pairing.MATCHES`."""
    items: ir.Table
    """`pos`, and those of `questions.FACTS` and of `coverage.PAGES` that the manifest fills, of
    the items in `pairs` and of others."""
    shown: ir.Table | None = None
    """As `Matcher.shown` gives them; None where the manifest names nobody."""

    def narrowed(self) -> Matched:
        """Only with the items that are in `pairs`, for whoever keeps it."""
        matched = replace(self, items=self.items.semi_join(self.pairs, "pos"))
        if self.shown is None:
            return matched
        return replace(matched, shown=self.shown.semi_join(self.pairs, "pos"))


@dataclass(frozen=True)
class Consent:
    """What the registries say of one dataset's items; all are None where there are none."""

    answers: ir.Table | None = None
    """One row per item that any record speaks about: columns of `answer.ANSWERS`."""
    kinds: ir.Table | None = None
    """The distinct answers: columns of `answer.KINDS`, in the order of their contents."""
    evidence: ir.Table | None = None
    """Every matched record of every item: columns of `resolution.EVIDENCE`, and more. None where
    nothing matched; the other tables have no rows then, but their types."""


def ask(
    engine: Engine,
    consulted: Consulted,
    items: ir.Table,
    sifted: ir.Table,
    columns: frozenset[str],
) -> Consent:
    """Match, weigh and resolve: one answer per item that any record speaks about.

    Args:
        engine: holds the tables.
        consulted: the records.
        items: columns of `schema.ITEMS` and `schema.MEDIA`.
        sifted: `pos` of each, and the columns of a `Sieve` for the records' kinds or more.
        columns: the item columns that the manifest fills.

    """
    return resolve(engine, consulted, match(engine, consulted, items, sifted, columns), columns)


def match(
    engine: Engine,
    consulted: Consulted,
    items: ir.Table,
    sifted: ir.Table,
    columns: frozenset[str],
) -> Matched | None:
    """Find the records that speak about items, as `ask` does; None where there are none."""
    rules = consulted.rules
    matcher = Matcher(
        engine, consulted.queries, consulted.planned, columns, Readers.of(rules), rules
    )
    candidates = matcher.candidates(items, sifted)
    if candidates is None:
        return None
    pairs = matcher.matches(candidates)
    if not engine.arrow(pairs.limit(1)).num_rows:
        return None
    facts = columns.intersection(questions.FACTS).union(columns & coverage.PAGES)
    return Matched(
        pairs=pairs,
        items=engine.named(candidates.items.select("pos", *sorted(facts))),
        shown=matcher.shown(candidates) if SUBJECT.column in columns else None,
    )


def resolve(
    engine: Engine, consulted: Consulted, matched: Matched | None, columns: frozenset[str]
) -> Consent:
    """Weigh the records that speak about items against each other, as `ask` does.

    Args:
        engine: holds the tables.
        consulted: the records.
        matched: as `match` gives it.
        columns: the item columns that the manifest fills.

    """
    if matched is None or not engine.arrow(matched.pairs.limit(1)).num_rows:
        return Consent(answers=engine.empty(answer.ANSWERS), kinds=engine.empty(answer.KINDS))
    queries, standings, classes = consulted.queries, consulted.standings, consulted.classes
    placer = Placer(queries, standings, classes, consulted.records, consulted.rules, columns)
    placed = placer.placed(matched.pairs, matched.items, matched.shown)
    parts = {"alone": placed.alone, "profiles": placed.profiles}
    told = {
        "of_profiles": queries.table(
            "of_profiles", answer.of_profiles, profiles=placed.profiles, classes=classes
        ),
        "of_items": queries.table(
            "of_items", answer.of_items, together=placed.together, classes=classes
        ),
    }
    kinds = queries.table(
        "kinds", answer.kinds, profiles=told["of_profiles"], items=told["of_items"]
    )
    return Consent(
        answers=queries.table(
            "answers", answer.answers, **parts, **told, kinds=kinds, standings=standings
        ),
        kinds=kinds,
        evidence=queries.view(
            "evidence", placing.evidence, **parts, together=placed.together, standings=standings
        ),
    )
