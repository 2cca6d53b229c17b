"""The domain's words: enumerations and frozen dataclasses. No I/O, no engine.

The vocabulary is the one of the AIMEG Code of Ethics 1.0 (Principles 3, 4.2, 4.3 and 5.2),
of the Human Creator Alliance Code of Ethics, and of SPDX (declared, concluded).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt

NOASSERTION = "NOASSERTION"
"""SPDX: nobody said, or what was said could not be understood."""

NONE = "NONE"
"""SPDX: it was said that there is no licence."""


class Status(StrEnum):
    """The verdict on an item; `license_rules/verdict.toml` holds the table that decides it."""

    OPTED_OUT = "opted_out"
    CONSENT_REQUIRED = "consent_required"
    LICENSED = "licensed"
    PUBLIC_DOMAIN_OR_CC = "public_domain_or_cc"
    PROPRIETARY_WITH_CONSENT = "proprietary_with_consent"
    TERMS_NOT_MET = "terms_not_met"
    NOT_ESTABLISHED = "not_established"


class Outcome(StrEnum):
    """What gates and filters act on, most restrictive first."""

    PROHIBITED = "prohibited"
    UNDETERMINED = "undetermined"
    CONDITIONAL = "conditional"
    PERMITTED = "permitted"


class MediaChoice(StrEnum):
    """Whether the signals inside media files are read."""

    AUTO = "auto"
    """Those on this disk, where the extra is installed."""
    ON = "on"
    """Those of datasets elsewhere too; without the extra the audit stops."""
    OFF = "off"


class FailOn(StrEnum):
    """The outcome from which an audit exits with 1."""

    NEVER = "never"
    PROHIBITED = "prohibited"
    UNDETERMINED = "undetermined"
    CONDITIONAL = "conditional"

    def covers(self) -> frozenset[Outcome]:
        """The outcomes that count as findings at this setting."""
        order = list(Outcome)
        if self is FailOn.NEVER:
            return frozenset()
        return frozenset(order[: order.index(Outcome(self.value)) + 1])


class DatasetStatus(StrEnum):
    """The dataset's sourcing status: never better than its worst item."""

    ESTABLISHED = "established"
    ESTABLISHED_WITH_OBLIGATIONS = "established_with_obligations"
    PARTLY_ESTABLISHED = "partly_established"
    CONTAINS_OPTED_OUT = "contains_opted_out"
    NOT_ESTABLISHED = "not_established"


class LicenseClass(StrEnum):
    """What kind of licence a concluded expression is, most usable first."""

    PUBLIC_DOMAIN = "public-domain"
    CREATIVE_COMMONS = "creative-commons"
    PERMISSIVE = "permissive"
    DATA = "data"
    COPYLEFT = "copyleft"
    MODEL_RESTRICTED = "model-restricted"
    PROPRIETARY = "proprietary"
    ALL_RIGHTS_RESERVED = "all-rights-reserved"
    NO_LICENSE = "no-license"
    UNKNOWN = "unknown"


class Term(StrEnum):
    """A licence's terms; each is defined with its source in `license_rules/terms.toml`."""

    ATTRIBUTION = "attribution"
    NOTICE = "notice"
    SHARE_ALIKE = "share-alike"
    NO_DERIVATIVES = "no-derivatives"
    NON_COMMERCIAL = "non-commercial"
    RESEARCH_ONLY = "research-only"
    USE_RESTRICTIONS = "use-restrictions"
    NO_AI_TRAINING = "no-ai-training"
    REVOCABLE = "revocable"
    TERRITORY = "territory"


class LicenseEvidence(StrEnum):
    """Where the licence of an item was stated; a dataset's blanket tag is the weakest."""

    ITEM = "item"
    DETECTED = "detected"
    DATASET_DEFAULT = "dataset default"
    NONE = "none"


