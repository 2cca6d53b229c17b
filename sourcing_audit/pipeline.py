"""The audit of one dataset, from its files to a verdict on every item.

    ingest ─► licences ─┐
                        ├─► verdict
    registries ─► consent

All tables are lazy expressions in the engine; Python sees distinct declared values and nothing
else of the items.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import ibis

from sourcing_audit import consent, documents, licensing, results, sources
from sourcing_audit.errors import InputError, SourcingAuditError
from sourcing_audit.licenses import Classifier, Concluder, LicenseRules
from sourcing_audit.media import joining as media
from sourcing_audit.model import CardReading, IntendedUse, MediaChoice, UpstreamDataset
from sourcing_audit.reuse import Reuse
from sourcing_audit.rules import ConsentRules, PolicyRules, RuleStore
from sourcing_audit.rules.changes import ChangeRules
from sourcing_audit.sources.cards import read_card
from sourcing_audit.units import Judge

if TYPE_CHECKING:
    import datetime as dt

    import ibis.expr.types as ir

    from sourcing_audit.engine import Engine
    from sourcing_audit.licenses.texts import Detector
    from sourcing_audit.rules.cards import CardRules
    from sourcing_audit.sources import Ingested
    from sourcing_audit.sources.cards import Card
    from sourcing_audit.state import State
    from sourcing_audit.units import Unit

Progress = Callable[[str, int, int | None], None]
"""Called with a step's name, how much is done and, where known, how much there is."""


def silent(_step: str, _done: int, _total: int | None) -> None:
    """Report no progress."""


@dataclass(frozen=True)
class Rulebook:
    """All rules of an audit, loaded and validated once."""

    store: RuleStore
    licenses: LicenseRules
    consent: ConsentRules
    policy: PolicyRules
    changes: ChangeRules

    @classmethod
    def load(cls, store: RuleStore) -> Rulebook:
        """Load every rule file.

        Raises:
            RulesError: naming file, rule and field.

        """
        return cls(
            store=store,
            licenses=LicenseRules.load(store),
            consent=ConsentRules.load(store),
            policy=PolicyRules.load(store),
            changes=ChangeRules.load(store),
        )


@dataclass(frozen=True)
class Request:
    """What to audit, for which use, as of when."""

    dataset: str
    inputs: tuple[str, ...]
    as_of: dt.date
    use: IntendedUse = field(default_factory=IntendedUse)
    mapping: Mapping[str, str] = field(default_factory=dict)
    mapping_origin: str = "flag"
    default_license: str | None = None
    upstream: tuple[UpstreamDataset, ...] = ()
    """The datasets that this one was made from."""
    cards: tuple[str, ...] = ()
    """Documents about the dataset, beside those in its folder."""
    strict: bool = False
    """Treat quarantined records and files as an error."""
    media: MediaChoice = MediaChoice.AUTO


@dataclass(frozen=True)
class Judged:
    """An audited dataset: what came in, what was concluded, and why."""

    request: Request
    ingested: Ingested
    licenses: ir.Table
    """Columns of `schema.LICENSES` and `license_no`."""
    texts: ir.Table | None
    """Columns of `licensing.TEXT_EVIDENCE`; None where no item has a text."""
    cards: tuple[CardReading, ...]
    """What the documents about the dataset say."""
    consulted: consent.Consulted
    units: tuple[Unit, ...]
    folder: Path
    """Where the units left their parts of tables."""
    findings: ir.Table
    """Columns of `units.FINDINGS`."""

    @property
    def classes(self) -> ir.Table:
        """The classes of all units: see `units.Unit`."""
        return ibis.union(*(unit.classes for unit in self.units))

    @property
    def creators(self) -> ir.Table:
        """Items by creator and outcome: see `units.Unit`."""
        return ibis.union(*(unit.creators for unit in self.units))

    @property
    def matched(self) -> ir.Table | None:
        """The records that spoke about items of any unit: see `units.Unit`."""
        return _union([unit.matched for unit in self.units])

    @property
    def asked(self) -> ir.Table | None:
        """The registries that spoke about items of any unit: see `units.Unit`."""
        return _union([unit.asked for unit in self.units])


def _union(tables: Sequence[ir.Table | None]) -> ir.Table | None:
    there = [table for table in tables if table is not None]
    return ibis.union(*there) if there else None


def audit_dataset(
    engine: Engine,
    request: Request,
    rules: Rulebook,
    consulted: consent.Consulted,
    progress: Progress = silent,
    state: State | None = None,
) -> Judged:
    """Reach a verdict on every item of one dataset.

    What `state` holds of an earlier audit isn't found out again, and what is found out is kept
    there as soon as it is, so that an audit that was killed goes on where it was.

    Raises:
        InputError: the input can't be read, or `strict` and something was quarantined.
        NothingToAuditError: there are no items.
        ConfigError: the column mapping doesn't fit the input.

    """
    ingested = sources.ingest(
        engine,
        request.inputs,
        dataset=request.dataset,
        mapping=request.mapping,
        mapping_origin=request.mapping_origin,
        store=rules.store,
        progress=progress,
    )
    try:
        return _judged(engine, request, rules, ingested, consulted, progress, state)
    except InputError:
        # Damage shows when the data are read: what is whole is audited, the rest quarantined.
        whole = ingested.recheck()
        if whole is None:
            raise
        return _judged(engine, request, rules, whole, consulted, progress, state)


