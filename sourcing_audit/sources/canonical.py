"""What is made of an input's text columns: canonical fields, or the columns as they are."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING

import ibis

from sourcing_audit.engine import json_text, trimmed

if TYPE_CHECKING:
    from collections.abc import Mapping

    import ibis.expr.types as ir

    from sourcing_audit.sources.mapping import Mapper
    from sourcing_audit.sources.template import Reference, Template


class Projection(ABC):
    """Which columns of an input are read, and what becomes of them."""

    @property
    @abstractmethod
    def columns(self) -> tuple[str, ...]:
        """The input columns that are read."""

    @property
    @abstractmethod
    def names(self) -> tuple[str, ...]:
        """The names of the values; the same for every shard."""

    @abstractmethod
    def values(
        self, table: ir.Table, physical: Mapping[str, str], split: str | None
    ) -> dict[str, ir.StringValue]:
        """The values as expressions, under `names`.

        Args:
            table: text columns.
            physical: for each input column that `table` has, its name there.
            split: the split of all rows, where the input's layout says so.

        """


@dataclass(frozen=True)
class Canonical(Projection):
    """Canonical fields, as a mapping fills them."""

    mapper: Mapper

    @property
    def columns(self) -> tuple[str, ...]:
        """Those that a template refers to."""
        return self.mapper.used

    @property
    def names(self) -> tuple[str, ...]:
        """The mapped fields; every shard may come from a split."""
        return tuple(sorted({"split", *(mapped.field for mapped in self.mapper.fields)}))

    def values(
        self, table: ir.Table, physical: Mapping[str, str], split: str | None
    ) -> dict[str, ir.StringValue]:
        """See `Projection.values`."""
        found = {"split": nothing()}
        for mapped in self.mapper.fields:
            found[mapped.field] = rendered(table, mapped.template, physical)
        if split is not None:
            found["split"] = ibis.literal(split)
        return found


@dataclass(frozen=True)
class Verbatim(Projection):
    """The columns as they are, called `v0`, `v1` and so on."""

    verbatim: tuple[str, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """All that were given."""
        return self.verbatim

    @property
    def names(self) -> tuple[str, ...]:
        """One for each column."""
        return tuple(f"v{i}" for i in range(len(self.columns)))

    def values(
        self, table: ir.Table, physical: Mapping[str, str], split: str | None
    ) -> dict[str, ir.StringValue]:
        """See `Projection.values`."""
        del split
        return {
            name: table[physical[column]] if column in physical else nothing()
            for name, column in zip(self.names, self.columns, strict=True)
        }


def nothing() -> ir.StringValue:
    """NULL as text."""
    value: ir.StringValue = ibis.null("string")
    return value


def rendered(table: ir.Table, template: Template, physical: Mapping[str, str]) -> ir.StringValue:
    """A template's text, trimmed; NULL if every reference is empty."""
    if len(template.parts) == 1 and template.references:
        return trimmed(_read(table, template.references[0], physical))
    reads = {
        reference: trimmed(_read(table, reference, physical)) for reference in template.references
    }
    text = ibis.literal("")
    for part in template.parts:
        text += ibis.literal(part) if isinstance(part, str) else reads[part].fill_null("")
    return ibis.ifelse(ibis.or_(*(read.notnull() for read in reads.values())), trimmed(text), None)


def _read(table: ir.Table, reference: Reference, physical: Mapping[str, str]) -> ir.StringValue:
    if reference.column not in physical:
        return nothing()
    value = table[physical[reference.column]]
    return json_text(value, reference.path) if reference.path else value
