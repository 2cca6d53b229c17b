"""The decision table of `license_rules/verdict.toml` as one expression over items.

Every item gets exactly one line of the table, which is its rule; all reasons that apply are kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis

from sourcing_audit import keys, places, schema
from sourcing_audit.consent import KEY_COLUMNS
from sourcing_audit.media.local import NOT_FOUND, NOT_READ, OUTSIDE
from sourcing_audit.model import (
    ConsentStatus,
    Grant,
    LicenseClass,
    Outcome,
    Status,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    import ibis.expr.types as ir

    from sourcing_audit.rules.policy import VerdictLine

RANKED = (Status.LICENSED, Status.PUBLIC_DOMAIN_OR_CC, Status.PROPRIETARY_WITH_CONSENT)

OUTCOMES: dict[Status, Outcome] = {
    Status.OPTED_OUT: Outcome.PROHIBITED,
    Status.CONSENT_REQUIRED: Outcome.PROHIBITED,
    Status.TERMS_NOT_MET: Outcome.PROHIBITED,
    Status.NOT_ESTABLISHED: Outcome.UNDETERMINED,
}
"""Outcomes of the statuses without a rank; ranked ones are permitted or conditional."""

JUDGED = (
    "pos",
    "license_no",
    "host",
    "creator",
    "without_source",
    "without_key",
    "likeness_gap",
    "unread_depicts_person",
    "unread_person_status",
    "unread_acquired_at",
    "media_gap",
)
"""Columns beside `schema.FINDINGS` that only the summary and the evidence need."""

_ADDRESSES = ("source_url", "landing_url")
_TRUE = ("true", "yes", "y", "t", "1")
_FALSE = ("false", "no", "n", "f", "0")
_PROTECTED = ("minor", "vulnerable", "deceased")
_PERSON_STATUS = (*_PROTECTED, "adult", "not_a_person", "unknown")


def findings(
    items: ir.Table,
    licenses: ir.Table,
    consent: ir.Table | None,
    lines: Sequence[VerdictLine],
    *,
    dataset: str,
    columns: Collection[str],
    replicates: bool = False,
) -> ir.Table:
    """One row per item: columns of `schema.FINDINGS`, and of `JUDGED` for the summary.

    Args:
        items: columns of `schema.ITEMS`.
        licenses: columns of `schema.LICENSES` and `license_no`, a row for each distinct set of
            declared values.
        consent: columns of `consent.CONSENT`, or None where no record matched.
        lines: the decision table.
        dataset: the dataset's name.
        columns: the item columns that the manifest fills.
        replicates: the use replicates a person (AIMEG 3.1).

    """
    table = _with_license(items, licenses, columns)
    table = _with_consent(table, consent)
    table = _with_facts(table, replicates=replicates)
    number = ibis.cases(
        *((_all_of(table, line), index) for index, line in enumerate(lines) if line.when),
        else_=len(lines) - 1,
    )
    table = table.mutate(line=number)
    table = table.mutate(
        status=_by_line(table, [str(line.status) for line in lines]),
        rank=_by_line(table, [line.rank for line in lines]).cast("int8"),
        verdict_rule=_by_line(table, [line.id for line in lines]),
        basis=ibis.cases(
            *(
                (table.line == index, _basis(table, line))
                for index, line in enumerate(lines)
                if line.basis
            )
        ),
    )
    table = _with_codes(table)
    ranked = table.status.isin([str(status) for status in RANKED])
    outcome = ibis.cases(
        (ranked & (table.obligations.length() == 0), str(Outcome.PERMITTED)),
        (ranked, str(Outcome.CONDITIONAL)),
        *((table.status == str(status), str(result)) for status, result in OUTCOMES.items()),
    )
    table = table.mutate(dataset=ibis.literal(dataset), outcome=outcome)
    return table.mutate(**_for_summary(table, columns)).select(*JUDGED, *schema.FINDINGS)


def _for_summary(table: ir.Table, columns: Collection[str]) -> dict[str, ir.Value]:
    """What the summary counts, taken in the same pass over the items."""

    def absent(*names: str) -> ir.BooleanValue:
        return ibis.and_(*(table[name].strip().nullif("").isnull() for name in names))

    addresses = [places.shown_host(table[name]) for name in _ADDRESSES if name in columns]
    return {
        "host": ibis.coalesce(*addresses) if addresses else ibis.null("string"),
        "creator": table.creator.strip().nullif(""),
        "without_source": absent(*_ADDRESSES),
        "without_key": absent(*sorted(KEY_COLUMNS)),
        "likeness_gap": likeness_not_checked(table),
        "media_gap": table.media_finding.notnull(),
        **{f"unread_{name}": test for name, test in unreadable_values(table).items()},
    }


def _basis(table: ir.Table, line: VerdictLine) -> ir.Value:
    return table.consent_basis if line.basis == "declarant" else ibis.literal(line.basis)


def _by_line(table: ir.Table, values: Sequence[object]) -> ir.Value:
    """The value of the item's line; lines of equal value share a branch."""
    return ibis.cases(
        *((table.line == index, value) for index, value in enumerate(values) if value is not None)
    )


