"""Records that speak about other records: revocations, approvals, renewals, amendments.

A reference names a record id or a statement id of the same registry.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis

if TYPE_CHECKING:
    import ibis.expr.types as ir

NULLABLE = ("grantee_id", "scope_id", "territory", "revocation_method", "conditions")
STATED = (
    "scope_kind",
    "duration_kind",
    "compensation_kind",
    "revocable",
    "revocation_effect",
    "deletion_mechanism",
)
"""What a renewal or amendment keeps from the record it refers to, unless it states it anew."""


def apply(records: ir.Table, now: ir.TimestampScalar) -> ir.Table:
    """Add `revoked_at`, `superseded_at` and `approved` to each record (rules P2, P3, P5).

    A revocation takes effect when it was declared, plus the notice that the grant asks for.
    Anybody's later record can end a grant, but only its own declarant can take a refusal's place.
    """
    table = _inherit(records)
    undated = ibis.timestamp("1970-01-01T00:00:00")
    referring = table.filter(table.refers_to.notnull())
    referring = referring.mutate(at=ibis.coalesce(referring.declared_at, undated)).filter(
        lambda t: t["at"] <= now
    )
    approving = referring.filter(
        (referring.relation == "approves")
        & referring.approver_role.notnull()
        & (referring.decision == "allow")
        & ibis.coalesce(referring.valid_from <= now, True)
        & ibis.coalesce(referring.valid_until > now, True)
    )
    replacing = referring.filter(referring.relation.isin(["supersedes", "amends"]))
    table = _refer(table, referring.filter(referring.relation == "revokes"), "revocation_at")
    table = _refer(table, replacing, "replaced_at")
    table = _refer(table, replacing, "replaced_by_declarant_at", same_declarant=True)
    table = _refer(table, approving, "approval_found_at")
    notice = ibis.coalesce(table.revocation_notice_days, 0).as_interval("D")
    inline = table.approver_role.notnull() & (table.approval_at <= now)
    return table.mutate(
        revoked_at=table.revocation_at + notice,
        superseded_at=ibis.ifelse(
            table.decision == "deny", table.replaced_by_declarant_at, table.replaced_at
        ),
        approved=table.approval_found_at.notnull() | ibis.coalesce(inline, False),
    ).drop("revocation_at", "replaced_at", "replaced_by_declarant_at", "approval_found_at")


def _refer(
    table: ir.Table, referring: ir.Table, name: str, *, same_declarant: bool = False
) -> ir.Table:
    """Attach the earliest moment at which a record is referred to."""
    keys = {"registry": "registry_id", "target": "refers_to"}
    if same_declarant:
        keys["declarant"] = "declarant"
    found = referring.group_by(**keys).aggregate(moment=lambda t: t["at"].min())
    for key in ("record_id", "statement_id"):
        one = found.rename({f"{key}_{column}": column for column in (*keys, "moment")})
        on = [table.registry_id == one[f"{key}_registry"], table[key] == one[f"{key}_target"]]
        if same_declarant:
            on.append(table.declarant == one[f"{key}_declarant"])
        table = table.left_join(one, on).drop(*(f"{key}_{column}" for column in keys))
    moments = table.record_id_moment, table.statement_id_moment
    return table.mutate(
        **{name: ibis.least(ibis.coalesce(*moments), ibis.coalesce(*reversed(moments)))}
    ).drop("record_id_moment", "statement_id_moment")


def _inherit(records: ir.Table) -> ir.Table:
    """Complete renewals and amendments; give revocations the notice of what they revoke."""
    names = ("uses", "revocation_notice_days", *NULLABLE, *STATED)
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
    kept: dict[str, ir.Value] = {
        "uses": ibis.ifelse(
            continues, ibis.coalesce(joined.uses.nullif(""), joined.target_uses, ""), joined.uses
        ),
        "revocation_notice_days": ibis.coalesce(
            joined.revocation_notice_days, joined.target_revocation_notice_days
        ),
    }
    for name in NULLABLE:
        older = joined[f"target_{name}"]
        kept[name] = ibis.ifelse(continues, ibis.coalesce(joined[name], older), joined[name])
    for name in STATED:
        anew = joined[name].nullif("not_stated")
        older = ibis.ifelse(continues, joined[f"target_{name}"], ibis.null("string"))
        kept[name] = ibis.coalesce(anew, older, "not_stated")
    return joined.mutate(**kept).select(*records.columns)
