"""What a weighed record says for itself: its reasons, its obligations, what it leaves out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis

from sourcing_audit.consent.applicability import names_condition
from sourcing_audit.model import ConsentStatus

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from sourcing_audit.rules.consent import ConsentRules

S = ConsentStatus

PAID = ("flat", "per_use", "royalty", "revenue_share", "in_kind")

_IN_FORCE = (S.AGREEMENT, S.CONSENT_COMPLETE, S.CONSENT_INCOMPLETE)


def codes(flags: dict[str, ir.BooleanValue]) -> ir.ArrayValue:
    """The codes whose flag is true, in order of their names."""
    return ibis.array([ibis.cases((flags[code], code)) for code in sorted(flags)]).filter(
        lambda code: code.notnull()
    )


def missing_elements(table: ir.Table) -> dict[str, ir.BooleanValue]:
    """The elements of AIMEG 3.2 that a grant doesn't state, by reason code."""
    duration = ibis.cases(
        (table.duration_kind == "not_stated", False),
        (table.duration_kind == "fixed", table.ends),
        (table.duration_kind == "until_event", table.names_event),
        else_=True,
    )
    return {
        "consent_scope_not_stated": table.scope_kind == "not_stated",
        "consent_duration_not_stated": ~duration,
        "consent_compensation_not_stated": table.compensation_kind == "not_stated",
        "consent_revocation_not_stated": (table.revocable != "yes") | ~table.names_method,
        "consent_deletion_not_stated": table.deletion_mechanism.isin(["not_stated", "none"]),
    }


def reasons(
    table: ir.Table, rules: ConsentRules, missing: dict[str, ir.BooleanValue]
) -> ir.ArrayValue:
    """Why the record stands where it does, as codes of `reasons.toml`."""
    standing = table.standing
    agreement = table.record_type == "licence_agreement"
    open_grant = table.is_grant & ~table.superseded
    effective = standing.isin(_IN_FORCE)
    denied = standing == str(S.DENIED)
    consenting = open_grant & ~table.signal
    speaks = table.speaks_for_work | table.speaks_for_person
    return codes(
        {
            "opted_out_by_creator": denied & (table.speaks_for == "creator"),
            "opted_out_by_rightsholder": denied & (table.speaks_for == "rightsholder"),
            "opted_out_by_host": denied & (table.speaks_for == "host"),
            "opted_out_by_unknown_party": denied & (table.speaks_for == "other"),
            "opt_out_announced": table.is_deny & table.deny_covers & ~table.deny_begun,
            "consent_revoked": standing == str(S.REVOKED),
            "consent_expired": standing == str(S.EXPIRED),
            "approval_missing": standing == str(S.APPROVAL_MISSING),
            "condition_not_met": standing == str(S.CONDITIONAL_UNMET),
            "permission_is_only_a_signal": standing == str(S.PERMITTED_BY_SIGNAL),
            "consent_without_authority": consenting & (table.void | ~speaks),
            "consent_authority_not_stated": consenting & ~table.grants & ~table.void,
            "consent_hash_target_not_stated": open_grant & ~table.identified,
            "consent_continues_nothing": open_grant & table.unfollowed,
            "consent_undated": consenting & ~table.dated,
            "consent_not_yet_in_force": consenting
            & table.dated
            & ~table.begun
            & ~table.began_after_training,
            "revocation_of_nothing_known": table.dangling & (standing == str(S.REVOKED)),
            "coverage_claimed_by_the_dataset": effective
            & table.matches.isin(["agreement_id", "consent_id"]),
            **_of_training(table),
            **{
                f"consent_for_another_{what}": (standing == str(S.OUT_OF_SCOPE)) & ~covered
                for what, covered in (
                    ("use", table.use_covered),
                    ("project", table.project_covered),
                    ("territory", table.place_covered),
                    ("grantee", table.grantee_covered),
                )
            },
            "agreement_not_verified": agreement & effective & (standing != str(S.AGREEMENT)),
            "record_undecided": (table.decision == "unknown") & table.problem.isnull(),
            **{
                problem: (table.problem == problem) & standing.notnull()
                for problem in rules.vocabulary["problem"]
            },
            **{
                code: flag & (standing == str(S.CONSENT_INCOMPLETE))
                for code, flag in missing.items()
            },
        }
    )


def _of_training(table: ir.Table) -> dict[str, ir.BooleanValue]:
    """What the clock of the training adds; nothing where that day isn't known."""
    revoked = (table.standing == str(S.REVOKED)) & ~table.is_deny
    expired = table.standing == str(S.EXPIRED)
    open_grant = table.is_grant & ~table.superseded & ~table.signal & table.authorised
    return {
        "consent_began_after_training": open_grant & table.in_scope & table.began_after_training,
        "consent_expired_before_training": expired & table.ended_before_training,
        "consent_expired_after_training": expired & table.ended_after_training,
        "consent_revoked_before_training": revoked & table.revoked_before_training,
        "consent_revoked_after_training": revoked & table.revoked_after_training,
    }


def obligations(table: ir.Table, rules: ConsentRules) -> ir.ArrayValue:
    """What the record asks of whoever relies on it; for a revoked one, what is to be removed."""
    effective = table.standing.isin(_IN_FORCE)
    revoked = table.standing == str(S.REVOKED)
    flags = {
        "honour_deletion_route": effective & ~table.deletion_mechanism.isin(["not_stated", "none"]),
        "compensate": effective & table.compensation_kind.isin(PAID),
        "attribute": effective & (table.compensation_kind == "attribution"),
        "consent_ends": effective & table.ends,
        "watch_end_of_consent": effective
        & table.duration_kind.isin(["until_event", "occurrences"]),
        "review_coverage": effective & table.matches.isin(["agreement_id", "consent_id"]),
        "review_condition": table.standing == str(S.CONDITIONAL_UNMET),
    }
    for condition in rules.conditions:
        if code := condition.obligation:
            due = effective & names_condition(table.conditions, condition)
            flags[code] = flags[code] | due if code in flags else due
    for duty in rules.removals:
        due = revoked & (table[duty.field] == duty.value)
        flags[duty.obligation] = flags[duty.obligation] | due if duty.obligation in flags else due
    return codes(flags)
