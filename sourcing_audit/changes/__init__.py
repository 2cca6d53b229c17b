"""What changed since an earlier audit of the same dataset, and what it is down to."""

from sourcing_audit.changes.comparison import Audited, Comparison, compare
from sourcing_audit.changes.differences import earlier, unchanged_shards
from sourcing_audit.changes.sides import comparable, numbered, shared_ids, verdicts

__all__ = [
    "Audited",
    "Comparison",
    "comparable",
    "compare",
    "earlier",
    "numbered",
    "shared_ids",
    "unchanged_shards",
    "verdicts",
]
