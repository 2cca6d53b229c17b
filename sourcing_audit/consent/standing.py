"""What each record says by itself: about this use, for this grantee, at this date.

Works on records alone, before any item is looked at: rules P2 (validity), P3 (authority),
P5 (revocation), P9 (signals) and the elements of AIMEG 3.2. Every record keeps its reasons.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import ibis

from sourcing_audit.consent import references
from sourcing_audit.model import WORLDWIDE, ConsentStatus, IntendedUse

if TYPE_CHECKING:
    from collections.abc import Callable

    import ibis.expr.types as ir

    from sourcing_audit.rules.consent import ConsentRules, UseCover

S = ConsentStatus

READ = (
    "record_no",
    "registry_no",
    "registry_id",
    "record_id",
    "statement_id",
    "record_type",
    "refers_to",
    "relation",
    "signal_scheme",
    "problem",
    "priority",
    "subject_kind",
    "hash_target",
    "declarant",
    "declarant_id",
    "declarant_role",
    "authority_level",
    "person_status",
    "approver_role",
    "approval_at",
    "grantee_id",
    "decision",
    "uses",
    "scope_kind",
    "scope_id",
    "territory",
    "media_types",
    "conditions",
    "declared_at",
    "valid_from",
    "valid_until",
    "duration_kind",
    "duration_event",
    "compensation_kind",
    "revocable",
    "revocation_method",
    "revocation_notice_days",
    "revocation_effect",
    "deletion_mechanism",
    "agreement_overrides_optout",
    "wide",
    "exact",
    "subdomains",
)
"""What weighing a record reads of it; the rest stays with the records."""

STANDING = (
    "record_no",
    "registry_no",
    "registry_id",
    "record_id",
    "statement_id",
    "record_type",
    "refers_to",
    "declarant",
    "declarant_id",
    "declared_at",
    "valid_until",
    "media_types",
    "matches",
    "wide",
    "exact",
    "subdomains",
    "strength",
    "reach",
    "authority",
    "signal_scheme",
    "family",
    "level",
    "priority",
    "problem",
    "decides",
    "is_deny",
    "speaks_for",
    "speaks_for_work",
    "speaks_for_person",
    "gives_way",
    "approved",
    "revoked",
    "revoked_at",
    "superseded",
    "standing",
    "complete",
    "lifts",
    "liftable",
    "reasons",
    "obligations",
    "review_reason",
    "review_obligation",
)
"""What matching, resolution and evidence need of a weighed record."""

PAID = ("flat", "per_use", "royalty", "revenue_share", "in_kind")
PROTECTED = ("minor", "vulnerable", "deceased")
"""Persons for whom a grant needs an approval (AIMEG 3.4)."""


def standings(records: ir.Table, rules: ConsentRules, use: IntendedUse, as_of: dt.date) -> ir.Table:
    """Weigh each record by itself; returns the columns of `STANDING`.

    Args:
        records: columns of `READ`: of `schema.RECORDS`, and keys of `registries.normalise`.
        rules: the consent rules.
        use: the intended use, with its grantee.
        as_of: the answer is that of the end of this day (UTC).

    """
    now = ibis.timestamp(dt.datetime.combine(as_of, dt.time.max).isoformat())
    table = references.apply(_with_rules(records.select(*READ), rules), now)
    table = _with_applicability(table, rules, use, now)
    return _with_standing(table, rules).select(*STANDING)


def _with_rules(records: ir.Table, rules: ConsentRules) -> ir.Table:
    """Join what the rules say of the subject's kind, the declarant's role and its authority."""

    def looked_up(column: str, rows: dict[str, ir.Value]) -> ir.Value:
        return ibis.cases(*((records[column] == key, value) for key, value in rows.items()))

    def kind(attribute: str) -> ir.Value:
        return looked_up(
            "subject_kind", {r.kind: getattr(r, attribute) for r in rules.subject_kinds}
        )

    def role(attribute: str) -> ir.Value:
        return looked_up("declarant_role", {r.role: getattr(r, attribute) for r in rules.roles})

    def level(attribute: str) -> ir.Value:
        return looked_up(
            "authority_level", {r.level: getattr(r, attribute) for r in rules.authorities}
        )

    def scheme(attribute: str) -> ir.Value:
        return looked_up(
            "signal_scheme", {r.scheme: getattr(r, attribute) for r in rules.schemes.values()}
        )

    return records.mutate(
        matches=kind("matches"),
        strength=kind("strength"),
        specific=kind("specific"),
        decides=kind("decides"),
        speaks_for=role("speaks_for"),
        speaks_for_work=role("may_grant"),
        speaks_for_person=role("speaks_for_person"),
        gives_way=role("lifted_by_agreement"),
        verified=level("verified"),
        void=level("void"),
        authority=level("rank"),
        reach=kind("reach"),
        review_reason=kind("review_reason"),
        review_obligation=kind("review_obligation"),
        family=scheme("family"),
        level=scheme("level"),
        consents=scheme("consents"),
    )


def _with_applicability(
    table: ir.Table, rules: ConsentRules, use: IntendedUse, now: ir.TimestampScalar
) -> ir.Table:
    """Does the record speak about this use, project, place, grantee and moment?"""
    listed = ibis.literal("|").concat(table.uses, "|")
    places = ibis.literal("|").concat(ibis.coalesce(table.territory, WORLDWIDE), "|")

    def lists(where: ir.StringValue, words: list[str]) -> list[ir.BooleanValue]:
        return [where.contains(f"|{word}|") for word in words]

    def covering(allowed: Callable[[UseCover], bool]) -> list[str]:
        return [c.listed for c in rules.covers if c.activity is use.activity and allowed(c)]

    everywhere = places.contains(f"|{WORLDWIDE}|")
    here = lists(places, list(use.territory))
    named = table.scope_kind.isin(["specific_project", "named_models"])
    same_project = ibis.coalesce(table.scope_id == (use.project or ""), False)
    grantees = ["*"] if use.grantee is None else ["*", use.grantee]
    notice = ibis.ifelse(
        table.record_type == "revocation", ibis.coalesce(table.revocation_notice_days, 0), 0
    )
    denied_from = ibis.greatest(
        ibis.coalesce(table.valid_from, table.declared_at),
        table.declared_at + notice.as_interval("D"),
    )
    return table.mutate(
        deny_covers=((table.uses == "") | ibis.or_(*lists(listed, covering(lambda c: c.deny))))
        & (everywhere | places.contains("|EU|") | (WORLDWIDE in use.territory) | ibis.or_(*here))
        & (~named | table.scope_id.isnull() | (use.project is None) | same_project),
        deny_begun=ibis.coalesce(denied_from <= now, True),
        use_covered=ibis.or_(*lists(listed, covering(lambda c: c.grant))),
        project_covered=(~named | same_project) & (table.scope_kind != "dataset_only"),
        place_covered=everywhere | ibis.and_(*here),
        grantee_covered=ibis.coalesce(table.grantee_id.isin(grantees), False),
        dated=table.declared_at.notnull(),
        begun=ibis.coalesce(
            (table.declared_at <= now) & ibis.coalesce(table.valid_from <= now, True), False
        ),
        ended=ibis.coalesce(table.valid_until <= now, False),
        revoked=ibis.coalesce(table.revoked_at <= now, False),
        superseded=ibis.coalesce(table.superseded_at <= now, False),
        named_grantee=ibis.coalesce(table.grantee_id != "*", False),
        approval_missing=table.person_status.isin(PROTECTED) & ~table.approved,
        unconditional=(table.decision == "allow") & table.conditions.isnull(),
    )


def _missing_elements(table: ir.Table) -> dict[str, ir.BooleanValue]:
    """The elements of AIMEG 3.2 that a grant doesn't state, by reason code."""
    duration = ibis.cases(
        (table.duration_kind == "not_stated", False),
        (table.duration_kind == "fixed", table.valid_until.notnull()),
        (table.duration_kind == "until_event", table.duration_event.notnull()),
        else_=True,
    )
    return {
        "consent_scope_not_stated": table.scope_kind == "not_stated",
        "consent_duration_not_stated": ~duration,
        "consent_compensation_not_stated": table.compensation_kind == "not_stated",
        "consent_revocation_not_stated": (table.revocable != "yes")
        | table.revocation_method.isnull(),
        "consent_deletion_not_stated": table.deletion_mechanism.isin(["not_stated", "none"]),
    }


