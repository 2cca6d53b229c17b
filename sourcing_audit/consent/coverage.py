"""Whether a matched record reaches the item itself: its media type, its file beside its page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis

from sourcing_audit import places
from sourcing_audit.model import ConsentStatus

if TYPE_CHECKING:
    import ibis.expr.types as ir

_MEDIA_TYPE = r"^[a-z]+/[a-z0-9][a-z0-9.+\-]*$"
_MEDIA_TYPES = r"^\|(?:[a-z]+/(?:\*|[a-z0-9][a-z0-9.+\-]*)\|)+$"

PAGES = frozenset({"source_url", "landing_url"})
"""The columns of the file and of the page that it is shown on."""

_REFUSING = (ConsentStatus.DENIED, ConsentStatus.REVOKED, ConsentStatus.REVIEW)
"""What refuses, or may: it holds in doubt."""


def within_media(table: ir.Table) -> ir.Table:
    """A record limited to media types: a grant needs the item's type among them.

    A refusal, and a signal that can't be read, holds unless both sides are understood and differ
    (RFC 6838 names).
    """
    listed = ibis.literal("|").concat(table.media_types, "|").replace("image/jpg|", "image/jpeg|")
    kind = table.media_type.strip().lower().re_replace(r"\s*;.*$", "").nullif("")
    kind = ibis.ifelse(kind == "image/jpg", "image/jpeg", kind)
    named = (
        listed.contains(ibis.literal("|").concat(kind, "|"))
        | listed.contains(ibis.literal("|").concat(kind.re_extract(r"^[^/]*", 0), "/*|"))
        | listed.contains("|*/*|")
    )
    understood = ibis.coalesce(kind.re_search(_MEDIA_TYPE) & listed.re_search(_MEDIA_TYPES), False)
    refusing = table.is_deny | table.standing.isin(_REFUSING)
    outside = table.media_types.notnull() & ibis.ifelse(
        refusing, understood & ~named, ~ibis.coalesce(named, False)
    )
    return _beyond(table, outside, refusing, "consent_for_another_media_type")


def elsewhere(table: ir.Table) -> ir.BooleanValue:
    """Whether a record is about an item's landing page, and not about the file beside it.

    Args:
        table: `key` and the record's `exact`, and both addresses of the item.

    """
    # An address that isn't in its plain form is compared as it is: in doubt it isn't the same.
    file, exact = table.source_url, table.exact
    # Once only: it is dear, and what is used twice is made for all rows, whatever their key.
    host = ibis.literal(".").concat(places.exact_host(file))
    reached = ibis.cases(
        (table.key == "url", file == exact),
        (table.key == "url_prefix", file.startswith(exact)),
        (table.key.isin(["host", "domain"]), host.endswith("." + exact)),
        else_=True,
    )
    return file.notnull() & table.landing_url.notnull() & ~ibis.coalesce(reached, False)


def beyond_page(table: ir.Table) -> ir.Table:
    """A grant found by the landing page alone covers the file only if it names its media types.

    A signal that permits the page says nothing of the file: it is silent, so that it doesn't
    outrank what its host says of the file (rule P4).

    Args:
        table: matched records that went through `within_media`.

    """
    granting = ~table.is_deny & table.standing.notnull() & ~table.standing.isin(_REFUSING)
    permits = table.standing == str(ConsentStatus.PERMITTED_BY_SIGNAL)
    page_only = (
        granting & (~table.by_signal | permits) & table.elsewhere & table.media_types.isnull()
    )
    return _beyond(table, page_only, table.is_deny | permits, "consent_for_the_page_only")


def _beyond(
    table: ir.Table, outside: ir.BooleanValue, refusing: ir.BooleanValue, reason: str
) -> ir.Table:
    """Where a record doesn't reach the item, a refusal is silent and a grant is for others."""
    outside = ibis.coalesce(outside, False) & table.standing.notnull()
    return table.mutate(
        standing=ibis.cases(
            (~outside, table.standing),
            (refusing, ibis.null("string")),
            else_=str(ConsentStatus.OUT_OF_SCOPE),
        ),
        instead=ibis.cases((~outside, table.instead), (refusing, ""), else_=reason),
        lifts=table.lifts & ~outside,
    )
