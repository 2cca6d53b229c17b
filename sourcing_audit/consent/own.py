"""Signals that a manifest holds for its items: what was sent with each, in columns of its own."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import ibis

from sourcing_audit.model import RegistryInfo
from sourcing_audit.registries import Registries
from sourcing_audit.registries.interface import Export
from sourcing_audit.registries.normalise import with_keys
from sourcing_audit.registries.record import checked
from sourcing_audit.registries.statements import spooled
from sourcing_audit.registries.web import html_meta, noai, tdm_properties
from sourcing_audit.registries.web.signal import FIELDS, Signal, content_usage

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    import ibis.expr.types as ir

    from sourcing_audit.engine import Engine
    from sourcing_audit.registries.statements import Statement
    from sourcing_audit.rules.consent import ConsentRules

NAME = "manifest"
"""What this source of signals is called where registries are listed."""

_FIELDS = (
    "record_id",
    "statement_id",
    "subject_kind",
    "subject_value",
    "declarant_role",
    *FIELDS,
)
_EXPORT = Export(name=NAME, path=Path(NAME), format=NAME)
_FIELD_NAME = re.compile(r"^\s*(?:content-usage|tdm-reservation)\s*:", re.IGNORECASE)
_QUOTED = re.compile(r"\[\s*'[^']*'(?:\s*,\s*'[^']*')*\s*\]")
"""A list as Python writes it, which is how data frames put lists into CSV."""
_NUMBER = re.compile(r"^([01])\.0$")


def statements(field: str, value: str, rules: ConsentRules) -> Iterator[Signal]:
    """Read one value of a column.

    Args:
        field: one of `COLUMNS`.
        value: as the manifest has it; several header lines may stand in it as a JSON list.
        rules: the vocabularies.

    """
    lines = _lines(value)
    yield from _READERS[field](lines, rules)


def records(
    engine: Engine, items: ir.Table, columns: Collection[str], rules: ConsentRules
) -> Registries | None:
    """Read the signals in the items' own columns as records; None where there are none.

    A record speaks about every item whose column holds the value it was read from: its
    `subject_value` is the field and the trimmed value, with a space between. Each distinct value
    is read once, and no more than a batch of them is held at a time.
    """
    there = [field for field in COLUMNS if field in columns]
    if not there:
        return None
    values = ibis.union(*(_values(items, field) for field in there), distinct=True)
    distinct = engine.materialise(values, "own_values").order_by(["field", "value"])
    reading = _Reading(engine, distinct, rules)
    raw = spooled(engine, reading.statements(), _FIELDS)
    if not reading.spoken:
        return None
    table = engine.named(with_keys(engine, checked(engine, raw, rules, _EXPORT), rules))
    numbered = table.mutate(registry_no=ibis.literal(0), record_no=table.seq).drop("seq")
    return Registries(
        records=engine.materialise(numbered, "own_records"),
        exports=(
            RegistryInfo(
                name=NAME,
                path=NAME,
                format=NAME,
                sha256=reading.digest.hexdigest(),
                records=reading.spoken,
                snapshot_at=None,
                own=True,
            ),
        ),
    )


def _values(items: ir.Table, field: str) -> ir.Table:
    trimmed = items.select(field=ibis.literal(field), value=items[field].strip().nullif(""))
    return trimmed.filter(trimmed.value.notnull()).distinct()


class _Reading:
    """Goes through the distinct values once, and counts what they say."""

    def __init__(self, engine: Engine, values: ir.Table, rules: ConsentRules) -> None:
        self._engine = engine
        self._values = values
        self._rules = rules
        self.spoken = 0
        self.digest = hashlib.sha256()

    def statements(self) -> Iterator[Statement]:
        row = 0
        for batch in self._engine.batches(self._values):
            pairs = zip(
                *(batch.column(name).to_pylist() for name in ("field", "value")), strict=True
            )
            for field, value in pairs:
                row += 1
                self.digest.update(f"{field}\0{value}\n".encode())
                for number, signal in enumerate(statements(field, value, self._rules), start=1):
                    self.spoken += 1
                    yield {
                        "row": row,
                        "record_id": f"{row}-{number}",
                        "statement_id": str(row),
                        "subject_kind": "own",
                        "subject_value": f"{field} {value}",
                        "declarant_role": "host",
                        **signal.fields(),
                    }


def _lines(value: str) -> list[str]:
    """The header lines or contents that a value holds: members of a JSON list, or itself."""
    bare = value.strip()
    if _QUOTED.fullmatch(bare):
        return re.findall(r"'([^']*)'", bare)
    if bare.startswith("["):
        try:
            members = json.loads(bare)
        except (ValueError, RecursionError):
            return [bare]
        return [one if isinstance(one, str) else json.dumps(one) for one in members]
    return [bare]


def _x_robots_tag(lines: list[str], rules: ConsentRules) -> Iterator[Signal]:
    for line in lines:
        for one in line.splitlines():
            yield from noai.of_header(one, rules)


def _meta_robots(lines: list[str], rules: ConsentRules) -> Iterator[Signal]:
    for line in lines:
        if line.lstrip().startswith("<"):
            for name, content in html_meta.meta_elements(line[: html_meta.LIMIT]):
                yield from noai.of_meta(name, content, rules)
        else:
            yield from noai.of_meta("robots", line, rules)


def _content_usage(lines: list[str], rules: ConsentRules) -> Iterator[Signal]:
    yield from content_usage(", ".join(_FIELD_NAME.sub("", line) for line in lines), rules)


def _tdm_reservation(lines: list[str], rules: ConsentRules) -> Iterator[Signal]:
    values = {_NUMBER.sub(r"\1", _FIELD_NAME.sub("", line).strip()) for line in lines}
    if values >= {"0", "1"}:
        raw = f"tdm-reservation: {', '.join(sorted(values))}"
        yield tdm_properties.contradictory("tdmrep_header", raw, rules)
        return
    for value in sorted(values):
        yield tdm_properties.of_properties("tdmrep_header", value, None, rules)


_READERS: Mapping[str, Callable[[list[str], ConsentRules], Iterator[Signal]]] = {
    "x_robots_tag": _x_robots_tag,
    "meta_robots": _meta_robots,
    "content_usage": _content_usage,
    "tdm_reservation": _tdm_reservation,
}

COLUMNS: tuple[str, ...] = tuple(_READERS)
"""The item columns that hold signals."""
