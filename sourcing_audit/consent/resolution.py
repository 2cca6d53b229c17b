"""One answer per item out of all that its records say, and the records that lost (P3, P5-P11)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis

from sourcing_audit import keys
from sourcing_audit.model import ConsentStatus

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from sourcing_audit.rules.consent import ConsentRules

S = ConsentStatus

CONSENT = {
    "pos": "!int64",
    "consent_status": "!string",
    "consent_record": "string",
    "consent_basis": "string",
    "consent_reasons": "!array<string>",
    "consent_obligations": "!array<string>",
    "person_consented": "!boolean",
    "person_approved": "!boolean",
}
"""One row per item that any record speaks about."""

EVIDENCE = {
    "pos": "!int64",
    "record_no": "!int64",
    "key": "!string",
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


_FACTS = ("acquired_at", "subject_id", "media_type")
"""What weighing needs of an item beside its keys."""


def weigh(
    matches: ir.Table,
    standings: ir.Table,
    items: ir.Table,
    rules: ConsentRules,
    columns: frozenset[str],
) -> ir.Table:
    """Every matched record of every item, with its `place` and `rule`.

    A grant that speaks for a person only (a performer's) doesn't compete for the rights in the
    work; it is kept for the question of likeness.
    """
    order = {row.status: row.order for row in rules.statuses}
    table = matches.inner_join(standings, "record_no")
    if columns & set(_FACTS):
        table = table.inner_join(items.select("pos", *_FACTS), "pos")
    else:
        table = table.mutate(**dict.fromkeys(_FACTS, ibis.null("string")))
    table = _within_media(table)
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
        & (table.is_deny | table.speaks_for_work | (table.standing == str(S.PERMITTED_BY_SIGNAL))),
        reviews=table.standing.notnull() & (~table.decides | (table.standing == str(S.REVIEW))),
        same_person=ibis.coalesce(
            keys.identity(table.declarant_id) == keys.identity(table.subject_id), False
        ),
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
    return _across_declarants(_within_declarant(table))


_MEDIA_TYPE = r"^[a-z]+/[a-z0-9][a-z0-9.+\-]*$"
_MEDIA_TYPES = r"^\|(?:[a-z]+/(?:\*|[a-z0-9][a-z0-9.+\-]*)\|)+$"


def _within_media(table: ir.Table) -> ir.Table:
    """A record limited to media types: a grant needs the item's type among them.

    A refusal holds unless both sides are understood and differ (RFC 6838 names).
    """
    listed = ibis.literal("|").concat(table.media_types, "|").replace("image/jpg|", "image/jpeg|")
    kind = table.media_type.strip().lower().re_replace(r"\s*;.*$", "").nullif("")
    kind = ibis.ifelse(kind == "image/jpg", "image/jpeg", kind)
    named = (
        listed.contains(ibis.literal("|").concat(kind, "|"))
        | listed.contains(ibis.literal("|").concat(kind.re_extract(r"^[^/]*", 0), "/*|"))
        | listed.contains("|*/*|")
    )
    understood = ibis.coalesce(kind.re_search(_MEDIA_TYPE) & listed.re_search(_MEDIA_TYPES), False)
    unlimited = table.media_types.isnull()
    outside = ~unlimited & ibis.ifelse(
        table.is_deny, understood & ~named, ~ibis.coalesce(named, False)
    )
    outside = ibis.coalesce(outside, False) & table.standing.notnull()
    return table.mutate(
        standing=ibis.cases(
            (~outside, table.standing),
            (table.is_deny, ibis.null("string")),
            else_=str(S.OUT_OF_SCOPE),
        ),
        reasons=ibis.cases(
            (~outside, table.reasons),
            (table.is_deny, keys.NO_CODES),
            else_=ibis.literal(["consent_for_another_media_type"], type="array<string>"),
        ),
        lifts=table.lifts & ~outside,
    )


def _within_declarant(table: ir.Table) -> ir.Table:
    """P6, among the statements of one declarant in one scheme of one registry.

    A grant takes the place of a refusal if it is about the work and the refusal isn't, if it is
    about a narrower place, or if it is later and the refusal isn't more specific. What can't be
    compared (a person and a place) is decided by time, a tie by refusal. A grant of lower
    authority than a refusal doesn't compete with it.
    """
    by = ["pos", "registry_id", "declarant", "signal_scheme"]
    same = ibis.window(group_by=by)
    refusal_rank = ibis.ifelse(table.is_deny & table.is_active, table.authority, -1)
    table = table.mutate(
        is_active=table.is_active
        & (table.is_deny | (table.authority >= refusal_rank.max().over(same)))
    )
    granting = table.is_active & ~table.is_deny

    def latest(which: ir.BooleanValue, window: object = same) -> ir.TimestampValue:
        return (
            ibis.ifelse(granting & which, table.declared_first, ibis.null("timestamp"))
            .max()
            .over(window)
        )

    work, place, person = (table.reach == reach for reach in ("work", "place", "person"))
    narrowest = ibis.ifelse(granting & place, table.strength, -1).max().over(same)
    alike = ibis.window(group_by=[*by, "reach", "strength"])
    refused = table.declared_first
    beaten = ibis.cases(
        (work, latest(work) > refused),
        (
            place,
            latest(work).notnull()
            | (narrowest > table.strength)
            | (latest(place, alike) > refused)
            | (latest(person) > refused),
        ),
        else_=latest(work).notnull() | (latest(person) > refused) | (latest(place) > refused),
    )
    table = table.mutate(
        beaten=table.is_deny & table.is_active & ibis.coalesce(beaten, False),
        any_active=table.is_active.max().over(same),
    )
    refusing = table.is_deny & table.is_active & ~table.beaten
    table = table.mutate(refusing=refusing, any_refusing=refusing.max().over(same))
    ranked = ibis.window(
        group_by=by,
        order_by=[
            ibis.desc("refusing"),
            ibis.desc(table.is_active & ~table.is_deny),
            ibis.desc("strength"),
            ibis.desc("declared_first"),
            ibis.asc("order"),
            ibis.asc("record_no"),
        ],
    )
    table = table.mutate(nth=ibis.row_number().over(ranked))
    return table.mutate(stands=table.speaks & (~table.any_active | (table.nth == 0)))


def _across_declarants(table: ir.Table) -> ir.Table:
    """P8 lifts general opt-outs; P7 and P11 take the worst of what remains."""
    item = ibis.window(group_by="pos")
    declarant = ibis.window(group_by=["pos", "declarant"])
    lifting = table.stands & table.lifts
    lifted = (
        table.stands
        & table.liftable
        & ((table.gives_way & lifting.max().over(item)) | lifting.max().over(declarant))
    )
    table = table.mutate(lifted=lifted)
    table = table.mutate(remains=table.stands & ~table.lifted)
    worst = ibis.window(
        group_by="pos",
        order_by=[
            ibis.desc("remains"),
            ibis.asc("order"),
            ibis.desc("strength"),
            ibis.desc("declared_first"),
            ibis.asc("record_no"),
        ],
    )
    table = table.mutate(decides_item=table.remains & (ibis.row_number().over(worst) == 0))
    refused_since = ibis.ifelse(
        table.remains & table.is_deny,
        ibis.coalesce(table.declared_at, ibis.timestamp("1970-01-01T00:00:00")),
        ibis.null("timestamp"),
    )
    # Only if no refusal was in force already when the item was acquired.
    later = ibis.coalesce(refused_since.min().over(item) > keys.moment(table.acquired_at), False)
    return table.mutate(
        place=ibis.cases(
            (~table.decides | table.reviews, "review"),
            (table.decides_item, "decides"),
            (table.remains, "stands"),
            (table.speaks, "lost"),
            (table.record_type == "approval", "approves"),
            (table.for_person, "person"),
            else_="silent",
        ),
        rule=ibis.cases(
            (~table.decides, "P3"),
            (table.reviews, "P10"),
            (table.decides_item, "P11"),
            (table.remains, "P7"),
            (table.lifted, "P8"),
            ((table.standing == str(S.REVOKED)) & ~table.is_deny, "P5"),
            (table.speaks, "P6"),
            (table.standing.notnull() | (table.record_type == "approval"), "P3"),
            (table.revoked | table.superseded, "P5"),
            else_="P2",
        ),
        after_acquisition=table.remains & table.is_deny & later,
    )


def consent(weighed: ir.Table) -> ir.Table:
    """One row per item, columns of `CONSENT`."""
    winner = weighed.filter(weighed.decides_item).select(
        "pos",
        consent_status="standing",
        consent_record=weighed.registry_id.concat("/", weighed.record_id),
        consent_basis="speaks_for",
        consent_obligations="obligations",
    )
    per_item = weighed.group_by("pos").aggregate(
        review=ibis.ifelse(weighed.reviews, weighed.review_obligation, ibis.null("string")).collect(
            distinct=True
        ),
        person_consented=weighed.for_person.max(),
        person_approved=(weighed.for_person & weighed.approved).max(),
    )
    told = weighed.filter(weighed.remains | ~weighed.speaks | weighed.lifted)
    codes = told.select(
        "pos",
        code=ibis.array(
            [
                ibis.cases((told.after_acquisition, "opted_out_after_acquisition")),
                ibis.cases((told.lifted, "opt_out_lifted_by_agreement")),
                ibis.cases((told.reviews, told.review_reason)),
            ]
        )
        .concat(ibis.ifelse(told.decides & ~told.lifted, told.reasons, keys.NO_CODES))
        .unnest(),
    )
    codes = codes.filter(codes.code.notnull())
    reasons = codes.group_by("pos").aggregate(codes=codes.code.collect(distinct=True))
    table = per_item.left_join(winner, "pos").drop("pos_right")
    table = table.left_join(reasons, "pos").drop("pos_right")
    review = ibis.coalesce(table.review.sort(), keys.NO_CODES)
    return table.select(
        "pos",
        consent_status=ibis.coalesce(
            table.consent_status,
            ibis.ifelse(review.length() > 0, str(S.REVIEW), str(S.UNKNOWN)),
        ),
        consent_record=table.consent_record,
        consent_basis=table.consent_basis,
        consent_reasons=ibis.coalesce(table.codes.sort(), keys.NO_CODES),
        consent_obligations=ibis.coalesce(table.consent_obligations, keys.NO_CODES).concat(review),
        person_consented=table.person_consented,
        person_approved=table.person_approved,
    )
