"""The report as data: what `report.json` holds and every format renders.

Versioned; the JSON Schema in `docs/report.schema.json` is generated from these models. All
counts are items unless their name says otherwise. Nothing here depends on the clock: the same
inputs, rules and as-of date give the same report.
"""

from __future__ import annotations

import datetime as dt
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from sourcing_audit.model import DatasetStatus, LicenseClass, Outcome, Status, Term

SCHEMA_VERSION: Final = "1.0"


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Tool(_Model):
    """The program that wrote the report."""

    name: Literal["sourcing-audit"] = "sourcing-audit"
    version: str


class RuleOverride(_Model):
    """A rule that the user's own folder replaced or added."""

    file: str
    key: str
    action: Literal["replaced", "added"]


class RulesUsed(_Model):
    """The rules behind every verdict."""

    version: str
    digest: str = Field(description="SHA-256 over the rule files, overlays included")
    overrides: list[RuleOverride] = []


class Input(_Model):
    """One input file or stream."""

    name: str
    format: str
    size: int | None = Field(description="bytes; null for a stream")
    sha256: str | None = Field(
        description="null for a stream, and for a remote file that wasn't read as a whole"
    )
    version: str | None = Field(
        default=None,
        description="what a remote store calls the version that was read: `etag:…`, "
        "`generation:…`, `last-modified:…` or `commit:…`",
    )
    items: int = Field(description="records read")
    quarantined: int = Field(description="records that could not be read")
    unreadable: bool = Field(
        default=False, description="the file as a whole could not be read; its items are not known"
    )


class MappedField(_Model):
    """How a canonical column was read."""

    field: str
    template: str
    origin: str


class CardStatement(_Model):
    """One thing that a dataset's card says about rights, and what it was read as."""

    where: str = Field(description="`license tag`, `link`, `line 14`, `license text`, …")
    text: str
    expression: str


class Card(_Model):
    """A dataset card, Croissant file or licence file, and what it says for all items."""

    path: str
    kind: str
    statements: list[CardStatement]
    contradicted: bool = Field(description="its prose or licence text limits what its tag permits")
    problems: list[str] = Field(description="what of it could not be read")
    sha256: str | None = Field(
        default=None, description="null where it isn't a file, or only its beginning was read"
    )


class Dataset(_Model):
    """What was audited."""

    name: str
    inputs: list[Input]
    mapping: list[MappedField]
    unused_columns: list[str]
    default_license: str | None = None
    cards: list[Card] = []


class Use(_Model):
    """The intended use that every verdict was reached for."""

    sentence: str
    activity: str
    project: str | None
    commercial: bool
    research: bool
    shares: list[str]
    territory: list[str]
    grantee: str | None
    trained_at: dt.date | None = Field(
        default=None, description="the day of the training; null where it wasn't given"
    )


class Registry(_Model):
    """One consent-registry export."""

    name: str
    path: str
    format: str
    sha256: str
    records: int
    snapshot_at: dt.datetime | None
    unmatchable_records: int = Field(
        default=0, description="records whose kind of subject can't be matched with items"
    )
    matched_records: int
    matched_items: int
    own: bool = Field(
        default=False,
        description="signals that came with the items themselves; no registry was asked",
    )
    age_days: int | None = Field(
        default=None, description="days from the export to the as-of date; null where undated"
    )
    limit_days: int | None = Field(
        default=None, description="the strictest age limit of its records; null where none ages"
    )
    stale_records: int = Field(
        default=0, description="records in force that are older than their limit, or undated"
    )
    fresh: bool = Field(
        default=True, description="false: what it doesn't hold may have been said since"
    )
    dangling_records: int = Field(
        default=0, description="records that refer to one that the registry doesn't hold"
    )


class Totals(_Model):
    """Items in = verdicts + quarantined."""

    items_in: int
    verdicts: int
    quarantined: int = Field(description="records quarantined with a reason")
    unreadable_files: int = Field(description="files whose number of items is not known")


class StatusCount(_Model):
    """How many items have a status."""

    status: Status
    rank: int | None
    label: str
    source: str = Field(description="the clause of the code of ethics")
    items: int
    share: float = Field(description="of items in, 0 to 1")
    by_license_evidence: dict[str, int]
    by_basis: dict[str, int]


class OutcomeCount(_Model):
    """How many items have an outcome."""

    outcome: Outcome
    items: int
    share: float


class ReasonCount(_Model):
    """How many items carry a reason."""

    code: str
    label: str
    clause: str
    how_to_fix: str
    items: int
    share: float
    samples: list[str] = Field(description="up to five item ids, the first in input order")


