"""What of an audit an earlier one has found out already, and under which key it is kept.

    texts       what licence texts state: by their digests, rules and the version of ScanCode
    licenses    conclusions on what a portion of the items declares: they depend on its shards
                and rows, on mapping, rules and use, and on the dataset's documents
    items       what a portion's items say, as `Judge.told` gives it, for any registry's records:
                that depends on the same
    matches     which records speak about a portion's items: see `reuse.matches`
    units       a portion's verdicts, evidence and counts: on all of that and on the registries

The day of the audit isn't part of a key: where it changes no record's standing, it changes no
verdict. Results are the same bytes with and without.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import ibis

from sourcing_audit import licensing, results, schema
from sourcing_audit.registries import normalise
from sourcing_audit.reuse.matches import Finding, Matches
from sourcing_audit.state import key, made_by
from sourcing_audit.units import Unit

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    import ibis.expr.types as ir

    from sourcing_audit.consent import Consulted
    from sourcing_audit.engine import Engine
    from sourcing_audit.model import ShardInfo
    from sourcing_audit.sources import Ingested
    from sourcing_audit.sources.interface import Portion
    from sourcing_audit.state import State
    from sourcing_audit.units import Judge

_TABLES = ("classes", "groups", "creators", "matched", "asked")
_PARTS = (results.FINDINGS, results.TEXTS, results.CONSENT)


@dataclass(frozen=True)
class Known:
    """The keys under which a dataset's audit is kept, but for a portion's own shards."""

    units: str
    """Of everything that verdicts depend on."""
    items: str | None = None
    """Of everything that the items' own sayings do; None where they aren't kept."""
    matches: Matches | None = None
    """What else is kept of items, where these are."""


@dataclass(frozen=True)
class Reuse:
    """The state of one dataset's audit; without one nothing is kept."""

    engine: Engine
    state: State | None
    base: str
    """The key of everything that decides what items say, but for their shards."""
    shards: Sequence[ShardInfo]

    @classmethod
    def of(
        cls,
        engine: Engine,
        state: State | None,
        ingested: Ingested,
        columns: frozenset[str],
        rules_digest: str,
        *,
        from_files: bool,
    ) -> Reuse:
        """What can be used again of a dataset.

        Args:
            engine: holds the tables.
            state: where it is kept.
            ingested: the dataset.
            columns: those that its items have.
            rules_digest: of all rules.
            from_files: its media files were read; they may have changed without notice, so
                nothing of the dataset is used again.

        """
        fields = [(one.field, one.template) for one in ingested.mapping]
        base = key(made_by(), rules_digest, fields, sorted(columns))
        return cls(engine, None if from_files else state, base, ingested.shards)

    def texts(self, distinct: ir.Table, detect: Callable[[ir.Table], ir.Table]) -> ir.Table:
        """What distinct licence texts state; only those that weren't read before are read.

        Args:
            distinct: `text_sha256` and `pos`.
            detect: reads some of them.

        Returns:
            Columns of `schema.TEXTS`.

        """
        if self.state is None:
            return detect(distinct)
        kind = f"texts-{key(self.base)[:16]}"
        kept = (self._recalled(kind, name) for name in self.state.names(kind))
        tables = [self._table(folder, "texts") for folder in kept if folder is not None]
        known = ibis.union(*tables) if tables else None
        new = distinct if known is None else distinct.anti_join(known, "text_sha256")
        new = self.engine.materialise(new, "new_texts")
        if self.engine.arrow(new.limit(1)).num_rows:
            read = detect(new)
            with self.state.remember(kind, key(self.engine.digest(new))) as folder:
                self.engine.write_parquet(read, folder / "texts.parquet")
            known = read if known is None else known.union(read)
        if known is None:
            return detect(distinct)
        return known.select(*schema.TEXTS).semi_join(distinct, "text_sha256")

    def licenses(
        self,
        portions: Sequence[Portion],
        stated: Callable[[Portion], ir.Table],
        conclude: Callable[[ir.Table], ir.Table],
        decided_by: Sequence[Any],
    ) -> ir.Table:
        """Conclusions on what all portions declare; each set of statements is concluded on once.

        Args:
            portions: of the dataset.
            stated: the distinct statements of one, as `licensing.statements` gives them.
            conclude: concludes on some, as `licensing.conclude` does.
            decided_by: what else the conclusions depend on.

        Returns:
            Columns of `licensing.NUMBERED`, with a row for each set.

        """
        if self.state is None:
            return conclude(ibis.union(*map(stated, portions), distinct=len(portions) > 1))
        found: ir.Table | None = None
        for portion in portions:
            known = self._known(portion, key(self.base, *decided_by))
            folder = None if known is None else self._recalled("licenses", known)
            if folder is not None:
                own = self._table(folder, "licenses").select(*licensing.NUMBERED)
            else:
                own = self._concluded(stated(portion), found, conclude)
                if known is not None:
                    with self.state.remember("licenses", known) as new:
                        self.engine.write_parquet(own, new / "licenses.parquet")
            both = own if found is None else found.union(own, distinct=True)
            found = self.engine.materialise(both, "licenses")
        if found is None:
            raise AssertionError("a dataset has at least one portion")
        return found

    def _concluded(
        self, stated: ir.Table, found: ir.Table | None, conclude: Callable[[ir.Table], ir.Table]
    ) -> ir.Table:
        """Conclusions on some statements, those included that were found before."""
        stated = self.engine.materialise(stated, "stated")
        if found is None:
            return conclude(stated)
        same = [stated[name].identical_to(found[name]) for name in schema.DECLARED]
        new = conclude(stated.anti_join(found, same))
        again = [found[name].identical_to(stated[name]) for name in schema.DECLARED]
        return found.semi_join(stated, again).union(new)

    def judge(self, how: Judge, portion: Portion, known: Known | None) -> Unit:
        """Judge a portion, or take up what an earlier audit left of it.

        Args:
            how: judges.
            portion: as `how` takes it.
            known: the keys of `verdicts`; None to judge in any case.

        """
        mine = None if known is None else self._known(portion, known.units)
        if self.state is None or known is None or mine is None:
            return how.judge(portion)
        finder = None
        if known.matches is not None and known.items is not None:
            items = self._known(portion, known.items)
            finder = None if items is None else Finding(known.matches, how, items)
        kept = self._recalled("units", mine)
        if kept is not None:
            if finder is not None:
                finder.needed()
            return self._restored(kept, how, portion.number)
        judged = how.judge(portion, finder)
        with self.state.remember("units", mine) as folder:
            self._save(judged, how, portion.number, folder)
        return judged

    def verdicts(self, consulted: Consulted, decided_by: Sequence[Any]) -> Known | None:
        """The keys of what verdicts follow from, but for the portion's own shards."""
        if self.state is None:
            return None
        if not consulted.exports:
            return Known(key(self.base, *decided_by, []))
        given = [(one.name, one.path, one.format, one.sha256) for one in consulted.exports]
        keys = consulted.records.select("record_no", *normalise.KEYS)
        registries = [given, *map(self.engine.digest, (consulted.standings, keys))]
        units = key(self.base, *decided_by, registries)
        if self.engine.spreads:
            # Numbers of texts are those of the engine that made them.
            return Known(units)
        matches = Matches(self.engine, self.state, consulted)
        return Known(units, key(self.base, *decided_by, "items"), matches)

    def _save(self, unit: Unit, how: Judge, number: int, folder: Path) -> None:
        for table in _PARTS:
            part = how.part(table, number)
            if part.is_file():
                shutil.copyfile(part, folder / _flat(table))
        for name in _TABLES:
            table = getattr(unit, name)
            if table is not None:
                self.engine.write_parquet(table, folder / f"{name}.parquet")

    def _restored(self, kept: Path, how: Judge, number: int) -> Unit:
        for table in _PARTS:
            if (kept / _flat(table)).is_file():
                target = how.part(table, number)
                target.parent.mkdir(parents=True, exist_ok=True)
                (kept / _flat(table)).rename(target)
        there = {
            name: self._table(kept, name) if (kept / f"{name}.parquet").is_file() else None
            for name in _TABLES
        }
        return Unit(**there)

    def _recalled(self, kind: str, known: str) -> Path | None:
        """The files of an entry, in a folder of this audit; None where it isn't there."""
        folder = self.engine.new_folder()
        if self.state is None or not self.state.recall(kind, known, folder):
            return None
        return folder

    def _known(self, portion: Portion, base: str) -> str | None:
        """The key of a portion; None where its shards' content isn't known beforehand."""
        shards = [self.shards[number] for number in portion.shards]
        if any(shard.sha256 is None and shard.version is None for shard in shards):
            return None
        # Positions count from the first shard of the dataset.
        content = [
            (s.name, s.format, s.size, s.sha256, s.version, s.items, s.quarantined) for s in shards
        ]
        rows = portion.rows and (portion.rows.start, portion.rows.stop)
        return key(base, portion.shards.start, content, rows)

    def _table(self, folder: Path, name: str) -> ir.Table:
        return self.engine.read_parquet([folder / f"{name}.parquet"])


def _flat(table: str) -> str:
    """What a unit's part of a table is called in its entry."""
    return table.replace("/", "-")
