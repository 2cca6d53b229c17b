"""Consent: what the registries say of each item, which record decides and which ones lost."""

from sourcing_audit.consent import own
from sourcing_audit.consent.ages import Ages, ages
from sourcing_audit.consent.approvals import ending_approvals
from sourcing_audit.consent.consult import Consent, Consulted, ask, consult, with_records
from sourcing_audit.consent.kinds import KEY_COLUMNS
from sourcing_audit.consent.resolution import EVIDENCE
from sourcing_audit.consent.sieve import Sieve

__all__ = [
    "EVIDENCE",
    "KEY_COLUMNS",
    "Ages",
    "Consent",
    "Consulted",
    "Sieve",
    "ages",
    "ask",
    "consult",
    "ending_approvals",
    "own",
    "with_records",
]
