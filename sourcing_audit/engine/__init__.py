"""The one seam to an engine: DuckDB behind Ibis. Nothing outside this package imports duckdb."""

from sourcing_audit.engine.duck import Engine
from sourcing_audit.engine.functions import (
    bit_count,
    json_text,
    parsed_moment,
    smallest,
    split_part,
    trimmed,
)
from sourcing_audit.engine.queries import Queries

__all__ = [
    "Engine",
    "Queries",
    "bit_count",
    "json_text",
    "parsed_moment",
    "smallest",
    "split_part",
    "trimmed",
]
