"""The one seam to an engine: DuckDB behind Ibis. Nothing outside this package imports duckdb."""

from sourcing_audit.engine.duck import Engine
from sourcing_audit.engine.functions import json_text, smallest, trimmed

__all__ = ["Engine", "json_text", "smallest", "trimmed"]
