"""The symbol, word and tone of each verdict, so that colour never stands alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sourcing_audit.model import DatasetStatus, Outcome, Status


@dataclass(frozen=True)
class Mark:
    """How a verdict is told apart without colour."""

    symbol: str
    word: str
    tone: str
    """The key of its colour and pattern: good, open, unknown or bad."""


STATUS: Final[dict[Status, Mark]] = {
    Status.OPTED_OUT: Mark("✗", "opted out", "bad"),
    Status.CONSENT_REQUIRED: Mark("✗", "consent required", "bad"),
    Status.LICENSED: Mark("✓", "licensed", "good"),
    Status.PUBLIC_DOMAIN_OR_CC: Mark("✓", "public domain or CC", "good"),
    Status.PROPRIETARY_WITH_CONSENT: Mark("✓", "proprietary with consent", "good"),
    Status.TERMS_NOT_MET: Mark("✗", "terms not met", "bad"),
    Status.NOT_ESTABLISHED: Mark("?", "not established", "unknown"),
}

OUTCOME: Final[dict[Outcome, Mark]] = {
    Outcome.PERMITTED: Mark("✓", "permitted", "good"),
    Outcome.CONDITIONAL: Mark("!", "conditional", "open"),
    Outcome.UNDETERMINED: Mark("?", "undetermined", "unknown"),
    Outcome.PROHIBITED: Mark("✗", "prohibited", "bad"),
}
"""In the order in which readers meet them, the good news first."""

DATASET: Final[dict[DatasetStatus, Mark]] = {
    DatasetStatus.ESTABLISHED: Mark("✓", "established", "good"),
    DatasetStatus.ESTABLISHED_WITH_OBLIGATIONS: Mark("!", "established, with obligations", "open"),
    DatasetStatus.PARTLY_ESTABLISHED: Mark("?", "partly established", "unknown"),
    DatasetStatus.CONTAINS_OPTED_OUT: Mark("✗", "contains opted-out items", "bad"),
    DatasetStatus.NOT_ESTABLISHED: Mark("?", "not established", "unknown"),
}

QUARANTINED: Final = Mark("□", "quarantined", "unknown")
"""Records that could not be read; they count as not established."""
