"""Records that speak about other records: revocations, approvals, renewals, amendments.

A reference names a record id or a statement id of the same registry. In doubt a reference ends a
grant, and never a refusal; and what can't be followed to its target grants nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis

from sourcing_audit import schema

if TYPE_CHECKING:
    import ibis.expr.types as ir

NULLABLE = (
    "grantee_id",
    "scope_id",
    "territory",
    "media_types",
    "valid_until",
    "duration_event",
    "revocation_method",
    "conditions",
    "agreement_overrides_optout",
)
STATED = schema.NOT_STATED
"""What a renewal or amendment keeps from the record it refers to, unless it states it anew."""

_APPROVERS = {"guardian": ("guardian", "court"), "estate": ("estate", "court", "union")}
"""Who approves for the living (minors, vulnerable persons) and for the deceased (AIMEG 3.4)."""

_LONG_AGO = ibis.timestamp("1970-01-01T00:00:00")


def apply(records: ir.Table, now: ir.TimestampScalar) -> ir.Table:
    """Add `revoked_at`, `superseded_at`, `approved` and `unfollowed` (rules P2, P3, P5).

    A revocation takes effect when it was declared, plus the notice that the grant asks for.
    Anybody's later record can end a grant. A refusal gives way only to a later record of its own
    declarant about the same subject that is in force and decides. An approval has to be dated, in
    force, unrevoked, of valid authority, and by somebody who may approve for that person.

    Args:
        records: columns of `standing.READ`, with `void` from the authority rules.
        now: the moment that the answer is for.

    """
    table = _inherit(records)
    referring = table.filter(table.refers_to.notnull() & (table.refers_to != table.record_id))
    referring = referring.mutate(
        at=ibis.greatest(
            ibis.coalesce(referring.declared_at, _LONG_AGO),
            ibis.coalesce(referring.valid_from, _LONG_AGO),
        )
    )
    referring = referring.filter(referring["at"] <= now)
    revoking = referring.filter(referring.relation == "revokes")
    replacing = referring.filter(referring.relation.isin(["supersedes", "amends"]))
    deciding = replacing.filter(replacing.decision.isin(["allow", "deny"]) & ~replacing.void)
    table = _refer(table, revoking, "revocation_at", "min")
    table = _refer(table, replacing, "replaced_at", "min")
    table = _refer(table, deciding, "retracted_at", "max", also=("declarant", "wide"))
    for who, approvers in _APPROVERS.items():
        by = _approvals(referring, revoking, now).filter(lambda t, a=approvers: _by(t, a))
        table = _refer(table, by, f"approval_of_{who}", "max")
    notice = ibis.coalesce(table.revocation_notice_days, 0).as_interval("D")
    inline = ibis.coalesce(table.approval_at <= now, False)
    approved = {
        who: ibis.coalesce(table[f"approval_of_{who}"].notnull(), False)
        | (inline & table.approver_role.isin(approvers))
        for who, approvers in _APPROVERS.items()
    }
    return table.mutate(
        revoked_at=table.revocation_at + notice,
        superseded_at=ibis.cases(
            (table.decision != "deny", table.replaced_at),
            (table.retracted_at > table.declared_at, table.retracted_at),
        ),
        approved=ibis.ifelse(
            table.person_status == "deceased", approved["estate"], approved["guardian"]
        ),
    ).drop(
        "revocation_at",
        "replaced_at",
        "retracted_at",
        *(f"approval_of_{who}" for who in _APPROVERS),
    )


def _by(table: ir.Table, approvers: tuple[str, ...]) -> ir.BooleanValue:
    return table.approver_role.isin(approvers)


def _approvals(referring: ir.Table, revoking: ir.Table, now: ir.TimestampScalar) -> ir.Table:
    found = referring.filter(
        (referring.relation == "approves")
        & (referring.decision == "allow")
        & ~referring.void
        & referring.declared_at.notnull()
        & ibis.coalesce(referring.valid_until > now, True)
    )
    taken_back = revoking.select("registry_id", taken_back="refers_to").distinct()
    return found.anti_join(
        taken_back,
        [found.registry_id == taken_back.registry_id, found.record_id == taken_back.taken_back],
    )


def _refer(
    table: ir.Table, referring: ir.Table, name: str, which: str, *, also: tuple[str, ...] = ()
) -> ir.Table:
    """Attach the earliest (`min`) or latest (`max`) moment at which a record is referred to.

    `also` names columns in which both records must agree.
    """
    by = {"registry": "registry_id", "target": "refers_to", **{f"by_{name}": name for name in also}}
    found = referring.group_by(**by).aggregate(moment=lambda t: getattr(t["at"], which)())
    for key in ("record_id", "statement_id"):
        one = found.rename({f"{key}_{column}": column for column in (*by, "moment")})
        on = [table.registry_id == one[f"{key}_registry"], table[key] == one[f"{key}_target"]]
        on += [table[name] == one[f"{key}_by_{name}"] for name in also]
        table = table.left_join(one, on).drop(*(f"{key}_{column}" for column in by))
    first, second = table.record_id_moment, table.statement_id_moment
    chosen = (ibis.least if which == "min" else ibis.greatest)(
        ibis.coalesce(first, second), ibis.coalesce(second, first)
    )
    return table.mutate(**{name: chosen}).drop("record_id_moment", "statement_id_moment")


def _inherit(records: ir.Table) -> ir.Table:
    """Complete renewals and amendments; give revocations the notice of what they revoke.

    A renewal or amendment is `unfollowed` when its target isn't in the registry, or is itself one.
    """
    names = ("relation", "uses", "revocation_notice_days", *NULLABLE, *STATED)
    target = records.select(
        target_registry=records.registry_id,
        target_id=records.record_id,
        **{f"target_{name}": records[name] for name in names},
    )
    joined = records.left_join(
        target,
        [
            records.registry_id == target.target_registry,
            records.refers_to == target.target_id,
            records.relation.isin(["renews", "amends", "revokes"]),
        ],
    )
    continues = ibis.coalesce(joined.relation.isin(["renews", "amends"]), False)
    again = ibis.coalesce(joined.target_relation.isin(["renews", "amends"]), False)
    kept: dict[str, ir.Value] = {
        "uses": ibis.ifelse(
            continues, ibis.coalesce(joined.uses.nullif(""), joined.target_uses, ""), joined.uses
        ),
        "revocation_notice_days": ibis.coalesce(
            joined.revocation_notice_days, joined.target_revocation_notice_days
        ),
        "unfollowed": continues & (joined.target_id.isnull() | again),
    }
    for name in NULLABLE:
        older = joined[f"target_{name}"]
        kept[name] = ibis.ifelse(continues, ibis.coalesce(joined[name], older), joined[name])
    for name, silent in STATED.items():
        anew = joined[name].nullif(silent)
        older = ibis.ifelse(continues, joined[f"target_{name}"], ibis.null("string"))
        kept[name] = ibis.coalesce(anew, older, silent)
    return joined.mutate(**kept).select(*records.columns, "unfollowed")