class ObligationCount(_Model):
    """How many items carry an obligation that stays open."""

    code: str
    label: str
    clause: str
    how_to_fix: str
    items: int


class LicenseCount(_Model):
    """How many items were concluded to be under an expression."""

    expression: str
    license_class: LicenseClass
    terms: list[Term]
    items: int
    share: float
    distinct_values: int


class UnresolvedValue(_Model):
    """Declared values that no rule understands and that differ only in their numbers."""

    value: str = Field(description="one of them, the first in order")
    distinct_values: int
    items: int
    suggestions: list[str]


class Unresolved(_Model):
    """All declared values that no rule understands."""

    distinct_values: int
    items: int
    groups: int = Field(description="groups of values that differ only in their numbers")
    top: list[UnresolvedValue]


class TextCount(_Model):
    """How many distinct texts were read in one way."""

    rule: str
    distinct_texts: int


class TextsRead(_Model):
    """The licence texts of items: how many there are, and how they were read."""

    items: int
    distinct_texts: int
    methods: list[TextCount]
    stating_a_license: int = Field(description="items whose text states a licence")


class LineageCount(_Model):
    """A dataset whose terms are carried on."""

    dataset: str = Field(description="its name; `A > B` for B, which A was made from")
    expression: str = Field(description="its licence; NOASSERTION where that isn't known")
    items: int


class Origin(_Model):
    """Who made the items, as far as anybody said."""

    generated: int = Field(description="made by a model")
    human: int = Field(description="said to be made by a person")
    not_stated: int


class ConsentCount(_Model):
    """How many items have a consent status."""

    consent_status: str
    label: str
    items: int


class Expiring(_Model):
    """A consent in force, or an approval of one, that ends within 90 days of the as-of date."""

    registry: str
    record_id: str
    valid_until: dt.datetime
    items: int = Field(description="items for which the consent is in force")
    approves: str | None = Field(
        default=None,
        description="the record that needs this approval (AIMEG 3.4); null: a consent itself",
    )


class ExpiringDay(_Model):
    """All consents and approvals that end on one day within 90 days of the as-of date."""

    day: dt.date
    consents: int = Field(description="records")
    approvals: int = Field(description="records")
    items: int = Field(description="an item counts with each consent and approval that ends")


class Consent(_Model):
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


class SourceCount(_Model):
    """Items of one host or creator, by outcome."""

    name: str
    items: int
    outcomes: dict[str, int]


class Group(_Model):
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


class Coverage(_Model):
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


class QuarantineCount(_Model):
    """Records and files quarantined for one reason."""

    reason: str
    label: str
    how_to_fix: str
    records: int
    files: int
    samples: list[str] = Field(description="up to five `file:row`")


class EarlierAudit(_Model):
    """The audit that this one is compared with."""

    dataset: str = Field(default="", description="what it called the dataset")
    as_of: dt.date
    tool_version: str
    rules_version: str
    rules_digest: str
    use: str
    dataset_status: DatasetStatus
    totals: Totals


class ChangeCount(_Model):
    """Items that changed in one way; an item may have changed in several."""

    kind: str = Field(description="e.g. `new_opt_out`, `revoked`, `consent_expired`")
    label: str
    meaning: str = ""
    act: str = Field(default="", description="who should do what about it")
    items: int
    samples: list[str] = Field(
        description="up to five item ids, the first in the order of their characters"
    )


class StatusFlow(_Model):
    """Items by their status then and now."""

    before: Status | None = Field(description="null: wasn't in the earlier audit")
    after: Status | None = Field(description="null: isn't in this one")
    items: int


Difference = Literal[
    "inputs", "documents", "mapping", "registries", "rules", "use", "as_of", "tool"
]
"""What an audit depends on: its inputs, what is said for the dataset as a whole (its documents and
default licence), which columns are read, and so on."""


class Changes(_Model):
    """What changed since an earlier audit, and what it can be down to.

    Verdicts now = added + changed + unchanged + not comparable; verdicts then = gone + changed +
    unchanged + those not comparable then.
    """

    since: EarlierAudit
    differs: list[Difference] = Field(description="what isn't as it was then")
    added: int
    gone: int
    changed: int = Field(description="items in both with another verdict")
    unchanged: int
    not_comparable: int = Field(
        description="items of this audit whose id several items share, then or now"
    )
    not_comparable_then: int = Field(default=0, description="such items of the earlier audit")
    ids_are_places: bool = Field(
        default=False,
        description="items have no ids of their own and are known by file and record number, and "
        "the inputs aren't what they were: an item that moved is taken for another",
    )
    newly_prohibited: int = Field(
        default=0,
        description="items that are prohibited and weren't, those added and those that can't be "
        "compared included",
    )
    newly_undetermined: int = Field(
        default=0, description="items that are undetermined and were better, counted so too"
    )
    kinds: list[ChangeCount]
    causes: list[ChangeCount] = Field(
        default=[], description="what changed verdicts can be put down to"
    )
    flows: list[StatusFlow] = Field(description="of the items that can be compared")


