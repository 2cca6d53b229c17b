"""Why an item has its verdict: the rules and records behind it, and those that lost."""

from sourcing_audit.explain.evidence import Explanation, RecordEvidence, explain

__all__ = ["Explanation", "RecordEvidence", "explain"]
