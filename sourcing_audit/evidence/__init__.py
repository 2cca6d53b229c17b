"""Evidence that holds for years: an audit in one signed file, and its verification."""

from sourcing_audit.evidence.bundle import told, write
from sourcing_audit.evidence.keys import make_keys
from sourcing_audit.evidence.signing import Signer, Verifier
from sourcing_audit.evidence.verifying import Verification, Wanted, verify

__all__ = ["Signer", "Verification", "Verifier", "Wanted", "make_keys", "told", "verify", "write"]
