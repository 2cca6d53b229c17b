"""Functions of the engine that Ibis has no name for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis

from sourcing_audit.engine import sql

if TYPE_CHECKING:
    from collections.abc import Sequence

    import ibis.expr.types as ir


def _json_valid(text: str) -> bool:
    raise NotImplementedError


def _json_extract_string(text: str, path: str) -> str:
    raise NotImplementedError


def _min(values: int, count: int) -> list[int]:
    """DuckDB's aggregate of that name with two arguments."""
    raise NotImplementedError


def _array_extract(text: str, index: int) -> str:
    raise NotImplementedError


_character = ibis.udf.scalar.builtin(_array_extract, name="array_extract")
_is_valid = ibis.udf.scalar.builtin(_json_valid, name="json_valid")
_extract = ibis.udf.scalar.builtin(_json_extract_string, name="json_extract_string")

_smallest = ibis.udf.agg.builtin(_min, name="min")


def smallest(values: ir.IntegerColumn, count: int) -> ir.ArrayScalar:
    """An aggregate: up to `count` of the smallest values, in order."""
    found: ir.ArrayScalar = _smallest(values, count)
    return found


def trimmed(value: ir.StringValue) -> ir.StringValue:
    """Text without white space around it; NULL if nothing remains.

    Trimming is slow next to everything else that is done to a value, and seldom needed: only
    what begins or ends with a character up to the space is trimmed.
    """
    needs_it = (value < "!") | (_character(value, -1) < "!")
    found: ir.StringValue = ibis.ifelse(needs_it, value.strip().nullif(""), value)
    return found


def json_text(value: ir.StringValue, path: Sequence[str]) -> ir.StringValue:
    """What stands at a path inside JSON text, as text; NULL where there is nothing."""
    pointer = sql.json_pointer(path)
    found: ir.StringValue = ibis.ifelse(_is_valid(value), _extract(value, pointer), None)
    return found
