"""What an audit left in a folder, as tables."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Self

import pyarrow.parquet as pq

from sourcing_audit import output, results
from sourcing_audit.files import replacing_file

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pandas as pd
    import pyarrow as pa

    from sourcing_audit.engine import Engine

Place = str | Path


class AuditTables:
    """The tables of an audit: lazy Ibis expressions, until `close` frees the engine."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        """Open what an audit left in a folder."""
        self._engine = engine
        self.folder = folder
        """Where its tables are, until `close`."""
        self._tables = output.tables(engine, folder)

    @property
    def findings(self) -> ir.Table:
        """One row per item with its verdict: `schema.FINDINGS` and `license_no`."""
        return self._tables[results.FINDINGS]

    @property
    def groups(self) -> ir.Table:
        """One row per group of items that are alike, by host: `schema.GROUPS`."""
        return self._tables[results.GROUPS]

    @property
    def quarantine(self) -> ir.Table:
        """One row per record or file that could not be read: `schema.QUARANTINE`."""
        return self._tables[results.QUARANTINE]

    @property
    def licenses(self) -> ir.Table:
        """One row per distinct set of declared values: `license_no` and `schema.LICENSES`."""
        return self._tables[results.LICENSES]

    @property
    def consent_evidence(self) -> ir.Table:
        """One row per item and consent record that speaks about it, those that lost included."""
        return self._tables[results.CONSENT]

    @property
    def records(self) -> ir.Table:
        """The canonical consent records behind `consent_evidence`."""
        return self._tables[results.RECORDS]

    @property
    def items(self) -> ir.Table:
        """The findings, with what each item declares and what its text states about its licence."""
        declared = ("license_raw", "license_url", "rights_raw", "license_detected")
        return self.findings.left_join(
            self.licenses.select("license_no", *declared), "license_no"
        ).select(*self.findings.columns, *declared)

    @property
    def reasons(self) -> ir.Table:
        """One row per item and reason: `item_id`, `status`, `outcome`, `reason`."""
        findings = self.findings
        return findings.select("item_id", "status", "outcome", reason=findings.reasons.unnest())

    def to_pandas(self, table: ir.Table | None = None) -> pd.DataFrame:
        """As `to_arrow`, as a data frame; the findings by default, one row per item."""
        frame: pd.DataFrame = self.to_arrow(table).to_pandas()
        return frame

    def to_arrow(self, table: ir.Table | None = None) -> pa.Table:
        """A table of this audit, or an expression over it, in Arrow; the findings by default."""
        return self._engine.arrow(self.findings if table is None else table)

    def write(self, table: ir.Table, file: Place) -> int:
        """Write a table of this audit, or an expression over it, as Parquet, whole or not at all.

        Returns:
            How many rows were written.

        Raises:
            OutputError: the file can't be written.

        """
        with replacing_file(Path(file)) as temporary:
            self._engine.write_parquet(table, temporary)
            written: int = pq.read_metadata(temporary).num_rows
            return written

    def close(self) -> None:
        """Free the engine; the lazy tables end with it."""
        self._engine.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()