class ConsentStatus(StrEnum):
    """The answer of the registries for one item, by rule P11 (`license_rules/consent/`)."""

    DENIED = "denied"
    REVOKED = "revoked"
    EXPIRED = "expired"
    APPROVAL_MISSING = "approval_missing"
    CONDITIONAL_UNMET = "conditional_unmet"
    AGREEMENT = "agreement"
    CONSENT_COMPLETE = "consent_complete"
    CONSENT_INCOMPLETE = "consent_incomplete"
    OUT_OF_SCOPE = "out_of_scope"
    PERMITTED_BY_SIGNAL = "permitted_by_signal"
    REVIEW = "review"
    UNKNOWN = "unknown"


class Share(StrEnum):
    """What the user means to give to others after training."""

    MODEL = "model"
    OUTPUTS = "outputs"
    DATASET = "dataset"
    ADAPTED = "adapted"


class Activity(StrEnum):
    """What is done with the works (the `uses` vocabulary of the consent record)."""

    TRAIN_GENERATIVE = "train_generative"
    TRAIN_NON_GENERATIVE = "train_non_generative"
    AI_INPUT = "ai_input"
    SEARCH_INDEX = "search_index"
    TDM_OTHER = "tdm_other"
    DATASET_REDISTRIBUTION = "dataset_redistribution"
    REPLICA_VOICE = "replica_voice"
    REPLICA_LIKENESS = "replica_likeness"


_DOING = {
    Activity.TRAIN_GENERATIVE: "training generative models",
    Activity.TRAIN_NON_GENERATIVE: "training non-generative models",
    Activity.AI_INPUT: "input to AI systems",
    Activity.SEARCH_INDEX: "indexing for search",
    Activity.TDM_OTHER: "other text and data mining",
    Activity.DATASET_REDISTRIBUTION: "passing on the dataset",
    Activity.REPLICA_VOICE: "replicating voices",
    Activity.REPLICA_LIKENESS: "replicating likenesses",
}

WORLDWIDE = "WORLD"
"""The territory of a use that is not limited to countries."""


@dataclass(frozen=True)
class IntendedUse:
    """What the auditing user means to do; the default is the most demanding one."""

    activity: Activity = Activity.TRAIN_GENERATIVE
    project: str | None = None
    """The named project or model; None is general model training (AIMEG 3.2, scope)."""
    commercial: bool = True
    research: bool = False
    """Whether the purpose is scientific research; needed by `research-only` terms."""
    shares: frozenset[Share] = frozenset({Share.MODEL, Share.OUTPUTS})
    territory: tuple[str, ...] = (WORLDWIDE,)
    """ISO 3166-1 alpha-2 codes in upper case, or WORLD."""
    grantee: str | None = None
    """The id of the organisation that trains, as grants name it; None matches `*` only."""
    trained_at: dt.date | None = None
    """The day of the training, past or planned; None where it isn't known."""

    @property
    def replicates(self) -> bool:
        """Whether the use is to replicate a person, so that every item is about one."""
        return self.activity in {Activity.REPLICA_VOICE, Activity.REPLICA_LIKENESS}

    def describe(self) -> str:
        """One plain sentence for reports and the terminal."""
        parts = [
            _DOING[self.activity],
            f"for the project {self.project}" if self.project else "for no particular project",
            "commercial" if self.commercial else "non-commercial",
            *(["scientific research"] if self.research else []),
            f"sharing {' and '.join(sorted(self.shares)) or 'nothing'}",
            "worldwide" if WORLDWIDE in self.territory else f"in {', '.join(self.territory)}",
            *([f"by {self.grantee}"] if self.grantee else []),
            *([f"trained on {self.trained_at.isoformat()}"] if self.trained_at else []),
        ]
        return ", ".join(parts)


@dataclass(frozen=True)
class LicenseFinding:
    """What one declared value became, and why."""

    raw: str
    expression: str = NOASSERTION
    """An SPDX expression, NONE, or NOASSERTION."""
    license_class: LicenseClass = LicenseClass.UNKNOWN
    terms: tuple[Term, ...] = ()
    rule: str = "unresolved"
    """The stable id of the rule that decided, e.g. `alias:cc-by-4-0` or `url:cc`."""
    reasons: tuple[str, ...] = ()
    """Codes of `license_rules/reasons.toml`, e.g. `license_version_missing`."""
    suggestions: tuple[str, ...] = ()
    """Nearest known values when unresolved; never applied."""


