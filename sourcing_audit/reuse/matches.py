"""What a portion's verdicts follow from, found out with what an earlier audit has kept of it.

items            what its items say, for any registry's records
matched          what an audit's records are matched with, by number
matches-PORTION  which of them speak about the portion's items, and what placing them asks of
                 these items; known by the entry of `matched` that the numbers are of
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import TYPE_CHECKING

from sourcing_audit import consent
from sourcing_audit.state import key

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import ibis.expr.types as ir

    from sourcing_audit.consent import Again, Consulted, Matched
    from sourcing_audit.engine import Engine
    from sourcing_audit.sources.interface import Portion
    from sourcing_audit.state import State
    from sourcing_audit.units import Judge

_ITEMS = "items"
_RECORDS = "matched"


@dataclass(frozen=True)
class Earlier:
    """What an earlier audit found of a portion."""

    known: str
    """The entry of the records that it matched."""
    again: Again
    matched: Matched | None


@dataclass(frozen=True)
class Matches:
    """Which records speak about the portions of one dataset."""

    engine: Engine
    state: State
    consulted: Consulted
    _compared: dict[str, Again | None] = field(default_factory=dict)

    def earlier(self, portion: str) -> Earlier | None:
        """What an earlier audit found of a portion; None where it isn't there.

        What it takes to match the portion now is made here, once for all of them: what is made
        while one is judged is dropped after it.
        """
        kind, folder = _kind(portion), self.engine.new_folder()
        known = self.state.latest(kind)
        again = None if known is None else self._again(known)
        if known is None or again is None or not self.state.recall(kind, known, folder):
            _ = self.consulted.planned
            return None
        return Earlier(known, again, self._read(folder))

    def matched(
        self,
        portion: str,
        earlier: Earlier | None,
        find: Callable[[Consulted], Matched | None],
    ) -> Matched | None:
        """What records speak about a portion's items, kept for the next audit.

        Args:
            portion: the key of all that its items' matches follow from, but for the records.
            earlier: of this portion.
            find: matches its items with the records that are planned.

        """
        if earlier is None:
            found = find(self.consulted)
        else:
            found = earlier.again.matched(earlier.matched, find(earlier.again.new))
            if earlier.known == self._known:
                return found
            self.state.replaced(_kind(portion), earlier.known)
        self._keep(portion, found)
        return found

    def needed(self, portion: str) -> None:
        """Keep what an earlier audit left of a portion, of which nothing was asked now."""
        known = self.state.latest(_kind(portion))
        if known is not None:
            self.state.needed(_kind(portion), known)
            self.state.needed(_RECORDS, known)

    def _again(self, known: str) -> Again | None:
        if known not in self._compared:
            folder, again = self.engine.new_folder(), None
            if self.state.recall(_RECORDS, known, folder):
                before = self.engine.read_parquet([folder / "records.parquet"])
                again = consent.Again.of(self.engine, self.consulted, before)
                _ = again.new.planned
            self._compared[known] = again
        return self._compared[known]

    def _keep(self, portion: str, found: Matched | None) -> None:
        if not self.state.has(_RECORDS, self._known):
            with self.state.remember(_RECORDS, self._known) as folder:
                self.engine.write_parquet(self._records, folder / "records.parquet")
        self.state.needed(_RECORDS, self._known)
        with self.state.remember(_kind(portion), self._known) as folder:
            if found is None:
                return
            found = found.narrowed()
            self.engine.write_parquet(found.pairs, folder / "pairs.parquet")
            self.engine.write_parquet(found.items, folder / "items.parquet")
            if found.shown is not None:
                self.engine.write_parquet(found.shown, folder / "shown.parquet")

    def _read(self, folder: Path) -> Matched | None:
        def table(name: str) -> ir.Table | None:
            path = folder / f"{name}.parquet"
            return self.engine.read_parquet([path]) if path.is_file() else None

        pairs, items = table("pairs"), table("items")
        if pairs is None or items is None:
            return None
        return consent.Matched(pairs, items, table("shown"))

    @cached_property
    def _records(self) -> ir.Table:
        return consent.compared(self.engine, self.consulted)

    @cached_property
    def _known(self) -> str:
        return key(self.engine.digest(self._records))


@dataclass
class Finding:
    """A `units.Finder` of one portion."""

    matches: Matches
    judge: Judge
    portion: str
    """The key of all that its items' sayings and matches follow from, but for the records."""
    _earlier: Earlier | None = None

    def prepare(self) -> None:
        """See `Matches.earlier`."""
        self._earlier = self.matches.earlier(self.portion)

    def told(self, portion: Portion) -> ir.Table:
        """What the items say: kept of an earlier audit, or found out and kept."""
        engine, state = self.matches.engine, self.matches.state
        folder = engine.new_folder()
        if state.recall(_ITEMS, self.portion, folder):
            return engine.read_parquet([folder / "items.parquet"])
        told = self.judge.told(portion, consent.sieve.EVERY_KIND)
        with state.remember(_ITEMS, self.portion) as new:
            engine.write_parquet(told, new / "items.parquet")
        return told

    def matched(self, portion: Portion, told: ir.Table) -> Matched | None:
        """The records that speak about the items: only what records are new is matched."""
        find = partial(self.judge.matched, portion, told)
        return self.matches.matched(self.portion, self._earlier, find)

    def needed(self) -> None:
        """Keep what is there of the portion, of which nothing is asked now."""
        self.matches.state.needed(_ITEMS, self.portion)
        self.matches.needed(self.portion)


def _kind(portion: str) -> str:
    return f"matches-{portion[:16]}"
