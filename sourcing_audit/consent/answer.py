"""One answer per item out of the places that its records have."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis

from sourcing_audit import keys
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


_PARTS = ("status", "record", "basis")
"""What only the record says that decides an item."""

_LISTS = ("owed", "removal", "review", "codes")


def consent(weighed: ir.Table) -> ir.Table:
    """One row per item, columns of `CONSENT`.

    Args:
        weighed: as `resolution.weigh` gives it.

    """
    alone = _shares(weighed.filter(weighed.single))
    together = _shares(weighed.filter(~weighed.single))
    joined = together.group_by("pos").aggregate(
        **{name: together[name].max() for name in _PARTS},
        **{name: together[name].collect().flatten() for name in _LISTS},
        person_consented=together.person_consented.max(),
        person_approved=together.person_approved.max(),
    )
    table = alone.union(joined.select(*alone.columns))
    refused = ibis.coalesce(table.status.isin([S.DENIED, S.REVOKED]), False)
    removal = ibis.ifelse(refused, table.removal, keys.NO_CODES)
    return table.select(
        "pos",
        consent_status=ibis.coalesce(
            table.status, ibis.ifelse(table.review.length() > 0, str(S.REVIEW), str(S.UNKNOWN))
        ),
        consent_record="record",
        consent_basis="basis",
        consent_reasons=table.codes.unique().sort(),
        consent_obligations=table.owed.concat(removal, table.review).unique().sort(),
        person_consented="person_consented",
        person_approved="person_approved",
    )


def _shares(weighed: ir.Table) -> ir.Table:
    """What each record contributes to its item's answer."""

    def only(test: ir.BooleanValue, value: ir.Value) -> ir.Value:
        return ibis.ifelse(test, value, ibis.null(value.type()))

    def codes(*values: ir.StringValue) -> ir.ArrayValue:
        return ibis.array(list(values)).filter(lambda code: code.notnull())

    def listed(test: ir.BooleanValue, value: ir.ArrayValue) -> ir.ArrayValue:
        return ibis.ifelse(test, value, keys.NO_CODES)

    alike = weighed.distance.notnull()
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
    said = listed(weighed.decides & ~weighed.lifted, weighed.reasons)
    decides = weighed.decides_item
    return weighed.select(
        "pos",
        status=only(decides, weighed.standing),
        record=only(decides, weighed.registry_id.concat("/", weighed.record_id)),
        basis=only(decides, weighed.speaks_for),
        owed=listed(decides, weighed.obligations),
        # What the revocation of any of the item's consents calls for, whichever record decides.
        removal=listed(weighed.standing == str(S.REVOKED), weighed.obligations),
        review=codes(only(weighed.reviews, duty)),
        codes=listed(told, own.concat(said)),
        person_consented="for_person",
        person_approved=weighed.for_person & weighed.approved,
    )
