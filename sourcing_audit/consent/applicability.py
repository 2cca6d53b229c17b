"""Does a record speak about this use, project, place, grantee and moment? Rules P2 and P8."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis

from sourcing_audit.model import WORLDWIDE, IntendedUse, Share

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import ibis.expr.types as ir

    from sourcing_audit.consent.clocks import Clocks
    from sourcing_audit.rules.consent import ConsentRules, UseCover
    from sourcing_audit.rules.duties import Condition, MetWhen

PROTECTED = ("minor", "vulnerable", "deceased")
"""Persons for whom a grant needs an approval (AIMEG 3.4)."""

_NAMED = ("specific_project", "named_models")

_AT_TRAINING = (
    "after_training",
    "began_after_training",
    "ended_before_training",
    "ended_after_training",
    "revoked_before_training",
    "revoked_after_training",
)

CLOCKED = (
    "deny_begun",
    "deny_in_force",
    "dated",
    "begun",
    "ends",
    "ended",
    "revoked",
    "superseded",
    *_AT_TRAINING,
)
"""Truth values about a record's moments, as `with_clocks` gives them."""

_MET: dict[MetWhen, Callable[[IntendedUse], bool]] = {
    "always": lambda _: True,
    "non_commercial": lambda use: not use.commercial,
    "research": lambda use: use.research,
    "dataset_not_shared": lambda use: Share.DATASET not in use.shares,
    "model_not_shared": lambda use: Share.MODEL not in use.shares,
    "adapted_not_shared": lambda use: Share.ADAPTED not in use.shares,
    "never": lambda _: False,
}


def with_clocks(table: ir.Table, clocks: Clocks) -> ir.Table:
    """Add what `standing` asks of a record's moments: the columns of `CLOCKED`, `granted_from`.

    Args:
        table: columns of `weighed.READ` and of `references.apply`.
        clocks: the moments that the answer is for.

    """
    return table.mutate(
        deny_begun=ibis.coalesce(_refused_from(table) <= clocks.last, True),
        deny_in_force=ibis.or_(*(_refused_at(table, moment) for moment in clocks.moments)),
        dated=table.declared_at.notnull(),
        begun=ibis.coalesce(granted_from(table) <= clocks.first, False),
        ends=table.valid_until.notnull(),
        ended=ibis.coalesce(table.valid_until <= clocks.last, False),
        revoked=ibis.coalesce(table.revoked_at <= clocks.last, False),
        superseded=ibis.coalesce(table.superseded_at <= clocks.now, False),
        **_at_training(table, clocks),
    )


def with_applicability(table: ir.Table, rules: ConsentRules, use: IntendedUse) -> ir.Table:
    """Add what else `standing` asks of a record.

    Args:
        table: columns of `weighed.SHARED` and of the rules.
        rules: the consent rules.
        use: the intended use.

    """
    places = _members(ibis.coalesce(table.territory, WORLDWIDE))
    here = _lists(places, use.territory)
    named = table.scope_kind.isin(_NAMED)
    return table.mutate(
        deny_covers=((table.uses == "") | _listed(table, rules, use, lambda cover: cover.deny))
        & (
            places.contains(f"|{WORLDWIDE}|")
            | places.contains("|EU|")
            | (WORLDWIDE in use.territory)
            | ibis.or_(*here)
        )
        & (
            ~named
            | table.scope_id.isnull()
            | (use.project is None)
            | _project(table.scope_id.lower(), (use.project or "").lower())
        ),
        use_covered=_listed(table, rules, use, lambda cover: cover.grant),
        project_covered=_project_covered(table, use),
        place_covered=_place_covered(table, use),
        grantee_covered=ibis.coalesce(_grantee_covered(table, use), False),
        named_grantee=ibis.coalesce(table.grantee_id != "*", False),
        approval_missing=table.person_status.isin(PROTECTED) & ~table.approved,
        conditions_met=conditions_met(table.conditions, rules, use),
    )


def _at_training(table: ir.Table, clocks: Clocks) -> dict[str, ir.Value]:
    """Where the record stood on the day of the training; all false where it isn't known."""
    granted = granted_from(table)
    training = clocks.training
    if training is None:
        no = ibis.literal(False)
        return {"granted_from": granted, **dict.fromkeys(_AT_TRAINING, no)}
    tests = {
        "after_training": (table.decision == "deny") & (table.declared_at > training),
        "began_after_training": granted > training,
        "ended_before_training": table.valid_until <= training,
        "ended_after_training": (granted <= training) & (table.valid_until > training),
        "revoked_before_training": table.revoked_at <= training,
        "revoked_after_training": (granted <= training) & (table.revoked_at > training),
    }
    return {
        "granted_from": granted,
        **{name: ibis.coalesce(test, False) for name, test in tests.items()},
    }


