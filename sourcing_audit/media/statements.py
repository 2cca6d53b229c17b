"""From what a file says to consent records about its bytes."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING

from sourcing_audit.media.found import C2PA, CAWG, PLUS, UNREADABLE
from sourcing_audit.registries.web import tdm_properties

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sourcing_audit.media.found import Found
    from sourcing_audit.rules.consent import ConsentRules
    from sourcing_audit.rules.media import MediaRules

FIELDS = (
    "record_id",
    "registry_id",
    "signal_scheme",
    "signal_raw",
    "problem",
    "subject_kind",
    "subject_value",
    "hash_target",
    "declarant_name",
    "authority_level",
    "grantee_id",
    "decision",
    "uses",
    "scope_text",
    "conditions",
    "declared_at",
)
REGISTRY = "media"
UNVERIFIED = "signal_unverified"

Judged = tuple[str, str, str]
"""Decision, uses and problem."""


def records(
    sha256: str, found: Sequence[Found], rules: ConsentRules
) -> Iterator[dict[str, str | None]]:
    """A record for each statement in a file, with the fields of `FIELDS`."""
    for number, each in enumerate(found, start=1):
        decision, uses, problem = _judged(each, rules)
        limited = decision == "conditional" or (decision == "deny" and each.detail)
        yield {
            "record_id": f"{sha256}#{number}",
            "registry_id": REGISTRY,
            "signal_scheme": each.scheme,
            "signal_raw": each.raw,
            "problem": problem or None,
            "subject_kind": "sha256",
            "subject_value": sha256,
            "hash_target": "file_bytes",
            "declarant_name": each.signer or None,
            "authority_level": _authority(each),
            "grantee_id": "*" if decision in {"allow", "conditional"} else None,
            "decision": decision,
            "uses": uses or None,
            "scope_text": None if each.own else "said of an ingredient of the file",
            "conditions": json.dumps({"text": each.detail}) if limited else None,
            "declared_at": _moment(each.signed_at),
        }


def _judged(each: Found, rules: ConsentRules) -> Judged:
    if each.problem and not each.value:
        return "unknown", "", each.problem
    if each.scheme == PLUS:
        return _data_mining(each, rules.media)
    if each.scheme in {C2PA, CAWG}:
        return _training_mining(each, rules.media)
    signal = tdm_properties.of_properties(each.scheme, each.value, each.detail, rules)
    return signal.decision, signal.uses, signal.problem or ""


def _data_mining(each: Found, rules: MediaRules) -> Judged:
    code = rules.codes.get(each.value)
    if code is None:
        return "unknown", "", UNREADABLE
    if not each.problem:
        return code.decision, code.uses, code.problem or ""
    # In a namespace of another name: a refusal is kept, a permission isn't one.
    return (code.decision if code.decision == "deny" else "unknown"), code.uses, each.problem


def _training_mining(each: Found, rules: MediaRules) -> Judged:
    uses = rules.entries.get(each.entry)
    decision = rules.values.get(each.value)
    if uses is None or decision is None:
        return "unknown", uses or "", UNREADABLE
    if decision == "conditional" and not each.detail:
        decision = "deny"
    if decision != "deny" and not each.own:
        # A permission for an ingredient says nothing about what was made with it.
        return "unknown", uses, ""
    if not each.valid:
        return ("deny" if decision == "deny" else "unknown"), uses, UNVERIFIED
    return decision, uses, ""


def _authority(each: Found) -> str:
    if each.scheme not in {C2PA, CAWG} or not each.signer:
        return "none"
    if not each.valid:
        return "signature_invalid"
    return "signature_valid" if each.trusted else "self_asserted"


def _moment(text: str) -> str | None:
    """When it was signed, if that is a moment; a hostile one is none."""
    try:
        moment = dt.datetime.fromisoformat(text).astimezone(dt.UTC)
    except (ValueError, OverflowError):
        return None
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment.year > 1970 else None  # noqa: PLR2004
