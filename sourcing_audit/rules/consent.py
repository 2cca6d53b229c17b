"""The rules of consent: vocabularies, who may speak, what a listed use covers, which wins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sourcing_audit.model import Activity, ConsentStatus
from sourcing_audit.rules.agents import ContentSignal, Crawlers, content_signals, crawlers
from sourcing_audit.rules.dpv import DpvTerms
from sourcing_audit.rules.duties import Condition, RemovalDuty
from sourcing_audit.rules.media import MediaRules
from sourcing_audit.rules.places import IdentifierScheme, NearAlgorithm, Platform
from sourcing_audit.rules.rsl import RslTerm, rsl_terms
from sourcing_audit.rules.signals import SignalRules
from sourcing_audit.rules.store import Rule, RuleStore

PathOrder = Literal["longest_allow", "longest_deny", "first", "all"]
"""Which of several path rules of one statement counts: the longest (a tie allows, or denies), the
first in sequence, or all of them, the most restrictive one winning."""

MatchKind = Literal[
    "url",
    "url_prefix",
    "host",
    "domain",
    "creator_id",
    "creator_name",
    "subject_id",
    "work_id",
    "sha256",
    "md5",
    "agreement_id",
    "consent_id",
    "url_pattern",
    "near",
    "own",
    "none",
]


class SubjectKind(Rule):
    """What a record's subject is, and which key of an item it is matched with (rule P1)."""

    kind: str
    matches: MatchKind
    """`none`: such records can't be matched; the report counts them."""
    strength: int
    """Higher is more specific (rules P1 and P6)."""
    specific: bool
    """Names one work (rule P8), not a place or a person."""
    reach: Literal["work", "place", "person"]
    """Kinds of different reach can't be compared, but a work is more specific than both."""
    decides: bool
    """False: a candidate for review that never decides (rule P3)."""
    review_reason: str | None = None
    review_obligation: str | None = None
    """What an item gets that is matched only so; given for kinds that don't decide."""
    meaning: str
    source: str


class Role(Rule):
    """Who made a statement, and what that party can do."""

    role: str
    speaks_for: Literal["creator", "rightsholder", "host", "other"]
    may_grant: bool
    speaks_for_person: bool
    """Can consent to the use of a likeness, voice or performance (AIMEG 3.1, 3.4)."""
    lifted_by_agreement: bool
    """A general opt-out of this party gives way to an agreement with somebody else (rule P8)."""
    source: str


class Scheme(Rule):
    """A scheme of signals or statements, and its own rule of precedence (rule P4)."""

    scheme: str
    family: str
    """Schemes of one family and one declarant answer together: the highest `level` that takes a
    decision counts."""
    level: int
    order: PathOrder
    consents: bool
    """An allow can be a consent; in any other scheme it is a signal only (rule P9)."""
    max_age_days: int | None = None
    """An export older than this on the day of the audit is a finding; None: it doesn't age."""
    label: str
    source: str

    def priority(self, *, octets: int, denies: bool, nth: int) -> int | None:
        """The `priority` of one path rule among the rules of its statement.

        Args:
            octets: the length of its path pattern.
            denies: whether it refuses.
            nth: its 0-based place in the sequence.

        """
        match self.order:
            case "longest_allow":
                return 2 * octets + (not denies)
            case "longest_deny":
                return 2 * octets + denies
            case "first":
                return -nth
            case "all":
                return None


class Authority(Rule):
    """How well the declarant's authority is known."""

    level: str
    verified: bool
    """Enough for an agreement (rule P8)."""
    rank: int
    """Higher is better; a grant doesn't take the place of a refusal of higher authority."""
    void: bool
    """Voids a grant; a denial is kept (rule P3)."""
    grants: bool
    """Enough for a grant (rule P3)."""
    source: str


class UseCover(Rule):
    """Whether a use that a record lists covers an activity, for denials and for grants."""

    activity: Activity
    listed: str
    deny: bool
    grant: bool
    source: str


