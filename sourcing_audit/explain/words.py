"""The chain behind a verdict in words, for a terminal of 80 columns.

Whatever comes from manifests and registries is shown on one line, with nothing in it that acts.
"""

from __future__ import annotations

import datetime as dt
import textwrap
from typing import TYPE_CHECKING, Any

from sourcing_audit.escape import one_line, terminal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sourcing_audit.explain.evidence import Explanation, RecordEvidence

WIDTH = 80

LONGEST = 400
"""Characters of a raw value that an explanation shows."""

PLACES = {
    "decides": "decides",
    "stands": "also stands",
    "person": "consents for the person shown or heard",
    "approves": "approves a consent",
    "lost": "lost",
    "review": "needs a person",
    "silent": "doesn't apply",
}
"""What became of a record, in the order in which records are told."""

_SAYS = {
    "deny": "refuses",
    "allow": "permits",
    "conditional": "permits under a condition",
    "unknown": "doesn't say clearly what holds for",
}
_ABOUT_ANOTHER = {
    "revokes": "revokes",
    "approves": "approves",
    "renews": "renews",
    "amends": "amends",
    "supersedes": "takes the place of",
}


def lines(told: Explanation) -> Iterator[str]:
    """The whole chain, line by line."""
    finding = told.finding
    yield f"{_shown(finding['item_id'])}  ({_shown(finding['shard'])}, row {finding['row']})"
    rank = f", rank {finding['rank']}" if finding["rank"] else ""
    basis = f", by {finding['basis']}" if finding["basis"] else ""
    yield f"  status     {finding['status']}{rank}{basis}: {told.status_label}"
    yield f"  outcome    {finding['outcome']}"
    yield from _wrapped(f"decided by {finding['verdict_rule']}  ({told.status_source})", 2)
    trained = f", and for a training on {told.trained_at}" if told.trained_at else ""
    yield f"  answer for {told.as_of}{trained}"
    yield ""
    yield "  Licence"
    yield from _license_lines(told)
    yield ""
    yield "  Consent records"
    if not told.records:
        yield "    none speaks about this item; silence is unknown, not permission (P10)"
    for evidence in told.records:
        yield from _record_lines(evidence)
    for title, rows in (("Reasons", told.reasons), ("Obligations", told.obligations)):
        if rows:
            yield ""
            yield f"  {title}"
            for row in rows:
                yield from _wrapped(f"{row['code']}: {row['label']}  ({row['clause']})", 4)
                yield from _wrapped(f"how to fix: {row['how_to_fix']}", 6)


def _shown(value: object) -> str:
    return one_line(terminal(str(value)), LONGEST)


def _wrapped(text: str, indent: int) -> list[str]:
    """Lines of at most `WIDTH`; a word that is longer, such as an address, stays whole."""
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=" " * indent,
        subsequent_indent=" " * (indent + 2),
        break_long_words=False,
        break_on_hyphens=False,
    )


def _license_lines(told: Explanation) -> Iterator[str]:
    """What was declared and detected, where it comes from, and what that comes to."""
    declared, text = told.license, told.text
    for name in ("license_raw", "license_url", "rights_raw", "upstream", "generator"):
        if declared[name] is not None:
            yield f"    declared   {name}: {_shown(declared[name])}"
    if text is not None:
        lines = f", lines {text['lines']}" if text["lines"] else ""
        found = text["license_detected"] or "nothing"
        yield (
            f"    detected   {found}  ({text['detected_by']}{lines};"
            f" text {text['text_sha256'][:12]}…)"
        )
    for said in told.dataset:
        yield f"    dataset    {_shown(said['where'])}: {_shown(said['text'])}"
    for line in declared["lineage"]:
        yield f"    made from  {_shown(line)}"
    if declared["license_evidence"] != "item":
        yield f"    evidence   {declared['license_evidence']}"
    terms = ", ".join(declared["license_terms"]) or "none"
    yield f"    concluded  {declared['license_concluded']}  ({declared['license_class']})"
    yield f"    terms      {terms}"
    yield f"    rule       {declared['license_rule']}"
    yield f"    this use   {declared['license_grant']}"


def _record_lines(evidence: RecordEvidence) -> Iterator[str]:
    record = evidence.record
    name = f"{_shown(record['registry_id'])}/{_shown(record['record_id'])}"
    yield from _wrapped(f"{PLACES[evidence.place]}: {name}", 4)
    for sentence in (
        _statement(evidence),
        _match(evidence),
        *_verbatim(record),
        _standing(evidence),
        *_clocks(record),
        *_duties(evidence),
        _rule(evidence),
    ):
        yield from _wrapped(sentence, 6)


