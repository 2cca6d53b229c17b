"""sourcing-audit: was each item of a training dataset sourced ethically, and how do we know?

import sourcing_audit
audit = sourcing_audit.audit("manifest.parquet", registries=["registry.csv"])
audit.report.sentence
audit.findings.filter(audit.findings.outcome == "prohibited")
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sourcing_audit.api import AuditReport, audit, load

__version__ = "0.1.0"
__all__ = ["AuditReport", "__version__", "audit", "load"]


def __getattr__(name: str) -> Any:
    """Import the engine only when it is used, so that `--help` stays fast."""
    if name in {"AuditReport", "audit", "load"}:
        from sourcing_audit.garbage import seldom

        with seldom():
            from sourcing_audit import api

        return getattr(api, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
