"""Who says what in the year, and what has to come of it: the books that the audits are held to.

A party speaks about works of its own, which nobody else speaks about; so what has to be known of
each item is what its party said. Nothing here asks the project's code.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
FIRST = dt.date(2026, 1, 5)
GRANTEE = "org:northlight-films"
ESTABLISHING = frozenset({"agreement", "consent_complete"})
REFUSING = frozenset({"denied", "revoked"})
_NOTICE = 3
"""Weeks."""

Record = dict[str, str]


def monday(week: int) -> dt.date:
    """The day of a week's audit; weeks count from 0."""
    return FIRST + dt.timedelta(weeks=week)


def before(week: int) -> str:
    """The moment, days before a week's audit and after the one before it, when things happen."""
    return f"{monday(week) - dt.timedelta(days=3)}T12:00:00Z"


@dataclass(frozen=True)
class Statement:
    """A record, and the weeks in whose exports it is."""

    record: Record
    first: int
    last: int | None = None

    def there(self, week: int) -> bool:
        return self.first <= week and (self.last is None or week < self.last)


@dataclass(frozen=True)
class Answer:
    """A consent status, and the record that decides."""

    status: str
    record: str = ""
    announced: bool = False
    """Whether a revocation is known that isn't in force yet."""


SILENCE = Answer("unknown")


@dataclass
class Party:
    """What somebody says in the year about some works."""

    kind: str
    value: str
    works: frozenset[tuple[str, str]]
    """By dataset and item id."""
    number: int
    statements: list[Statement] = field(default_factory=list)
    _answers: list[tuple[int, Answer]] = field(default_factory=list)

    def answer(self, week: int) -> Answer:
        """What the works have to have in a week."""
        return next((a for first, a in reversed(self._answers) if first <= week), SILENCE)

    def said(self, week: int) -> list[Record]:
        """What is in a week's exports."""
        return [each.record for each in self.statements if each.there(week)]

    def has_a_moment(self, then: int, now: int) -> bool:
        """Whether what was in an export begins or ends after that week's audit, and by a later's.

        A notice may run out whenever there is a revocation.
        """
        said = self.said(then)
        moments = {
            record.get(name, "") for record in said for name in ("declared_at", "valid_until")
        }
        notice = any("revocation_notice_days" in record for record in said)
        revoked = any(record.get("record_type") == "revocation" for record in said)
        days = {moment[:10] for moment in moments}
        first, last = (monday(week).isoformat() for week in (then, now))
        return (notice and revoked) or any(first < day <= last for day in days)

    def holds(self, week: int, status: str, by: str = "", *, announced: bool = False) -> None:
        """From a week on."""
        self._answers.append((week, Answer(status, by, announced)))

    def says(self, week: int, *, until: int | None = None, **given: str) -> str:
        """Add a record; returns its id."""
        record = {
            "record_id": f"P{self.number:04}-{len(self.statements) + 1}",
            "subject_kind": self.kind,
            "subject_value": self.value,
            "declared_at": before(week),
            "declarant_id": f"party:{self.number}",
            "declarant_role": "creator",
            **given,
        }
        self.statements.append(Statement(record, week, until))
        return record["record_id"]

    def grants(self, week: int, ends: int, **given: str) -> str:
        """Add a full consent that ends before a week's audit."""
        record = self.says(
            week,
            **{
                "record_type": "consent",
                "decision": "allow",
                "authority_level": "registry_verified",
                "grantee_id": GRANTEE,
                "uses": "train_generative",
                "scope_kind": "general_training",
                "duration_kind": "fixed",
                "valid_until": before(ends),
                "compensation_kind": "flat",
                "compensation_amount": "50",
                "revocable": "yes",
                "revocation_method": "https://registry.example/revoke",
                "deletion_mechanism": "dataset_removal",
                **given,
            },
        )
        self.holds(week, "consent_complete", record)
        return record

    def follows(self, week: int, record: str, kind: str, **given: str) -> str:
        """Add a record that refers to an earlier one; returns its id."""
        decision = "deny" if kind == "revocation" else "allow"
        verified = {"authority_level": "registry_verified", "decision": decision}
        return self.says(week, **verified, record_type=kind, refers_to=record, **given)


def refuses(party: Party, week: int, _: random.Random) -> None:
    party.holds(week, "denied", party.says(week, decision="deny"))


def refuses_for_a_while(party: Party, week: int, rng: random.Random) -> None:
    """The refusal is missing from later exports."""
    gone = week + rng.randint(2, 12)
    party.holds(week, "denied", party.says(week, until=gone, decision="deny"))
    party.holds(gone, "unknown")


