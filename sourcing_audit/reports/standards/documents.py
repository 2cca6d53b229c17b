"""JSON documents as bytes, and what is said where an extra is missing."""

from __future__ import annotations

import json
from importlib.util import find_spec
from typing import Any

from sourcing_audit.errors import ConfigError
from sourcing_audit.escape import json_text


def json_bytes(document: Any) -> bytes:
    """Write a document in UTF-8 with active characters escaped, ending in one newline."""
    return json_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode()


def need(module: str, form: str) -> None:
    """See that a library of the extra `standards` is installed; importing it takes long.

    Raises:
        ConfigError: naming the extra.

    """
    if find_spec(module) is None:
        raise ConfigError(
            f"format {form!r}: needs a library that isn't installed",
            fix="pip install 'sourcing-audit[standards]'",
        )
