"""What is read of consent records to weigh them, and what is known of them then."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import ibis

from sourcing_audit.consent.applicability import CLOCKED

if TYPE_CHECKING:
    import ibis.expr.types as ir

READ = (
    "record_no",
    "registry_no",
    "registry_id",
    "record_id",
    "statement_id",
    "record_type",
    "refers_to",
    "relation",
    "signal_scheme",
    "problem",
    "priority",
    "subject_kind",
    "hash_target",
    "declarant",
    "declarant_role",
    "authority_level",
    "person_status",
    "approver_role",
    "approval_at",
    "grantee_id",
    "decision",
    "uses",
    "scope_kind",
    "scope_id",
    "territory",
    "media_types",
    "conditions",
    "declared_at",
    "valid_from",
    "valid_until",
    "duration_kind",
    "duration_event",
    "compensation_kind",
    "revocable",
    "revocation_method",
    "revocation_notice_days",
    "revocation_effect",
    "deletion_mechanism",
    "agreement_overrides_optout",
    "wide",
)
"""What weighing a record reads of it; the rest stays with the records."""

STANDING = (
    "record_no",
    "registry_no",
    "registry_id",
    "record_id",
    "statement_id",
    "record_type",
    "refers_to",
    "declarant",
    "declared_at",
    "valid_until",
    "media_types",
    "matches",
    "strength",
    "reach",
    "authority",
    "signal_scheme",
    "family",
    "level",
    "priority",
    "problem",
    "decides",
    "is_deny",
    "speaks_for",
    "speaks_for_work",
    "speaks_for_person",
    "gives_way",
    "approved",
    "dangling",
    "after_training",
    "granted_from",
    "ended_before_training",
    "revoked",
    "revoked_at",
    "superseded",
    "standing",
    "complete",
    "by_signal",
    "lifts",
    "liftable",
    "reasons",
    "obligations",
    "review_reason",
    "review_obligation",
)
"""What resolution and evidence need of a weighed record; its keys are kept for matching alone."""

APART = (
    "record_no",
    "registry_no",
    "registry_id",
    "record_id",
    "statement_id",
    "refers_to",
    "declarant",
    "declared_at",
    "valid_until",
    "priority",
    "granted_from",
    "revoked_at",
)
"""What of `STANDING` is a record's own."""

SHARED = (
    "record_type",
    "signal_scheme",
    "problem",
    "subject_kind",
    "hash_target",
    "declarant_role",
    "authority_level",
    "person_status",
    "grantee_id",
    "decision",
    "uses",
    "scope_kind",
    "scope_id",
    "territory",
    "media_types",
    "conditions",
    "duration_kind",
    "compensation_kind",
    "revocable",
    "revocation_effect",
    "deletion_mechanism",
    "agreement_overrides_optout",
    "names_event",
    "names_method",
    "approved",
    "unfollowed",
    "dangling",
    *CLOCKED,
)
"""All that a record's facts follow from; most records have these in common with many others."""


@dataclass(frozen=True)
class Weighed:
    """Weighed records, apart from the facts that they share."""

    rows: ir.Table
    """Columns of `APART`, and `facts_no`; `statement_id` is NULL where it is `record_id`."""
    facts: ir.Table
    """By `facts_no`: the other columns of `STANDING`."""

    def whole(self) -> ir.Table:
        """The columns of `STANDING`, and what else the facts have."""
        rows = self.rows
        rows = rows.mutate(statement_id=ibis.coalesce(rows.statement_id, rows.record_id))
        joined = rows.inner_join(self.facts, "facts_no").drop("facts_no")
        return joined.relocate(*STANDING)
