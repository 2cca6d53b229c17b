"""Readers that make statements one by one: from their generator to a table of the engine."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice, repeat
from typing import TYPE_CHECKING, ClassVar, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from sourcing_audit.registries.interface import Export, RegistryReader

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from sourcing_audit.engine import Engine
    from sourcing_audit.rules.consent import ConsentRules

Value = str | int | None
Statement = Mapping[str, Value]
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


class Sheet(NamedTuple):
    """Several statements, field by field, where many of them are made at once."""

    size: int
    fields: Mapping[str, Value | Sequence[Value]]
    """What `Statement` has: a list where the statements differ, else what all of them say."""

    def statements(self) -> Iterator[Statement]:
        """Give them one by one."""
        columns = [_column(value, self.size) for value in self.fields.values()]
        for values in zip(*columns, strict=True):
            yield dict(zip(self.fields, values, strict=True))


def spooled(engine: Engine, statements: Iterable[Statement], fields: tuple[str, ...]) -> ir.Table:
    """Statements as a table: `row`, `seq` and `fields`, as text."""
    return spooled_sheets(engine, _sheets(statements, ("row", *fields)), fields)


def _sheets(statements: Iterable[Statement], fields: tuple[str, ...]) -> Iterator[Sheet]:
    remaining = iter(statements)
    while batch := list(islice(remaining, BATCH)):
        yield Sheet(len(batch), {name: [one.get(name) for one in batch] for name in fields})


def spooled_sheets(engine: Engine, sheets: Iterable[Sheet], fields: tuple[str, ...]) -> ir.Table:
    """As `spooled`; a sheet may have any size."""
    schema = pa.schema(
        [("row", pa.int64()), ("seq", pa.int64()), *((name, pa.string()) for name in fields)]
    )
    target = engine.new_folder() / "statements.parquet"
    seq = 1
    with pq.ParquetWriter(target, schema, compression="snappy") as writer:
        for columns in _gathered(sheets, ("row", *fields)):
            rows = len(columns["row"])
            arrays = [
                pa.array(columns["row"], pa.int64()),
                pa.array(range(seq, seq + rows), pa.int64()),
                *(_texts(columns[name]) for name in fields),
            ]
            seq += rows
            writer.write_batch(pa.record_batch(arrays, schema=schema))
    return engine.read_parquet([target])


def _gathered(sheets: Iterable[Sheet], fields: tuple[str, ...]) -> Iterator[dict[str, list[Value]]]:
    """The columns of so many sheets at a time as make a batch."""
    columns: dict[str, list[Value]] = {name: [] for name in fields}
    for size, values in sheets:
        for name in fields:
            columns[name].extend(_column(values.get(name), size))
        if len(columns["row"]) >= BATCH:
            yield columns
            columns = {name: [] for name in fields}
    if columns["row"]:
        yield columns


def _column(value: Value | Sequence[Value], size: int) -> Iterable[Value]:
    return repeat(value, size) if value is None or isinstance(value, str | int) else value


def _texts(values: list[Value]) -> pa.Array:
    """Text as a column; halves of characters, which JSON can hold, are written out."""
    try:
        return pa.array(values, pa.string())
    except UnicodeEncodeError:
        whole = [
            one.encode("utf-8", "backslashreplace").decode() if isinstance(one, str) else one
            for one in values
        ]
        return pa.array(whole, pa.string())
