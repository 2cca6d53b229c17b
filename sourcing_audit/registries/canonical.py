"""Canonical records as CSV, TSV, JSONL or Parquet (`docs/registry.md`)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar

import ibis

from sourcing_audit.errors import RegistryError
from sourcing_audit.registries.interface import Export, RegistryReader
from sourcing_audit.sources import formats
from sourcing_audit.sources.interface import Format
from sourcing_audit.sources.table import read_table

if TYPE_CHECKING:
    from pathlib import Path

    import ibis.expr.types as ir

    from sourcing_audit.engine import Engine
    from sourcing_audit.rules.consent import ConsentRules

_SPACE = r" \t\r\n\f\v\x1c-\x1f\x85\xa0" + "\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_GUARDED = rf"^'*(?:[\t\r\n]|[{_SPACE}]*[=+\-@" + "\uff1d\uff0b\uff0d\uff20])"
"""What a spreadsheet would take for a formula, behind any number of guards. Written so that Python
and the engine read it alike."""

_GUARDED_HERE = re.compile(_GUARDED)


class CanonicalReader(RegistryReader):
    """Reads canonical consent records."""

    name: ClassVar[str] = "canonical"
    summary: ClassVar[str] = "consent records as this tool writes them: CSV, TSV, JSONL, Parquet"

    def recognises(self, path: Path, head: bytes) -> bool:  # noqa: ARG002
        """Any table; other formats are asked first."""
        return path.is_file() and formats.kind(path) is not None

    def read(self, engine: Engine, export: Export, rules: ConsentRules) -> ir.Table:  # noqa: ARG002
        """See `RegistryReader.read`."""
        table = read_table(engine, export.path)
        if "seq" in table.columns:
            raise RegistryError(
                f"{export.path}: a column is called seq", fix="begin columns of your own with x_"
            )
        known = formats.kind(export.path)
        if known is None or known[0] not in {Format.CSV, Format.TSV}:
            return table
        columns = {name: _unguarded(table[name]) for name in table.columns if name != "row"}
        return table.select("row", **columns)


def guarded(text: str) -> str:
    """A value as a cell of CSV that no spreadsheet takes for a formula; the reader undoes it."""
    return f"'{text}" if _GUARDED_HERE.match(text) else text


def _unguarded(value: ir.StringValue) -> ir.StringValue:
    guard = value.startswith("'") & value.re_search(_GUARDED)
    return ibis.ifelse(guard, value.substr(1), value)