def _judged(
    engine: Engine,
    request: Request,
    rules: Rulebook,
    ingested: Ingested,
    consulted: consent.Consulted,
    progress: Progress,
    state: State | None,
) -> Judged:
    if request.strict:
        _refuse_quarantined(engine, ingested)
    with_media = media.read(
        engine,
        _with_ids(ingested.items),
        {mapped.field for mapped in ingested.mapping},
        ingested.media,
        rules.consent,
        request.media,
        progress,
    )
    items, columns = with_media.extend(_with_ids(ingested.items)), with_media.columns
    reader = partial(_reader, rules, progress)
    cards = (*ingested.cards, *_cards(request.cards, rules.licenses.cards))
    said = documents.read(
        cards,
        Classifier(rules.licenses),
        reader,
        request.default_license,
    )
    reuse = Reuse.of(
        engine,
        state,
        ingested,
        columns,
        rules.store.digest(),
        from_files=with_media.from_files,
    )
    stated = licensing.state(engine, items, columns, rules.licenses, reader, progress, reuse.texts)
    concluder = Concluder(
        rules.licenses,
        request.use,
        default_license=request.default_license,
        dataset=said.terms,
        upstream=(*said.upstream, *request.upstream),
    )

    portions = [
        replace(portion, items=stated.extend(with_media.extend(_with_ids(portion.items))))
        for portion in ingested.portions
    ]
    decided_by = (
        request.use.describe(),
        request.default_license,
        # All that the documents say, and not only what of it is reported.
        [repr(each) for each in (*cards, *request.upstream)],
    )
    licenses = reuse.licenses(
        portions,
        lambda portion: licensing.statements(portion.items, stated.columns),
        lambda some: licensing.conclude(engine, some, concluder, progress),
        decided_by,
    )
    sent = consent.own.records(engine, items, columns, rules.consent)
    for records in (with_media.registries, sent):
        if records is not None:
            consulted = consent.with_records(engine, consulted, records, request.use, request.as_of)
    judge = Judge(
        engine=engine,
        dataset=request.dataset,
        shards=[shard.name for shard in ingested.shards],
        columns=stated.columns,
        licenses=licenses,
        texts=stated.texts,
        consulted=consulted,
        lines=rules.policy.verdict,
        replicates=request.use.replicates,
        folder=engine.new_folder(),
        units=len(portions),
    )
    known = reuse.verdicts(consulted, (request.dataset, len(portions) > 1, *decided_by))
    judged = []
    for portion in portions:
        progress("reaching verdicts", portion.number, len(portions))
        judged.append(reuse.judge(judge, portion, known))
    _account(engine, ingested, judged)
    if (name := ingested.changed()) is not None:
        raise InputError(
            f"{name}: changed while it was audited; nothing is written",
            fix="audit it again when it is complete",
        )
    return Judged(
        request=request,
        ingested=ingested,
        licenses=licenses,
        texts=stated.texts,
        cards=said.cards,
        consulted=consulted,
        units=tuple(judged),
        folder=judge.folder,
        findings=engine.read_parquet(results.parts(judge.folder, results.FINDINGS)),
    )


def _account(engine: Engine, ingested: Ingested, judged: Sequence[Unit]) -> None:
    """Refuse a result that doesn't have one verdict for each item, whatever the reason."""
    counts = ibis.union(*(unit.classes.select("items") for unit in judged))
    total = counts.aggregate(n=ibis.coalesce(counts["items"].sum(), 0))
    verdicts = int(engine.arrow(total)["n"][0].as_py())
    items = sum(shard.items for shard in ingested.shards)
    if verdicts != items:
        raise SourcingAuditError(
            f"{items} items came in and {verdicts} verdicts came out; nothing is written",
            fix="report this, with the manifest and the registries",
        )


def _cards(paths: Sequence[str], rules: CardRules) -> Iterator[Card]:
    for path in paths:
        if not Path(path).is_file():
            raise InputError(
                f"{path}: no such file", fix="give a README.md, Croissant or SPDX file"
            )
        yield read_card(Path(path), rules)


def _reader(rules: Rulebook, progress: Progress) -> Detector:
    # Only datasets with texts need it, and it is heavy.
    from sourcing_audit.licenses.texts import Detector

    return Detector(rules.licenses, progress=progress)


def _with_ids(items: ir.Table) -> ir.Table:
    """Items that the manifest gives no id are known by their file and row."""
    place = items.shard.concat(":", items.row.cast("string"))
    return items.mutate(item_id=ibis.coalesce(items.item_id, place))


def _refuse_quarantined(engine: Engine, ingested: Ingested) -> None:
    first = engine.arrow(ingested.quarantine.order_by(["shard", "row"]).limit(1)).to_pylist()
    if first:
        place = first[0]["shard"]
        if first[0]["row"] is not None:
            place += f": row {first[0]['row']}"
        raise InputError(
            f"{place}: {first[0]['reason']}: {first[0]['detail']}",
            fix="mend the input, or leave out --strict to quarantine what can't be read",
        )
