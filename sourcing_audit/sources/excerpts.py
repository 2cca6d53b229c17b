"""The beginnings of records that can't be read, as they are kept with the reason."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

import ibis
import numpy as np
import pyarrow as pa

from sourcing_audit.sources import delimited, streams
from sourcing_audit.sources.interface import EXCERPT

if TYPE_CHECKING:
    from collections.abc import Iterator

    import ibis.expr.types as ir
    import numpy.typing as npt

    from sourcing_audit.engine import Engine
    from sourcing_audit.sources.interface import Shard

_LONGEST_CHARACTER = 4
"""Bytes of UTF-8."""

_SCHEMA = pa.schema([("row", pa.int64()), ("exact", pa.string())])


def excerpt(record: bytes) -> str:
    """A record's first characters, with U+FFFD for what isn't UTF-8."""
    beginning = record[: EXCERPT * _LONGEST_CHARACTER]
    return beginning.decode("utf-8", "replace").strip()[:EXCERPT]


def as_they_stand(engine: Engine, shard: Shard, rejected: ir.Table) -> ir.Table:
    """What the engine rejected of a regular CSV without blank lines, with exact excerpts.

    Where it can't decode a byte, it writes `?` for those that follow too.

    Args:
        engine: has read the file.
        shard: the file.
        rejected: its bad records, as `Engine.csv_rejects` gives them.

    Raises:
        UnreadableError: the file turns out to be damaged.

    """
    unsure = rejected.filter(rejected.excerpt.contains("?")).select("row").order_by("row")
    rows = engine.arrow(unsure)["row"].to_numpy()
    if not len(rows):
        return rejected
    with streams.opened(shard) as stream:
        reader = pa.RecordBatchReader.from_batches(_SCHEMA, _of_rows(stream, rows))
        with engine.stream(reader) as table:
            found = engine.materialise(table, "excerpts")
    joined = rejected.left_join(found, "row")
    return joined.mutate(excerpt=ibis.coalesce(joined.exact, joined.excerpt)).order_by("row")


def _of_rows(stream: IO[bytes], rows: npt.NDArray[np.int64]) -> Iterator[pa.RecordBatch]:
    """The excerpts of records by their numbers, which ascend from 1; the header is 0."""
    before = 0
    for block, starts, ends in delimited.raw_records(stream):
        first, last = np.searchsorted(rows, (before, before + len(starts)))
        found = rows[first:last]
        texts = [excerpt(block[starts[at] : ends[at]]) for at in found - before]
        yield pa.record_batch([found, texts], schema=_SCHEMA)
        before += len(starts)
