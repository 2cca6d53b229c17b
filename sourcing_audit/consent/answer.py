"""One answer per item out of the places that its records have."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis

from sourcing_audit import keys
from sourcing_audit.consent import resolution
from sourcing_audit.consent.classes import TELLING
from sourcing_audit.model import ConsentStatus

if TYPE_CHECKING:
    import ibis.expr.types as ir

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

ANSWERS = {"pos": "!int64", "consent_record": "string", "answer_no": "!int64"}
"""What of it differs from item to item, and the number of the rest."""

KINDS = {
    "answer_no": "!int64",
    **{name: kind for name, kind in CONSENT.items() if name not in ANSWERS},
}
"""The rest, which many items share: each distinct one once."""

_SHARED = tuple(name for name in KINDS if name != "answer_no")

_SHARING = (
    "class_no",
    "alike",
    *(name for name in resolution.PLACED if name not in {"place", "rule"}),
)
"""What a record's share in its item's answer follows from; `alike`: no more than that."""

_LISTS = ("owed", "removal", "review", "codes")


def of_profiles(profiles: ir.Table, classes: ir.Table) -> ir.Table:
    """The answers for items with one record: `KINDS` but their number, and `profile_no`."""
    table = profiles.mutate(alike=profiles.distance.notnull())
    return _finished(_shares(table, classes, "profile_no"), "profile_no")


def of_items(together: ir.Table, classes: ir.Table) -> ir.Table:
    """The answers for items with several: `KINDS` but their number, `pos` and `record_no`.

    `record_no` is the record that decides. What items alike are told is put together once: those
    whose records have the same shares in it.
    """
    table = together.mutate(alike=together.distance.notnull())
    shares = table.select(*_SHARING).distinct()
    shares = shares.mutate(share_no=ibis.row_number().over(order_by=list(_SHARING)))
    there = shares.select("share_no", **{f"of_{name}": shares[name] for name in _SHARING})
    table = table.inner_join(there, [table[n].identical_to(there[f"of_{n}"]) for n in _SHARING])
    items = table.group_by("pos").aggregate(
        shares=table.share_no.collect().sort(),
        record_no=ibis.ifelse(table.decides_item, table.record_no, ibis.null("int64")).max(),
    )
    told = _of_shares(items.select("shares").distinct(), shares, classes)
    return items.inner_join(told, "shares").drop("shares")


def _of_shares(sets: ir.Table, shares: ir.Table, classes: ir.Table) -> ir.Table:
    each = sets.select("shares", share_no=sets.shares.unnest())
    each = each.inner_join(_shares(shares, classes, "share_no"), "share_no")
    joined = each.group_by("shares").aggregate(
        **{name: each[name].max() for name in ("status", "basis")},
        **{name: each[name].collect().flatten() for name in _LISTS},
        person_consented=each.person_consented.max(),
        person_approved=each.person_approved.max(),
    )
    return _finished(joined, "shares")


def kinds(profiles: ir.Table, items: ir.Table) -> ir.Table:
    """The distinct answers, columns of `KINDS`, numbered from 0 in the order of their contents.

    Args:
        profiles: as `of_profiles` gives them.
        items: as `of_items` gives them.

    """
    distinct = profiles.select(*_SHARED).union(items.select(*_SHARED), distinct=True)
    number = ibis.row_number().over(order_by=list(_SHARED))
    return distinct.mutate(answer_no=number).select(*KINDS)


def answers(
    alone: ir.Table,
    profiles: ir.Table,
    of_profiles: ir.Table,
    of_items: ir.Table,
    kinds: ir.Table,
    standings: ir.Table,
) -> ir.Table:
    """One row per item: columns of `ANSWERS`."""
    decides = profiles.select("profile_no", "decides_item")
    told = _numbered(of_profiles, kinds, "profile_no").inner_join(decides, "profile_no")
    single = alone.inner_join(told, "profile_no")
    single = single.select(
        "pos",
        "answer_no",
        decider=ibis.ifelse(single.decides_item, single.record_no, ibis.null("int64")),
    )
    joined = _numbered(of_items, kinds, "pos", "record_no")
    table = single.union(joined.select("pos", "answer_no", decider="record_no"))
    named = standings.select(
        "record_no", consent_record=standings.registry_id.concat("/", standings.record_id)
    )
    return table.left_join(named, table.decider == named.record_no).select(*ANSWERS)


def _numbered(table: ir.Table, kinds: ir.Table, *kept: str) -> ir.Table:
    found = kinds.select("answer_no", **{f"of_{name}": kinds[name] for name in _SHARED})
    same = [table[name].identical_to(found[f"of_{name}"]) for name in _SHARED]
    return table.inner_join(found, same).select("answer_no", *kept)


def _finished(table: ir.Table, *kept: str) -> ir.Table:
    refused = ibis.coalesce(table.status.isin([S.DENIED, S.REVOKED]), False)
    removal = ibis.ifelse(refused, table.removal, keys.NO_CODES)
    return table.select(
        *kept,
        consent_status=ibis.coalesce(
            table.status, ibis.ifelse(table.review.length() > 0, str(S.REVIEW), str(S.UNKNOWN))
        ),
        consent_basis="basis",
        consent_reasons=table.codes.unique().sort(),
        consent_obligations=table.owed.concat(removal, table.review).unique().sort(),
        person_consented="person_consented",
        person_approved="person_approved",
    )


def _shares(placed: ir.Table, classes: ir.Table, *kept: str) -> ir.Table:
    """What each record contributes to its item's answer."""
    weighed = placed.inner_join(classes.select("class_no", *TELLING), "class_no")

    def only(test: ir.BooleanValue, value: ir.Value) -> ir.Value:
        return ibis.ifelse(test, value, ibis.null(value.type()))

    def codes(*values: ir.StringValue) -> ir.ArrayValue:
        return ibis.array(list(values)).filter(lambda code: code.notnull())

    def listed(test: ir.BooleanValue, value: ir.ArrayValue) -> ir.ArrayValue:
        return ibis.ifelse(test, value, keys.NO_CODES)

    alike = weighed.alike
    reason = ibis.ifelse(alike, "near_duplicate_match", weighed.review_reason)
    duty = ibis.ifelse(alike, "review_near_duplicate", weighed.review_obligation)
    told = weighed.remains | ~weighed.speaks | weighed.lifted | weighed.reviews
    own = codes(
        ibis.cases((weighed.after_acquisition, "opted_out_after_acquisition")),
        ibis.cases((weighed.opted_out_after_training, "opted_out_after_training")),
        ibis.cases((weighed.ended_in_between, "consent_expired_between_acquisition_and_training")),
        ibis.cases((weighed.lifted, "opt_out_lifted_by_agreement")),
        only(weighed.reviews, reason),
    )
    said = listed(weighed.decides & ~weighed.lifted, resolution.reasons(weighed))
    decides = weighed.decides_item
    return weighed.select(
        *kept,
        "decides_item",
        status=only(decides, weighed.standing),
        basis=only(decides, weighed.speaks_for),
        owed=listed(decides, weighed.obligations),
        # What the revocation of any of the item's consents calls for, whichever record decides.
        removal=listed(weighed.standing == str(S.REVOKED), weighed.obligations),
        review=codes(only(weighed.reviews, duty)),
        codes=listed(told, own.concat(said)),
        person_consented="for_person",
        person_approved=weighed.for_person & weighed.approved,
    )
