"""What was found, counted: items unless a name says otherwise."""

from __future__ import annotations

import datetime as dt

from pydantic import Field

from sourcing_audit.model import LicenseClass, Outcome, Status, Term
from sourcing_audit.report.base import Model


class Totals(Model):
    """Items in = verdicts + quarantined."""

    items_in: int
    verdicts: int
    quarantined: int = Field(description="records quarantined with a reason")
    unreadable_files: int = Field(description="files whose number of items is not known")


class StatusCount(Model):
    """How many items have a status."""

    status: Status
    rank: int | None
    label: str
    source: str = Field(description="the clause of the code of ethics")
    items: int
    share: float = Field(description="of items in, 0 to 1")
    by_license_evidence: dict[str, int]
    by_basis: dict[str, int]


class OutcomeCount(Model):
    """How many items have an outcome."""

    outcome: Outcome
    items: int
    share: float


class ReasonCount(Model):
    """How many items carry a reason."""

    code: str
    label: str
    clause: str
    how_to_fix: str
    items: int
    share: float
    samples: list[str] = Field(description="up to five item ids, the first in input order")


class ObligationCount(Model):
    """How many items carry an obligation that stays open."""

    code: str
    label: str
    clause: str
    how_to_fix: str
    items: int


class LicenseCount(Model):
    """How many items were concluded to be under an expression."""

    expression: str
    license_class: LicenseClass
    terms: list[Term]
    items: int
    share: float
    distinct_values: int


class UnresolvedValue(Model):
    """Declared values that no rule understands and that differ only in their numbers."""

    value: str = Field(description="one of them, the first in order")
    distinct_values: int
    items: int
    suggestions: list[str]


class Unresolved(Model):
    """All declared values that no rule understands."""

    distinct_values: int
    items: int
    groups: int = Field(description="groups of values that differ only in their numbers")
    top: list[UnresolvedValue]


class TextCount(Model):
    """How many distinct texts were read in one way."""

    rule: str
    distinct_texts: int


class TextsRead(Model):
    """The licence texts of items: how many there are, and how they were read."""

    items: int
    distinct_texts: int
    methods: list[TextCount]
    stating_a_license: int = Field(description="items whose text states a licence")


class LineageCount(Model):
    """A dataset whose terms are carried on."""

    dataset: str = Field(description="its name; `A > B` for B, which A was made from")
    expression: str = Field(description="its licence; NOASSERTION where that isn't known")
    items: int


class Origin(Model):
    """Who made the items, as far as anybody said."""

    generated: int = Field(description="made by a model")
    human: int = Field(description="said to be made by a person")
    not_stated: int


class ConsentCount(Model):
    """How many items have a consent status."""

    consent_status: str
    label: str
    items: int


class Expiring(Model):
    """A consent in force, or an approval of one, that ends within 90 days of the as-of date."""

    registry: str
    record_id: str
    valid_until: dt.datetime
    items: int = Field(description="items for which the consent is in force")
    approves: str | None = Field(
        default=None,
        description="the record that needs this approval (AIMEG 3.4); null: a consent itself",
    )


class ExpiringDay(Model):
    """All consents and approvals that end on one day within 90 days of the as-of date."""

    day: dt.date
    consents: int = Field(description="records")
    approvals: int = Field(description="records")
    items: int = Field(description="an item counts with each consent and approval that ends")


class Consent(Model):
    """What the registries say."""

    counts: list[ConsentCount]
    review_matches: int = Field(
        description="items of which only a bare name, a near duplicate or a signal that can't be"
        " read speaks"
    )
    opted_out_after_acquisition: int
    opted_out_after_training: int = 0
    expiring: list[Expiring] = Field(description="the soonest 50")
    expiring_by_day: list[ExpiringDay] = Field(
        default=[], description="all of them, by the days on which any ends"
    )


class SourceCount(Model):
    """Items of one host or creator, by outcome."""

    name: str
    items: int
    outcomes: dict[str, int]


class Group(Model):
    """Items of one host that are alike in all that a finding says."""

    outcome: Outcome
    status: Status
    license_concluded: str
    reasons: list[str]
    obligations: list[str]
    host: str | None = Field(description="null where no address is on record")
    items: int
    shard: str = Field(description="the input of the first of them")
    row: int = Field(description="the record number of the first of them, from 1")


class Coverage(Model):
    """What could not be established, and what was never looked at."""

    without_license: int
    unresolved_license: int
    dataset_default_license: int
    without_creator: int
    without_source: int
    without_any_consent_key: int
    likeness_not_checked: int
    unreadable_values: dict[str, int] = Field(
        description="items whose value in this canonical column could not be understood"
    )
    duplicate_item_ids: int = Field(description="items that share their id with another")
    media_not_read: int = Field(
        default=0,
        description="items with a media file that wasn't read, so that its signals aren't known",
    )
    permitted_media_not_read: int = Field(
        default=0, description="of those, the ones that are permitted, or so under conditions"
    )
    registries_given: int


class QuarantineCount(Model):
    """Records and files quarantined for one reason."""

    reason: str
    label: str
    how_to_fix: str
    records: int
    files: int
    samples: list[str] = Field(description="up to five `file:row`")
