"""Consent: what the registries say of each item, which record decides and which ones lost."""

from sourcing_audit.consent.consult import Consent, Consulted, ask, consult
from sourcing_audit.consent.matching import KEY_COLUMNS
from sourcing_audit.consent.resolution import CONSENT, EVIDENCE

__all__ = ["CONSENT", "EVIDENCE", "KEY_COLUMNS", "Consent", "Consulted", "ask", "consult"]
