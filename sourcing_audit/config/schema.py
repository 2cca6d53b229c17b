"""The JSON Schema of `audit.toml`; `python -m sourcing_audit.config.schema` rewrites it in `docs/`.

The file belongs to the documentation, so the command runs from the checkout.
"""

from __future__ import annotations

import json
from pathlib import Path

from sourcing_audit.config.file import AuditConfig

PATH = Path("docs/audit.schema.json")


def audit_schema() -> str:
    """Return the schema as it is committed, and as `init --schema` writes it."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **AuditConfig.model_json_schema(),
        "title": "audit.toml",
        "description": "What sourcing-audit audits and how.",
    }
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    PATH.write_text(audit_schema(), encoding="utf-8")
