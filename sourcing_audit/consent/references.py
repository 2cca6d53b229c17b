"""Records that speak about other records: revocations, approvals, renewals, amendments.

A reference names a record id or a statement id of the same registry. In doubt a reference ends a
grant, and never a refusal; and what can't be followed to its target grants nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import ibis

from sourcing_audit import schema

if TYPE_CHECKING:
    from collections.abc import Callable

    import ibis.expr.types as ir

    from sourcing_audit.consent.clocks import Clocks
    from sourcing_audit.rules.consent import ConsentRules

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

_OF_REVOKING = ("revocation_effect", "deletion_mechanism")
"""What a revocation takes over too: the grant says what revoking it calls for."""

_APPROVERS = {"guardian": ("guardian", "court"), "estate": ("estate", "court", "union")}
"""Who approves for the living (minors, vulnerable persons) and for the deceased (AIMEG 3.4)."""

_LONG_AGO = ibis.timestamp("1970-01-01T00:00:00")

_MOMENTS = {
    "revocation_at": "min",
    "replaced_at": "min",
    "approval_of_guardian": "max",
    "approval_of_estate": "max",
    "retracted_at": "max",
}
"""The moment of each kind of reference: of the earliest (`min`) or the latest (`max`)."""

_AGREEING = ("declarant", "wide")
"""In these a record that takes a refusal back has to agree with it."""


@dataclass(frozen=True)
class References:
    """How references are read: for which moments, and by which rules."""

    clocks: Clocks
    rules: ConsentRules
    covers: Callable[[ir.Table], ir.BooleanValue]
    """Whether an approval, by what it says itself, reaches the intended use."""

    def apply(self, records: ir.Table) -> ir.Table:
        """Add `revoked_at`, `superseded_at`, `approved`, `unfollowed`, `dangling` (P2, P3, P5).

        A revocation takes effect when it was declared, plus the notice that the grant asks for.
        Anybody's later record can end a grant. A refusal gives way only to a later record of its
        own declarant about the same subject that is in force and decides. An approval has to be
        dated, in force, unrevoked, of valid authority, by somebody who may approve for that
        person, and for this use.

        Args:
            records: columns of `weighed.READ`.

        """
        found = self._moments(records).rename(of_record="record_no")
        table = _inherit(records)
        table = table.left_join(found, table.record_no == found.of_record).drop("of_record")
        notice = ibis.coalesce(table.revocation_notice_days, 0).as_interval("D")
        inline = ibis.coalesce(table.approval_at <= self.clocks.first, False)
        approved = {
            who: table[f"approval_of_{who}"].notnull()
            | ibis.coalesce(inline & table.approver_role.isin(approvers), False)
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
            dangling=ibis.coalesce(table.dangling, False),
        ).drop(*_MOMENTS)

    def unneeded(self, records: ir.Table) -> ir.Table:
        """As `apply`, for records of which none refers to another."""
        never = ibis.null("timestamp")
        no = ibis.literal(value=False)
        approvers = ibis.ifelse(
            records.person_status == "deceased",
            records.approver_role.isin(_APPROVERS["estate"]),
            records.approver_role.isin(_APPROVERS["guardian"]),
        )
        return records.mutate(
            revoked_at=never,
            superseded_at=never,
            approved=ibis.coalesce((records.approval_at <= self.clocks.first) & approvers, False),
            unfollowed=no,
            dangling=no,
        )

    def _moments(self, records: ir.Table) -> ir.Table:
        """By `record_no`: the moments of what refers to the record, and `dangling`."""
        at = self.referring(records)
        by_target = at.group_by(registry="registry_id", target="refers_to")
        ends = by_target.aggregate(
            **{
                name: getattr(at[name], which)()
                for name, which in _MOMENTS.items()
                if name != "retracted_at"
            }
        )
        retracting = at.filter(at.retracted_at.notnull())
        taken_back = retracting.group_by(
            registry="registry_id", target="refers_to", **{f"by_{n}": n for n in _AGREEING}
        ).aggregate(retracted_at=retracting.retracted_at.max())
        ids = records.select("record_no", "registry_id", "record_id", "statement_id", *_AGREEING)
        table = _attached(ids, ends)
        table = _attached(table, taken_back, also=_AGREEING)
        lost = _dangling(records)
        table = table.left_join(lost, table.record_no == lost.lost_no)
        return table.select("record_no", *_MOMENTS, dangling=table.lost_no.notnull())

    def referring(self, records: ir.Table) -> ir.Table:
        """Records that refer to another, with the moment at which they do what they do."""
        voids = [row.level for row in self.rules.authorities if row.void]
        grants = [row.level for row in self.rules.authorities if row.grants]
        table = records.filter(
            records.refers_to.notnull() & (records.refers_to != records.record_id)
        )
        at = ibis.greatest(
            ibis.coalesce(table.declared_at, _LONG_AGO), ibis.coalesce(table.valid_from, _LONG_AGO)
        )
        valid = ~table.authority_level.isin(voids)
        replacing = table.relation.isin(["supersedes", "amends"]) & (at <= self.clocks.now)
        deciding = (table.decision == "deny") | (
            (table.decision == "allow") & table.authority_level.isin(grants)
        )
        approving = (
            (table.relation == "approves")
            & (table.decision == "allow")
            & valid
            & table.declared_at.notnull()
            & (at <= self.clocks.first)
            & ibis.coalesce(table.valid_until > self.clocks.last, True)
            & self.covers(table)
        )
        revoking = (table.relation == "revokes") & (at <= self.clocks.last)
        tests = {
            "revocation_at": revoking,
            "replaced_at": replacing,
            "retracted_at": replacing & deciding & valid,
            **{
                f"approval_of_{who}": approving & table.approver_role.isin(approvers)
                for who, approvers in _APPROVERS.items()
            },
        }
        timed = table.select(
            "registry_id",
            "record_id",
            "statement_id",
            "refers_to",
            "valid_until",
            *_AGREEING,
            **{name: ibis.ifelse(test, at, ibis.null("timestamp")) for name, test in tests.items()},
        )
        return _without_revoked_approvals(timed)


def _without_revoked_approvals(timed: ir.Table) -> ir.Table:
    """An approval that was taken back approves nothing."""
    revoking = timed.filter(timed.revocation_at.notnull())
    joined = timed
    for key in ("record_id", "statement_id"):
        back = revoking.select(
            **{f"{key}_in": "registry_id", f"{key}_back": "refers_to"}
        ).distinct()
        on = [joined.registry_id == back[f"{key}_in"], joined[key] == back[f"{key}_back"]]
        joined = joined.left_join(back, on).drop(f"{key}_in")
    kept = joined.record_id_back.isnull() & joined.statement_id_back.isnull()
    return joined.mutate(
        **{
            f"approval_of_{who}": ibis.ifelse(
                kept, joined[f"approval_of_{who}"], ibis.null("timestamp")
            )
            for who in _APPROVERS
        }
    ).drop("record_id_back", "statement_id_back")


def _attached(table: ir.Table, found: ir.Table, *, also: tuple[str, ...] = ()) -> ir.Table:
    """Add the moments of what refers to a record by its own id or by its statement's.

    `also` names columns in which both records must agree.
    """
    by = ("registry", "target", *(f"by_{name}" for name in also))
    moments = [name for name in found.columns if name not in by]
    for key in ("record_id", "statement_id"):
        one = found.rename({f"{key}_{column}": column for column in found.columns})
        on = [table.registry_id == one[f"{key}_registry"], table[key] == one[f"{key}_target"]]
        on += [table[name] == one[f"{key}_by_{name}"] for name in also]
        table = table.left_join(one, on).drop(*(f"{key}_{column}" for column in by))
    chosen = {}
    for name in moments:
        first, second = table[f"record_id_{name}"], table[f"statement_id_{name}"]
        choose = ibis.least if _MOMENTS[name] == "min" else ibis.greatest
        chosen[name] = choose(ibis.coalesce(first, second), ibis.coalesce(second, first))
    keyed = [f"{key}_{name}" for key in ("record_id", "statement_id") for name in moments]
    return table.mutate(**chosen).drop(*keyed)


def _dangling(records: ir.Table) -> ir.Table:
    """`lost_no` of each record that refers to one that its registry doesn't hold."""
    ids = records.select(held_by="registry_id", held="record_id").union(
        records.select(held_by="registry_id", held="statement_id"), distinct=True
    )
    naming = records.filter(records.refers_to.notnull()).select(
        "registry_id", "refers_to", lost_no="record_no"
    )
    on = [naming.registry_id == ids.held_by, naming.refers_to == ids.held]
    return naming.anti_join(ids, on).select("lost_no")


def _inherit(records: ir.Table) -> ir.Table:
    """Complete renewals and amendments; give revocations the terms of what they revoke.

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
        passed_on = joined.relation.notnull() if name in _OF_REVOKING else continues
        older = ibis.ifelse(passed_on, joined[f"target_{name}"], ibis.null("string"))
        kept[name] = ibis.coalesce(anew, older, silent)
    return joined.mutate(**kept).select(*records.columns, "unfollowed")
