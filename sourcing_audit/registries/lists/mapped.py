"""Release forms of one's own: a table, and a TOML file that says what its columns mean."""

from __future__ import annotations

import difflib
import hashlib
import json
import tomllib
from typing import TYPE_CHECKING, ClassVar

import ibis
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sourcing_audit import schema
from sourcing_audit.engine import parsed_moment
from sourcing_audit.errors import InputError, RegistryError
from sourcing_audit.files import sha256_of
from sourcing_audit.registries.interface import Export, RegistryReader
from sourcing_audit.sources import template
from sourcing_audit.sources.canonical import rendered
from sourcing_audit.sources.table import read_table

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import ibis.expr.types as ir

    from sourcing_audit.engine import Engine
    from sourcing_audit.rules.consent import ConsentRules

LARGEST = 2**20
"""Bytes of a mapping."""

_SHOWN = 5


class Mapping(BaseModel):
    """What a mapping file may hold."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: str = Field(min_length=1)
    """The table, beside the mapping."""
    columns: dict[str, str]
    """For each canonical field a column, or text with `{column}` in it."""
    values: dict[str, dict[str, str]] = {}
    """For each canonical field, what the table's words mean; `""` stands for an empty cell."""
    defaults: dict[str, str | bool | int] = {}
    """What holds where a record doesn't say."""
    date_format: str | None = None
    """How dates are written, in strptime's notation; ISO 8601 otherwise."""


class MappedReader(RegistryReader):
    """Reads a table by its mapping; the rows never leave the engine."""

    name: ClassVar[str] = "mapped"
    summary: ClassVar[str] = "a table of your own, by a TOML file that maps its columns and words"

    def recognises(self, path: Path, head: bytes) -> bool:
        """By the ending and the table `[columns]`."""
        return path.suffix.lower() == ".toml" and b"[columns]" in head

    def fingerprint(self, export: Export) -> str:
        """The SHA-256 over those of the mapping and of the table."""
        table = _table_path(export.path, _load(export.path))
        both = f"{sha256_of(export.path)}\n{sha256_of(table)}\n"
        return hashlib.sha256(both.encode()).hexdigest()

    def read(self, engine: Engine, export: Export, rules: ConsentRules) -> ir.Table:
        """See `RegistryReader.read`."""
        mapping = _load(export.path)
        _check_words(export.path, mapping, rules)
        source = _table_path(export.path, mapping)
        try:
            table = read_table(engine, source)
        except InputError as error:
            raise RegistryError(error.message, fix=error.fix) from error
        texts = _texts(export.path, mapping, table)
        for field in sorted(mapping.columns.keys() & (rules.vocabulary.keys() | {"uses"})):
            _refuse_unknown_words(engine, export.path, source, mapping, field, texts, rules)
        return _translated(mapping, texts)


def _load(path: Path) -> Mapping:
    try:
        if path.stat().st_size > LARGEST:
            raise RegistryError(f"{path}: is larger than {LARGEST // 2**20} MB", fix="check it")
        document = tomllib.loads(path.read_text(encoding="utf-8-sig"))
        mapping = Mapping.model_validate(document)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise RegistryError(f"{path}: is no TOML: {error}", fix="mend the mapping") from error
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise RegistryError(
            f"{path}: {key or 'file'}: {first['msg']}", fix="see `mapped` in docs/registry.md"
        ) from error
    _check_fields(path, (*mapping.columns, *mapping.values, *mapping.defaults))
    return mapping


def _check_fields(path: Path, fields: Iterable[str]) -> None:
    for field in fields:
        if field not in schema.RECORDS:
            near = difflib.get_close_matches(field, schema.RECORDS, n=1)
            hint = f"did you mean {near[0]}? " if near else ""
            raise RegistryError(
                f"{path}: {field} is no field of a consent record",
                fix=f"{hint}the fields are in docs/registry.md",
            )


def _table_path(path: Path, mapping: Mapping) -> Path:
    found = path.parent / mapping.file
    if not found.is_file():
        raise RegistryError(f"{found}: no such file", fix=f"correct `file` in {path}")
    return found


