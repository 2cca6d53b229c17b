"""What each record says by itself: about this use, for this grantee, at this date.

Works on records alone, before any item is looked at: rules P2 (validity), P3 (authority),
P5 (revocation), P9 (signals) and the elements of AIMEG 3.2. Every record keeps its reasons.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import ibis

from sourcing_audit import keys
from sourcing_audit.combinations import Combinations, numbered
from sourcing_audit.consent.applicability import (
    approval_covers,
    with_applicability,
    with_clocks,
)
from sourcing_audit.consent.clocks import Clocks
from sourcing_audit.consent.references import References
from sourcing_audit.consent.telling import missing_elements, obligations, reasons
from sourcing_audit.consent.weighed import APART, READ, SHARED, STANDING, Weighed
from sourcing_audit.engine import Queries
from sourcing_audit.model import ConsentStatus, IntendedUse

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    import ibis.expr.types as ir

    from sourcing_audit.engine import Engine
    from sourcing_audit.rules.consent import ConsentRules

S = ConsentStatus

_BY_MANIFEST = ("agreement_id", "consent_id")
"""Kinds by which the manifest says which paper covers an item. That is its owner's claim: the paper
itself doesn't name the work, as an agreement has to that lifts an opt-out (rule P8)."""


def standings(
    engine: Engine, records: ir.Table, rules: ConsentRules, use: IntendedUse, as_of: dt.date
) -> Weighed:
    """Weigh each record by itself.

    Args:
        engine: what runs the expressions.
        records: columns of `READ`: of `schema.RECORDS`, and keys of `registries.normalise`.
        rules: the consent rules.
        use: the intended use, with its grantee and the day of its training.
        as_of: the answer is that of the end of this day (UTC).

    """
    with engine.scope():
        found = _weighed(engine, records, rules, use, as_of)
        engine.keep(found.rows)
        engine.keep(found.facts)
    return found


def _weighed(
    engine: Engine, records: ir.Table, rules: ConsentRules, use: IntendedUse, as_of: dt.date
) -> Weighed:
    queries, weighing = Queries(engine), _Weighing(rules, use, as_of)
    table = _followed(engine, queries, records, weighing)
    found = Combinations.of(engine, table, SHARED, "facts_no")
    rows = partial(weighing.rows, found.differing)
    return Weighed(
        rows=queries.table("weighed", rows, table=table, combinations=found.table),
        facts=queries.table("facts", weighing.facts, shared=found.table),
    )


def _followed(engine: Engine, queries: Queries, records: ir.Table, weighing: _Weighing) -> ir.Table:
    """What weighing asks of records: mostly, few refer to others or are referred to."""
    read = queries.view("read", _read, records=records)
    speaking = queries.view("speaking", _speaking, records=read)
    if not engine.arrow(speaking.limit(1)).num_rows:
        return queries.view("apart", weighing.apart, records=read)
    touched = queries.table("touched", _touched, records=read)
    few = queries.table("referring", _referring, records=read, touched=touched)
    followed = queries.table("followed", weighing.followed, few=few)
    tables = {"records": read, "touched": touched, "followed": followed}
    return queries.view("clocked", weighing.together, **tables)


@dataclass(frozen=True)
class _Weighing:
    """What is asked to weigh records, as expressions."""

    rules: ConsentRules
    use: IntendedUse
    as_of: dt.date

    @property
    def _clocks(self) -> Clocks:
        return Clocks.of(self.use, self.as_of)

    @property
    def _references(self) -> References:
        covers = partial(approval_covers, rules=self.rules, use=self.use)
        return References(self._clocks, self.rules, covers)

    def apart(self, records: ir.Table) -> ir.Table:
        """Where no record refers to another: columns of `APART` and `SHARED`."""
        return self._clocked(self._references.unneeded(records))

    def followed(self, few: ir.Table) -> ir.Table:
        """The records that refer to another, or are referred to."""
        return self._references.apply(few)

    def together(self, records: ir.Table, touched: ir.Table, followed: ir.Table) -> ir.Table:
        """These, and all others, as `apart` gives them."""
        others = self._references.unneeded(records.anti_join(touched, "record_no"))
        both = others.union(followed.select(*others.columns).cast(others.schema()))
        return self._clocked(both)

    def _clocked(self, records: ir.Table) -> ir.Table:
        table = with_clocks(records, self._clocks)
        table = table.mutate(
            names_event=table.duration_event.notnull(),
            names_method=table.revocation_method.notnull(),
        )
        return table.select(*dict.fromkeys((*APART, *SHARED)))

    def rows(self, differing: Sequence[str], table: ir.Table, combinations: ir.Table) -> ir.Table:
        """As `Weighed` has them."""
        rows = numbered(differing, "facts_no", table, combinations).select(*APART, "facts_no")
        return rows.mutate(statement_id=rows.statement_id.nullif(rows.record_id))

    def facts(self, shared: ir.Table) -> ir.Table:
        """What each combination of shared values says; a superseded record has no standing."""
        known = with_applicability(_with_rules(shared, self.rules), self.rules, self.use)
        told = [name for name in STANDING if name not in APART]
        return _with_standing(known, self.rules).select("facts_no", *told)


def _read(records: ir.Table) -> ir.Table:
    return with_dated_end(records.select(*READ))