def _codes(flags: dict[str, ir.BooleanValue]) -> ir.ArrayValue:
    """The codes whose flag is true, in order of their names."""
    return ibis.array([ibis.cases((flags[code], code)) for code in sorted(flags)]).filter(
        lambda code: code.notnull()
    )


def _with_standing(table: ir.Table, rules: ConsentRules) -> ir.Table:
    """The first line that applies is the record's standing; a superseded record has none."""
    missing = _missing_elements(table)
    incomplete = ibis.or_(*missing.values())
    is_deny = table.decision == "deny"
    is_grant = table.decision.isin(["allow", "conditional"]) & (table.record_type != "approval")
    signal = ~table.consents
    # A signal that can't be read might be a refusal: a person must look.
    doubtful = (table.decision == "unknown") & table.problem.notnull()
    in_scope = (
        table.use_covered & table.project_covered & table.place_covered & table.grantee_covered
    )
    authorised = (table.speaks_for_work | table.speaks_for_person) & ~table.void
    agreement = table.record_type == "licence_agreement"
    # A refusal by hash counts for the file in doubt; a grant has to say what was hashed.
    identified = ~table.matches.isin(["sha256", "md5"]) | ibis.coalesce(
        table.hash_target == "file_bytes", False
    )
    followed = ~table.unfollowed
    in_force = is_grant & ~signal & authorised & table.begun & in_scope & identified & followed
    standing = ibis.cases(
        (table.superseded, ibis.null("string")),
        (
            is_deny & table.deny_covers & table.deny_begun & ~table.ended,
            ibis.ifelse(table.record_type == "revocation", str(S.REVOKED), str(S.DENIED)),
        ),
        (
            doubtful & table.deny_covers & table.deny_begun & ~table.ended,
            str(S.REVIEW),
        ),
        (is_deny | ~is_grant, ibis.null("string")),
        (signal & (table.use_covered | (table.uses == "")), str(S.PERMITTED_BY_SIGNAL)),
        (~in_scope & authorised & table.begun, str(S.OUT_OF_SCOPE)),
        (~in_force, ibis.null("string")),
        (table.revoked, str(S.REVOKED)),
        (table.ended, str(S.EXPIRED)),
        (table.approval_missing, str(S.APPROVAL_MISSING)),
        (~table.unconditional, str(S.CONDITIONAL_UNMET)),
        (agreement & table.verified & table.named_grantee, str(S.AGREEMENT)),
        (incomplete, str(S.CONSENT_INCOMPLETE)),
        else_=str(S.CONSENT_COMPLETE),
    )
    table = table.mutate(standing=standing, is_deny=is_deny, complete=~incomplete)
    effective = table.standing.isin([S.AGREEMENT, S.CONSENT_COMPLETE, S.CONSENT_INCOMPLETE])
    open_grant = is_grant & ~table.superseded
    denied = table.standing == str(S.DENIED)
    return table.mutate(
        reasons=_codes(
            {
                "opted_out_by_creator": denied & (table.speaks_for == "creator"),
                "opted_out_by_rightsholder": denied & (table.speaks_for == "rightsholder"),
                "opted_out_by_host": denied & (table.speaks_for == "host"),
                "opted_out_by_unknown_party": denied & (table.speaks_for == "other"),
                "opt_out_announced": is_deny & table.deny_covers & ~table.deny_begun,
                "consent_revoked": table.standing == str(S.REVOKED),
                "consent_expired": table.standing == str(S.EXPIRED),
                "approval_missing": table.standing == str(S.APPROVAL_MISSING),
                "condition_not_met": table.standing == str(S.CONDITIONAL_UNMET),
                "permission_is_only_a_signal": table.standing == str(S.PERMITTED_BY_SIGNAL),
                "consent_without_authority": open_grant & ~signal & ~authorised,
                "consent_hash_target_not_stated": open_grant & ~identified,
                "consent_continues_nothing": open_grant & ~followed,
                "consent_undated": open_grant & ~signal & ~table.dated,
                "consent_not_yet_in_force": open_grant & ~signal & table.dated & ~table.begun,
                **{
                    f"consent_for_another_{what}": (table.standing == str(S.OUT_OF_SCOPE))
                    & ~covered
                    for what, covered in (
                        ("use", table.use_covered),
                        ("project", table.project_covered),
                        ("territory", table.place_covered),
                        ("grantee", table.grantee_covered),
                    )
                },
                "agreement_not_verified": agreement
                & effective
                & (table.standing != str(S.AGREEMENT)),
                "record_undecided": (table.decision == "unknown") & table.problem.isnull(),
                **{
                    problem: (table.problem == problem) & table.standing.notnull()
                    for problem in rules.vocabulary["problem"]
                },
                **{
                    code: flag & (table.standing == str(S.CONSENT_INCOMPLETE))
                    for code, flag in missing.items()
                },
            }
        ),
        obligations=_codes(
            {
                "honour_deletion_route": effective
                & ~table.deletion_mechanism.isin(["not_stated", "none"]),
                "compensate": effective & table.compensation_kind.isin(PAID),
                "attribute": effective & (table.compensation_kind == "attribution"),
                "consent_ends": effective & table.valid_until.notnull(),
            }
        ),
        review_reason=ibis.ifelse(doubtful, ibis.null("string"), table.review_reason),
        review_obligation=ibis.ifelse(doubtful, "review_signal", table.review_obligation),
        lifts=ibis.coalesce(table.agreement_overrides_optout, True)
        & table.standing.isin([S.AGREEMENT, S.CONSENT_COMPLETE])
        & table.specific
        & table.verified
        & table.named_grantee
        & table.speaks_for_work,
        liftable=is_deny & ~table.specific & ~table.record_type.isin(["refusal", "revocation"]),
    )