def approval_covers(table: ir.Table, rules: ConsentRules, use: IntendedUse) -> ir.BooleanValue:
    """Whether an approval reaches this use, by what it states itself (AIMEG 3.4).

    It refers to a grant; where it says nothing of its own, it approves what that grant says.
    """
    whole = (table.uses == "") | _members(table.uses).contains("|any|")
    return (
        (whole | _listed(table, rules, use, lambda cover: cover.grant))
        & _project_covered(table, use)
        & _place_covered(table, use)
        & (table.grantee_id.isnull() | ibis.coalesce(_grantee_covered(table, use), False))
    )


def granted_from(table: ir.Table) -> ir.TimestampValue:
    """From when a grant counts; NULL where it isn't dated."""
    return ibis.ifelse(
        table.declared_at.notnull(),
        ibis.greatest(table.declared_at, ibis.coalesce(table.valid_from, table.declared_at)),
        ibis.null("timestamp"),
    )


def _refused_at(table: ir.Table, moment: ir.TimestampScalar) -> ir.BooleanValue:
    begun = ibis.coalesce(_refused_from(table) <= moment, True)
    return begun & ~ibis.coalesce(table.valid_until <= moment, False)


def _refused_from(table: ir.Table) -> ir.TimestampValue:
    """From when a refusal counts; a revocation after the notice that its grant asks for."""
    notice = ibis.ifelse(
        table.record_type == "revocation", ibis.coalesce(table.revocation_notice_days, 0), 0
    )
    return ibis.greatest(
        ibis.coalesce(table.valid_from, table.declared_at),
        table.declared_at + notice.as_interval("D"),
    )


def _members(listed: ir.StringValue) -> ir.StringValue:
    return ibis.literal("|").concat(listed, "|")


def _lists(members: ir.StringValue, words: Iterable[str]) -> list[ir.BooleanValue]:
    return [members.contains(f"|{word}|") for word in words]


def _listed(
    table: ir.Table, rules: ConsentRules, use: IntendedUse, allowed: Callable[[UseCover], bool]
) -> ir.BooleanValue:
    words = [c.listed for c in rules.covers if c.activity is use.activity and allowed(c)]
    return ibis.or_(*_lists(_members(table.uses), words))


def _project(scope_id: ir.StringValue, project: str) -> ir.BooleanValue:
    """Whether the project is the one named, or one of several with `|` between them."""
    return ibis.coalesce(
        (scope_id.strip() == project) | _members(scope_id).contains(f"|{project}|"), False
    )


def _project_covered(table: ir.Table, use: IntendedUse) -> ir.BooleanValue:
    of_project = False if use.project is None else _project(table.scope_id, use.project)
    return (~table.scope_kind.isin(_NAMED) | of_project) & (table.scope_kind != "dataset_only")


def _place_covered(table: ir.Table, use: IntendedUse) -> ir.BooleanValue:
    places = _members(ibis.coalesce(table.territory, WORLDWIDE))
    return places.contains(f"|{WORLDWIDE}|") | ibis.and_(*_lists(places, use.territory))


def _grantee_covered(table: ir.Table, use: IntendedUse) -> ir.BooleanValue:
    return table.grantee_id.isin(["*"] if use.grantee is None else ["*", use.grantee])


def conditions_met(
    conditions: ir.StringValue, rules: ConsentRules, use: IntendedUse
) -> ir.BooleanValue:
    """Whether every condition is known, and met by the use: `{"attribution": true}`.

    A word that isn't in the rules, a value other than yes and a nested condition are unmet.
    """
    met = [condition for condition in rules.conditions if _MET[condition.met_when](use)]
    names = "|".join(name for condition in met for name in condition.names)
    one = rf"(?:{names})(?::(?:true|yes|required|1))?"
    return ibis.coalesce(_words(conditions).re_search(rf"^{one}(?:,{one})*$"), False)


def names_condition(conditions: ir.StringValue, condition: Condition) -> ir.BooleanValue:
    """Whether a condition is among those that a record names."""
    names = "|".join(condition.names)
    return ibis.coalesce(_words(conditions).re_search(rf"(?:^|,)(?:{names})(?::|,|$)"), False)


def _words(conditions: ir.StringValue) -> ir.StringValue:
    """JSON of one level, or words with commas, as `name:value,name` in lower case."""
    plain = conditions.lower().re_replace(r"\s*([{}\[\]\":,])\s*", r"\1")
    return plain.re_replace(r"[\s\-]+", "_").re_replace(r"[{}\[\]\"]", "")
