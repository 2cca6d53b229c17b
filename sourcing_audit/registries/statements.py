"""Readers that make statements one by one: from their generator to a table of the engine."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, ClassVar

import pyarrow as pa
import pyarrow.parquet as pq

from sourcing_audit.registries.interface import Export, RegistryReader

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from sourcing_audit.engine import Engine
    from sourcing_audit.rules.consent import ConsentRules

Statement = Mapping[str, str | int | None]
"""`row` (an int: 1-based, where in the export it stands) and fields of the canonical record as text
(numbers and truth values too)."""

BATCH = 20_000


class StatementReader(RegistryReader):
    """A reader whose format isn't a table: it yields statements, and holds a batch at a time."""

    fields: ClassVar[tuple[str, ...]]
    """The fields of `schema.RECORDS` that its statements may fill."""

    @abstractmethod
    def statements(self, export: Export, rules: ConsentRules) -> Iterator[Statement]:
        """Every statement of the export, in its order.

        Raises:
            RegistryError: as `RegistryReader.read`.

        """

    def read(self, engine: Engine, export: Export, rules: ConsentRules) -> ir.Table:
        """See `RegistryReader.read`."""
        return spooled(engine, self.statements(export, rules), self.fields)


def spooled(engine: Engine, statements: Iterable[Statement], fields: tuple[str, ...]) -> ir.Table:
    """Statements as a table: `row`, `seq` and `fields`, as text."""
    schema = pa.schema(
        [("row", pa.int64()), ("seq", pa.int64()), *((name, pa.string()) for name in fields)]
    )
    target = engine.new_folder() / "statements.parquet"
    with pq.ParquetWriter(target, schema, compression="snappy") as writer:
        remaining = iter(statements)
        seq = 1
        while batch := list(islice(remaining, BATCH)):
            columns = [
                pa.array([one.get("row") for one in batch], pa.int64()),
                pa.array(range(seq, seq + len(batch)), pa.int64()),
                *(_texts([one.get(name) for one in batch]) for name in fields),
            ]
            seq += len(batch)
            writer.write_batch(pa.record_batch(columns, schema=schema))
    return engine.read_parquet([target])


def _texts(values: list[str | int | None]) -> pa.Array:
    """Text as a column; halves of characters, which JSON can hold, are written out."""
    try:
        return pa.array(values, pa.string())
    except UnicodeEncodeError:
        whole = [
            one.encode("utf-8", "backslashreplace").decode() if isinstance(one, str) else one
            for one in values
        ]
        return pa.array(whole, pa.string())
