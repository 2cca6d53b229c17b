"""The canonical consent record: defaults, checks and types, for every reader's records.

Absent optional values take the default that claims least: a grant that doesn't say something
doesn't grant it, a refusal that doesn't say something refuses everything.

Most records of an export share all but a few of their fields. What they share (their *terms*) is
read and checked once for each distinct combination.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Self

import ibis

from sourcing_audit import keys, schema
from sourcing_audit.combinations import Combinations, same_in_all
from sourcing_audit.engine import Queries, trimmed
from sourcing_audit.errors import RegistryError
from sourcing_audit.registries import checks
from sourcing_audit.registries.checks import REQUIRED, TRUE

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    import ibis.expr.types as ir

    from sourcing_audit.engine import Engine
    from sourcing_audit.registries.interface import Export
    from sourcing_audit.rules.consent import ConsentRules

CARRIED = frozenset({"subject_norm", "norm_version", "status_exported", "raw"})
"""Fields of the record that are allowed and not read: keys are always computed here."""

OWN_PREFIX = "x_"
"""Columns that begin so are the exporter's own and are left alone."""

DEFAULTS = {
    "schema_version": "1.0",
    "signal_scheme": "registry",
    "declarant_role": "unknown",
    "authority_level": "none",
    **schema.NOT_STATED,
}
_TYPE_OF_DECISION = {"deny": "opt_out", "allow": "opt_in", "conditional": "opt_in"}
_RELATION_OF_TYPE = {
    "revocation": "revokes",
    "renewal": "renews",
    "approval": "approves",
    "amendment": "amends",
}
LISTS = ("uses", "territory", "media_types")

_WORDS = (
    *(name for name in DEFAULTS if name != "schema_version"),
    "record_type",
    "relation",
    "subject_kind",
    "decision",
    "hash_target",
    "approver_role",
    "uses",
    "media_types",
)
"""Fields that are read without regard to capitals."""

_ALWAYS_TERMS = frozenset(
    {
        *_WORDS,
        *LISTS,
        "schema_version",
        "problem",
        *(name for name, kind in schema.RECORDS.items() if kind == "boolean"),
    }
)
"""Fields whose values are, or are made of, a few words."""

_NEVER_TERMS = frozenset({"record_id", "subject_value"})

_FEW = 1000
_FEWER = 20
"""There should be that many times fewer combinations than records, but a few are always welcome."""

_LONGEST_WORD = 200
"""Characters of a value that is written into queries instead of being looked up."""


@dataclass(frozen=True)
class Checked:
    """Canonical records, apart from the terms that they share."""

    rows: ir.Table
    """`row`, `seq`, `terms_no`, and the fields that differ from record to record."""
    terms: ir.Table
    """By `terms_no`: the fields that many records have in common."""
    constants: Mapping[str, ir.Value]
    """Those of these fields that all records have in common."""

    @classmethod
    def of(cls, engine: Engine, rows: ir.Table, terms: ir.Table) -> Self:
        """Put rows and terms together."""
        constants = {
            name: ibis.literal(value, type=terms[name].type())
            for name, value in same_in_all(engine, terms.drop("terms_no")).items()
            if _can_be_written(value)
        }
        return cls(rows, terms, constants)

    def whole(self) -> ir.Table:
        """`row`, `seq`, columns of `schema.RECORDS`, and what else the rows have."""
        table = self.rows
        differing = self.terms.drop(*self.constants)
        if len(differing.columns) > 1:
            table = table.inner_join(differing, "terms_no")
        table = table.mutate(**self.constants)
        table = table.mutate(statement_id=ibis.coalesce(table.statement_id, table.record_id))
        return table.relocate("row", "seq", *schema.RECORDS)


def _can_be_written(value: object) -> bool:
    """Whether a value can stand in a query as one of its type; the engine narrows whole numbers."""
    if isinstance(value, str):
        return len(value) <= _LONGEST_WORD and value.isprintable()
    return isinstance(value, bool) or not isinstance(value, int)


def checked(engine: Engine, raw: ir.Table, rules: ConsentRules, export: Export) -> ir.Table:
    """Records as text made canonical, or the first row that can't be trusted.

    Args:
        engine: what runs the checks.
        raw: what a `RegistryReader` reads; a field may be missing.
        rules: the vocabularies.
        export: what to name in errors.

    Returns:
        Columns of `schema.RECORDS`, `row` and `seq`.

    Raises:
        RegistryError: naming file, row and column.

    """
    return apart(engine, raw, rules, export).whole().drop("terms_no")


