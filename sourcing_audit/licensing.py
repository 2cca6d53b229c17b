"""From items to the conclusions on their licences: texts read, distinct statements concluded.

items ─► distinct texts ─► detected ─┐
└─────────────────────────────────►├─► distinct statements ─► conclusions
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING

import ibis
import pyarrow as pa
import pyarrow.parquet as pq

from sourcing_audit import keys, schema
from sourcing_audit.errors import SourcingAuditError
from sourcing_audit.licenses import conclude_batches, detect_batches
from sourcing_audit.licenses.dated import EARLIER, changes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    import ibis.expr.types as ir

    from sourcing_audit.engine import Engine
    from sourcing_audit.licenses import Concluder, LicenseRules
    from sourcing_audit.licenses.texts import Detector

    Progress = Callable[[str, int, int | None], None]
    KnownTexts = Callable[[ir.Table, Callable[[ir.Table], ir.Table]], ir.Table]

_TEXTS_AT_ONCE = 2_000
"""Texts are long: so many are held at a time."""

NUMBERED: dict[str, str] = {**schema.LICENSES, "license_no": "!int64"}
"""Conclusions, and the numbers by which items refer to them."""

TEXT_EVIDENCE: dict[str, str] = {"pos": "!int64", **schema.TEXTS}


@dataclass(frozen=True)
class Stated:
    """Everything that is said about the items' licences."""

    extend: Callable[[ir.Table], ir.Table]
    """Adds the columns of `schema.DECLARED` that any of the dataset's items lack."""
    columns: frozenset[str]
    """The columns of items that aren't NULL throughout."""
    texts: ir.Table | None
    """Columns of `TEXT_EVIDENCE`, a row for each item with a text; None where none has one."""


def state(
    engine: Engine,
    items: ir.Table,
    columns: frozenset[str],
    rules: LicenseRules,
    detector: Callable[[], Detector],
    progress: Progress,
    known: KnownTexts | None = None,
) -> Stated:
    """Bring together what rows, texts and dates say.

    Args:
        engine: holds the tables.
        items: columns of `schema.ITEMS`.
        columns: those that the manifest fills.
        rules: names that changed their meaning, for `period`.
        detector: makes the reader of texts; called only if there are texts.
        progress: is told the step and how many texts are done.
        known: takes distinct texts and what reads some of them, and reads only those that aren't
            known from earlier.

    """
    dated = "published_at" in columns and bool(changes(rules.dated))
    texts = _read_texts(engine, items, detector, progress, known) if "text" in columns else None
    given = {
        *columns,
        *(["period"] if dated else []),
        *(["license_detected", "detected_by"] if texts is not None else []),
    }

    def extend(some: ir.Table) -> ir.Table:
        nothing = ibis.null("string")
        some = some.mutate(period=_period(some, rules) if dated else nothing)
        if texts is None:
            return some.mutate(license_detected=nothing, detected_by=nothing)
        # A text that states nothing says nothing about the licence, however it was read.
        found = texts.select(
            "pos",
            "license_detected",
            detected_by=ibis.ifelse(texts.license_detected.notnull(), texts.detected_by, None),
        )
        return some.left_join(found, "pos").drop("pos_right")

    return Stated(extend, frozenset(given), texts)


def statements(items: ir.Table, columns: frozenset[str]) -> ir.Table:
    """The distinct sets of statements on licences that items have.

    Args:
        items: as `Stated.extend` gives them.
        columns: those that aren't NULL throughout.

    Returns:
        Columns of `schema.DECLARED`.

    """
    declared = {
        name: items[name] if name in columns else ibis.null("string") for name in schema.DECLARED
    }
    if not schema.DECLARED.keys() & columns:
        return items.limit(1).select(**declared)
    return items.select(**declared).distinct()


