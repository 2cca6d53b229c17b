"""Apache Spark behind Ibis: tables in its files, read and written by its workers."""

from __future__ import annotations

import re
from contextlib import contextmanager
from itertools import count
from typing import TYPE_CHECKING, Self
from urllib.parse import unquote, urlsplit

import ibis
import ibis.expr.operations as ops
import pyarrow as pa
import pyarrow.parquet as pq
from ibis.backends.pyspark import Backend
from py4j.protocol import Py4JError
from pyspark import cloudpickle
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession
from pyspark.sql import functions as spark
from pyspark.sql.types import StringType

from sourcing_audit.engine import spark_json
from sourcing_audit.engine.dialect import JSON_TEXT, SMALLEST, SparkSql
from sourcing_audit.errors import InputError, SourcingAuditError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    import ibis.expr.schema as sch
    import ibis.expr.types as ir
    from pyspark.sql import DataFrame

_SETTINGS = {
    # Moments are read, compared and written in UTC, wherever the machines stand.
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    "spark.sql.parquet.inferTimestampNTZ.enabled": "true",
    # Names of columns are told apart by their capitals, and what can't be done is an error.
    "spark.sql.caseSensitive": "true",
    "spark.sql.ansi.enabled": "true",
    # A file that can't be read is a finding, never left out.
    "spark.sql.files.ignoreCorruptFiles": "false",
    "spark.sql.files.ignoreMissingFiles": "false",
}

_UNREADABLE = ("FAILED_READ_FILE", "CANNOT_READ_FILE", "FAILED_READ_FOOTER")
"""Spark's conditions that are about the data that it was given."""


_SCHEME = "^[A-Za-z0-9]+:/*"
"""What stands before a file's path; of some Spark writes `file:/`, of others `file:///`."""


class _Backend(Backend):  # type: ignore[misc]
    """Ibis' backend with our own words."""

    compiler = SparkSql()