def _all_of(table: ir.Table, line: VerdictLine) -> ir.BooleanValue:
    """All facts of a line; a fact that is NULL does not hold, nor does its negation."""
    tests = [
        ~table[fact.removeprefix("not ")] if fact.startswith("not ") else table[fact]
        for fact in line.when
    ]
    return ibis.and_(*tests)


def _with_license(items: ir.Table, licenses: ir.Table, columns: Collection[str]) -> ir.Table:
    """Join each item with the conclusion on its declared values; NULL equals NULL here."""
    declared = [name for name in schema.DECLARED if name in columns]
    conclusions = licenses.rename({f"declared_{name}": name for name in declared})
    conclusions = conclusions.drop(*(name for name in schema.DECLARED if name not in declared))
    if not declared:
        return items.cross_join(conclusions)
    on = [items[name].identical_to(conclusions[f"declared_{name}"]) for name in declared]
    return items.inner_join(conclusions, on)


def _with_consent(table: ir.Table, consent: ir.Table | None) -> ir.Table:
    if consent is None:
        return table.mutate(
            consent_status=ibis.literal(str(ConsentStatus.UNKNOWN)),
            consent_record=ibis.null("string"),
            consent_basis=ibis.null("string"),
            consent_reasons=keys.NO_CODES,
            consent_obligations=keys.NO_CODES,
            person_consented=ibis.literal(False),
            person_approved=ibis.literal(False),
        )
    joined = table.left_join(consent, "pos").drop("pos_right")
    return joined.mutate(
        consent_status=ibis.coalesce(joined.consent_status, str(ConsentStatus.UNKNOWN)),
        consent_reasons=ibis.coalesce(joined.consent_reasons, keys.NO_CODES),
        consent_obligations=ibis.coalesce(joined.consent_obligations, keys.NO_CODES),
        person_consented=ibis.coalesce(joined.person_consented, False),
        person_approved=ibis.coalesce(joined.person_approved, False),
    )


def unreadable_values(items: ir.Table) -> dict[str, ir.BooleanValue]:
    """By column: the items whose value there can't be understood, which is a finding."""
    depicts, person = items.depicts_person.strip().lower(), items.person_status.strip().lower()
    acquired = items.acquired_at.strip().nullif("")
    return {
        "depicts_person": ibis.coalesce(~depicts.isin(["", *_TRUE, *_FALSE, "unknown"]), False),
        "person_status": ibis.coalesce(~person.isin(["", *_PERSON_STATUS]), False),
        "acquired_at": acquired.notnull() & keys.moment(acquired).isnull(),
    }


def likeness_not_checked(items: ir.Table) -> ir.BooleanValue:
    """Items for which the manifest doesn't say whether a person is shown or heard."""
    said = items.depicts_person.strip().lower().isin([*_TRUE, *_FALSE])
    known = items.person_status.strip().lower().isin([*_PROTECTED, "adult", "not_a_person"])
    return ~(ibis.coalesce(said, False) | ibis.coalesce(known, False))


def on_record(items: ir.Table) -> ir.BooleanValue:
    """Whether creator, source or a ready attribution is on record (CC BY 4.0, 3(a)(1)(A))."""
    return ibis.or_(
        *(
            items[name].strip().nullif("").notnull()
            for name in ("creator", "source_url", "landing_url", "attribution")
        )
    )


