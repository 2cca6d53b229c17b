"""Where items are: the addresses of their files and pages, ready to be matched with records."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis
import pyarrow as pa
import pyarrow.parquet as pq

from sourcing_audit.addresses import NORMAL
from sourcing_audit.engine import split_part

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import ibis.expr.types as ir

    from sourcing_audit.addresses import Address, Addresses
    from sourcing_audit.engine import Engine

_AUTHORITY = r"^\s*(?:[A-Za-z][A-Za-z0-9+.\-]*:)?(?://)?(?:[^/?#@\s]*@)?([^/?#:\s]+\.[^/?#:\s.]+)"

_PLAIN_ADDRESS = r"^https?://[a-z0-9-]+(?:\.[a-z0-9-]+)+/"

_BEFORE = r"(?:^|[\s\"'<\[,;|])"
ADDRESS = (
    rf"(?i){_BEFORE}(?:https?:/*[^\s/?#@]|(?:[a-z][a-z0-9+.\-]*:)?//[^\s/?#]|www\.\S)"
    r"|^[\s\"'<\[]*[^\s/?#@:\"'<\[]+\.[a-z]{2,}(?:[:/?#\"'>\],;|]|\s|$)"
    r"|^[\s\"'<\[]*[a-z0-9_\-]+@[a-z0-9.\-]+\.[a-z]+:[^/:\s]"
)
"""What any text holds of which `Addresses.read_all` reads an address; for both engines."""

COLUMNS = ("source_url", "landing_url")

_FORMS = pa.schema([("given", pa.string()), ("exact", pa.string()), ("wide", pa.string())])


def is_odd(url: ir.StringValue, reader: Addresses) -> ir.BooleanValue:
    """Whether an address has to be read in Python; for any other `wide` and `exact` will do."""
    tracks = ibis.ifelse(url.contains("?"), url.re_search(reader.tracking), False)
    return ~url.re_search(NORMAL) | tracks


def is_none(url: ir.StringValue) -> ir.BooleanValue:
    """Whether a text is no address, so that it can't be matched with what is said about places."""
    begins_so = url.startswith("https://") | url.startswith("http://")
    plain = begins_so & (url.length() > len("https://"))
    return ibis.ifelse(plain, ibis.literal(value=False), ~url.re_search(ADDRESS))


def wide(url: ir.StringValue) -> ir.StringValue:
    """The wide key of an address that isn't odd."""
    # Each text that is cut out is copied, so only one is.
    return url.substr(
        ibis.cases(
            (url.startswith("https://www."), 12),
            (url.startswith("https"), 8),
            (url.startswith("http://www."), 11),
            else_=7,
        )
    )


def spellings(wide: ir.StringValue) -> tuple[ir.StringValue, ...]:
    """Every address that isn't odd and has a wide key, and some that haven't."""
    starts = ("https://", "https://www.", "http://", "http://www.")
    return tuple(ibis.literal(start).concat(wide) for start in starts)


def host(key: ir.StringValue) -> ir.StringValue:
    """The host, with its port, of a wide key that has a path."""
    return key.substr(0, key.find("/"))


def plain_host(url: ir.StringValue) -> ir.StringValue:
    """The host, as it is written, of an address that isn't odd."""
    return split_part(url, "/", 3)


def without_www(host: ir.StringValue) -> ir.StringValue:
    """What `host` gives for the wide key of an address, from its `plain_host`."""
    return ibis.ifelse(host.startswith("www."), host.substr(4), host)


def shown_host(url: ir.StringValue) -> ir.StringValue:
    """The host of an address in any form, to be counted and shown, never to be matched."""
    # Taking an address apart by its pattern is slow, and most hosts stand between slashes.
    return ibis.ifelse(
        url.re_search(_PLAIN_ADDRESS),
        plain_host(url),
        url.re_extract(_AUTHORITY, 1).lower().nullif(""),
    )


def exact_host(exact: ir.StringValue) -> ir.StringValue:
    """The host, with its port, of an exact key."""
    return exact.re_replace(r"^[^/]*//", "").split("/")[0]


def host_without_www(exact: ir.StringValue) -> ir.StringValue:
    """The wide key of an exact host."""
    return without_www(exact.re_replace(r":(?:80|443)$", ""))


def portless(host: ir.StringValue) -> ir.StringValue:
    """A host without its port; NULL when it has none."""
    return ibis.ifelse(host.re_search(r":\d+$"), host.re_replace(r":\d+$", ""), ibis.null("string"))


def parent(host: ir.StringValue, levels: int) -> ir.StringValue:
    """The host's last `levels` labels, its port dropped; NULL when it has fewer."""
    bare = ibis.ifelse(host.contains(":"), host.re_replace(r":\d+$", ""), host)
    return bare.re_extract(rf"(?:[^.:]+\.){{{levels - 1}}}[^.:]+$", 0).nullif("")


def labels(domain: ir.StringValue) -> ir.IntegerValue:
    """How many labels a domain has."""
    return domain.length() - domain.replace(".", "").length() + 1


def addresses(items: ir.Table, column: str, forms: ir.Table) -> ir.Table:
    """Every address that a column of the items holds.

    Args:
        items: `pos`, the column, and `odd`: whether its value has to be read.
        column: a column of addresses.
        forms: what odd values are read as: `given`, `exact` and `wide`. A value that lists several
            addresses has several rows, one that holds none has none.

    Returns:
        `pos`, `exact`, `wide`, and `host`, that of the exact key with its port.

    """
    there = items.filter(items[column].notnull()).select("pos", "odd", given=column)
    plain = there.filter(~there.odd)
    normal = plain.select(
        "pos", exact="given", wide=wide(plain.given), host=split_part(plain.given, "/", 3)
    )
    found = there.filter(there.odd).inner_join(forms, "given")
    return normal.union(
        found.select("pos", exact="exact", wide="wide", host=exact_host(found.exact))
    )


def read(engine: Engine, texts: ir.Table, reader: Callable[[str], Iterable[Address]]) -> ir.Table:
    """What each distinct text of a column `given` is read as: `given`, `exact` and `wide`.

    A text has as many rows as addresses; one that is none has none.
    """
    target = engine.new_folder() / "addresses.parquet"
    with pq.ParquetWriter(target, _FORMS, compression="snappy") as writer:
        for batch in engine.batches(texts.distinct()):
            found = [
                (value, *address)
                for value in batch.column("given").to_pylist()
                for address in reader(value)
            ]
            columns = zip(*found, strict=True) if found else ((), (), ())
            writer.write_batch(
                pa.record_batch([pa.array(c, pa.string()) for c in columns], schema=_FORMS)
            )
    return engine.read_parquet([target])
