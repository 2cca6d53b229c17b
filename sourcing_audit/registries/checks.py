"""What a consent record must fulfil before anything is concluded from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import ibis

from sourcing_audit import keys, schema
from sourcing_audit.engine import Queries
from sourcing_audit.errors import RegistryError

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from sourcing_audit.engine import Engine
    from sourcing_audit.registries.interface import Export
    from sourcing_audit.rules.consent import ConsentRules

REQUIRED = ("record_id", "subject_kind", "subject_value", "decision")

TRUE = ("true", "yes", "1", "t", "y")
FALSE = ("false", "no", "0", "f", "n")

_FIX = "correct the export; `sourcing-audit` never skips a consent record it can't read"


class Check(NamedTuple):
    """What must not be so."""

    fields: tuple[str, ...]
    """The fields that it looks at."""
    broken: ir.BooleanValue
    problem: str
    """What is wrong then; fields may stand in it in braces."""


def broken(
    texts: ir.Table, rules: ConsentRules, names: frozenset[str], *, among: bool
) -> ir.BooleanValue:
    """Whether a record breaks one of the checks that are wanted; never NULL.

    Args:
        texts: the records.
        rules: the vocabularies.
        names: fields; checks that look at any of them are wanted,
        among: or, if false, those that look at none.

    """
    tests = [
        ibis.coalesce(check.broken, False)
        for check in _checks(texts, rules)
        if names.isdisjoint(check.fields) is not among
    ]
    found: ir.BooleanValue = ibis.or_(ibis.literal(value=False), *tests)
    return found


def refuse(engine: Engine, texts: ir.Table, rules: ConsentRules, export: Export) -> None:
    """Raise for the first row that can't be trusted, and say how many there are.

    Raises:
        RegistryError: naming file, row and column.

    """
    checks = _checks(texts, rules)
    tests = {f"check_{n}": ibis.coalesce(check.broken, False) for n, check in enumerate(checks)}
    marked = texts.mutate(**tests)
    broken = marked.filter(ibis.or_(*(marked[name] for name in tests)))
    total = engine.arrow(broken.aggregate(n=broken.count())).to_pylist()[0]["n"]
    for first in engine.arrow(broken.order_by("row").limit(1)).to_pylist():
        problem = next(c.problem for name, c in zip(tests, checks, strict=True) if first[name])
        more = f" ({total - 1:,} more rows have problems)" if total > 1 else ""
        raise RegistryError(
            f"{export.path}: row {first['row']}: {problem.format(**first)}{more}", fix=_FIX
        )


def refuse_duplicates(engine: Engine, ids: ir.Table, export: Export) -> None:
    """Raise for the first id that two records of one registry have.

    Args:
        engine: what runs the check.
        ids: `registry_id`, `record_id` and `row` of every record.
        export: what to name in the error.

    Raises:
        RegistryError: naming file and rows.

    """
    repeated = Queries(engine).view("repeated", _repeated, ids=ids)
    for twice in engine.arrow(repeated).to_pylist():
        raise RegistryError(
            f"{export.path}: rows {twice['first']} and {twice['last']} have the same "
            f"record_id {twice['record_id']!r}",
            fix="records are append-only: a change is a new record that refers to the old one",
        )


def _repeated(ids: ir.Table) -> ir.Table:
    counted = ids.group_by("registry_id", "record_id").aggregate(
        n=ids.count(), first=ids.row.min(), last=ids.row.max()
    )
    return counted.filter(counted.n > 1).order_by("first").limit(1)


def _checks(texts: ir.Table, rules: ConsentRules) -> list[Check]:
    """All of them, in the order in which they are told."""
    return [
        *_missing(texts),
        *_outside_vocabulary(texts, rules),
        *_unparsable(texts),
        *_contradictions(texts),
        *_places(texts),
    ]


def _missing(texts: ir.Table) -> list[Check]:
    return [Check((name,), texts[name].isnull(), f"{name} is missing") for name in REQUIRED]


def _outside_vocabulary(texts: ir.Table, rules: ConsentRules) -> list[Check]:
    checks = []
    for name, allowed in sorted(rules.vocabulary.items()):
        words = ", ".join(sorted(allowed))
        if name == "use":
            one = "|".join(sorted(allowed))
            problem = f"uses is {{uses!r}}; allowed are {words}, with | between"
            unknown = ~texts.uses.re_search(rf"^(?:{one})(?:\|(?:{one}))*$")
            checks.append(Check(("uses",), unknown, problem))
        else:
            problem = f"{name} is {{{name}!r}}; allowed are {words}"
            checks.append(Check((name,), ~texts[name].isin(sorted(allowed)), problem))
    return checks


def _unparsable(texts: ir.Table) -> list[Check]:
    checks = []
    for name, kind in schema.RECORDS.items():
        value = texts[name]
        plain = kind.removeprefix("!")
        if plain == "timestamp":
            broken = value.notnull() & keys.moment(value).isnull()
            checks.append(Check((name,), broken, f"{name} is {{{name}!r}}, not a date (ISO 8601)"))
        elif plain == "int64":
            # The priority of a rule may be its negative place in a sequence.
            whole = r"^-?\d{1,9}$" if name == "priority" else r"^\d{1,5}$"
            broken = ~value.re_search(whole)
            checks.append(Check((name,), broken, f"{name} is {{{name}!r}}, not a whole number"))
        elif plain == "boolean":
            broken = ~value.lower().isin([*TRUE, *FALSE])
            checks.append(Check((name,), broken, f"{name} is {{{name}!r}}, not true or false"))
    return checks


def _contradictions(texts: ir.Table) -> list[Check]:
    refusing = texts.record_type.isin(["opt_out", "refusal", "revocation"])
    granting = texts.record_type.isin(["opt_in", "consent", "licence_agreement", "renewal"])
    return [
        Check(
            ("record_type", "decision"),
            (refusing & (texts.decision != "deny")) | (granting & (texts.decision == "deny")),
            "record_type {record_type} contradicts decision {decision}",
        ),
        Check(
            ("record_type", "refers_to"),
            texts.record_type.isin(["renewal", "approval", "amendment"]) & texts.refers_to.isnull(),
            "a record of type {record_type} must say in refers_to which record it is about",
        ),
        Check(
            ("valid_from", "valid_until"),
            keys.moment(texts.valid_until) <= keys.moment(texts.valid_from),
            "valid_until {valid_until} is not after valid_from {valid_from}",
        ),
    ]


def _places(texts: ir.Table) -> list[Check]:
    """A territory that isn't understood might be the one that matters."""
    codes = r"^(?:[A-Z]{2}|WORLD)(?:\|(?:[A-Z]{2}|WORLD))*$"
    return [
        Check(
            ("territory",),
            ~texts.territory.re_search(codes) | texts.territory.re_search(r"(?:^|\|)UK(?:\||$)"),
            "territory is {territory!r}; allowed are ISO 3166-1 codes such as DE|GB, EU and WORLD",
        )
    ]
