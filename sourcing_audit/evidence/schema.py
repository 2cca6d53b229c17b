"""The JSON Schema of `statement.json`; `python -m sourcing_audit.evidence.schema` rewrites it.

The file belongs to the documentation, so the command runs from the checkout.
"""

from __future__ import annotations

import json
from pathlib import Path

from sourcing_audit.evidence.statement import Statement

PATH = Path("docs/evidence.schema.json")


def statement_schema() -> str:
    """Return the schema as it is committed."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **Statement.model_json_schema(mode="serialization"),
    }
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    PATH.write_text(statement_schema(), encoding="utf-8")
