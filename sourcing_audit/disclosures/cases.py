"""The claims' own examples, run through the reader of disclosures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sourcing_audit.disclosures.checking import claims_of
from sourcing_audit.rules.cards import folded

if TYPE_CHECKING:
    from sourcing_audit.rules.disclosures import DisclosureRules


def check_examples(rules: DisclosureRules) -> tuple[int, list[str]]:
    """Count the examples, and say which don't hold: for claims with the hedges applied."""
    ran, failures = 0, []
    for claim in rules.claims:
        for text, wanted in ((claim.row.example, True), *((c, False) for c in claim.row.counter)):
            ran += 1
            found = claim.row.id in {one.row.id for one, _ in claims_of(text, rules)}
            if found is not wanted:
                failures.append(f"claim {claim.row.id}: {_told(found)} in {text!r}")
    for hedge in rules.hedges:
        for text, wanted in ((hedge.example, True), *((c, False) for c in hedge.counter)):
            ran += 1
            found = hedge.pattern.search(folded(text)) is not None
            if found is not wanted:
                failures.append(f"hedge {hedge.id}: {_told(found)} in {text!r}")
    return ran, failures


def _told(found: bool) -> str:
    return "found" if found else "not found"