class Grant(StrEnum):
    """Whether a concluded licence allows the intended use, before item-level terms."""

    GRANTED = "granted"
    BREACHED = "breached"
    """The licence is known and the use breaks at least one of its terms."""
    NOT_GRANTED = "not_granted"
    """No permission is stated (all rights reserved, no licence)."""
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class UseOutcome:
    """A concluded licence held against the intended use."""

    grant: Grant
    rank: int | None
    """Principle 5.2's preference if the licence stands: 1 or 2; None when it doesn't."""
    needs_attribution: bool = False
    """The item must have a creator or a source on record for the terms to be met."""
    reasons: tuple[str, ...] = ()
    obligations: tuple[str, ...] = ()


@dataclass(frozen=True)
class Conclusion:
    """The licence that the audit stands by for one distinct set of declared values."""

    finding: LicenseFinding
    evidence: LicenseEvidence
    outcome: UseOutcome
    reasons: tuple[str, ...] = ()
    """Reasons of the conclusion itself (`license_conflict`, `license_missing`, …), without
    those of `finding` and `outcome`."""
    lineage: tuple[str, ...] = ()
    """`DATASET > ITS UPSTREAM: expression` for each dataset whose terms are carried on."""
    generated: bool | None = None
    """Whether a model made the item; None where nobody said."""


@dataclass(frozen=True)
class UpstreamDataset:
    """A dataset that the audited one was made from."""

    name: str
    license: str | None = None
    """What it declares, verbatim; None to look it up in `license_rules/datasets.csv`."""
    upstream: tuple[str, ...] = ()
    """The names of the datasets that it was made from itself."""
    everywhere: bool = True
    """Whether every item comes from it; else only those whose `upstream` column names it."""


@dataclass(frozen=True)
class CardStatement:
    """One thing that a document about a dataset says of rights, and what it was read as."""

    where: str
    text: str
    expression: str


@dataclass(frozen=True)
class CardReading:
    """A document about a dataset, and what it says for all items."""

    path: str
    kind: str
    statements: tuple[CardStatement, ...]
    contradicted: bool
    """Its prose limits what the dataset's licence tag permits."""
    problems: tuple[str, ...]
    """What of it could not be read."""
    sha256: str | None = None
    """Of the file's bytes; None where it isn't a file, or only its beginning was read."""


@dataclass(frozen=True)
class FieldMapping:
    """How one canonical column is read from the input's columns."""

    field: str
    template: str
    """Literal text with `{column}` references; `{column.path}` reads inside JSON or a struct."""
    origin: str
    """`flag`, `config`, `layout:NAME` or `name` (recognised by its usual name)."""


@dataclass(frozen=True)
class ShardInfo:
    """One input file (or stream) of a dataset and what became of it."""

    name: str
    """As the user would write it: the path given, or `hf:…`."""
    format: str
    size: int | None
    sha256: str | None
    items: int = 0
    quarantined: int = 0
    unreadable: bool = False
    """The file as a whole could not be read; how many items it holds isn't known."""
    version: str | None = None
    """What a remote store calls the version that was read: `etag:…`, `generation:…`, `commit:…`."""


@dataclass(frozen=True)
class RegistryInfo:
    """One registry export and what it holds."""

    name: str
    path: str
    format: str
    sha256: str
    records: int
    snapshot_at: dt.datetime | None
    own: bool = False
    """Signals that came with the dataset's items; no registry was asked."""


@dataclass(frozen=True)
class Override:
    """A rule that the user's own rules folder replaced or added."""

    file: str
    key: str
    action: str
    """`replaced` or `added`."""
    details: str = field(default="")
