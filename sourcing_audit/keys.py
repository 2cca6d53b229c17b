"""Plain keys, as expressions that run in the engine on items and records alike.

Addresses are the ground of `places`, ids and names that of `identities`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis

if TYPE_CHECKING:
    import ibis.expr.types as ir

_MOMENT = (
    r"^(?:19|20|21)\d\d-\d\d-\d\d"
    r"(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d(?::?\d\d)?)?)?$"
)
"""ISO 8601, in the centuries that works and consents can be of."""

_DAY = r"^(?:19|20|21)\d\d-\d\d-\d\d$"

_ANY_YEARS_DAY = r"^(?:19|20|21)\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])$"

_BEFORE_DIGITS = r"^(?:urn:)?(?:(?:sha-?256|md5)[\s:=\-]*)?(?:0x)?"
"""What may stand before a hash: `urn:sha256:`, `SHA-256: `, `md5=`, `0x`."""


def text(value: ir.StringValue) -> ir.StringValue:
    """Trimmed text; NULL when nothing is left."""
    return value.strip().nullif("")


def digest(value: ir.StringValue) -> ir.StringValue:
    """A hash in lower-case hexadecimal, without `0x` or the algorithm's name before it."""
    bare = value.length().isin([32, 64])
    prefixed = text(value).lower().re_replace(_BEFORE_DIGITS, "")
    return ibis.ifelse(bare, value.lower(), prefixed)


def moment(value: ir.StringValue) -> ir.TimestampValue:
    """A date or time in ISO 8601 as UTC; NULL when it isn't one. Without an offset it is UTC."""
    plain = text(value)
    iso = ibis.ifelse(plain.re_search(_MOMENT), plain, ibis.null("string"))
    any_moment = iso.try_cast("timestamp('UTC')").cast("timestamp")
    # Days are what is written most, and read ten times as fast.
    return ibis.ifelse(value.re_search(_DAY), value.try_cast("date").cast("timestamp"), any_moment)


def is_day(value: ir.StringValue) -> ir.BooleanValue:
    """Whether a value is a day that every year has, as most are: `moment` can read these."""
    found: ir.BooleanValue = value.re_search(_ANY_YEARS_DAY)
    return found


NO_CODES = ibis.literal([], type="array<string>")
"""An empty list of reason or obligation codes."""


def token(value: ir.StringValue) -> ir.StringValue:
    """An id that only counts as it is written, but for white space around it."""
    return text(value)
