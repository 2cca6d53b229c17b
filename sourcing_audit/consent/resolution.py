"""The place of each record about an item: which one decides, and which ones lost (P3-P11)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis

from sourcing_audit import keys
from sourcing_audit.consent import coverage, native
from sourcing_audit.model import ConsentStatus

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from sourcing_audit.consent.peers import Peers
    from sourcing_audit.rules.consent import ConsentRules

S = ConsentStatus

EVIDENCE = {
    "pos": "!int64",
    "record_no": "!int64",
    "key": "!string",
    "agrees": "!boolean",
    "distance": "int64",
    "standing": "string",
    "place": "!string",
    "rule": "!string",
}
"""One row per item and record. `place` is `decides`, `stands` (in force, but not the worst),
`lost`, `person` (consents for the person, not for the work), `approves`, `review` or `silent`;
`rule` is the precedence rule that put it there."""

_COMPETING_GRANTS = (
    S.AGREEMENT,
    S.CONSENT_COMPLETE,
    S.CONSENT_INCOMPLETE,
)
"""Standings with which a grant competes with its declarant's other statements (rule P6)."""

_NAMED = (ibis.asc("registry_id"), ibis.asc("record_id"), ibis.asc("record_no"))
"""What is left to tell records apart: their names, so that their order in files doesn't matter."""

WEIGHED = (
    "record_no",
    "record_id",
    "registry_id",
    "statement_id",
    "record_type",
    "declarant",
    "declared_at",
    "media_types",
    "strength",
    "reach",
    "authority",
    "signal_scheme",
    "family",
    "level",
    "priority",
    "decides",
    "is_deny",
    "speaks_for_work",
    "speaks_for_person",
    "gives_way",
    "after_training",
    "ended_before_training",
    "revoked",
    "superseded",
    "standing",
    "complete",
    "by_signal",
    "lifts",
    "liftable",
)
"""What of a weighed record decides its place; the rest is told afterwards."""

PLACED = (
    "standing",
    "place",
    "rule",
    "instead",
    "decides",
    "speaks",
    "reviews",
    "for_person",
    "lifted",
    "remains",
    "decides_item",
    "after_acquisition",
    "opted_out_after_training",
    "ended_in_between",
)
"""What is known of a record about an item once it has its place."""


def reasons(placed: ir.Table) -> ir.ArrayValue:
    """The reasons of a record in its place; of one that doesn't reach its item, why it doesn't."""
    return ibis.cases(
        (placed.instead.isnull(), placed.reasons),
        (placed.instead == "", keys.NO_CODES),
        else_=ibis.array([placed.instead]),
    )


def placed(table: ir.Table, rules: ConsentRules, peers: Peers) -> ir.Table:
    """Add the columns of `PLACED` to records about items.

    A grant that speaks for a person only (a performer's) doesn't compete for the rights in the
    work; it is kept for the question of likeness.

    Args:
        table: columns of `WEIGHED` and of `pairing.MATCHES`; `declared_since` and `held_then`, as
            `since_acquired` gives them; the item's `media_type`; `same_person`, whether the
            declarant is the person shown or heard; and `elsewhere`, as `coverage.elsewhere` says
            it.
        rules: the consent rules.
        peers: the other records about the same item.

    """
    # What is merely alike may be another work.
    table = table.mutate(
        instead=ibis.null("string"), decides=table.decides & table.distance.isnull()
    )
    table = coverage.beyond_page(coverage.within_media(table))
    order = {row.status: row.order for row in rules.statuses}
    table = native.outranked(table, rules, peers)
    table = table.mutate(
        order=ibis.cases(*((table.standing == str(s), n) for s, n in order.items())),
        # It isn't known that an undated refusal came before anything else.
        declared_first=ibis.coalesce(table.declared_at, ibis.timestamp("2999-12-31T00:00:00")),
        is_active=table.decides
        & ibis.ifelse(
            table.is_deny,
            table.standing.notnull(),
            table.speaks_for_work & table.standing.isin(_COMPETING_GRANTS),
        ),
        speaks=table.decides
        & table.standing.notnull()
        & (
            table.is_deny
            | table.speaks_for_work
            | table.by_signal
            | (table.standing == str(S.REVIEW))
        ),
        reviews=table.standing.notnull() & (~table.decides | (table.standing == str(S.REVIEW))),
    )
    table = table.mutate(
        for_person=ibis.coalesce(
            table.decides
            & (table.speaks_for_person | table.same_person)
            & ((table.key == "subject_id") | (table.reach == "work"))
            & table.complete
            & table.standing.isin([S.CONSENT_COMPLETE, S.AGREEMENT]),
            False,
        )
    )
    return _across_declarants(_within_declarant(table, peers), peers)


