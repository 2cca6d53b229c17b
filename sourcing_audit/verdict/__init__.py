"""Verdicts: what decides them in an item, as a number, and the decision table over such classes."""

from sourcing_audit.verdict.facts import FACTS, packed
from sourcing_audit.verdict.table import CLASSES, NO_ANSWER, OUTCOMES, RANKED, classes

__all__ = ["CLASSES", "FACTS", "NO_ANSWER", "OUTCOMES", "RANKED", "classes", "packed"]
