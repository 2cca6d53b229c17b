"""Functions of the engine that Ibis has no name for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis

from sourcing_audit.engine import sql

if TYPE_CHECKING:
    from collections.abc import Sequence

    import ibis.expr.types as ir


@ibis.udf.scalar.builtin
def json_valid(text: str) -> bool: ...  # type: ignore[empty-body]


@ibis.udf.scalar.builtin
def json_extract_string(text: str, path: str) -> str: ...  # type: ignore[empty-body]


def json_text(value: ir.StringValue, path: Sequence[str]) -> ir.StringValue:
    """What stands at a path inside JSON text, as text; NULL if it isn't JSON or has no such path."""
    found: ir.StringValue = ibis.ifelse(
        json_valid(value), json_extract_string(value, sql.json_pointer(path)), None
    )
    return found
