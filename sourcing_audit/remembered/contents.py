"""A folder of remembered keys: a file for each input that was audited, known by its content.

    FOLDER/keys/CONTENT.parquet     `number`, `kind`, `row`, `content`: in the order of numbers
    FOLDER/hosts/CONTENT.parquet    `host`, `content`: the hosts of its addresses, in plain text
    FOLDER/rules/CONTENT            the digest of the rules by which its keys were made

An input that didn't change is remembered once, however often and in whatever dataset it is audited.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

import ibis

from sourcing_audit.files import replacing_file
from sourcing_audit.remembered import keys
from sourcing_audit.sources.interface import STRIDE
from sourcing_audit.state import key

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    import ibis.expr.types as ir

    from sourcing_audit.engine import Engine
    from sourcing_audit.model import FieldMapping, ShardInfo
    from sourcing_audit.report import Input, MappedField
    from sourcing_audit.rules.consent import ConsentRules
    from sourcing_audit.sources import Ingested


def content(shard: ShardInfo | Input, mapping: Iterable[FieldMapping | MappedField]) -> str | None:
    """What an input's keys are known by; None where its content has no digest."""
    if shard.sha256 is None and shard.version is None:
        return None
    fields = sorted((each.field, each.template) for each in mapping)
    return key(keys.VERSION, shard.format, shard.sha256, shard.version, fields)[:32]


class Contents:
    """The remembered keys in a folder."""

    def __init__(self, folder: Path) -> None:
        """Name the folder; it is made when something is remembered."""
        self.folder = folder

    def remember(self, engine: Engine, ingested: Ingested, rules: ConsentRules) -> list[str]:
        """Keep the keys of every input of which none are kept that today's rules make.

        Args:
            engine: holds the items.
            ingested: the dataset.
            rules: how ids and addresses are read.

        Returns:
            The inputs whose content has no digest; nothing of them is kept.

        Raises:
            OutputError: the folder can't be written.

        """
        known = [content(shard, ingested.mapping) for shard in ingested.shards]
        made_by = keys.made_by(rules)
        columns = frozenset(each.field for each in ingested.mapping)
        # An input's keys are one file, in the order of numbers, also where it was cut.
        for shards, portions in groupby(ingested.portions, lambda portion: portion.shards):
            new = {n: c for n in shards if (c := known[n]) and not self._is(c, made_by)}
            if new:
                with engine.scope():
                    items = ibis.union(*(portion.items for portion in portions))
                    found = keys.of_items(engine, items, columns, rules)
                    found = engine.materialise(found, "keys")
                    for number, each in new.items():
                        own = found.filter(found.pos // STRIDE == number)
                        self._write(engine, own.mutate(content=ibis.literal(each)), each, made_by)
        return [
            shard.name
            for shard, each in zip(ingested.shards, known, strict=True)
            if each is None and not shard.unreadable
        ]

    def keys(self, engine: Engine, contents: Sequence[str]) -> ir.Table | None:
        """`number`, `kind`, `row` and `content` of the contents that are remembered."""
        return self._read(engine, "keys", contents)

    def hosts(self, engine: Engine, contents: Sequence[str]) -> ir.Table | None:
        """`host` and `content` of the contents that are remembered."""
        return self._read(engine, "hosts", contents)

    def missing(self, contents: Iterable[str]) -> set[str]:
        """Those of the contents that aren't remembered."""
        return {each for each in contents if not self._has(each)}

    def made_otherwise(self, contents: Iterable[str], rules: ConsentRules) -> set[str]:
        """Those whose keys other rules made than these: an equal key may have another number."""
        made_by = keys.made_by(rules)
        return {each for each in contents if self._has(each) and not self._is(each, made_by)}

    def _read(self, engine: Engine, table: str, contents: Sequence[str]) -> ir.Table | None:
        paths = [self._path(table, each) for each in sorted(set(contents)) if self._has(each)]
        return engine.read_parquet(paths) if paths else None

    def _write(self, engine: Engine, own: ir.Table, name: str, made_by: str) -> None:
        hosts = own.filter(own.kind == "host").select(host="key", content="content").distinct()
        numbers = own.select(
            number=keys.numbered(own.kind, own.key),
            kind="kind",
            row=own.pos % STRIDE,
            content="content",
        )
        tables = {"hosts": hosts.order_by("host"), "keys": numbers.order_by(["number", "row"])}
        # What made them comes last: where that stands, all of it does.
        for table, rows in tables.items():
            with replacing_file(self._path(table, name)) as temporary:
                engine.write_parquet(rows, temporary)
        with replacing_file(self._rules(name)) as temporary:
            temporary.write_text(made_by, encoding="ascii")

    def _has(self, name: str) -> bool:
        return all(self._path(table, name).is_file() for table in ("keys", "hosts"))

    def _is(self, name: str, made_by: str) -> bool:
        """Whether the keys are there, and made by these rules."""
        try:
            return self._has(name) and self._rules(name).read_bytes() == made_by.encode()
        except FileNotFoundError:
            return False

    def _rules(self, name: str) -> Path:
        return self.folder / "rules" / name

    def _path(self, table: str, name: str) -> Path:
        return self.folder / table / f"{name}.parquet"
