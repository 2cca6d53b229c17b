"""Which input column fills which canonical field: flag or config, else layout, else usual name."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sourcing_audit.errors import ConfigError, InputError
from sourcing_audit.model import FieldMapping
from sourcing_audit.rules.columns import column_names, layouts
from sourcing_audit.schema import ITEM_TEXT_FIELDS
from sourcing_audit.sources import template
from sourcing_audit.sources.template import Template

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sourcing_audit.rules import RuleStore


@dataclass(frozen=True)
class MappedField:
    """A canonical field, the template that fills it, and who said so."""

    field: str
    template: Template
    origin: str


@dataclass(frozen=True)
class Mapper:
    """How a dataset's columns become canonical fields."""

    fields: tuple[MappedField, ...]
    columns: tuple[str, ...]

    @property
    def used(self) -> tuple[str, ...]:
        """The input columns that are read, in input order."""
        names = {ref.column for mapped in self.fields for ref in mapped.template.references}
        return tuple(column for column in self.columns if column in names)

    @property
    def unused(self) -> tuple[str, ...]:
        """The input columns that are not read."""
        used = set(self.used)
        return tuple(column for column in self.columns if column not in used)

    def describe(self) -> tuple[FieldMapping, ...]:
        """The mapping as the report shows it, in the order of the canonical fields."""
        return tuple(FieldMapping(m.field, m.template.source, m.origin) for m in self.fields)


def build(
    columns: Sequence[str],
    given: Mapping[str, str],
    *,
    origin: str,
    store: RuleStore,
    where: str,
    media: Collection[str] = (),
) -> Mapper:
    """Decide how each canonical field is filled.

    An empty template in `given` leaves its field unmapped.

    Args:
        columns: all columns of the input.
        given: canonical field to template, as the user wrote it.
        origin: `flag` or `config`, for `given`.
        store: holds the layouts and usual names.
        where: the input's name, for messages.
        media: the columns that hold files; they fill a field only where `given` says so.

    Raises:
        ConfigError: `given` names an unknown field or column.
        InputError: no column is recognised.

    """
    found: dict[str, MappedField] = {}
    for field, text in given.items():
        mapped = _given(field, text, columns, where)
        if mapped is not None:
            found[field] = MappedField(field, mapped, origin)
    settled = set(given)
    taken = {ref.column for mapped in found.values() for ref in mapped.template.references}
    for mapped_field in _recognised(columns, store, settled, taken.union(media)):
        found[mapped_field.field] = mapped_field
    if not columns:
        raise InputError(
            f"{where}: no record has a column", fix="write one JSON object on each line"
        )
    if not found and not media:
        raise InputError(
            f"{where}: no column is recognised among {_listed(columns)}",
            fix="name the columns, e.g. --column license_raw=COLUMN --column source_url=COLUMN",
        )
    ordered = tuple(found[field] for field in ITEM_TEXT_FIELDS if field in found)
    return Mapper(ordered, tuple(columns))


def _given(field: str, text: str, columns: Sequence[str], where: str) -> Template | None:
    if field not in ITEM_TEXT_FIELDS:
        near = difflib.get_close_matches(field, ITEM_TEXT_FIELDS, n=3)
        raise ConfigError(
            f"{field!r} is not a canonical field",
            fix="use one of " + ", ".join(near or ITEM_TEXT_FIELDS),
        )
    if not text.strip():
        return None
    try:
        return template.resolve(text, columns)
    except template.UnknownColumnError as error:
        near = _nearest(error.column, columns)
        raise ConfigError(
            f"{where}: no column {error.column!r} for {field}",
            fix=f"did you mean {_listed(near)}?" if near else f"it has {_listed(columns)}",
        ) from error
    except ValueError as error:
        raise ConfigError(f"template {text!r} for {field}: {error}") from error


def _recognised(
    columns: Sequence[str], store: RuleStore, settled: set[str], taken: set[str]
) -> list[MappedField]:
    """The fields of the first layout that fits, then those with a usual name."""
    found: list[MappedField] = []
    folded = {column.casefold() for column in columns}
    blocked = set(taken)
    for layout in layouts(store):
        if not folded.issuperset(name.casefold() for name in layout.when):
            continue
        for field, text in layout.fields.items():
            known = None if field in settled else template.resolve_known(text, columns)
            if known is not None:
                found.append(MappedField(field, known, f"layout:{layout.id}"))
                blocked |= {reference.column for reference in known.references}
        settled = settled | {mapped.field for mapped in found}
        ignored = {name.casefold() for name in layout.ignore}
        blocked |= {column for column in columns if column.casefold() in ignored}
        break
    for rule in column_names(store):
        column = template.match(rule.name, columns)
        if column is None or column in blocked or rule.field in settled:
            continue
        settled = settled | {rule.field}
        blocked.add(column)
        reference = template.Reference(column)
        parts = (rule.prefix, reference) if rule.prefix else (reference,)
        known = Template(f"{rule.prefix}{{{column}}}", parts)
        found.append(MappedField(rule.field, known, "name"))
    return found


def _nearest(name: str, columns: Sequence[str]) -> list[str]:
    folded = {column.casefold(): column for column in reversed(columns)}
    return [folded[near] for near in difflib.get_close_matches(name.casefold(), folded, n=3)]


def _listed(columns: Sequence[str], limit: int = 20) -> str:
    shown = ", ".join(repr(column[:80]) for column in columns[:limit]) or "no columns"
    more = len(columns) - limit
    return f"{shown} and {more} more" if more > 0 else shown
