"""The canonical consent record: defaults, checks and types, for every reader's records.

Absent optional values take the default that claims least: a grant that doesn't say something
doesn't grant it, a refusal that doesn't say something refuses everything.
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

import ibis

from sourcing_audit import keys, schema
from sourcing_audit.errors import RegistryError

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from sourcing_audit.engine import Engine
    from sourcing_audit.registries.interface import Export
    from sourcing_audit.rules.consent import ConsentRules

REQUIRED = ("record_id", "subject_kind", "subject_value", "decision")

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
_TRUE = ("true", "yes", "1", "t", "y")
_FALSE = ("false", "no", "0", "f", "n")

_FIX = "correct the export; `sourcing-audit` never skips a consent record it can't read"


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
    _check_columns(raw, export)
    texts = _texts(raw)
    _refuse_violations(engine, texts, rules, export)
    return _typed(texts, export)


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


def _texts(raw: ir.Table) -> ir.Table:
    """Every field as trimmed text, the vocabularies in lower case, with its defaults."""

    def field(name: str) -> ir.StringValue:
        if name not in raw.columns:
            return ibis.null("string")
        value: ir.StringValue = raw[name].strip().nullif("")
        return value

    fields = {name: field(name) for name in schema.RECORDS}
    for name in (
        *DEFAULTS,
        "record_type",
        "relation",
        "subject_kind",
        "decision",
        "hash_target",
        "approver_role",
        *LISTS,
    ):
        if name not in {"schema_version", "territory"}:
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
    seq = raw.seq if "seq" in raw.columns else raw.row
    return raw.select("row", **fields, seq=seq)


def _refuse_violations(
    engine: Engine, texts: ir.Table, rules: ConsentRules, export: Export
) -> None:
    """Raise for the first row that can't be trusted, and say how many there are."""
    checks = [*_missing(texts), *_outside_vocabulary(texts, rules), *_unparsable(texts)]
    checks += [*_contradictions(texts), *_places(texts)]
    tests = {f"check_{n}": ibis.coalesce(broken, False) for n, (broken, _) in enumerate(checks)}
    marked = texts.mutate(**tests)
    broken = marked.filter(ibis.or_(*(marked[name] for name in tests)))
    total = engine.arrow(broken.aggregate(n=broken.count())).to_pylist()[0]["n"]
    if not total:
        _refuse_duplicates(engine, texts, export)
        return
    first = engine.arrow(broken.order_by("row").limit(1)).to_pylist()[0]
    problem = next(what for name, (_, what) in zip(tests, checks, strict=True) if first[name])
    more = f" ({total - 1:,} more rows have problems)" if total > 1 else ""
    raise RegistryError(
        f"{export.path}: row {first['row']}: {problem.format(**first)}{more}", fix=_FIX
    )


Check = tuple["ir.BooleanValue", str]


def _missing(texts: ir.Table) -> list[Check]:
    return [(texts[name].isnull(), f"{name} is missing") for name in REQUIRED]


def _outside_vocabulary(texts: ir.Table, rules: ConsentRules) -> list[Check]:
    checks: list[Check] = []
    for name, allowed in sorted(rules.vocabulary.items()):
        if name == "use":
            words = "|".join(sorted(allowed))
            checks.append(
                (
                    ~texts.uses.re_search(rf"^(?:{words})(?:\|(?:{words}))*$"),
                    f"uses is {{uses!r}}; allowed are {', '.join(sorted(allowed))}, with | between",
                )
            )
        else:
            checks.append(
                (
                    ~texts[name].isin(sorted(allowed)),
                    f"{name} is {{{name}!r}}; allowed are {', '.join(sorted(allowed))}",
                )
            )
    return checks


def _unparsable(texts: ir.Table) -> list[Check]:
    checks: list[Check] = []
    for name, kind in schema.RECORDS.items():
        value = texts[name]
        plain = kind.removeprefix("!")
        if plain == "timestamp":
            broken = value.notnull() & keys.moment(value).isnull()
            checks.append((broken, f"{name} is {{{name}!r}}, not a date (ISO 8601)"))
        elif plain == "int64":
            # The priority of a rule may be its negative place in a sequence.
            whole = r"^-?\d{1,9}$" if name == "priority" else r"^\d{1,5}$"
            broken = ~value.re_search(whole)
            checks.append((broken, f"{name} is {{{name}!r}}, not a whole number"))
        elif plain == "boolean":
            broken = ~value.lower().isin([*_TRUE, *_FALSE])
            checks.append((broken, f"{name} is {{{name}!r}}, not true or false"))
    return checks


def _places(texts: ir.Table) -> list[Check]:
    """A territory that isn't understood might be the one that matters."""
    codes = r"^(?:[A-Z]{2}|WORLD)(?:\|(?:[A-Z]{2}|WORLD))*$"
    return [
        (
            ~texts.territory.re_search(codes) | texts.territory.re_search(r"(?:^|\|)UK(?:\||$)"),
            "territory is {territory!r}; allowed are ISO 3166-1 codes such as DE|GB, EU and WORLD",
        )
    ]


def _contradictions(texts: ir.Table) -> list[Check]:
    refusing = texts.record_type.isin(["opt_out", "refusal", "revocation"])
    granting = texts.record_type.isin(["opt_in", "consent", "licence_agreement", "renewal"])
    return [
        (
            (refusing & (texts.decision != "deny")) | (granting & (texts.decision == "deny")),
            "record_type {record_type} contradicts decision {decision}",
        ),
        (
            texts.record_type.isin(["renewal", "approval", "amendment"]) & texts.refers_to.isnull(),
            "a record of type {record_type} must say in refers_to which record it is about",
        ),
        (
            keys.moment(texts.valid_until) <= keys.moment(texts.valid_from),
            "valid_until {valid_until} is not after valid_from {valid_from}",
        ),
    ]


def _refuse_duplicates(engine: Engine, texts: ir.Table, export: Export) -> None:
    registry = ibis.coalesce(texts.registry_id, export.name)
    grouped = texts.group_by(registry=registry, record="record_id").aggregate(
        n=texts.count(), first=texts.row.min(), last=texts.row.max()
    )
    twice = engine.arrow(grouped.filter(grouped.n > 1).order_by("first").limit(1)).to_pylist()
    if twice:
        raise RegistryError(
            f"{export.path}: rows {twice[0]['first']} and {twice[0]['last']} have the same "
            f"record_id {twice[0]['record']!r}",
            fix="records are append-only: a change is a new record that refers to the old one",
        )


def _typed(texts: ir.Table, export: Export) -> ir.Table:
    fields: dict[str, ir.Value] = {}
    for name, kind in schema.RECORDS.items():
        value = texts[name]
        plain = kind.removeprefix("!")
        if plain == "boolean":
            fields[name] = ibis.ifelse(
                value.isnull(), ibis.null("boolean"), value.lower().isin(_TRUE)
            )
        elif plain == "timestamp":
            fields[name] = keys.moment(value)
        elif plain == "string":
            fields[name] = value
        else:
            fields[name] = value.try_cast(plain)
    fields["registry_id"] = ibis.coalesce(texts.registry_id, export.name)
    fields["statement_id"] = ibis.coalesce(texts.statement_id, texts.record_id)
    fields["uses"] = ibis.coalesce(texts.uses, "")
    return texts.select("row", "seq", **fields)
