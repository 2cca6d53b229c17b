"""Canonical records as CSV, TSV, JSONL or Parquet (`docs/registry.md`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from sourcing_audit.registries.interface import Export, RegistryReader
from sourcing_audit.sources.table import read_table

if TYPE_CHECKING:
    from pathlib import Path

    import ibis.expr.types as ir

    from sourcing_audit.engine import Engine
    from sourcing_audit.rules.consent import ConsentRules


class CanonicalReader(RegistryReader):
    """Reads canonical consent records."""

    name: ClassVar[str] = "canonical"

    def recognises(self, path: Path, head: bytes) -> bool:  # noqa: ARG002
        """Any table; other formats are asked first."""
        return path.is_file()

    def read(self, engine: Engine, export: Export, rules: ConsentRules) -> ir.Table:  # noqa: ARG002
        """See `RegistryReader.read`."""
        return read_table(engine, export.path)