class Waiver(_Model):
    """A finding that somebody answers for; its items are counted as before."""

    code: str = Field(description="the reason or status that is waived")
    match: dict[str, str] = Field(description="what items must have, e.g. `host`; empty: all")
    reason: str = Field(description="from a closed list")
    reason_label: str = ""
    comment: str
    owner: str
    approved_by: str
    expires: dt.date | None
    expired: bool = Field(description="on the as-of date; it then waives nothing")
    items: int = Field(description="items that it covers, or would if it hadn't expired")


class GateCheck(_Model):
    """One limit, and how many items count towards it."""

    code: str = Field(description="an outcome, status or reason, or `quarantined`")
    label: str
    asked_by: Literal["fail_on", "limit"]
    allowed: int | None = Field(description="items; null where only a share is limited")
    allowed_share: float | None = Field(description="of items in; null where none is limited")
    found: int = Field(description="items that have it")
    waived: int = Field(description="of those, the ones that a waiver answers for")
    in_baseline: int = Field(description="of the others, the ones that had it in the baseline")
    counted: int = Field(description="what remains, and is held against the limit")
    unreadable_files: int = Field(
        default=0, description="files with a number of items that isn't known; no limit bears them"
    )
    passed: bool


class Gate(_Model):
    """Whether the dataset passes what was asked of it."""

    passed: bool
    baseline: EarlierAudit | None
    checks: list[GateCheck]
    expired_waivers: int = Field(description="with any of them it doesn't pass")


class TrendPoint(_Model):
    """One audit of a dataset among those that a history holds."""

    as_of: dt.date
    rules_version: str
    items_in: int
    outcomes: dict[str, int] = Field(description="items by outcome")
    differs: list[str] = Field(
        description="what that decides verdicts isn't as it was in the audit before"
    )


class Disclosure(_Model):
    """The sourcing-status field of AIMEG 4.2, in words that claim no more than the counts."""

    short: str
    statements: list[str]
    limits: list[str]


class Report(_Model):
    """One dataset's sourcing-status report."""

    schema_version: Literal["1.0"] = SCHEMA_VERSION
    tool: Tool
    rules: RulesUsed
    as_of: dt.date
    dataset: Dataset
    use: Use
    registries: list[Registry]
    dataset_status: DatasetStatus
    sentence: str = Field(description="the result in one plain sentence")
    totals: Totals
    statuses: list[StatusCount] = Field(description="every status, in the order of the table")
    outcomes: list[OutcomeCount]
    reasons: list[ReasonCount]
    obligations: list[ObligationCount]
    licenses: list[LicenseCount] = Field(description="the most frequent expressions")
    license_expressions: int = Field(description="distinct concluded expressions in all")
    unresolved: Unresolved
    texts: TextsRead | None = Field(description="null where no item has a text")
    lineage: list[LineageCount] = Field(description="upstream datasets, the most items first")
    origin: Origin
    consent: Consent
    hosts: list[SourceCount]
    creators: list[SourceCount]
    groups: list[Group] = Field(
        default=[],
        description="items that are alike, by host: the worst outcome and the most items first",
    )
    groups_in_all: int = Field(default=0, description="all are in `groups.parquet`")
    changes: Changes | None = Field(
        default=None, description="since an earlier audit; null where none was named"
    )
    waivers: list[Waiver] = Field(default=[], description="findings that somebody answers for")
    gate: Gate | None = Field(
        default=None, description="null where neither limits, waivers nor a baseline were given"
    )
    trend: list[TrendPoint] = Field(
        default=[], description="this audit and those before it in the history, the oldest first"
    )
    returned: int | None = Field(
        default=None,
        description="items whose works were taken down before; null where no tombstones were given",
    )
    coverage: Coverage
    quarantine: list[QuarantineCount]
    disclosure: Disclosure

    @property
    def asked(self) -> list[Registry]:
        """The registries that were given, without the signals that came with the items."""
        return [entry for entry in self.registries if not entry.own]
