"""Works that were taken down, remembered as numbers of their keys, so that they are found again.

A tombstone file is CSV with `kind`, `number` (16 hexadecimal digits) and `since` (the day of the
takedown). It says nothing about a work to who doesn't know its address, id or hash already.
"""

from __future__ import annotations

import csv
import datetime as dt
from typing import TYPE_CHECKING

import pyarrow as pa

from sourcing_audit.errors import InputError
from sourcing_audit.files import replacing_file

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import ibis.expr.types as ir

    from sourcing_audit.engine import Engine
    from sourcing_audit.remembered.contents import Contents

COLUMNS = ("kind", "number", "since")

OF_WORKS = ("url", "work_id", "sha256", "md5")
"""Keys that only one work has: creators, hosts and agreements have other works as well."""

_Stones = dict[tuple[str, int], dt.date]


def bury(engine: Engine, removals: ir.Table, contents: Contents, file: Path, since: dt.date) -> int:
    """Add to a tombstone file every key of the works that are to be removed.

    Args:
        engine: holds the removals.
        removals: columns of `tracing.REMOVALS` and `content`; those to review are left out.
        contents: where keys are remembered.
        file: made where it isn't there; what it holds is kept.
        since: the day of the takedown.

    Returns:
        How many tombstones are new.

    Raises:
        InputError: the file isn't one of tombstones.
        OutputError: it can't be written.

    """
    stones = read(file) if file.exists() else {}
    sure = removals.filter(~removals.to_review).select("content", "row").distinct()
    names = engine.arrow(sure.select("content").distinct())["content"].to_pylist()
    known = contents.keys(engine, names)
    if known is None:
        return 0
    own = known.filter(known.kind.isin(OF_WORKS)).semi_join(sure, ["content", "row"])
    before = len(stones)
    for batch in engine.batches(own.select("kind", "number").distinct()):
        for kind, number in zip(
            batch["kind"].to_pylist(), batch["number"].to_pylist(), strict=True
        ):
            stones.setdefault((kind, number), since)
    _write(stones, file)
    return len(stones) - before


def returned(
    engine: Engine, file: Path, contents: Contents, names: Sequence[str]
) -> ir.Table | None:
    """The rows of some contents that have a tombstone's key.

    Returns:
        `content`, `row`, `kind` and `since`; None where nothing is remembered of any of them.

    Raises:
        InputError: the file isn't one of tombstones.

    """
    known = contents.keys(engine, names)
    if known is None:
        return None
    stones = read(file)
    table = pa.table(
        {
            "kind": pa.array([kind for kind, _ in stones], pa.string()),
            "number": pa.array([number for _, number in stones], pa.uint64()),
            "since": pa.array(stones.values(), pa.date32()),
        }
    )
    found = known.inner_join(engine.from_arrow("tombstones", table), ["kind", "number"])
    return engine.materialise(
        found.select("content", "row", "kind", "since").distinct(), "returned"
    )


def read(file: Path) -> _Stones:
    """The tombstones of a file: by kind and number the day.

    Raises:
        InputError: the file isn't there, or a row of it isn't a tombstone.

    """
    found: _Stones = {}
    try:
        with file.open(encoding="utf-8", newline="") as stream:
            rows = csv.DictReader(stream, strict=True)
            if tuple(rows.fieldnames or ()) != COLUMNS:
                raise InputError(
                    f"{file}: row 1: not the columns {', '.join(COLUMNS)}",
                    fix="give a file that `trace --tombstones` wrote",
                )
            for row in rows:
                found[row["kind"], int(row["number"], 16)] = dt.date.fromisoformat(row["since"])
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{file}: can't be read: {error}", fix="check the path") from error
    except (ValueError, TypeError, csv.Error) as error:
        raise InputError(
            f"{file}: row {len(found) + 2}: isn't a tombstone: {error}",
            fix="restore the file from a copy; a lost tombstone would not be noticed",
        ) from error
    return found


def _write(stones: _Stones, file: Path) -> None:
    with (
        replacing_file(file) as temporary,
        temporary.open("w", encoding="utf-8", newline="") as out,
    ):
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(COLUMNS)
        for (kind, number), since in sorted(stones.items()):
            writer.writerow([kind, f"{number:016x}", since.isoformat()])


def count(engine: Engine, found: ir.Table) -> int:
    """How many rows of inputs came back."""
    rows = found.select("content", "row").distinct()
    return int(engine.arrow(rows.aggregate(n=rows.count()))["n"][0].as_py())
