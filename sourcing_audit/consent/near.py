"""Works that are alike: hashes of items and records that differ in few bits.

Never decides anything: what looks alike may be another work, and what is the same may be far. It
lists the item for a person to look at, with the distance.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis
import pyarrow as pa
import pyarrow.parquet as pq

from sourcing_audit import iscc
from sourcing_audit.consent.bands import WORD, Band, plan
from sourcing_audit.engine import bit_count

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    import ibis.expr.types as ir

    from sourcing_audit.engine import Engine
    from sourcing_audit.rules.places import NearAlgorithm

COLUMNS = ("phash", "iscc")
"""The item columns that hold such hashes."""

ISCC = "iscc"
_COMPARED = (iscc.SEMANTIC, iscc.CONTENT, iscc.DATA)
"""Units of which near ones are alike. Titles that are alike aren't works that are (META), and an
INSTANCE is a checksum."""

_UNITS = pa.schema(
    [("given", pa.string()), ("key", pa.string()), ("space", pa.string()), ("w0", pa.uint64())]
)


def matches(
    engine: Engine,
    items: ir.Table,
    records: ir.Table,
    algorithms: Mapping[str, NearAlgorithm],
    columns: Collection[str],
) -> ir.Table | None:
    """Pairs of items and records whose hashes are near, each once.

    A record's `max_distance` can only lower its algorithm's limit. Records of the kind `iscc`
    are compared by distance where they state one; equal codes are no near match.

    Args:
        engine: what runs the joins.
        items: `pos` and the `columns` among `COLUMNS`.
        records: `record_no`, `subject_kind`, `wide` and `max_distance`.
        algorithms: the limits, by algorithm.
        columns: the item columns that the manifest fills.

    Returns:
        `pos`, `record_no`, `key` (the kind of subject) and `distance`; None when nothing can
        match.

    """
    found = []
    for name, rule in algorithms.items():
        column = ISCC if name == ISCC else "phash"
        if column not in columns:
            continue
        limits = _limited(records, rule)
        if not _any(engine, limits):
            continue
        if name == ISCC:
            left = _units(engine, items, column)
            right = _units(engine, limits, "wide")
        else:
            left = _hashes(items, column, rule)
            right = _hashes(limits, "wide", rule)
        found.append(_near(engine, left, right, rule, column))
    if not found:
        return None
    pairs = found[0] if len(found) == 1 else ibis.union(*found)
    return pairs.group_by(["pos", "record_no"]).aggregate(
        key=pairs.key.min(), distance=pairs.distance.min()
    )


def _limited(records: ir.Table, rule: NearAlgorithm) -> ir.Table:
    """The records of an algorithm, with the distance up to which each is near."""
    if rule.algorithm == ISCC:
        mine = records.filter((records.subject_kind == ISCC) & records.max_distance.notnull())
    else:
        mine = records.filter(
            (records.subject_kind == "phash") & records.wide.startswith(f"{rule.algorithm}:")
        )
    limit = ibis.least(ibis.coalesce(mine.max_distance, rule.max_distance), rule.max_distance)
    return mine.filter(mine.wide.notnull()).select("record_no", "wide", within=limit.cast("int64"))


def _any(engine: Engine, table: ir.Table) -> bool:
    return bool(engine.arrow(table.limit(1)).num_rows)


def _hashes(table: ir.Table, column: str, rule: NearAlgorithm) -> ir.Table:
    """A table with `key`, `space` and the words of its hashes of one algorithm."""
    digits = table[column].strip().lower().re_replace(r"^(?:[a-z]+\d*:|0x)", "")
    size = rule.bits // 4
    hashes = table.mutate(digits=digits)
    hashes = hashes.filter(hashes.digits.re_search(rf"^[0-9a-f]{{{size}}}$"))
    return hashes.mutate(
        key=hashes.digits,
        space=ibis.literal(""),
        **{
            f"w{nth}": ibis.literal("0x")
            .concat(hashes.digits.substr(nth * WORD // 4, WORD // 4))
            .cast("uint64")
            for nth in range(rule.bits // WORD)
        },
    )


def _units(engine: Engine, table: ir.Table, column: str) -> ir.Table:
    """A table with a row for each unit of its codes that can be compared: `key`, `space`, `w0`.

    Each distinct code is read once. Of longer units the first 64 bits are compared.
    """
    given = table.filter(table[column].notnull()).mutate(given=table[column])
    target = engine.new_folder() / "units.parquet"
    with pq.ParquetWriter(target, _UNITS, compression="snappy") as writer:
        for batch in engine.batches(given.select("given").distinct()):
            rows = [
                (text, *unit)
                for text in batch.column("given").to_pylist()
                for unit in _comparable(text)
            ]
            parts = [list(part) for part in zip(*rows, strict=True)] or [[], [], [], []]
            writer.write_batch(
                pa.record_batch(
                    [pa.array(p, f.type) for p, f in zip(parts, _UNITS, strict=True)],
                    schema=_UNITS,
                )
            )
    return given.inner_join(engine.read_parquet([target]), "given")


def _comparable(text: str) -> list[tuple[str, str, int]]:
    code = text.strip().upper().removeprefix("ISCC:").replace("-", "")
    return [
        (f"iscc:{code.lower()}", f"{unit.main}.{unit.sub}.{unit.version}", _first_word(unit.body))
        for unit in iscc.units(code) or ()
        if unit.main in _COMPARED and 8 * len(unit.body) >= WORD
    ]


def _first_word(body: bytes) -> int:
    return int.from_bytes(body[: WORD // 8])


def _near(
    engine: Engine, left: ir.Table, right: ir.Table, rule: NearAlgorithm, key: str
) -> ir.Table:
    """Join distinct hashes band by band, then give the pairs back to items and records."""
    words = [name for name in left.columns if name in {f"w{n}" for n in range(rule.bits // WORD)}]
    by = ["space", *words]
    items = engine.materialise(left.select("pos", "key", *by), "near_items")
    records = engine.materialise(right.select("record_no", "within", "wide", *by), "near_records")
    ours = _numbered(engine, items.select(*by).distinct(), by, "near_left")
    theirs = _numbered(
        engine, records.group_by(by).aggregate(within=records.within.max()), by, "near_right"
    )
    bands = plan(
        len(words), _most(engine, theirs), *(_count(engine, each) for each in (ours, theirs))
    )
    alike = [_joined(engine, ours, theirs, band, words) for band in bands]
    union = alike[0] if len(alike) == 1 else ibis.union(*alike, distinct=True)
    pairs = engine.materialise(union, "near_hashes")
    hashes = pairs.inner_join(ours, "left_no").select("distance", "right_no", *by)
    with_items = hashes.inner_join(items, by).select("pos", "key", "distance", "right_no")
    kept = theirs.drop("within").inner_join(records, by)
    joined = with_items.inner_join(kept, "right_no")
    # Equal codes are found as such; a perceptual hash never says more than that works are alike.
    near = (joined.distance <= joined.within) & ((joined.key != joined.wide) | (key != ISCC))
    return joined.filter(near).select(
        "pos", "record_no", key=ibis.literal(key), distance=joined.distance
    )


def _numbered(engine: Engine, hashes: ir.Table, by: list[str], side: str) -> ir.Table:
    number = f"{side.removeprefix('near_')}_no"
    return engine.materialise(hashes.mutate(**{number: ibis.row_number().over(order_by=by)}), side)


def _most(engine: Engine, hashes: ir.Table) -> int:
    return int(engine.arrow(hashes.aggregate(n=hashes.within.max()))["n"].to_pylist()[0] or 0)


def _count(engine: Engine, table: ir.Table) -> int:
    return int(engine.arrow(table.aggregate(n=table.count()))["n"].to_pylist()[0])


def _joined(
    engine: Engine, left: ir.Table, right: ir.Table, band: Band, words: list[str]
) -> ir.Table:
    """Pairs of hashes that agree in one band but for its radius, and are near as a whole."""
    masks = engine.from_arrow("masks", pa.table({"mask": pa.array(band.masks(), pa.uint64())}))
    ours = left.select(
        "left_no", "space", band=_bits(left, band), **{f"left_{w}": left[w] for w in words}
    )
    theirs = right.cross_join(masks)
    theirs = theirs.select(
        "right_no", "space", "within", *words, band=_bits(theirs, band) ^ theirs["mask"]
    )
    pairs = ours.inner_join(theirs, ["space", "band"])
    distance = sum(
        (bit_count(pairs[f"left_{word}"] ^ pairs[word]).cast("int64") for word in words[1:]),
        start=bit_count(pairs[f"left_{words[0]}"] ^ pairs[words[0]]).cast("int64"),
    )
    pairs = pairs.mutate(distance=distance)
    return pairs.filter(pairs.distance <= pairs.within).select("left_no", "right_no", "distance")


def _bits(table: ir.Table, band: Band) -> ir.IntegerValue:
    mask = ibis.literal((1 << band.width) - 1, type="uint64")
    bits: ir.IntegerValue = (table[f"w{band.word}"] >> band.shift) & mask
    return bits
