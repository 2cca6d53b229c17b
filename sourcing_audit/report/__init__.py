"""The report as data: what `report.json` holds and every format renders.

Versioned; the JSON Schema in `docs/report.schema.json` is generated from these models. All
counts are items unless their name says otherwise. Nothing here depends on the clock: the same
inputs, rules and as-of date give the same report.
"""

from __future__ import annotations

import datetime as dt
from typing import Final, Literal

from pydantic import Field

from sourcing_audit.model import DatasetStatus
from sourcing_audit.report.asked import (
    Card,
    CardStatement,
    Dataset,
    Input,
    MappedField,
    Registry,
    RuleOverride,
    RulesUsed,
    Tool,
    Use,
)
from sourcing_audit.report.base import Model
from sourcing_audit.report.changes import (
    ChangeCount,
    Changes,
    Difference,
    EarlierAudit,
    StatusFlow,
    TrendPoint,
)
from sourcing_audit.report.counts import (
    Consent,
    ConsentCount,
    Coverage,
    Expiring,
    ExpiringDay,
    Group,
    LicenseCount,
    LineageCount,
    ObligationCount,
    Origin,
    OutcomeCount,
    QuarantineCount,
    ReasonCount,
    SourceCount,
    StatusCount,
    TextCount,
    TextsRead,
    Totals,
    Unresolved,
    UnresolvedValue,
)
from sourcing_audit.report.gate import (
    Gate,
    GateCheck,
    Waiver,
)

__all__ = [
    "SCHEMA_VERSION",
    "Card",
    "CardStatement",
    "ChangeCount",
    "Changes",
    "Consent",
    "ConsentCount",
    "Coverage",
    "Dataset",
    "Difference",
    "Disclosure",
    "EarlierAudit",
    "Expiring",
    "ExpiringDay",
    "Gate",
    "GateCheck",
    "Group",
    "Input",
    "LicenseCount",
    "LineageCount",
    "MappedField",
    "ObligationCount",
    "Origin",
    "OutcomeCount",
    "QuarantineCount",
    "ReasonCount",
    "Registry",
    "Report",
    "RuleOverride",
    "RulesUsed",
    "SourceCount",
    "StatusCount",
    "StatusFlow",
    "TextCount",
    "TextsRead",
    "Tool",
    "Totals",
    "TrendPoint",
    "Unresolved",
    "UnresolvedValue",
    "Use",
    "Waiver",
]

SCHEMA_VERSION: Final = "1.0"


class Disclosure(Model):
    """The sourcing-status field of AIMEG 4.2, in words that claim no more than the counts."""

    short: str
    statements: list[str]
    limits: list[str]


class Report(Model):
    """One dataset's sourcing-status report."""

    schema_version: Literal["1.0"] = SCHEMA_VERSION
    tool: Tool
    rules: RulesUsed
    as_of: dt.date
    dataset: Dataset
    use: Use
    registries: list[Registry]
    dataset_status: DatasetStatus
    sentence: str = Field(description="the result in one plain sentence")
    totals: Totals
    statuses: list[StatusCount] = Field(description="every status, in the order of the table")
    outcomes: list[OutcomeCount]
    reasons: list[ReasonCount]
    obligations: list[ObligationCount]
    licenses: list[LicenseCount] = Field(description="the most frequent expressions")
    license_expressions: int = Field(description="distinct concluded expressions in all")
    unresolved: Unresolved
    texts: TextsRead | None = Field(description="null where no item has a text")
    lineage: list[LineageCount] = Field(description="upstream datasets, the most items first")
    origin: Origin
    consent: Consent
    hosts: list[SourceCount]
    creators: list[SourceCount]
    groups: list[Group] = Field(
        default=[],
        description="items that are alike, by host: the worst outcome and the most items first",
    )
    groups_in_all: int = Field(default=0, description="all are in `groups.parquet`")
    changes: Changes | None = Field(
        default=None, description="since an earlier audit; null where none was named"
    )
    waivers: list[Waiver] = Field(default=[], description="findings that somebody answers for")
    gate: Gate | None = Field(
        default=None, description="null where neither limits, waivers nor a baseline were given"
    )
    trend: list[TrendPoint] = Field(
        default=[], description="this audit and those before it in the history, the oldest first"
    )
    returned: int | None = Field(
        default=None,
        description="items whose works were taken down before; null where no tombstones were given",
    )
    coverage: Coverage
    quarantine: list[QuarantineCount]
    disclosure: Disclosure

    @property
    def asked(self) -> list[Registry]:
        """The registries that were given, without the signals that came with the items."""
        return [entry for entry in self.registries if not entry.own]
