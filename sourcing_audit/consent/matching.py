"""Which records speak about which items (rule P1): equality joins in the engine, kind by kind.

What the sieve made of all items finds the candidates, those with any key that any record may have;
everything after it looks at candidates only, by the keys themselves. Only the joins that the
manifest's columns and the registry's kinds make possible are planned. A refusal is found by its
wide key; a permission must agree on the exact key as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING

from sourcing_audit import places
from sourcing_audit.consent import near, questions
from sourcing_audit.consent.kinds import SUBJECT, odd
from sourcing_audit.consent.questions import Questions, forms_of, numbers_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    import ibis.expr.types as ir

    from sourcing_audit.addresses import Address
    from sourcing_audit.consent.kinds import Readers
    from sourcing_audit.consent.planning import PlannedRecords
    from sourcing_audit.engine import Engine, Queries
    from sourcing_audit.rules.consent import ConsentRules


@dataclass(frozen=True)
class Candidates:
    """The items that any record may speak about."""

    items: ir.Table
    """`pos`, the key columns that the manifest fills, and `FACTS`. For each column whose values
    may have to be read, a column that says whether they do, named as `kinds.odd` does."""
    alike: ir.Table | None
    """Pairs that are merely alike: `pos`, `record_no`, `key` and `distance`."""
    forms: Mapping[str, ir.Table]
    """By column of ids or names: what the odd values of all items are read as."""


@dataclass(frozen=True)
class Matcher:
    """Finds the records that speak about the items of one dataset."""

    engine: Engine
    queries: Queries
    records: PlannedRecords
    columns: frozenset[str]
    """The item columns that the manifest fills."""
    readers: Readers
    rules: ConsentRules

    def candidates(self, items: ir.Table, sifted: ir.Table) -> Candidates | None:
        """Find the items that any record may speak about; None when nothing can match.

        Args:
            items: columns of `schema.ITEMS` and `schema.MEDIA`.
            sifted: `pos` of each, and the columns of a `Sieve` for the records' kinds or more.

        """
        alike = self._alike(items)
        if alike is None and not self._asked.keys and not self._asked.urls:
            return None
        forms = {
            key.column: self.forms(sifted, key.column, self.readers.identities.forms(key.about))
            for key in self._asked.keys
            if key.about is not None
        }
        tables = {"sifted": sifted, **self._known}
        tables |= {forms_of(column): table for column, table in forms.items()}
        if alike is not None:
            tables["alike"] = alike
        if self._asked.places:
            hosts = self.queries.table("hosts", self._asked.hosts, sifted=sifted, **self._known)
            tables["hosts"] = hosts
        passed = self.queries.table("passed", self._asked.passed, **tables)
        found = self.queries.table("candidates", self._asked.wide, items=items, passed=passed)
        if self._asked.places and self.records.starts is not None:
            found = self.queries.table(
                "beside", self._asked.beside, items=found, starts=self.records.starts
            )
        return Candidates(found, alike, forms)

    def matches(self, candidates: Candidates) -> ir.Table:
        """Pairs of item and record, each once: the columns of `pairing.MATCHES`."""
        items = candidates.items
        tables = {"items": items, **self._known}
        if candidates.alike is not None:
            tables["alike"] = candidates.alike
        for column, forms in candidates.forms.items():
            tables[forms_of(column)] = forms
        for column in self._asked.urls:
            tables[forms_of(column)] = self.forms(items, column, self.readers.addresses.read_all)
        return self.queries.table("matches", self._asked.matches, **tables)

    def shown(self, candidates: Candidates) -> ir.Table:
        """`pos` and `subject` of candidates: the keys of the persons shown or heard."""
        items, forms = candidates.items, candidates.forms.get(SUBJECT.column)
        if forms is None:
            forms = self.forms(items, SUBJECT.column, self.readers.identities.forms("person"))
        return self.queries.table("shown", questions.shown, items=items, forms=forms)

    def forms(
        self, items: ir.Table, column: str, reader: Callable[[str], Iterable[Address]]
    ) -> ir.Table:
        """What the odd values of a column are read as, each distinct one once.

        Args:
            items: with the column, and with one that says which of its values are odd; or with
                the odd ones, named as `kinds.odd` does.
            column: its name.
            reader: reads one.

        """
        marked = items.schema()[odd(column)].is_boolean()
        build = questions.odd_texts if marked else questions.texts
        texts = self.queries.view("odd_texts", partial(build, column), items=items)
        return places.read(self.engine, texts, reader)

    def _alike(self, items: ir.Table) -> ir.Table | None:
        if self.records.alike is None:
            return None
        columns = [column for column in near.COLUMNS if column in self.columns]
        found = near.matches(
            self.engine,
            items.select("pos", *columns),
            self.records.alike,
            self.rules.near,
            columns,
        )
        return None if found is None else self.engine.materialise(found, "alike")

    @cached_property
    def _asked(self) -> Questions:
        """What is asked."""
        records = self.records
        return Questions(
            columns=self.columns,
            kinds=records.kinds,
            domain_labels=records.domain_labels,
            path_depths=records.path_depths,
            account_depths=records.account_depths,
        )

    @cached_property
    def _known(self) -> dict[str, ir.Table]:
        """The records, by the names that queries give them."""
        records = self.records
        found = {f"of_{kind}": table for kind, table in records.of_kind.items()}
        found |= {numbers_of(kind): table for kind, table in records.numbers.items()}
        more = {"below": records.below, "starts": records.starts}
        return found | {name: table for name, table in more.items() if table is not None}
