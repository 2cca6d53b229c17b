"""What is remembered of audited items: their keys as numbers, and nothing else of them."""

from sourcing_audit.remembered.contents import Contents, content
from sourcing_audit.remembered.tracing import REMOVALS, Trace, trace
from sourcing_audit.remembered.versions import with_items

__all__ = ["REMOVALS", "Contents", "Trace", "content", "trace", "with_items"]
