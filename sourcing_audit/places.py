"""Where items are: the addresses of their files and pages, ready to be matched with records."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis
import pyarrow as pa
import pyarrow.parquet as pq

from sourcing_audit.addresses import NORMAL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import ibis.expr.types as ir

    from sourcing_audit.addresses import Address, Addresses
    from sourcing_audit.engine import Engine

_AUTHORITY = r"^\s*(?:[A-Za-z][A-Za-z0-9+.\-]*:)?(?://)?(?:[^/?#@\s]*@)?([^/?#:\s]+\.[^/?#:\s.]+)"

COLUMNS = ("source_url", "landing_url")

_FORMS = pa.schema([("given", pa.string()), ("exact", pa.string()), ("wide", pa.string())])


def is_odd(url: ir.StringValue, reader: Addresses) -> ir.BooleanValue:
    """Whether an address has to be read in Python; for any other `wide` and `exact` will do."""
    tracks = ibis.ifelse(url.contains("?"), url.re_search(reader.tracking), False)
    return ~url.re_search(NORMAL) | tracks


def wide(url: ir.StringValue) -> ir.StringValue:
    """The wide key of an address that isn't odd."""
    bare = ibis.ifelse(url.startswith("https"), url.substr(8), url.substr(7))
    return ibis.ifelse(bare.startswith("www."), bare.substr(4), bare)


def host(key: ir.StringValue) -> ir.StringValue:
    """The host, with its port, of a wide key that has a path."""
    return key.substr(0, key.find("/"))


def shown_host(url: ir.StringValue) -> ir.StringValue:
    """The host of an address in any form, to be counted and shown, never to be matched."""
    return url.re_extract(_AUTHORITY, 1).lower().nullif("")


def exact_host(exact: ir.StringValue) -> ir.StringValue:
    """The host, with its port, of an exact key."""
    return exact.re_replace(r"^[^/]*//", "").split("/")[0]


def host_without_www(exact: ir.StringValue) -> ir.StringValue:
    """The wide key of an exact host."""
    bare = exact.re_replace(r":(?:80|443)$", "")
    return ibis.ifelse(bare.startswith("www."), bare.substr(4), bare)


def portless(host: ir.StringValue) -> ir.StringValue:
    """A host without its port; NULL when it has none."""
    return ibis.ifelse(host.re_search(r":\d+$"), host.re_replace(r":\d+$", ""), ibis.null("string"))


def parent(host: ir.StringValue, levels: int) -> ir.StringValue:
    """The host's last `levels` labels, its port dropped; NULL when it has fewer."""
    pattern = rf"(?:[^.:]+\.){{{levels - 1}}}[^.:]+(?::\d+)?$"
    return host.re_extract(pattern, 0).re_replace(r":\d+$", "").nullif("")


def labels(domain: ir.StringValue) -> ir.IntegerValue:
    """How many labels a domain has."""
    return domain.length() - domain.replace(".", "").length() + 1


def addresses(engine: Engine, items: ir.Table, column: str, reader: Addresses) -> ir.Table:
    """Every address that a column of the items holds.

    Odd values are read once each, in Python; a value that lists several addresses gives several
    rows, one that holds none gives none.

    Returns:
        `pos`, `exact` and `wide`.

    """
    given = items.filter(items[column].notnull()).select("pos", given=column)
    plain = given.mutate(odd=is_odd(given.given, reader))
    forms = read(engine, plain.filter(plain.odd).select("given"), reader.read_all)
    normal = plain.filter(~plain.odd)
    normal = normal.select("pos", exact=normal.given, wide=wide(normal.given))
    found = plain.filter(plain.odd).inner_join(forms, "given").select("pos", "exact", "wide")
    return normal.union(found)


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