def _rule(evidence: RecordEvidence) -> str:
    """The rule that put the record in its place."""
    if evidence.elsewhere:
        return "speaks about another use, project or territory than the one that is intended"
    if evidence.rule == "P2" and evidence.record["decision"] == "unknown":
        return "decides nothing, so that nothing follows from it"
    return f"{evidence.rule}: {evidence.rule_text}"


def _statement(evidence: RecordEvidence) -> str:
    """Who says what, to whom, when and where."""
    record = evidence.record
    known = record["declarant_name"] or record["declarant_id"]
    who = f"{_shown(known)} ({record['declarant_role']})" if known else _role(record)
    other = _ABOUT_ANOTHER.get(record["relation"] or "")
    if other and record["refers_to"]:
        what = f"{other} {_shown(record['refers_to'])}"
    else:
        what = f"{_SAYS[record['decision']]} {_uses(record)}"
        if record["decision"] in {"allow", "conditional"} and record["grantee_id"]:
            grantee = record["grantee_id"]
            what += " to anyone" if grantee == "*" else f" to {_shown(grantee)}"
        if record["conditions"]:
            what += f" on condition {_shown(record['conditions'])}"
    when = f"on {_day(record['declared_at'])}" if record["declared_at"] else "on no stated day"
    return f"said {when} in {evidence.scheme_label}: {who} {what}"


def _uses(record: dict[str, Any]) -> str:
    listed: str = record["uses"]
    if listed == "any" or (not listed and record["decision"] not in {"allow", "conditional"}):
        return "every use"
    # What a permission doesn't name it doesn't permit.
    return listed.replace("|", ", ").replace("_", " ") or "something, without naming a use"


def _role(record: dict[str, Any]) -> str:
    role = record["declarant_role"]
    return "somebody" if role == "unknown" else f"a {role} without a name"


def _match(evidence: RecordEvidence) -> str:
    record = evidence.record
    if record["subject_kind"] == "own":
        column, _, value = record["subject_value"].partition(" ")
        return f"about the item itself: the manifest's own column {column} has {_shown(value)}"
    about = f"about the {record['subject_kind'].replace('_', ' ')} "
    text = f"{about}{_shown(record['subject_value'])}, matched by {evidence.key.replace('_', ' ')}"
    if evidence.distance is not None:
        text += f", the codes differ in {evidence.distance} of their bits"
    elif not evidence.agrees:
        text += " in another spelling, which is enough for a refusal"
    return text


def _verbatim(record: dict[str, Any]) -> list[str]:
    return [f"verbatim: {_shown(record['signal_raw'])}"] if record["signal_raw"] else []


def _standing(evidence: RecordEvidence) -> str:
    """What the record comes to by itself, and why."""
    text = f"by itself: {evidence.standing_label}"
    told = [
        f"{label} ({code})"
        for code, label in zip(evidence.record["reasons"], evidence.reason_labels, strict=True)
    ]
    return f"{text}: {'; '.join(told)}" if told else text


def _clocks(record: dict[str, Any]) -> Iterator[str]:
    """From when until when it holds."""
    begun, ends, revoked = (record[name] for name in ("valid_from", "valid_until", "revoked_at"))
    if begun or ends:
        since = f"from {_day(begun)}" if begun else "from the day it was said"
        until = f" until {_day(ends)}" if ends else " without end"
        yield f"holds {since}{until}"
    if revoked:
        yield f"revoked with effect from {_day(revoked)}"


def _duties(evidence: RecordEvidence) -> Iterator[str]:
    """How and until when what was revoked is to be removed."""
    record = evidence.record
    if evidence.standing != "revoked":
        return
    effect, mechanism = record["revocation_effect"], record["deletion_mechanism"]
    days, contact = record["deletion_sla_days"], record["deletion_contact"]
    said = [
        f"{name} {value.replace('_', ' ')}"
        for name, value in (("effect", effect), ("mechanism", mechanism))
        if value not in {"not_stated", "none"}
    ]
    if days is not None:
        start = record["revoked_at"] or record["declared_at"]
        by = f", by {_day(start + dt.timedelta(days=days))}" if start else ""
        said.append(f"within {days} days{by}")
    if contact:
        said.append(f"contact {_shown(contact)}")
    if said:
        yield f"removal: {', '.join(said)}"


def _day(moment: dt.datetime) -> str:
    return moment.date().isoformat()
