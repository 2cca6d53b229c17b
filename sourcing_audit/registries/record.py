"""The canonical consent record: defaults, checks and types, for every reader's records.

Absent optional values take the default that claims least: a grant that doesn't say something
doesn't grant it, a refusal that doesn't say something refuses everything.

Most records of an export share all but a few of their fields. What they share (their *terms*) is
read and checked once for each distinct combination.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import ibis

from sourcing_audit import keys, schema
from sourcing_audit.combinations import Combinations, numbered
from sourcing_audit.engine import Queries, trimmed
from sourcing_audit.errors import RegistryError
from sourcing_audit.registries import checks
from sourcing_audit.registries.checks import REQUIRED, TRUE
from sourcing_audit.registries.shared import Checked, read_singly

if TYPE_CHECKING:
    from collections.abc import Collection

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

_ALWAYS_SHARED = frozenset(
    {
        *_WORDS,
        *LISTS,
        "schema_version",
        "problem",
        *(name for name, kind in schema.RECORDS.items() if kind == "boolean"),
    }
)
"""Fields whose values are, or are made of, a few words."""
_NEVER_SHARED = frozenset({"record_id", "subject_value"})


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
    given = tuple(name for name in raw.columns if name in schema.RECORDS)
    raw = engine.named(raw.select("row", "seq", *given))
    queries = Queries(engine)
    single = read_singly(engine, raw, given, _ALWAYS_SHARED, _NEVER_SHARED)
    shared = tuple(name for name in given if name not in single)
    alike = Combinations.of(engine, raw, shared, "terms_no")
    asked = _Reading(rules, shared, single, alike.differing)
    said = queries.table("said_terms", _said, shared=alike.table)
    terms = _of_registry(queries.table("terms", asked.terms, said=said), export)
    # What is read of each row is asked for again and again, and doesn't take much room.
    read = queries.table("rows", asked.rows, raw=raw, combinations=alike.table, said=said)
    wrong_terms = queries.view("wrong_terms", asked.wrong, said=said)
    if _any(engine, wrong_terms) or _any(engine, read.filter(read.wrong)):
        checks.refuse(engine, raw.select("row", **_texts(raw)), rules, export)
    terms = engine.materialise(terms, "terms")
    found = Checked.of(engine, _of_registry(read.drop("wrong"), export), terms)
    checks.refuse_duplicates(engine, found.fields("row", "registry_id", "record_id"), export)
    return found


@dataclass(frozen=True)
class _Reading:
    """What is asked to read records, as expressions; they name no registry."""

    rules: ConsentRules
    shared: tuple[str, ...]
    """The fields that are read once for each combination of their values,"""
    single: frozenset[str]
    """and those that are read row by row."""
    differing: tuple[str, ...]
    """As `Combinations` has them."""

    def terms(self, said: ir.Table) -> ir.Table:
        """`terms_no`, and the fields of what was said, in their types."""
        settled = [name for name in schema.RECORDS if name not in self.single]
        return said.select("terms_no", **_typed(said, settled))

    def rows(self, raw: ir.Table, combinations: ir.Table, said: ir.Table) -> ir.Table:
        """`row`, `seq`, `terms_no`, the other fields, and `wrong`: whether a check is broken."""
        texts = {name: trimmed(raw[name]) for name in sorted(self.single)}
        rows = raw.select("row", "seq", *self.shared, **texts)
        rows = numbered(self.differing, "terms_no", rows, combinations).drop(*self.shared)
        both = rows.inner_join(said.drop(*self.single), "terms_no")
        typed = _typed(both, [name for name in schema.RECORDS if name in self.single])
        wrong = checks.broken(both, self.rules, self.single, among=True)
        return both.select("row", "seq", "terms_no", **typed, wrong=wrong)

    def wrong(self, said: ir.Table) -> ir.Table:
        """Terms that break a check."""
        broken = checks.broken(said, self.rules, self.single, among=False)
        return said.filter(broken).select("terms_no")


def _said(shared: ir.Table) -> ir.Table:
    return shared.select("terms_no", **_texts(shared))


def _any(engine: Engine, table: ir.Table) -> bool:
    return bool(engine.arrow(table.limit(1)).num_rows)


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


def _of_registry(records: ir.Table, export: Export) -> ir.Table:
    """Records that name no registry are of the export's; other tables are left alone."""
    if "registry_id" not in records.columns:
        return records
    return records.mutate(registry_id=ibis.coalesce(records.registry_id, export.name))