def apart(engine: Engine, raw: ir.Table, rules: ConsentRules, export: Export) -> Checked:
    """As `checked`, with what records share kept apart from what they don't."""
    _check_columns(raw, export)
    raw = raw if "seq" in raw.columns else raw.mutate(seq=raw.row)
    given = [name for name in raw.columns if name in schema.RECORDS]
    raw = engine.named(raw.select("row", "seq", *given))
    queries = Queries(engine)
    single = _single(engine, queries, raw, given)
    settled = tuple(name for name in schema.RECORDS if name not in single)
    shared = [name for name in given if name not in single]
    found = Combinations.of(engine, raw, shared, "terms_no")
    said = queries.table("said_terms", _said, shared=found.table)
    terms = queries.table("terms", partial(_settled, settled), said=said)
    if "registry_id" in settled:
        terms = engine.materialise(terms.mutate(registry_id=_registry(terms, export)), "terms")
    texts = {name: trimmed(raw[name]) for name in sorted(single)}
    rows = engine.named(found.onto(raw.select("row", "seq", *shared, **texts)).drop(*shared))
    both = engine.named(rows.inner_join(said.drop(*single), "terms_no"))
    if checks.finds(engine, said, rules, single, among=False) or checks.finds(
        engine, both, rules, single, among=True
    ):
        checks.refuse(engine, raw.select("row", **_texts(raw)), rules, export)
    ids = both.select("row", "record_id", registry_id=_registry(both, export))
    checks.refuse_duplicates(engine, ids, export)
    typed = rows.select("row", "seq", "terms_no", **_typed(rows, single))
    if "registry_id" in single:
        typed = typed.mutate(registry_id=_registry(typed, export))
    return Checked.of(engine, typed, terms)


def _said(shared: ir.Table) -> ir.Table:
    return shared.select("terms_no", **_texts(shared))


def _settled(names: Sequence[str], said: ir.Table) -> ir.Table:
    return said.select("terms_no", **_typed(said, names))


def _check_columns(raw: ir.Table, export: Export) -> None:
    columns = [c for c in raw.columns if c not in {"row", "seq"}]
    if missing := [c for c in REQUIRED if c not in columns]:
        raise RegistryError(
            f"{export.path}: no column {', '.join(missing)}; it has {', '.join(columns)}",
            fix="name the columns as in docs/registry.md, or put the right FORMAT: first",
        )
    known = {*schema.RECORDS, *CARRIED}
    for column in columns:
        if column not in known and not column.startswith(OWN_PREFIX):
            near = difflib.get_close_matches(column, sorted(known), n=1)
            hint = f"did you mean {near[0]}? " if near else ""
            raise RegistryError(
                f"{export.path}: unknown column {column}",
                fix=f"{hint}begin columns of your own with {OWN_PREFIX}",
            )


def _single(
    engine: Engine, queries: Queries, raw: ir.Table, given: Sequence[str]
) -> frozenset[str]:
    """The fields that are read row by row: those with so many values that sharing doesn't pay."""
    free = [name for name in given if name not in _ALWAYS_TERMS | _NEVER_TERMS]
    counts = engine.arrow(queries.view("values", _values, raw=raw)).to_pylist()[0]
    room = max(1, max(_FEW, counts["rows"] // _FEWER) // max(1, counts["always"]))
    single = set(_NEVER_TERMS)
    for name in sorted(free, key=lambda name: counts[name]):
        room //= max(1, counts[name])
        if not room:
            single.add(name)
    return frozenset(single)


def _values(raw: ir.Table) -> ir.Table:
    """About how many values each field has, and those that are always terms together."""
    given = [name for name in raw.columns if name in schema.RECORDS]
    always = [name for name in given if name in _ALWAYS_TERMS]
    free = [name for name in given if name not in _ALWAYS_TERMS | _NEVER_TERMS]
    found = {name: raw[name].approx_nunique() for name in free}
    found["rows"] = raw.count()
    found["always"] = ibis.struct({name: raw[name] for name in always}).approx_nunique()
    return raw.aggregate(**found)


def _texts(raw: ir.Table) -> dict[str, ir.StringValue]:
    """Every field as trimmed text, the vocabularies in lower case, with its defaults."""
    fields = {
        name: trimmed(raw[name]) if name in raw.columns else ibis.null("string")
        for name in schema.RECORDS
    }
    for name in _WORDS:
        fields[name] = fields[name].lower()
    for name, default in DEFAULTS.items():
        fields[name] = ibis.coalesce(fields[name], default)
    for name in LISTS:
        # A media type may have a plus in it: image/svg+xml.
        between = r"[,;\s]+" if name == "media_types" else r"[,;+\s]+"
        members = fields[name].re_replace(r"[\[\]\"']", "").re_replace(between, "|")
        members = members.re_replace(r"\|+", "|").re_replace(r"^\||\|$", "")
        fields[name] = members.nullif("").nullif("null")
    fields["territory"] = fields["territory"].upper()
    fields["record_type"] = ibis.coalesce(
        fields["record_type"],
        ibis.cases(*((fields["decision"] == d, t) for d, t in _TYPE_OF_DECISION.items())),
    )
    fields["relation"] = ibis.coalesce(
        fields["relation"],
        ibis.cases(*((fields["record_type"] == t, r) for t, r in _RELATION_OF_TYPE.items())),
    )
    return fields


def _typed(texts: ir.Table, names: Collection[str]) -> dict[str, ir.Value]:
    fields: dict[str, ir.Value] = {}
    for name in names:
        value = texts[name]
        match schema.RECORDS[name].removeprefix("!"):
            case "boolean":
                fields[name] = ibis.ifelse(
                    value.isnull(), ibis.null("boolean"), value.lower().isin(TRUE)
                )
            case "timestamp":
                fields[name] = keys.moment(value)
            case "string":
                fields[name] = value
            case plain:
                fields[name] = value.try_cast(plain)
    if "uses" in fields:
        fields["uses"] = ibis.coalesce(texts.uses, "")
    return fields


def _registry(texts: ir.Table, export: Export) -> ir.StringValue:
    name: ir.StringValue = ibis.coalesce(texts.registry_id, export.name)
    return name
