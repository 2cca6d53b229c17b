"""Consent: what the registries say of each item, which record decides and which ones lost."""

from sourcing_audit.consent import own
from sourcing_audit.consent.again import Again, compared
from sourcing_audit.consent.ages import Ages, ages
from sourcing_audit.consent.approvals import ending_approvals
from sourcing_audit.consent.asking import Consent, Matched, ask, match, resolve
from sourcing_audit.consent.consult import Consulted, consult, with_records
from sourcing_audit.consent.kinds import KEY_COLUMNS
from sourcing_audit.consent.resolution import EVIDENCE
from sourcing_audit.consent.sieve import Sieve

__all__ = [
    "EVIDENCE",
    "KEY_COLUMNS",
    "Again",
    "Ages",
    "Consent",
    "Consulted",
    "Matched",
    "Sieve",
    "ages",
    "ask",
    "compared",
    "consult",
    "ending_approvals",
    "match",
    "own",
    "resolve",
    "with_records",
]
