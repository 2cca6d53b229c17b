"""The one seam to an engine: DuckDB behind Ibis. Nothing outside this package imports duckdb."""

from sourcing_audit.engine.duck import Engine
from sourcing_audit.engine.functions import bit_count, json_text, parsed_moment, smallest, trimmed

__all__ = ["Engine", "bit_count", "json_text", "parsed_moment", "smallest", "trimmed"]