class StatusOrder(Rule):
    """Rule P11: among what remains, the lowest `order` is the answer."""

    status: ConsentStatus
    order: int
    kind: Literal["negative", "positive", "neutral"]
    label: str
    source: str


class Tracking(Rule):
    """A query parameter that says who follows a link, not what it leads to."""

    parameter: str
    """Its name; `*` at the end stands for the rest of it."""
    meaning: str
    source: str


class Word(Rule):
    """An allowed value of a record's field."""

    field: str
    value: str
    source: str


@dataclass(frozen=True)
class ConsentRules:
    """All consent rules, validated."""

    subject_kinds: tuple[SubjectKind, ...]
    roles: tuple[Role, ...]
    authorities: tuple[Authority, ...]
    covers: tuple[UseCover, ...]
    statuses: tuple[StatusOrder, ...]
    schemes: dict[str, Scheme]
    tracking: tuple[str, ...]
    identifiers: tuple[IdentifierScheme, ...]
    platforms: tuple[Platform, ...]
    near: dict[str, NearAlgorithm]
    conditions: tuple[Condition, ...]
    removals: tuple[RemovalDuty, ...]
    vocabulary: dict[str, frozenset[str]]
    crawlers: Crawlers
    content_signals: dict[str, ContentSignal]
    rsl_terms: dict[tuple[str, str], RslTerm]
    signals: SignalRules
    media: MediaRules
    dpv: DpvTerms

    @classmethod
    def load(cls, store: RuleStore) -> ConsentRules:
        """Read `license_rules/consent/`.

        Raises:
            RulesError: naming file, row and field.

        """
        kinds = store.table("consent/subject-kinds.csv", SubjectKind, key=["kind"])
        roles = store.table("consent/roles.csv", Role, key=["role"])
        authorities = store.table("consent/authority.csv", Authority, key=["level"])
        covers = store.table("consent/uses.csv", UseCover, key=["activity", "listed"])
        statuses = store.table("consent/statuses.csv", StatusOrder, key=["status"])
        schemes = store.table("consent/schemes.csv", Scheme, key=["scheme"])
        tracking = store.table("consent/tracking.csv", Tracking, key=["parameter"])
        identifiers = store.table("consent/identifiers.csv", IdentifierScheme, key=["scheme"])
        platforms = store.table("consent/platforms.csv", Platform, key=["platform", "address"])
        near = store.table("consent/near.csv", NearAlgorithm, key=["algorithm"])
        conditions = store.table("consent/conditions.csv", Condition, key=["condition"])
        removals = store.table(
            "consent/removal.csv", RemovalDuty, key=["field", "value", "obligation"]
        )
        words = store.table("consent/vocabulary.csv", Word, key=["field", "value"])
        vocabulary: dict[str, set[str]] = {
            "subject_kind": {row.kind for row in kinds},
            "signal_scheme": {row.scheme for row in schemes},
            "declarant_role": {row.role for row in roles},
            "authority_level": {row.level for row in authorities},
        }
        for word in words:
            vocabulary.setdefault(word.field, set()).add(word.value)
        return cls(
            subject_kinds=tuple(kinds),
            roles=tuple(roles),
            authorities=tuple(authorities),
            covers=tuple(covers),
            statuses=tuple(sorted(statuses, key=lambda row: row.order)),
            schemes={row.scheme: row for row in schemes},
            conditions=tuple(conditions),
            removals=tuple(removals),
            tracking=tuple(row.parameter for row in tracking),
            identifiers=tuple(identifiers),
            platforms=tuple(platforms),
            near={row.algorithm: row for row in near},
            crawlers=crawlers(store),
            content_signals=content_signals(store),
            rsl_terms=rsl_terms(store),
            vocabulary={name: frozenset(values) for name, values in vocabulary.items()},
            signals=SignalRules.load(store),
            media=MediaRules.load(store),
            dpv=DpvTerms.load(store),
        )