class Cluster:
    """A Spark session of our own, beside any other of the same application."""

    def __init__(self, session: SparkSession, *, started: bool) -> None:
        """Take a session; use `connect` instead."""
        self._application = session if started else None
        self._session = session.newSession()
        self._numbers = count()
        for name, value in _SETTINGS.items():
            self._session.conf.set(name, value)
        self._backend = _Backend().connect(self._session)
        # Sent along: workers needn't have this package.
        cloudpickle.register_pickle_by_value(spark_json)
        self._session.udf.register(JSON_TEXT, spark.udf(spark_json.text_at, StringType()))

        with guarded():
            self._borrow("collect_top_k", SMALLEST)

    def _borrow(self, internal: str, name: str) -> None:
        """Give one of Spark's internal functions a name in this session."""
        catalyst = self._session._jvm.org.apache.spark.sql.catalyst  # noqa: SLF001
        registry = getattr(getattr(catalyst.analysis, "FunctionRegistry$"), "MODULE$").internal()
        builder = registry.lookupFunctionBuilder(catalyst.FunctionIdentifier(internal)).get()
        known = self._session._jsparkSession.sessionState().functionRegistry()  # noqa: SLF001
        known.createOrReplaceTempFunction(name, builder, "built-in")

    @classmethod
    def connect(cls, master: str | None) -> Self:
        """Use the application that runs, as in a notebook, or start one.

        Args:
            master: where; by default what Spark's own settings say, else this machine.

        Raises:
            SourcingAuditError: it does not start.

        """
        running = SparkSession.getActiveSession()
        if running is not None:
            return cls(running, started=False)
        builder = SparkSession.builder.appName("sourcing-audit")
        if master is not None:
            builder = builder.master(master)
        with guarded():
            session = builder.getOrCreate()
            session.sparkContext.setLogLevel("ERROR")
            return cls(session, started=True)

    def close(self) -> None:
        """End the application if it was started here."""
        if self._application is not None:
            self._application.stop()

    def holds(self, table: ops.DatabaseTable) -> bool:
        """Whether a table is one of this session's."""
        return table.source is self._backend

    def scan(self, paths: Sequence[Path], columns: Mapping[str, str]) -> ir.Table:
        """See `Engine.scan_parquet`; for columns that Spark writes as text like DuckDB does."""
        with guarded():
            frame = self._session.read.parquet(*map(_pattern, paths))
            places = self._places(frame, paths)
            found = frame.select(
                spark.regexp_replace("_metadata.file_path", _SCHEME, "/").alias("place"),
                (spark.col("_metadata.row_index") + 1).alias("row"),
                *(spark.col(_name(old)).cast("string").alias(new) for old, new in columns.items()),
            )
            # A left join, and a number that can't be missing: no row is ever lost here.
            found = found.join(spark.broadcast(places), "place", "left").drop("place")
            number = spark.coalesce("file", spark.raise_error(spark.lit("a file isn't known")))
            found = found.withColumn("file", number.cast("bigint"))
            schema = {"file": "int64", "path": "string", "row": "int64"}
            schema |= dict.fromkeys(columns.values(), "string")
            return self._table(found.select(*schema), ibis.schema(schema))

    def _places(self, frame: DataFrame, paths: Sequence[Path]) -> DataFrame:
        """The number and path of each file, by its place as Spark spells it."""
        numbers = {str(path.resolve()): number for number, path in enumerate(paths)}
        rows = []
        for uri in frame.inputFiles():
            number = numbers[unquote(urlsplit(uri).path)]
            rows.append((re.sub(_SCHEME, "/", uri), number, str(paths[number])))
        return self._session.createDataFrame(rows, "place string, file long, path string")

    def read(self, paths: Sequence[Path], schema: sch.Schema, *, numbered: bool) -> ir.Table:
        """A lazy table over our own Parquet files, numbered as by `Engine.read_numbered`."""
        with guarded():
            frame = self._session.read.parquet(*map(_pattern, paths))
            if numbered:
                row = (spark.col("_metadata.row_index") + 1).alias("row")
                frame = frame.select("*", row)
            return self._table(frame.select(*map(_name, schema)), schema)

    def named(self, expr: ir.Table) -> ir.Table:
        """See `Engine.named`."""
        with guarded():
            return self._table(self._frame(expr), expr.schema())

    def arrow(self, expr: ir.Table) -> pa.Table:
        """See `Engine.arrow`."""
        with guarded():
            return self._frame(expr).toArrow().cast(expr.schema().to_pyarrow())

    def write(self, expr: ir.Table, folder: Path, compression: str) -> None:
        """Write a table as a folder of Parquet files, numbered in the order of the table."""
        with guarded():
            writer = self._frame(expr).write.option("compression", compression)
            writer.option("mapreduce.fileoutputcommitter.marksuccessfuljobs", "false").parquet(
                _address(folder)
            )
        for checksum in folder.glob(".*.crc"):
            checksum.unlink()
        for number, part in enumerate(sorted(folder.glob("part-*"))):
            part.rename(folder / f"part-{number:05}.parquet")

    def _frame(self, expr: ir.Table) -> DataFrame:
        """The expression as Spark has it, moments without a zone where that is their type."""
        frame = self._session.sql(self._backend.compile(expr))
        plain = {
            name: spark.col(_name(name)).cast("timestamp_ntz")
            for name, kind in expr.schema().items()
            if kind.is_timestamp() and kind.timezone is None
        }
        return frame.withColumns(plain) if plain else frame

    def _table(self, frame: DataFrame, schema: sch.Schema) -> ir.Table:
        name = f"sa_{next(self._numbers)}"
        frame.createTempView(name)
        return ops.DatabaseTable(name, schema=schema, source=self._backend).to_expr()


def batches(folder: Path, schema: sch.Schema, size: int) -> Iterator[pa.RecordBatch]:
    """The rows of a folder that `Cluster.write` wrote, in order."""
    expected = schema.to_pyarrow()
    for part in sorted(folder.iterdir()):
        with pq.ParquetFile(part) as file:
            for batch in file.iter_batches(size):
                yield batch.cast(expected)


@contextmanager
def guarded() -> Iterator[None]:
    """Turn Spark's failures into errors that a user can act on."""
    try:
        yield
    except (PySparkException, Py4JError) as error:
        told = str(error).strip()
        problem = told.partition("\n")[0] or type(error).__name__
        if any(condition in told for condition in _UNREADABLE):
            raise InputError(problem) from error
        raise SourcingAuditError(f"Spark failed: {problem}") from error


def _pattern(path: Path) -> str:
    """An address that names one file, even if its name looks like a pattern."""
    return re.sub(r"([\\*?\[\]{}])", r"\\\1", _address(path))


def _address(path: Path) -> str:
    """A path as Spark takes it, whatever its file system is by default; it wants no escapes."""
    return f"file://{path.resolve()}"


def _name(column: str) -> str:
    return "`" + column.replace("`", "``") + "`"
