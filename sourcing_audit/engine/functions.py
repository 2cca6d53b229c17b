"""Functions of the engine that Ibis has no name for."""

from __future__ import annotations

import datetime as dt  # noqa: TC003 - Ibis reads the annotations of its functions
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


def _min_texts(values: str, count: int) -> list[str]:
    """As `_min`, for text."""
    raise NotImplementedError


def _hash(value: object) -> int:
    raise NotImplementedError


def _bit_count(value: int) -> int:
    raise NotImplementedError


def _array_extract(text: str, index: int) -> str:
    raise NotImplementedError


def _split_part(text: str, delimiter: str, index: int) -> str:
    raise NotImplementedError


def _try_strptime(text: str, form: str) -> dt.datetime:
    raise NotImplementedError


def _md5_number_lower(text: str) -> int:
    raise NotImplementedError


def _text_hash(text: str) -> int:
    raise NotImplementedError


_character = ibis.udf.scalar.builtin(_array_extract, name="array_extract")
_is_valid = ibis.udf.scalar.builtin(_json_valid, name="json_valid")
_extract = ibis.udf.scalar.builtin(_json_extract_string, name="json_extract_string")

_bit_count_of = ibis.udf.scalar.builtin(
    _bit_count, name="bit_count", signature=(("uint64",), "int8")
)

_hash_of = ibis.udf.scalar.builtin(_text_hash, name="hash", signature=(("string",), "uint64"))

_strptime = ibis.udf.scalar.builtin(_try_strptime, name="try_strptime")

_part = ibis.udf.scalar.builtin(_split_part, name="split_part")

_md5_low = ibis.udf.scalar.builtin(
    _md5_number_lower, name="md5_number_lower", signature=(("string",), "uint64")
)

_smallest = ibis.udf.agg.builtin(_min, name="min")
_first_texts = ibis.udf.agg.builtin(_min_texts, name="min")

# Not Ibis' own `hash`, which goes through text to make a signed number of it.
_fingerprint = ibis.udf.scalar.builtin(_hash, name="hash", signature=((None,), "uint64"))


def bit_count(value: ir.IntegerValue) -> ir.IntegerValue:
    """How many bits of an unsigned number of 64 bits are set."""
    found: ir.IntegerValue = _bit_count_of(value)
    return found


def hashed(value: ir.StringValue) -> ir.IntegerValue:
    """A number of 64 bits for a text; NULL for none. Two texts may have the same.

    Engines and their versions have different ones: compare only what one of them made.
    """
    found: ir.IntegerValue = ibis.ifelse(value.notnull(), _hash_of(value), ibis.null("uint64"))
    return found


def parsed_moment(value: ir.StringValue, form: str) -> ir.TimestampValue:
    """A date that is written as `form` says (strptime); NULL when it isn't."""
    found: ir.TimestampValue = _strptime(value, form)
    return found


def split_part(value: ir.StringValue, delimiter: str, index: int) -> ir.StringValue:
    """What stands between two delimiters; counted from 1, empty where there is none."""
    found: ir.StringValue = _part(value, delimiter, index)
    return found


def lasting_number(value: ir.StringValue) -> ir.IntegerValue:
    """The lower 64 bits of a text's MD5: the same in every version of the engine."""
    found: ir.IntegerValue = _md5_low(value)
    return found


def smallest(values: ir.IntegerColumn, count: int) -> ir.ArrayScalar:
    """An aggregate: up to `count` of the smallest values, in order."""
    found: ir.ArrayScalar = _smallest(values, count)
    return found


def first_texts(values: ir.StringColumn, count: int) -> ir.ArrayScalar:
    """An aggregate: up to `count` of the first texts, in the order of their characters' codes."""
    found: ir.ArrayScalar = _first_texts(values, count)
    return found


def fingerprint(value: ir.Value) -> ir.IntegerValue:
    """64 bits that are the same for the same value, with this version of the engine."""
    found: ir.IntegerValue = _fingerprint(value)
    return found


def total(numbers: ir.IntegerColumn) -> ir.IntegerScalar:
    """An aggregate: the sum as the 64-bit number that Ibis takes it for; DuckDB's is wider.

    Exact below 2^53, which counts of items are.
    """
    found: ir.IntegerScalar = numbers.sum().cast("float64").cast("int64")
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