def _within_declarant(table: ir.Table, peers: Peers) -> ir.Table:
    """P6, among the statements of one declarant in one scheme of one registry.

    A grant takes the place of a refusal if it is about the work and the refusal isn't, if it is
    about a narrower place, or if it is later and the refusal isn't more specific. What can't be
    compared (a person and a place) is decided by time, a tie by refusal. A grant of lower
    authority than a refusal doesn't compete with it.
    """
    by = ("registry_id", "declarant", "signal_scheme")
    refusal_rank = ibis.ifelse(table.is_deny & table.is_active, table.authority, -1)
    table = table.mutate(
        is_active=table.is_active
        & (table.is_deny | (table.authority >= peers.greatest(refusal_rank, *by)))
    )
    granting = table.is_active & ~table.is_deny

    def latest(which: ir.BooleanValue, *alike: str) -> ir.TimestampValue:
        declared = ibis.ifelse(granting & which, table.declared_first, ibis.null("timestamp"))
        return peers.greatest(declared, *by, *alike)

    work, place, person = (table.reach == reach for reach in ("work", "place", "person"))
    narrowest = peers.greatest(ibis.ifelse(granting & place, table.strength, -1), *by)
    refused = table.declared_first
    beaten = ibis.cases(
        (work, latest(work) > refused),
        (
            place,
            latest(work).notnull()
            | (narrowest > table.strength)
            | (latest(place, "reach", "strength") > refused)
            | (latest(person) > refused),
        ),
        else_=latest(work).notnull() | (latest(person) > refused) | (latest(place) > refused),
    )
    table = table.mutate(
        beaten=table.is_deny & table.is_active & ibis.coalesce(beaten, False),
        any_active=peers.greatest(table.is_active, *by),
    )
    table = table.mutate(refusing=table.is_deny & table.is_active & ~table.beaten)
    ranked = [
        ibis.desc("refusing"),
        ibis.desc(table.is_active & ~table.is_deny),
        ibis.desc("strength"),
        ibis.desc("declared_first"),
        ibis.asc("order"),
        *_NAMED,
    ]
    table = table.mutate(first=peers.is_first(ranked, *by))
    return table.mutate(stands=table.speaks & (~table.any_active | table.first))


def _across_declarants(table: ir.Table, peers: Peers) -> ir.Table:
    """P8 lifts general opt-outs; P7 and P11 take the worst of what remains."""
    table = table.mutate(lifted=_lifted(table, peers))
    table = table.mutate(remains=table.stands & ~table.lifted)
    worst = [
        ibis.desc("remains"),
        ibis.asc("order"),
        ibis.desc("strength"),
        ibis.desc("declared_first"),
        *_NAMED,
    ]
    table = table.mutate(decides_item=table.remains & peers.is_first(worst))
    # Only if no refusal was in force already when the item was acquired.
    refuses = table.remains & table.is_deny
    since = ibis.ifelse(refuses, table.declared_since, ibis.null("boolean"))
    later = ibis.coalesce(peers.least(since), False)
    known_by_then = table.remains & table.is_deny & ~table.after_training
    return table.mutate(
        place=ibis.cases(
            (table.outranked, "lost"),
            (~table.decides | table.reviews, "review"),
            (table.decides_item, "decides"),
            (table.remains, "stands"),
            (table.speaks, "lost"),
            (table.record_type == "approval", "approves"),
            (table.for_person, "person"),
            else_="silent",
        ),
        rule=ibis.cases(
            (table.outranked, "P4"),
            (~table.decides, "P3"),
            (table.reviews, "P10"),
            (table.decides_item, "P11"),
            ((table.standing == str(S.REVOKED)) & ~table.is_deny, "P5"),
            (table.remains, "P7"),
            (table.lifted, "P8"),
            (table.speaks, "P6"),
            (table.standing.notnull() | (table.record_type == "approval"), "P3"),
            (table.revoked | table.superseded, "P5"),
            else_="P2",
        ),
        after_acquisition=table.remains & table.is_deny & later,
        opted_out_after_training=table.remains
        & table.after_training
        & ~peers.greatest(known_by_then),
        # A consent that covered the item's acquisition, and had ended when it was trained on.
        ended_in_between=(table.standing == str(S.EXPIRED))
        & table.ended_before_training
        & table.held_then,
    )


def _lifted(table: ir.Table, peers: Peers) -> ir.BooleanValue:
    if not peers.lifting:
        return ibis.literal(value=False)
    lifting = table.stands & table.lifts
    return (
        table.stands
        & table.liftable
        & ((table.gives_way & peers.greatest(lifting)) | peers.greatest(lifting, "declarant"))
    )


def since_acquired(table: ir.Table) -> dict[str, ir.BooleanValue]:
    """What matters of a record's moments where it is known when its item was acquired.

    Args:
        table: the item's `acquired_at`; the record's `declared_at`, `granted_from` and
            `valid_until`.

    Returns:
        `declared_since`: only then; `held_then`: it covered that day. False where it isn't known.

    """
    acquired = keys.moment(table.acquired_at)
    declared = ibis.coalesce(table.declared_at, ibis.timestamp("1970-01-01T00:00:00"))
    held = (table.granted_from <= acquired) & (table.valid_until > acquired)
    return {
        "declared_since": ibis.coalesce(declared > acquired, False),
        "held_then": ibis.coalesce(held, False),
    }