def conclude(
    engine: Engine, stated: ir.Table, concluder: Concluder, progress: Progress
) -> ir.Table:
    """Conclude on each distinct set of statements once.

    Args:
        engine: holds the tables.
        stated: columns of `schema.DECLARED`, each row once.
        concluder: reads statements.
        progress: is told how many are done.

    Returns:
        Columns of `schema.LICENSES` and `license_no`, which only depends on what is declared.

    """
    fields = ibis.schema(schema.DECLARED).to_pyarrow()

    def batches() -> Iterator[pa.RecordBatch]:
        done = 0
        for batch in engine.batches(stated.select(*schema.DECLARED)):
            progress("classifying licences", done, None)
            done += batch.num_rows
            yield batch.cast(fields)
        progress("classifying licences", done, done)

    concluded = (_numbered(batch) for batch in conclude_batches(concluder, batches()))
    licenses = engine.materialise(_spooled(engine, concluded, NUMBERED, "licenses"), "licenses")
    counted = licenses.aggregate(all=licenses.count(), different=licenses.license_no.nunique())
    if len(set(engine.arrow(counted).to_pylist()[0].values())) > 1:
        raise SourcingAuditError(
            "two sets of statements have the same number", fix="report this, with the manifest"
        )
    return licenses


def _numbered(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Number each set by a digest of what is declared, so that it has the same one everywhere."""
    declared = zip(*(batch.column(name).to_pylist() for name in schema.DECLARED), strict=True)
    numbers = [
        int.from_bytes(blake2b(repr(row).encode(), digest_size=8).digest()) >> 1 for row in declared
    ]
    return pa.RecordBatch.from_arrays(
        [*batch.columns, pa.array(numbers, pa.int64())], schema=ibis.schema(NUMBERED).to_pyarrow()
    )


def _period(items: ir.Table, rules: LicenseRules) -> ir.Value:
    """In which time between changes of meaning an item was published; NULL where not known."""
    days = changes(rules.dated)
    # As yt-dlp writes it: 20250801.
    spelt = items.published_at.re_replace(r"^\s*(\d{4})(\d\d)(\d\d)\s*$", r"\1-\2-\3")
    published = keys.moment(spelt)
    return ibis.cases(
        *((published >= ibis.timestamp(day.isoformat()), day.isoformat()) for day in days[::-1]),
        (published.notnull(), EARLIER),
    )


def _read_texts(
    engine: Engine,
    items: ir.Table,
    detector: Callable[[], Detector],
    progress: Progress,
    known: KnownTexts | None,
) -> ir.Table:
    """What the items' texts state; each distinct text is read once."""
    digests = engine.materialise(
        items.filter(items.text.notnull()).select(
            "pos", text_sha256=items.text.hexdigest("sha256")
        ),
        "digests",
    )
    first = digests.group_by("text_sha256").aggregate(pos=digests.pos.min())
    first = engine.materialise(first, "first_texts")

    def detect(some: ir.Table) -> ir.Table:
        distinct = items.select("pos", "text").inner_join(some, "pos").select("text_sha256", "text")

        def batches() -> Iterator[pa.RecordBatch]:
            done = 0
            for batch in engine.batches(distinct, size=_TEXTS_AT_ONCE):
                progress("reading licence texts", done, None)
                done += batch.num_rows
                yield batch
            progress("reading licence texts", done, done)

        with detector() as reader:
            return _spooled(engine, detect_batches(reader, batches()), schema.TEXTS, "texts")

    read = detect(first) if known is None else known(first, detect)
    return engine.materialise(
        digests.inner_join(read, "text_sha256").select(*TEXT_EVIDENCE), "texts"
    )


def _spooled(
    engine: Engine, batches: Iterable[pa.RecordBatch], expected: Mapping[str, str], name: str
) -> ir.Table:
    """Rows that are made while the engine gives others out.

    It can't take a stream in at the same time, so they go through a file.
    """
    path = engine.new_folder() / f"{name}.parquet"
    with pq.ParquetWriter(path, ibis.schema(expected).to_pyarrow()) as writer:
        for batch in batches:
            writer.write_batch(batch)
    return schema.check(engine.read_parquet([path]), expected, name)
