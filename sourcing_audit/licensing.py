"""From items to the conclusions on their licences: texts read, distinct statements concluded.

items ─► distinct texts ─► detected ─┐
└─────────────────────────────────►├─► distinct statements ─► conclusions
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import ibis
import pyarrow as pa
import pyarrow.parquet as pq

from sourcing_audit import keys, schema
from sourcing_audit.licenses import conclude_batches, detect_batches
from sourcing_audit.licenses.dated import EARLIER, changes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    import ibis.expr.types as ir

    from sourcing_audit.engine import Engine
    from sourcing_audit.licenses import Concluder, LicenseRules
    from sourcing_audit.licenses.texts import Detector

    Progress = Callable[[str, int, int | None], None]

_TEXTS_AT_ONCE = 2_000
"""Texts are long: so many are held at a time."""

TEXT_EVIDENCE: dict[str, str] = {"pos": "!int64", **schema.TEXTS}


@dataclass(frozen=True)
class Stated:
    """Items with everything that is said about their licences."""

    items: ir.Table
    """Columns of `schema.ITEMS`, and those of `schema.DECLARED` that it lacks."""
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
) -> Stated:
    """Bring together what rows, texts and dates say.

    Args:
        engine: holds the tables.
        items: columns of `schema.ITEMS`.
        columns: those that the manifest fills.
        rules: names that changed their meaning, for `period`.
        detector: makes the reader of texts; called only if there are texts.
        progress: is told the step and how many texts are done.

    """
    given = set(columns)
    nothing = ibis.null("string")
    period = _period(items, rules) if "published_at" in columns else None
    texts = _read_texts(engine, items, detector, progress) if "text" in columns else None
    if period is not None:
        given.add("period")
    items = items.mutate(period=nothing if period is None else period)
    if texts is None:
        return Stated(
            items.mutate(license_detected=nothing, detected_by=nothing), frozenset(given), None
        )
    given |= {"license_detected", "detected_by"}
    # A text that states nothing says nothing about the licence, however it was read.
    found = texts.select(
        "pos",
        "license_detected",
        detected_by=ibis.ifelse(texts.license_detected.notnull(), texts.detected_by, None),
    )
    return Stated(items.left_join(found, "pos").drop("pos_right"), frozenset(given), texts)


def conclude(engine: Engine, stated: Stated, concluder: Concluder, progress: Progress) -> ir.Table:
    """Conclude on each distinct set of statements once.

    Returns:
        Columns of `schema.LICENSES` and `license_no`.

    """
    declared = [name for name in schema.DECLARED if name in stated.columns]
    fields = ibis.schema(schema.DECLARED).to_pyarrow()

    def batches() -> Iterator[pa.RecordBatch]:
        if not declared:
            yield pa.RecordBatch.from_pylist([dict.fromkeys(schema.DECLARED)], schema=fields)
            return
        distinct = stated.items.select(*declared).distinct()
        done = 0
        for batch in engine.batches(distinct):
            progress("classifying licences", done, None)
            done += batch.num_rows
            arrays = [
                batch.column(name).cast("string")
                if name in declared
                else pa.nulls(batch.num_rows, pa.string())
                for name in schema.DECLARED
            ]
            yield pa.RecordBatch.from_arrays(arrays, schema=fields)
        progress("classifying licences", done, done)

    concluded = _spooled(
        engine, conclude_batches(concluder, batches()), schema.LICENSES, "licenses"
    )
    in_order = ibis.window(order_by=list(schema.DECLARED))
    return engine.materialise(
        concluded.mutate(license_no=ibis.row_number().over(in_order)), "licenses"
    )


def _period(items: ir.Table, rules: LicenseRules) -> ir.Value | None:
    """In which time between changes of meaning an item was published; NULL where not known."""
    days = changes(rules.dated)
    if not days:
        return None
    # As yt-dlp writes it: 20250801.
    spelt = items.published_at.re_replace(r"^\s*(\d{4})(\d\d)(\d\d)\s*$", r"\1-\2-\3")
    published = keys.moment(spelt)
    return ibis.cases(
        *((published >= ibis.timestamp(day.isoformat()), day.isoformat()) for day in days[::-1]),
        (published.notnull(), EARLIER),
    )


def _read_texts(
    engine: Engine, items: ir.Table, detector: Callable[[], Detector], progress: Progress
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
    distinct = items.select("pos", "text").inner_join(first, "pos").select("text_sha256", "text")

    def batches() -> Iterator[pa.RecordBatch]:
        done = 0
        for batch in engine.batches(distinct, size=_TEXTS_AT_ONCE):
            progress("reading licence texts", done, None)
            done += batch.num_rows
            yield batch
        progress("reading licence texts", done, done)

    with detector() as reader:
        read = _spooled(engine, detect_batches(reader, batches()), schema.TEXTS, "texts")
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