def _with_facts(table: ir.Table, *, replicates: bool) -> ir.Table:
    """The closed set of facts that lines may ask for; each is true or false, never NULL."""
    consent, person = (
        table.consent_status,
        ibis.coalesce(table.person_status.strip().lower(), "unknown"),
    )
    depicts = ibis.coalesce(table.depicts_person.strip().lower(), "")
    credited = ~table.consent_obligations.contains("attribute") | on_record(table)
    protected = person.isin(_PROTECTED)
    unreadable = unreadable_values(table)
    shown = depicts.isin(_TRUE) | protected | (person == "adult")
    if replicates:
        # Who replicates a person needs that person's consent, unless nobody is in the item.
        shown = shown | ~(depicts.isin(_FALSE) | (person == "not_a_person"))
    facts = {
        "consent_denied": consent.isin([str(ConsentStatus.DENIED), str(ConsentStatus.REVOKED)]),
        # A value that can't be read may mean a person: it asks for consent like one.
        "person_shown": shown | unreadable["depicts_person"] | unreadable["person_status"],
        "person_consented": table.person_consented & (~protected | table.person_approved),
        "agreement_in_force": (consent == str(ConsentStatus.AGREEMENT)) & credited,
        "consent_complete": (consent == str(ConsentStatus.CONSENT_COMPLETE)) & credited,
        "license_granted": table.license_grant == str(Grant.GRANTED),
        "license_breached": table.license_grant == str(Grant.BREACHED),
        "license_rank_1": table.license_rank == 1,
        "license_rank_2": table.license_rank == 2,  # noqa: PLR2004
        "attribution_possible": ~table.needs_attribution | on_record(table),
    }
    table = table.mutate(**{name: ibis.coalesce(fact, False) for name, fact in facts.items()})
    return table.mutate(
        consent_credited=ibis.coalesce(credited, True),
        person_protected=ibis.coalesce(protected, False),
        person_unread=unreadable["depicts_person"] | unreadable["person_status"],
        acquired_unread=unreadable["acquired_at"],
    )


def _with_codes(table: ir.Table) -> ir.Table:
    """Reasons of licence, consent and verdict; obligations of what the status rests on."""
    own = {
        "attribution_missing": (table.license_granted & ~table.attribution_possible)
        | ~table.consent_credited,
        "likeness_consent_missing": table.person_shown & ~table.person_consented,
        "protected_person": table.person_protected & ~table.person_consented,
        "likeness_unreadable": table.person_unread,
        "acquired_at_unreadable": table.acquired_unread,
        "hash_differs": ibis.coalesce(table.hash_differs, False),
        **{
            code: ibis.coalesce(table.media_finding == code, False)
            for code in (NOT_FOUND, NOT_READ, OUTSIDE)
        },
        "no_consent_on_record": (table.status == str(Status.NOT_ESTABLISHED))
        & table.consent_status.isin([str(ConsentStatus.UNKNOWN), str(ConsentStatus.REVIEW)])
        & table.license_class.isin([LicenseClass.PROPRIETARY, LicenseClass.ALL_RIGHTS_RESERVED]),
    }
    verdict_reasons = ibis.array([ibis.cases((own[code], code)) for code in sorted(own)]).filter(
        lambda code: code.notnull()
    )
    by_license = table.status.isin([str(Status.LICENSED), str(Status.PUBLIC_DOMAIN_OR_CC)]) & (
        ~table.agreement_in_force
    )
    ranked = table.status.isin([str(status) for status in RANKED])
    review = table.consent_obligations.filter(lambda code: code.startswith("review_"))
    removal = table.consent_obligations.filter(lambda code: ~code.startswith("review_"))
    return table.mutate(
        reasons=table.license_reasons.concat(table.consent_reasons, verdict_reasons),
        obligations=ibis.cases(
            (by_license, table.license_obligations.concat(review)),
            (ranked, table.consent_obligations),
            # What was revoked stays owed: removing it is a duty, not a way to use it.
            (table.status == str(Status.OPTED_OUT), removal),
            else_=keys.NO_CODES,
        ),
    )
