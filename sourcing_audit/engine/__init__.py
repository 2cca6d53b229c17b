"""The one seam to an engine: DuckDB or Spark behind Ibis. Nothing else imports either of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sourcing_audit.engine.duck import Engine
from sourcing_audit.engine.functions import (
    bit_count,
    fingerprint,
    first_texts,
    hashed,
    json_text,
    lasting_number,
    parsed_moment,
    smallest,
    split_part,
    total,
    trimmed,
)
from sourcing_audit.engine.queries import Queries
from sourcing_audit.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = [
    "ENGINES",
    "Engine",
    "Queries",
    "bit_count",
    "fingerprint",
    "first_texts",
    "hashed",
    "json_text",
    "lasting_number",
    "parsed_moment",
    "smallest",
    "split_part",
    "start",
    "total",
    "trimmed",
]

ENGINES = ("duckdb", "spark")


def start(
    name: str = "duckdb",
    *,
    master: str | None = None,
    memory_limit: str | None = None,
    temp_directory: Path | None = None,
) -> Engine:
    """The engine of an audit.

    Args:
        name: one of `ENGINES`.
        master: where Spark runs.
        memory_limit: of DuckDB, which also serves Spark's driver.
        temp_directory: where the work folder is made.

    Raises:
        ConfigError: the name isn't known, or Spark isn't installed.
        SourcingAuditError: it does not start.

    """
    if name not in ENGINES:
        raise ConfigError(f"{name}: no such engine", fix=f"known are {', '.join(ENGINES)}")
    if name == "duckdb":
        return Engine.duckdb(memory_limit=memory_limit, temp_directory=temp_directory)
    try:
        # Heavy, and an extra.
        from sourcing_audit.engine.spark import SparkEngine
    except ImportError as error:
        raise ConfigError(
            f"the engine spark needs PySpark: {error}", fix="pip install 'sourcing-audit[spark]'"
        ) from error
    return SparkEngine.spark(
        master=master, memory_limit=memory_limit, temp_directory=temp_directory
    )
