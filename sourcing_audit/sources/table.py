"""One file with all its columns as text: what registries and other small inputs are read from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sourcing_audit.errors import InputError
from sourcing_audit.sources import formats, parse
from sourcing_audit.sources.canonical import Verbatim
from sourcing_audit.sources.interface import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import ibis.expr.types as ir

    from sourcing_audit.engine import Engine


def read_table(engine: Engine, path: Path) -> ir.Table:
    """Every record of a file: its columns as text, and `row`, the 1-based record number.

    Empty text is NULL in CSV; lists and objects are JSON.

    Raises:
        InputError: the file or one of its records can't be read; names file, row and reason.

    """
    try:
        opened = parse.open_shard(engine, formats.file(path))
        if "row" in opened.columns:
            raise InputError(f"{path}: a column is called row", fix="give it another name")
        if opened.types:
            return _in_place(engine, path, opened.columns)
        projection = Verbatim(opened.columns)
        target = engine.new_folder() / "table.parquet"
        parsed = parse.parse(engine, opened, projection, 0, target)
    except UnreadableError as error:
        raise InputError(f"{path}: {error}", fix="export the file again") from error
    table = engine.read_numbered([target]) if parsed.faultless else engine.read_parquet([target])
    for record in _first_broken(engine, table):
        raise InputError(
            f"{path}: row {record['row']}: {record['reason']}: {record['detail']}",
            fix="mend the record; a consent record that can't be read might be a refusal",
        )
    named = zip(opened.columns, projection.names, strict=True)
    return table.select("row", **{column: table[name] for column, name in named})


def _in_place(engine: Engine, path: Path, columns: Sequence[str]) -> ir.Table:
    """A Parquet file where it lies; all of it is read once, to see whether it can be."""
    names = {column: f"v{at}" for at, column in enumerate(columns)}
    table = engine.scan_parquet([path], names)
    try:
        engine.arrow(table.aggregate([table[name].length().max() for name in names.values()]))
    except InputError as error:
        raise UnreadableError("file_unreadable", error.message) from error
    return table.select("row", **{column: table[name] for column, name in names.items()})


def _first_broken(engine: Engine, table: ir.Table) -> list[dict[str, Any]]:
    if "reason" not in table.columns:
        return []
    found = table.filter(table.reason.notnull()).order_by("row").limit(1)
    first: list[dict[str, Any]] = engine.arrow(found).to_pylist()
    return first
