"""Accounts on platforms: a refusal by an account's holder reaches the pages of the account.

A record names an account by its handle (`deviantart:alice`) or by the address of its profile. Such
a refusal also finds items by the addresses that lie below any of the account's pages, and by any
other spelling of the account as creator. A grant only counts as it is written: whose account a
page belongs to says who published something there, not who may permit its use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis
import pyarrow as pa

from sourcing_audit import places
from sourcing_audit.engine import Queries

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import ibis.expr.types as ir

    from sourcing_audit.engine import Engine
    from sourcing_audit.rules.places import Platform

KIND = "account"
"""What the records of `expand` that speak about pages are matched with."""

_HANDLE = r"^([^\s:/]+):@?([^:/]+)$"
_NAME = r"^@?[^\s/?#]+$"


def expand(engine: Engine, records: ir.Table, platforms: Iterable[Platform]) -> ir.Table | None:
    """What refusals of accounts are matched with besides their own key.

    Args:
        engine: what runs the expressions.
        records: columns of `planning.RECORD`.
        platforms: where accounts have their pages.

    Returns:
        More rows of the same columns: of the kind `creator_id` for each name and each profile, and
        of `KIND` for each of its pages, whose `wide` is a path or host as `start` gives it, and
        whose `exact` has its capitals where they tell accounts apart, else is NULL. None where no
        record refuses for an account.

    """
    rows, queries = list(platforms), Queries(engine)
    pages, names = _pages(engine, rows), _names(engine, rows)
    known = {"records": records, "pages": pages}
    found = {
        "found": queries.table("accounts", _accounts, **known, names=names),
        "parts": queries.table("account_parts", _parts, **known),
    }
    if not any(engine.arrow(table.limit(1)).num_rows for table in found.values()):
        return None
    return queries.table("expanded", _expanded, **known, **found, names=names)


def _expanded(
    records: ir.Table, found: ir.Table, parts: ir.Table, pages: ir.Table, names: ir.Table
) -> ir.Table:
    handles = found.inner_join(names, "platform")
    pages = found.inner_join(pages, "platform")
    page = pages.before.concat(pages.account, pages.after)
    page = page.replace(" ", "_")
    spelt = [
        _rows(
            pages,
            KIND,
            spelling.lower(),
            ibis.ifelse(pages.any_case, ibis.null("string"), spelling),
        )
        # Either way in an address: RFC 3986 lets `@` stand in a path.
        for spelling in (page, page.replace("@", "%40"))
    ]
    spelt.append(_rows(pages, "creator_id", page.lower(), page.lower()))
    handle = handles.called.concat(":", handles.account.lower())
    spelt.append(_rows(handles, "creator_id", handle, handle))
    spelt.append(_rows(parts, KIND, parts.page, ibis.null("string")))
    new = ibis.union(*spelt, distinct=True)
    there = records.is_deny & records.matches.isin([KIND, "creator_id"])
    own = records.filter(there).select("record_no", "matches", "wide")
    return new.anti_join(own, ["record_no", "matches", "wide"]).select(*records.columns)


def _rows(found: ir.Table, kind: str, wide: ir.StringValue, exact: ir.StringValue) -> ir.Table:
    return found.select(
        "record_no",
        matches=ibis.literal(kind),
        is_deny=ibis.literal(value=True),
        wide=wide,
        exact=exact,
        subdomains=ibis.literal(value=False),
    )


def _accounts(records: ir.Table, pages: ir.Table, names: ir.Table) -> ir.Table:
    """`record_no`, `platform` and `account` of refusals that name an account."""
    records = records.filter(records.is_deny & (records.matches == "creator_id"))
    value = records.exact
    handles = records.mutate(
        called=value.re_extract(_HANDLE, 1).lower(), account=value.re_extract(_HANDLE, 2)
    )
    by_handle = handles.inner_join(names, "called")
    by_handle = by_handle.select("record_no", "platform", "account")
    # The address with its capitals, without scheme and `www.`.
    bare = records.filter(records.wide.contains(".")).mutate(
        bare=records.exact.re_replace(r"^[^/]*//", "").re_replace(r"^www\.", "")
    )
    at = bare.mutate(host=bare.wide.split("/")[0])
    at = at.mutate(above=at.host.re_replace(r"^[^.]*", ""))
    in_path = at.inner_join(pages.filter(~pages.at_host), at.host == pages.host)
    in_path = in_path.mutate(account=in_path.bare.substr(in_path.before.length()))
    starts = in_path.bare.lower().startswith(in_path.before.lower())
    in_path = in_path.filter(starts & in_path.account.re_search(_NAME))
    in_host = at.filter(~at.wide.contains("/") | at.wide.re_search(r"^[^/]*/$"))
    in_host = in_host.inner_join(pages.filter(pages.at_host), in_host.above == pages.after)
    in_host = in_host.mutate(account=in_host.host.re_extract(r"^[^.]*", 0))
    return ibis.union(
        by_handle,
        *(each.select("record_no", "platform", "account") for each in (in_path, in_host)),
        distinct=True,
    )


def _parts(records: ir.Table, pages: ir.Table) -> ir.Table:
    """`record_no` and `page` of refusals about a part of an account: a repository, an album.

    Where capitals don't tell accounts apart, such a part is found by any spelling, and on each of
    the account's pages: files of `github.com/a/B` lie at `raw.githubusercontent.com/A/b` too.
    """
    records = records.filter(records.is_deny & (records.matches == "url_prefix"))
    pages = pages.filter(pages.any_case)
    at = records.mutate(host=records.wide.split("/")[0], page=records.wide.lower())
    at = at.inner_join(pages.filter(~pages.at_host), "host")
    at = at.filter(at.page.startswith(at.before.lower()))
    rest = at.page.substr(at.before.length())
    at = at.select("record_no", "platform", account=rest.split("/")[0], rest=rest)
    at = at.filter(at.account.re_search(_NAME) & at.rest.contains("/"))
    part = at.rest.substr(at.account.length())
    at = at.select("record_no", "platform", "account", part=part)
    each = at.inner_join(pages, "platform")
    page = each.before.concat(each.account, each.after).lower()
    return each.select("record_no", page=page.concat(each.part))


def _pages(engine: Engine, platforms: Sequence[Platform]) -> ir.Table:
    columns = {
        "platform": [row.platform for row in platforms],
        "before": [row.before for row in platforms],
        "after": [row.after for row in platforms],
        "host": [row.before.partition("/")[0] for row in platforms],
        "at_host": [not row.before for row in platforms],
        "any_case": [row.any_case for row in platforms],
    }
    return engine.from_arrow("platform_pages", pa.table(columns))


def _names(engine: Engine, platforms: Sequence[Platform]) -> ir.Table:
    pairs = sorted({(name, row.platform) for row in platforms for name in row.names})
    columns = dict(zip(("called", "platform"), map(list, zip(*pairs, strict=True)), strict=True))
    return engine.from_arrow("platform_names", pa.table(columns))


def depth(wide: ir.StringValue) -> ir.IntegerValue:
    """How many segments the page of an expanded record has; its host counts as one."""
    return wide.length() - wide.replace("/", "").length() + 1


def start(key: ir.StringValue, segments: int) -> ir.StringValue:
    """The first segments of an address, in small letters, to be compared with an account's page.

    Args:
        key: the wide key of an address.
        segments: how many; NULL where the address has fewer.

    """
    pattern = rf"^[^/?]*(?:/[^/?]+){{{segments - 1}}}"
    return key.re_extract(pattern, 0).lower().nullif("")


def joined(addresses: ir.Table, accounts: ir.Table, segments: int) -> ir.Table:
    """Addresses with the accounts on whose pages they are.

    Args:
        addresses: `pos` and `wide`.
        accounts: records of `KIND`.
        segments: one of their depths.

    Returns:
        `pos`, `record_no`, `key` and `agrees`.

    """
    at = accounts.filter(depth(accounts.wide) == segments)
    # Few addresses are on such a host, and to cut an address into segments takes long.
    hosts = at.select(host=at.wide.re_extract("^[^/]*", 0)).distinct()
    on_host = places.host(addresses.wide).lower().isin(hosts.host)
    there = addresses.filter(on_host | ~addresses.wide.contains("/"))
    there = there.select("pos", address="wide", start=start(there.wide, segments))
    pairs = there.inner_join(at, there.start == at.wide)
    below = pairs.address.startswith(pairs.exact)
    pairs = pairs.filter(pairs.exact.isnull() | below)
    return pairs.select(
        "pos", "record_no", key=ibis.literal(KIND), agrees=ibis.literal(value=False)
    )
