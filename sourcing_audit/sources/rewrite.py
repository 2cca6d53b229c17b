"""Copies of input files with chosen rows only, format by format."""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import lzma
from contextlib import ExitStack, contextmanager
from typing import IO, TYPE_CHECKING, cast

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from sourcing_audit.errors import ConfigError
from sourcing_audit.sources import columnar, delimited, jsonl, streams, strict_csv
from sourcing_audit.sources.interface import MAX_RECORD, Chosen, Dialect, Format

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from sourcing_audit.sources.interface import Mask, Positions


def write(chosen: Sequence[Chosen], target: Path, compression: str | None) -> None:
    """Copy the chosen rows of all shards, which have one format, into one file.

    Raises:
        ConfigError: the shards' columns differ.
        UnreadableError: a shard is damaged.

    """
    match chosen[0].shard.format:
        case Format.PARQUET | Format.HUB:
            codec = columnar.codec(chosen[0].shard)
            with pq.ParquetWriter(target, _schema(chosen), compression=codec) as writer:
                for batch in _batches(chosen):
                    writer.write_batch(batch)
        case Format.ARROW:
            with pa.ipc.new_stream(target, _schema(chosen)) as writer:
                for batch in _batches(chosen):
                    writer.write_batch(batch)
        case Format.JSONL:
            with _packed(target, compression) as out:
                out.writelines(_json_lines(chosen))
        case Format.CSV | Format.TSV:
            with _packed(target, compression) as out:
                out.writelines(_csv_lines(chosen))


def _schema(chosen: Sequence[Chosen]) -> pa.Schema:
    schemas = [columnar.shape(one.shard)[0] for one in chosen]
    for one, schema in zip(chosen, schemas, strict=True):
        if not schema.equals(schemas[0]):
            raise _differ(chosen[0], one)
    return schemas[0]


def _batches(chosen: Sequence[Chosen]) -> Iterator[pa.RecordBatch]:
    for one in chosen:
        before = 0
        with columnar.batches(one.shard) as parts:
            for part in parts:
                mask = one.mask[before : before + part.num_rows]
                before += part.num_rows
                part.validate(full=True)
                if mask.any():
                    yield part.filter(pa.array(mask))


def _json_lines(chosen: Sequence[Chosen]) -> Iterator[bytes]:
    for one in chosen:
        with streams.opened(one.shard) as stream:
            yield from _cut(jsonl.raw_records(stream), one.mask)


def _csv_lines(chosen: Sequence[Chosen]) -> Iterator[bytes]:
    dialects = [_dialect(one) for one in chosen]
    for one, dialect in zip(chosen, dialects, strict=True):
        if (dialect.header, dialect.delimiter) != (dialects[0].header, dialects[0].delimiter):
            raise _differ(chosen[0], one)
    yield _header(dialects[0])
    for one, dialect in zip(chosen, dialects, strict=True):
        with streams.opened(one.shard) as stream:
            survey = delimited.survey(stream, dialect.delimiter)
        with streams.opened(one.shard) as stream:
            if survey.regular and survey.records == len(one.mask) + 1:
                records = _cut(delimited.raw_records(stream), np.append(False, one.mask))
            else:
                records = strict_csv.raw_records(stream, dialect, one.mask, MAX_RECORD)
            for record in records:
                yield record if record.endswith((b"\n", b"\r")) else record + b"\n"


def _dialect(one: Chosen) -> Dialect:
    with streams.opened(one.shard) as stream:
        return delimited.dialect(stream, "\t" if one.shard.format is Format.TSV else ",")


def _header(dialect: Dialect) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=dialect.delimiter, lineterminator=dialect.newline)
    writer.writerow(dialect.header)
    return text.getvalue().encode()


def _cut(blocks: Iterable[tuple[bytes, Positions, Positions]], mask: Mask) -> Iterator[bytes]:
    """The chosen records of some blocks, neighbours in one piece."""
    before = 0
    for block, starts, ends in blocks:
        wanted = np.flatnonzero(mask[before : before + len(starts)])
        before += len(starts)
        if not len(wanted):
            continue
        # A piece ends where the next chosen record doesn't start at once.
        breaks = np.flatnonzero(ends[wanted[:-1]] != starts[wanted[1:]])
        firsts = starts[wanted[np.concatenate(([0], breaks + 1))]]
        lasts = ends[wanted[np.append(breaks, len(wanted) - 1)]]
        yield from (block[start:end] for start, end in zip(firsts, lasts, strict=True))


def _differ(first: Chosen, other: Chosen) -> ConfigError:
    return ConfigError(
        f"{first.info.name} and {other.info.name} have different columns",
        fix="audit and filter them on their own",
    )


@contextmanager
def _packed(target: Path, compression: str | None) -> Iterator[IO[bytes]]:
    with ExitStack() as stack:
        file = stack.enter_context(target.open("wb"))
        match compression:
            case None:
                yield file
            case "gz":
                # Neither name nor time inside: the same rows give the same bytes.
                packed = gzip.GzipFile("", "wb", 6, file, mtime=0)
                yield cast("IO[bytes]", stack.enter_context(packed))
            case "zst":
                yield stack.enter_context(pa.CompressedOutputStream(file, "zstd"))
            case "bz2":
                yield cast("IO[bytes]", stack.enter_context(bz2.open(file, "wb")))
            case _:
                yield cast("IO[bytes]", stack.enter_context(lzma.open(file, "wb")))
