"""Path prefixes and patterns (RFC 9309, section 2.2.3) matched in the engine.

A prefix holds for whole segments; a pattern is a prefix by octets with `*` for any text and `$`
for the end. Both begin with a literal part. Its first octets, as many as the largest of `DEPTHS`
that it has, are joined by equality with those of the addresses; only what begins alike is
compared.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis

from sourcing_audit import places
from sourcing_audit.consent import pairing

if TYPE_CHECKING:
    import ibis.expr.types as ir

DEPTHS = (0, 2, 4, 6, 8, 12, 16, 24, 40)
"""Octets of a path by which records are joined."""

LIKE_STARS = 2
"""Wildcards up to which a pattern is compared as LIKE does, whose time grows with each; patterns
with more take a matcher of linear time."""

_ASIDE = {"%": "\x01", "_": "\x02"}
"""What LIKE means something by; no address holds what stands for it."""


def prepared(below: ir.Table) -> ir.Table:
    """Records of the kinds `url_prefix` and `url_pattern`, ready to be joined.

    Returns:
        `record_no`, `matches`, `is_deny`, `exact`, `depth` (one of `DEPTHS`), `start` (what an
        address of its place begins with), `how` and `needle` (what its key is compared with).

    """
    wide = below.wide
    # A host alone has its first slash; its wildcards begin in its path.
    slashed = ibis.ifelse(wide.contains("/"), wide, wide.concat("/"))
    # Few have wildcards: what these take is only worked out for them.
    literal = ibis.ifelse(slashed.re_search(r"[*$]"), slashed.re_extract(r"^[^*$]*", 0), slashed)
    anchored = wide.endswith("$")
    table = below.mutate(literal=literal, anchored=anchored, body=_body(wide, anchored))
    octets = table.literal.length() - table.literal.find("/")
    stars = table.body.length() - table.body.replace("*", "").length()
    table = table.mutate(
        depth=ibis.cases(*((octets >= n, n) for n in reversed(DEPTHS)), else_=0),
        how=ibis.cases(
            (table.matches == "url_prefix", "segments"),
            (~table.body.contains("*"), ibis.ifelse(table.anchored, "equal", "begins")),
            (stars <= LIKE_STARS, "like"),
            else_="regex",
        ),
    )
    whole = ibis.ifelse(table.anchored, table.body, table.body.concat("*"))
    regex = whole.re_replace(r"([.+?^$|()\[\]{}\\])", r"\\\1").replace("*", ".*")
    return table.select(
        "record_no",
        "matches",
        "is_deny",
        "exact",
        "depth",
        "how",
        start=start(table.literal, table.depth),
        needle=ibis.cases(
            (table.how == "segments", table.wide),
            (table.how == "like", _like(whole)),
            (table.how == "regex", ibis.literal("^").concat(regex, "$")),
            else_=table.body,
        ),
    )


def _body(wide: ir.StringValue, anchored: ir.BooleanValue) -> ir.StringValue:
    """A pattern without its anchor, the wildcards at its end, and more than one at a place."""
    body = ibis.ifelse(anchored, wide.substr(0, wide.length() - 1), wide)
    body = ibis.ifelse(body.contains("*"), body.re_replace(r"\*+", "*"), body)
    ends = ~anchored & body.endswith("*")
    found: ir.StringValue = ibis.ifelse(ends, body.substr(0, body.length() - 1), body)
    return found


def _like(pattern: ir.StringValue) -> ir.StringValue:
    return _aside(pattern).replace("*", "%")


def _aside(key: ir.StringValue) -> ir.StringValue:
    return key.translate("".join(_ASIDE), "".join(_ASIDE.values()))


def start(key: ir.StringValue, octets: int | ir.IntegerValue) -> ir.StringValue:
    """The host of a wide key, with so many octets of its path, or all where it has fewer."""
    return key.substr(0, key.find("/") + octets)


def joined(addresses: ir.Table, below: ir.Table, octets: int) -> ir.Table:
    """Addresses with the prefixes and patterns of one depth that hold for them.

    Args:
        addresses: `pos`, `exact` and `wide`.
        below: as `prepared` gives them.
        octets: one of `DEPTHS`.

    Returns:
        The columns of `below`, `pos`, and `agrees`: whether the exact keys do so as well.

    """
    at = below.filter(below.depth == octets)
    there = addresses.select(
        "pos",
        item_exact=addresses.exact,
        item_wide=addresses.wide,
        start=start(addresses.wide, octets),
    )
    pairs = there.inner_join(at, "start")
    key, needle = pairs.item_wide, pairs.needle
    # A permission by a pattern is about the address as it is, with all of its query.
    whole = pairs.item_exact.re_replace("#.*$", "").endswith(key)
    pairs = pairs.filter((pairs.matches != "url_pattern") | pairs.is_deny | whole)
    held = pairs.filter(
        ibis.cases(
            (pairs.how == "begins", key.startswith(needle)),
            (pairs.how == "segments", _inside(key, needle) | _cloned(key, needle)),
            (pairs.how == "equal", key == needle),
            (pairs.how == "like", _aside(key).like(needle)),
            else_=key.re_search(needle),
        )
    )
    # An encoded slash and dots may lead out of the place again.
    climbs = held.item_exact.lower().re_search(r"%2f(?:\.|%2e){1,2}(?:/|%2f|$)")
    agrees = ibis.ifelse(
        held.matches == "url_prefix",
        _inside(held.item_exact, held.exact) & ~climbs,
        places.exact_host(held.item_exact) == places.exact_host(held.exact),
    )
    return held.mutate(agrees=ibis.coalesce(agrees, False))


def _inside(key: ir.StringValue, prefix: ir.StringValue) -> ir.BooleanValue:
    following = key.substr(prefix.length(), 1)
    return key.startswith(prefix) & following.isin(["", "/", "?", "#"])


def _cloned(key: ir.StringValue, prefix: ir.StringValue) -> ir.BooleanValue:
    """Whether it is the place of a prefix as version control fetches it: `owner/name.git`."""
    return _inside(key, prefix.concat(".git"))


def pairs(addresses: ir.Table, below: ir.Table, octets: int) -> ir.Table:
    """Pairs of items and such records: columns of `pairing.MATCHES`; see `joined`."""
    found = joined(addresses, below, octets)
    # An allowing pattern competes with refusing ones (P4) before its exact key is asked.
    rule = found.matches == "url_pattern"
    found = found.filter(found.is_deny | found.agrees | rule)
    return pairing.pairs(found, found.matches, found.agrees)