def _referring(records: ir.Table, touched: ir.Table) -> ir.Table:
    return records.semi_join(touched, "record_no")


def _speaking(records: ir.Table) -> ir.Table:
    """Those that refer to another, or say that they do without naming it."""
    return records.filter(records.refers_to.notnull() | records.relation.notnull())


def _touched(records: ir.Table) -> ir.Table:
    """`record_no` of the records that refer to another, and of those that are referred to."""
    speaking = _speaking(records)
    named = speaking.select(in_registry="registry_id", named="refers_to").distinct()
    found = [
        records.semi_join(
            named, [records.registry_id == named.in_registry, records[key] == named.named]
        )
        for key in ("record_id", "statement_id")
    ]
    return ibis.union(*(table.select("record_no") for table in (speaking, *found)), distinct=True)


def with_dated_end(records: ir.Table) -> ir.Table:
    """A grant or approval until an event that has a date ends on it: `majority on 2027-03-01`."""
    date = records.duration_event.re_extract(
        r"(?:^|[^\d])((?:19|20|21)\d\d-\d\d-\d\d)(?:$|[^\d])", 1
    )
    until_event = (records.duration_kind == "until_event") & (records.decision != "deny")
    dated = ibis.ifelse(until_event, keys.moment(date), ibis.null("timestamp"))
    return records.mutate(valid_until=ibis.coalesce(records.valid_until, dated))


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
        grants=level("grants"),
        authority=level("rank"),
        reach=kind("reach"),
        review_reason=kind("review_reason"),
        review_obligation=kind("review_obligation"),
        family=scheme("family"),
        level=scheme("level"),
        consents=scheme("consents"),
    )


def _with_standing(table: ir.Table, rules: ConsentRules) -> ir.Table:
    """The first line that applies is the record's standing; a superseded record has none."""
    missing = missing_elements(table)
    is_deny = table.decision == "deny"
    # A refusal by hash counts for the file in doubt; a grant has to say what was hashed.
    identified = ~table.matches.isin(["sha256", "md5"]) | ibis.coalesce(
        table.hash_target == "file_bytes", False
    )
    table = table.mutate(
        is_deny=is_deny,
        is_grant=table.decision.isin(["allow", "conditional"]) & (table.record_type != "approval"),
        signal=~table.consents,
        # A signal that can't be read might be a refusal: a person must look.
        doubtful=(table.decision == "unknown") & table.problem.notnull(),
        refuses=table.deny_covers & table.deny_in_force,
        in_scope=table.use_covered
        & table.project_covered
        & table.place_covered
        & table.grantee_covered,
        authorised=(table.speaks_for_work | table.speaks_for_person) & table.grants & ~table.void,
        identified=identified,
        agreement=(table.record_type == "licence_agreement") & table.verified & table.named_grantee,
        # The terms of a conditional grant are its conditions, stated or not.
        conditional=((table.decision == "conditional") | table.conditions.notnull())
        & ~table.conditions_met,
        complete=~ibis.or_(*missing.values()),
    )
    table = table.mutate(standing=_standing(table))
    by_signal = table.signal & table.standing.isin([S.PERMITTED_BY_SIGNAL, S.CONDITIONAL_UNMET])
    general = ~table.specific & ~table.record_type.isin(["refusal", "revocation"])
    return table.mutate(
        reasons=reasons(table, rules, missing),
        obligations=obligations(table, rules),
        review_reason=ibis.ifelse(table.doubtful, ibis.null("string"), table.review_reason),
        review_obligation=ibis.ifelse(table.doubtful, "review_signal", table.review_obligation),
        lifts=ibis.coalesce(table.agreement_overrides_optout, True)
        & table.standing.isin([S.AGREEMENT, S.CONSENT_COMPLETE])
        & table.specific
        & ~table.matches.isin(_BY_MANIFEST)
        & table.verified
        & table.named_grantee
        & table.speaks_for_work,
        by_signal=by_signal,
        liftable=(is_deny | (by_signal & table.conditional)) & general,
    )


def _standing(table: ir.Table) -> ir.StringValue:
    nothing = ibis.null("string")
    open_grant = table.authorised & table.begun & table.in_scope & table.identified
    signal = table.signal & (table.use_covered | (table.uses == ""))
    return ibis.cases(
        (table.superseded, nothing),
        (
            table.is_deny & table.refuses,
            ibis.ifelse(table.record_type == "revocation", str(S.REVOKED), str(S.DENIED)),
        ),
        (table.doubtful & table.refuses, str(S.REVIEW)),
        (table.is_deny | ~table.is_grant, nothing),
        (signal & table.refuses & table.conditional, str(S.CONDITIONAL_UNMET)),
        (signal, str(S.PERMITTED_BY_SIGNAL)),
        (~table.in_scope & table.authorised & table.begun, str(S.OUT_OF_SCOPE)),
        (table.signal | ~open_grant | table.unfollowed, nothing),
        (table.revoked, str(S.REVOKED)),
        (table.ended, str(S.EXPIRED)),
        (table.approval_missing, str(S.APPROVAL_MISSING)),
        (table.conditional, str(S.CONDITIONAL_UNMET)),
        (table.agreement, str(S.AGREEMENT)),
        (~table.complete, str(S.CONSENT_INCOMPLETE)),
        else_=str(S.CONSENT_COMPLETE),
    )
