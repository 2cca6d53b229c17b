"""Canonical fields as expressions over an input's text columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis

from sourcing_audit.engine import json_text
from sourcing_audit.schema import ITEM_TEXT_FIELDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    import ibis.expr.types as ir

    from sourcing_audit.sources.mapping import Mapper
    from sourcing_audit.sources.template import Reference, Template


def fields(
    table: ir.Table, mapper: Mapper, physical: Mapping[str, str], split: str | None
) -> dict[str, ir.StringValue]:
    """Every canonical field as an expression over `table`; NULL where nothing fills it.

    Args:
        table: text columns.
        mapper: how fields are filled from the input's columns.
        physical: for each input column that `table` has, its name there.
        split: the split of all rows, where the input's layout says so.

    """
    nothing: ir.StringValue = ibis.null("string")
    values = dict.fromkeys(ITEM_TEXT_FIELDS, nothing)
    for mapped in mapper.fields:
        values[mapped.field] = _render(table, mapped.template, physical)
    if split is not None:
        values["split"] = ibis.literal(split)
    return values


def _render(table: ir.Table, template: Template, physical: Mapping[str, str]) -> ir.StringValue:
    """A template's text, trimmed; NULL if every reference is empty."""
    if len(template.parts) == 1 and template.references:
        return _filled(_read(table, template.references[0], physical))
    reads = {
        reference: _filled(_read(table, reference, physical)) for reference in template.references
    }
    text = ibis.literal("")
    for part in template.parts:
        text += ibis.literal(part) if isinstance(part, str) else reads[part].fill_null("")
    return ibis.ifelse(ibis.or_(*(read.notnull() for read in reads.values())), _filled(text), None)


def _read(table: ir.Table, reference: Reference, physical: Mapping[str, str]) -> ir.StringValue:
    if reference.column not in physical:
        return ibis.null("string")
    value = table[physical[reference.column]]
    return json_text(value, reference.path) if reference.path else value


def _filled(value: ir.StringValue) -> ir.StringValue:
    return value.strip().nullif("")
