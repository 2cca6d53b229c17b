"""The decision table of `license_rules/verdict.toml` as one expression over classes of items.

Every class gets exactly one line of the table, which is its rule; all reasons that apply are kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis

from sourcing_audit import keys
from sourcing_audit.model import (
    ConsentStatus,
    Grant,
    LicenseClass,
    Outcome,
    Status,
)
from sourcing_audit.verdict.facts import MEDIA_CODES, unpacked

if TYPE_CHECKING:
    from collections.abc import Sequence

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

CLASSES = ("license_no", "facts", "answer_no")
"""What makes a class: the number of the licence, the bits of `facts.packed`, and the number of
the registries' answer."""

NO_ANSWER = -1
"""The answer's number for items that no record speaks about."""


def classes(
    found: ir.Table,
    licenses: ir.Table,
    answers: ir.Table | None,
    lines: Sequence[VerdictLine],
    *,
    replicates: bool = False,
) -> ir.Table:
    """Reach the verdict on each class of items.

    Args:
        found: columns of `CLASSES`, a row for each class that occurs; more are kept.
        licenses: columns of `schema.LICENSES` and `license_no`.
        answers: columns of `consent.KINDS`, or None where no record matched.
        lines: the decision table.
        replicates: the use replicates a person (AIMEG 3.1).

    Returns:
        The columns of `found`, the facts by name, and what `schema.FINDINGS` has but for the
        item's own place, id and record.

    """
    table = _with_answer(found.inner_join(licenses, "license_no"), answers)
    table = table.mutate(**unpacked(table.facts))
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
    return table.mutate(outcome=outcome)


def _basis(table: ir.Table, line: VerdictLine) -> ir.Value:
    return table.consent_basis if line.basis == "declarant" else ibis.literal(line.basis)


def _by_line(table: ir.Table, values: Sequence[object]) -> ir.Value:
    """The value of the class's line; lines of equal value share a branch."""
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


def _with_answer(table: ir.Table, answers: ir.Table | None) -> ir.Table:
    if answers is None:
        return table.mutate(
            consent_status=ibis.literal(str(ConsentStatus.UNKNOWN)),
            consent_basis=ibis.null("string"),
            consent_reasons=keys.NO_CODES,
            consent_obligations=keys.NO_CODES,
            person_consented=ibis.literal(value=False),
            person_approved=ibis.literal(value=False),
        )
    joined = table.left_join(answers, "answer_no").drop("answer_no_right")
    return joined.mutate(
        consent_status=ibis.coalesce(joined.consent_status, str(ConsentStatus.UNKNOWN)),
        consent_reasons=ibis.coalesce(joined.consent_reasons, keys.NO_CODES),
        consent_obligations=ibis.coalesce(joined.consent_obligations, keys.NO_CODES),
        person_consented=ibis.coalesce(joined.person_consented, False),
        person_approved=ibis.coalesce(joined.person_approved, False),
    )


def _with_facts(table: ir.Table, *, replicates: bool) -> ir.Table:
    """The closed set of facts that lines may ask for; each is true or false, never NULL."""
    consent = table.consent_status
    credited = ~table.consent_obligations.contains("attribute") | table.on_record
    shown = table.person_shown
    if replicates:
        # Who replicates a person needs that person's consent, unless nobody is in the item.
        shown = shown | ~table.nobody_shown
    facts = {
        "consent_denied": consent.isin([str(ConsentStatus.DENIED), str(ConsentStatus.REVOKED)]),
        "person_shown": shown,
        "person_consented": table.person_consented
        & (~table.person_protected | table.person_approved),
        "agreement_in_force": (consent == str(ConsentStatus.AGREEMENT)) & credited,
        "consent_complete": (consent == str(ConsentStatus.CONSENT_COMPLETE)) & credited,
        "license_granted": table.license_grant == str(Grant.GRANTED),
        "license_breached": table.license_grant == str(Grant.BREACHED),
        "license_rank_1": table.license_rank == 1,
        "license_rank_2": table.license_rank == 2,  # noqa: PLR2004
        "attribution_possible": ~table.needs_attribution | table.on_record,
    }
    table = table.mutate(**{name: ibis.coalesce(fact, False) for name, fact in facts.items()})
    return table.mutate(consent_credited=ibis.coalesce(credited, True))


def _with_codes(table: ir.Table) -> ir.Table:
    """Reasons of licence, consent and verdict; obligations of what the status rests on."""
    own = {
        "attribution_missing": (table.license_granted & ~table.attribution_possible)
        | ~table.consent_credited,
        "likeness_consent_missing": table.person_shown & ~table.person_consented,
        "protected_person": table.person_protected & ~table.person_consented,
        "likeness_unreadable": table.unread_depicts_person | table.unread_person_status,
        "acquired_at_unreadable": table.unread_acquired_at,
        "hash_differs": table.hash_differs,
        **{code: table[code] for code in MEDIA_CODES},
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