def consents(party: Party, week: int, rng: random.Random) -> None:
    ends = week + rng.randint(2, 30)
    party.holds(ends, "expired", party.grants(week, ends))


def agrees(party: Party, week: int, rng: random.Random) -> None:
    ends = week + rng.randint(4, 30)
    paper = {"record_type": "licence_agreement", "authority_level": "document_checked"}
    given = party.grants(week, ends, **paper)
    party.holds(week, "agreement", given)
    party.holds(ends, "expired", given)


def renews(party: Party, week: int, rng: random.Random) -> None:
    """In time, or too late."""
    ends = week + rng.randint(3, 12)
    begins = ends + rng.choice((-2, 2))
    again = ends + rng.randint(6, 20)
    given = party.grants(week, ends)
    if begins > ends:
        party.holds(ends, "expired", given)
    renewal = party.follows(begins, given, "renewal", valid_until=before(again))
    party.holds(begins, "consent_complete", renewal)
    party.holds(again, "expired", renewal)


def revokes(party: Party, week: int, rng: random.Random) -> None:
    revoked = week + rng.randint(1, 15)
    given = party.grants(week, revoked + 60, revocation_effect="remove_from_datasets")
    party.holds(revoked, "revoked", party.follows(revoked, given, "revocation"))


def revokes_with_notice(party: Party, week: int, rng: random.Random) -> None:
    revoked = week + rng.randint(1, 15)
    given = party.grants(week, revoked + 60, revocation_notice_days=str(7 * _NOTICE))
    party.holds(revoked, "consent_complete", given, announced=True)
    party.holds(revoked + _NOTICE, "revoked", party.follows(revoked, given, "revocation"))


def revokes_and_grants_again(party: Party, week: int, rng: random.Random) -> None:
    revokes(party, week, rng)
    revocation = party.statements[-1]
    again = revocation.first + rng.randint(2, 10)
    ends = again + rng.randint(5, 30)
    party.grants(again, ends)
    # What was revoked is in force again as soon as the later grant has ended.
    party.holds(ends, "revoked", revocation.record["record_id"])


def is_approved(party: Party, week: int, rng: random.Random) -> None:
    """Of a minor; the guardian's approval comes later, and ends before the consent does."""
    approved = week + rng.randint(1, 6)
    ends = approved + rng.randint(3, 12)
    given = party.grants(week, ends + 60, person_status="minor")
    party.holds(week, "approval_missing", given)
    guardian = {"approver_role": "guardian", "declarant_role": "guardian"}
    party.follows(approved, given, "approval", **guardian, valid_until=before(ends))
    party.holds(approved, "consent_complete", given)
    party.holds(ends, "approval_missing", given)


def is_named(party: Party, week: int, _: random.Random) -> None:
    """A bare name decides nothing."""
    party.says(week, decision="deny")
    party.holds(week, "review")


@dataclass(frozen=True)
class Verdict:
    """What has to be known of an item in a week."""

    consent: str
    license: str
    licensed: bool
    """Whether the licence alone establishes its sourcing."""
    announced: bool
    """Whether a revocation is known that isn't in force yet."""

    @property
    def established(self) -> bool:
        if self.consent in REFUSING:
            return False
        return self.licensed or self.consent in ESTABLISHING


def kinds(then: Verdict, now: Verdict) -> list[str]:
    """In which ways an item changed, as docs/changes.md has it; obligations are left out."""
    entered = {
        "denied": "new_opt_out",
        "revoked": "revoked",
        "expired": "consent_expired",
        "approval_missing": "approval_missing",
        "review": "review_needed",
    }
    found = []
    if now.consent != then.consent and now.consent in entered:
        found.append(entered[now.consent])
    if now.announced and not then.announced:
        found.append("refusal_announced")
    if then.consent in REFUSING and now.consent not in REFUSING:
        found.append("refusal_lifted")
    was, is_now = (each.consent in ESTABLISHING for each in (then, now))
    if was != is_now:
        found.append("consent_new" if is_now else "consent_gone")
    if now.license != then.license:
        if "NOASSERTION" not in {now.license, then.license}:
            found.append("license_changed")
        else:
            known = then.license == "NOASSERTION"
            found.append("license_now_known" if known else "license_now_unresolved")
    if then.established != now.established:
        found.append("newly_established" if now.established else "no_longer_established")
    return found or ["changed_otherwise"]
