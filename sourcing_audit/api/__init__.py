"""The Python API: `audit()` and `load()`, and the report object that they return."""

from __future__ import annotations

from sourcing_audit.api.audited import AuditReport
from sourcing_audit.api.auditing import audit, audit_all, load

__all__ = ["AuditReport", "audit", "audit_all", "load"]