def _words(field: str, rules: ConsentRules) -> frozenset[str]:
    """The vocabulary of a field; none where any text may stand."""
    return rules.vocabulary.get("use" if field == "uses" else field, frozenset())


def _check_words(path: Path, mapping: Mapping, rules: ConsentRules) -> None:
    """Every word that the mapping leads to has to be one of the field's vocabulary."""
    stated = [(field, word) for field, words in mapping.values.items() for word in words.values()]
    stated += [(field, str(word)) for field, word in mapping.defaults.items()]
    for field, word in stated:
        allowed = _words(field, rules)
        parts = word.split("|") if field == "uses" else [word]
        if allowed and not set(parts) <= allowed:
            raise RegistryError(
                f"{path}: {field}: {word!r} is not a word of this field",
                fix=f"allowed are {', '.join(sorted(allowed))}",
            )


def _texts(path: Path, mapping: Mapping, table: ir.Table) -> ir.Table:
    """The mapped fields as the table writes them, with `row`."""
    columns = {name: name for name in table.columns if name != "row"}
    fields: dict[str, ir.StringValue] = {"record_id": table.row.cast("string")}
    for field, source in mapping.columns.items():
        try:
            resolved = template.resolve(source, list(columns))
        except template.UnknownColumnError as error:
            raise RegistryError(
                f"{path}: columns.{field}: there is no column {error.column!r}",
                fix=f"{mapping.file} has {', '.join(columns)}",
            ) from error
        except ValueError as error:
            raise RegistryError(
                f"{path}: columns.{field}: {error}", fix="mend the template"
            ) from error
        fields[field] = rendered(table, resolved, columns)
    return table.select("row", **fields)


def _refuse_unknown_words(
    engine: Engine,
    path: Path,
    source: Path,
    mapping: Mapping,
    field: str,
    texts: ir.Table,
    rules: ConsentRules,
) -> None:
    """Raise for the first value that is neither translated nor a word of the field."""
    allowed = _words(field, rules)
    words = {word.strip().lower() for word in (*mapping.values.get(field, {}), *allowed)}
    plain = texts[field].strip().lower()
    known = plain.isin(sorted(words))
    if field == "uses":
        part = "|".join(sorted(allowed))
        known |= plain.re_search(rf"^(?:{part})(?:\|(?:{part}))*$")
    odd = texts.filter(~known)
    grouped = odd.group_by(value=odd[field]).aggregate(row=odd.row.min())
    first = engine.arrow(grouped.order_by("row").limit(_SHOWN + 1)).to_pylist()
    if not first:
        return
    others = ", ".join(repr(one["value"][:80]) for one in first[1:_SHOWN])
    more = f"; also {others}{' and more' if len(first) > _SHOWN else ''}" if others else ""
    value = first[0]["value"][:200]
    raise RegistryError(
        f"{source}: row {first[0]['row']}: {mapping.columns[field]} is {value!r}, and {path.name} "
        f"doesn't say which {field} that means{more}",
        fix=f"add {json.dumps(value, ensure_ascii=False)} to [values.{field}]; "
        f"allowed are {', '.join(sorted(allowed))}",
    )


def _translated(mapping: Mapping, texts: ir.Table) -> ir.Table:
    fields: dict[str, ir.Value] = {}
    for field in dict.fromkeys((*texts.columns[1:], *mapping.defaults)):
        value = texts[field] if field in texts.columns else ibis.null("string")
        if words := mapping.values.get(field):
            plain = ibis.coalesce(value.strip().lower(), "")
            cases = [(plain == word.strip().lower(), meaning) for word, meaning in words.items()]
            value = ibis.cases(*cases, else_=value)
        if mapping.date_format and schema.RECORDS[field].endswith("timestamp"):
            moment = parsed_moment(value, mapping.date_format)
            value = ibis.coalesce(moment.strftime("%Y-%m-%dT%H:%M:%S"), value)
        if field in mapping.defaults:
            default = mapping.defaults[field]
            stated = str(default).lower() if isinstance(default, bool) else str(default)
            value = ibis.coalesce(value, stated)
        fields[field] = value
    return texts.select("row", **fields)
