"""Parquet out of rows that hold numbers, and tables that say what the numbers stand for.

A column of a few thousand distinct values is written as its dictionary and one small number a row,
which is what Parquet does with it anyway; the engine would build each such column value by value,
and look every value up again.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

ROW_GROUP = 250_000
"""Rows that are held and written at a time."""


class Decoder:
    """Puts values for numbers: each distinct value of a column is kept once."""

    def __init__(
        self,
        columns: Sequence[str],
        lookups: Mapping[str, pa.Table],
        repeating: Collection[str] = (),
    ) -> None:
        """Take the columns wanted, and for columns of numbers the tables whose rows they name.

        Args:
            columns: those of the result, in order: of the rows, or of one of the tables.
            lookups: by column of the rows, which counts from 0, the table.
            repeating: the rows' own columns that have few values.

        """
        self.columns = tuple(columns)
        self._lookups = {
            name: (number, _encoded(table.column(name).combine_chunks()))
            for number, table in lookups.items()
            for name in table.column_names
        }
        self.coded = [
            f"{name}.list.element" if pa.types.is_list(values.type) else name
            for name, (_, values) in self._lookups.items()
        ] + sorted(repeating)
        """The Parquet columns that are worth a dictionary."""

    def decoded(self, batch: pa.Table) -> pa.Table:
        """The wanted columns of some rows."""
        return pa.table({name: self._column(batch, name) for name in self.columns})

    def _column(self, batch: pa.Table, name: str) -> pa.Array | pa.ChunkedArray:
        if name not in self._lookups:
            return batch.column(name)
        number, values = self._lookups[name]
        places = batch.column(number).combine_chunks()
        if isinstance(values, pa.DictionaryArray):
            return pa.DictionaryArray.from_arrays(values.indices.take(places), values.dictionary)
        return values.take(places)


def write(
    reader: pa.RecordBatchReader, decoder: Decoder, path: Path, sought: Collection[str]
) -> None:
    """Write the decoded rows.

    Args:
        reader: the rows, in order.
        decoder: puts values for their numbers.
        path: the Parquet file.
        sought: columns by which readers look for rows. Only these get statistics: the least and
            the greatest value of each group; for all columns writing takes a tenth longer.

    """
    schema = decoder.decoded(reader.schema.empty_table()).schema
    with pq.ParquetWriter(
        path,
        schema,
        compression="zstd",
        use_dictionary=decoder.coded,
        write_statistics=[name for name in decoder.columns if name in sought],
        # Readers shall see plain columns, so nothing is said of dictionaries.
        store_schema=False,
    ) as writer:
        for group in _ahead(decoder.decoded(group) for group in _grouped(reader)):
            writer.write_table(group, row_group_size=ROW_GROUP)


def _ahead(groups: Iterator[pa.Table]) -> Iterator[pa.Table]:
    """The same groups; the next one is made while one is written, by another core."""
    with ThreadPoolExecutor(max_workers=1) as beside:
        following = beside.submit(next, groups, None)
        while (group := following.result()) is not None:
            following = beside.submit(next, groups, None)
            yield group


def _grouped(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
    """Rows in groups of `ROW_GROUP`, however many come at a time."""
    held: list[pa.RecordBatch] = []
    count = 0
    for batch in batches:
        start = 0
        while count + batch.num_rows - start >= ROW_GROUP:
            end = start + ROW_GROUP - count
            yield pa.Table.from_batches([*held, batch.slice(start, end - start)])
            held, count, start = [], 0, end
        if start < batch.num_rows:
            held.append(batch.slice(start))
            count += batch.num_rows - start
    if held:
        yield pa.Table.from_batches(held)


def _encoded(values: pa.Array) -> pa.Array:
    """Text as places in its distinct values, inside lists too; other types as they are."""
    if pa.types.is_string(values.type):
        return values.dictionary_encode()
    if pa.types.is_list(values.type) and pa.types.is_string(values.type.value_type):
        offsets, flat = values.offsets, values.flatten().dictionary_encode()
        base = values.offsets[0].as_py() if len(values) else 0
        return pa.ListArray.from_arrays(pc.subtract(offsets, base), flat)
    return values
