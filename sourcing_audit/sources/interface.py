"""What every reader gives the pipeline, and what it is built from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

    Positions: TypeAlias = npt.NDArray[np.intp]
    Mask: TypeAlias = npt.NDArray[np.bool_]

    import ibis.expr.types as ir

    from sourcing_audit.model import FieldMapping, ShardInfo
    from sourcing_audit.sources.cards import Card
    from sourcing_audit.sources.remote import RemoteFile

STRIDE = 2**40
"""Positions that each shard has for its rows."""

EXCERPT = 120
"""Characters of a raw record that are kept with its quarantine reason."""

MAX_RECORD = 16 * 2**20
"""A longer record (bytes of text) is quarantined; nothing about one item is that long."""

Progress: TypeAlias = Callable[[str, int, int | None], None]
"""Is told the stage, how much is done and, if known, of how much."""


@dataclass(frozen=True)
class Dialect:
    """How a CSV or TSV file is laid out, from its first lines."""

    delimiter: str
    header: tuple[str, ...]
    """The column names as they stand in the file."""
    columns: tuple[str, ...]
    """The same, made unique: `name_2` for a second `name`, `column_3` for an empty third."""
    newline: str


class Format(StrEnum):
    """How an input file is laid out."""

    PARQUET = "parquet"
    CSV = "csv"
    TSV = "tsv"
    JSONL = "jsonl"
    ARROW = "arrow"
    HUB = "huggingface"


SUFFIXES = {
    Format.PARQUET: ".parquet",
    Format.CSV: ".csv",
    Format.TSV: ".tsv",
    Format.JSONL: ".jsonl",
    Format.ARROW: ".arrow",
    Format.HUB: ".parquet",
}
"""What a file with rows of an input of this format is called."""


@dataclass(frozen=True)
class Shard:
    """An input file that was found, before it is opened."""

    name: str
    """As the user would write it."""
    path: Path
    format: Format
    compression: str | None = None
    """`gz`, `zst`, `bz2` or `xz`."""
    split: str | None = None
    cards: tuple[Card, ...] = ()
    """The documents that speak of the dataset it belongs to."""
    stream: Stream | None = None
    """Where the rows come from if not from the path."""
    sha256: str | None = None
    """What the dataset's own description says the file's digest is."""
    remote: RemoteFile | None = None
    """The file where it isn't on this disk; the path is then of no use."""

    @property
    def is_here(self) -> bool:
        """Whether the path leads to the shard's file."""
        return self.stream is None and self.remote is None


class Stream(Protocol):
    """Rows from elsewhere than a file."""

    @property
    def schema(self) -> pa.Schema:
        """The columns."""

    def batches(self, columns: Sequence[int]) -> Iterator[pa.RecordBatch]:
        """Some columns by position; all rows."""


@dataclass(frozen=True)
class Opened:
    """A shard whose columns are known."""

    shard: Shard
    columns: tuple[str, ...]
    """As the user may name them; of two alike, the second is numbered."""
    dialect: Dialect | None = None
    """For CSV and TSV."""
    types: tuple[str, ...] = ()
    """For Parquet that the engine scans in place; empty when it has to be parsed."""
    rows: int | None = None
    """Where the file itself says so."""
    media: tuple[str, ...] = ()
    """The columns that hold media files."""
    served: bool = False
    """Parquet elsewhere, from which the engine takes the columns that are wanted."""


@dataclass(frozen=True)
class MediaShard:
    """A shard with columns that hold media files."""

    number: int
    """Its place in the dataset: the positions of its rows begin at `number * STRIDE + 1`."""
    shard: Shard
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Chosen:
    """A shard of which some rows are wanted."""

    shard: Shard
    info: ShardInfo
    mask: Mask
    """For each record, whether it is wanted."""


class UnreadableError(Exception):
    """A file can't be read as a whole; caught by `ingest`, which quarantines the file."""

    def __init__(self, reason: str, detail: str, *, fix: str | None = None) -> None:
        """Take a quarantine reason, what was wrong, and the way out if it isn't the usual one."""
        super().__init__(detail)
        self.reason = reason
        self.detail = detail
        self.fix = fix


@dataclass(frozen=True)
class Portion:
    """As many items as are judged at a time: those of neighbouring shards or rows."""

    number: int
    """Its place among the dataset's portions."""
    shards: range
    """Their places in the dataset."""
    rows: range | None
    """The numbers of the only shard's rows that it has; None for all rows."""
    items: ir.Table
    """Columns of `schema.ITEMS`."""


@dataclass(frozen=True)
class Ingested:
    """A dataset as canonical items, and what could not be read."""

    items: ir.Table
    """Columns of `schema.ITEMS`."""
    portions: tuple[Portion, ...]
    """The same items in their order."""
    quarantine: ir.Table
    """Columns of `schema.QUARANTINE`."""
    changed: Callable[[], str | None]
    """The name of an input that isn't what it was when its digest was taken; None for none."""
    recheck: Callable[[], Ingested | None]
    """To be called when the engine can't read the items: gives the dataset anew, its damaged
    shards quarantined; None where none is damaged."""
    shards: tuple[ShardInfo, ...]
    mapping: tuple[FieldMapping, ...]
    unused_columns: tuple[str, ...]
    cards: tuple[Card, ...]
    """The documents that speak of the dataset as a whole."""
    media: tuple[MediaShard, ...] = ()
    """Where media files are among the items' columns."""
