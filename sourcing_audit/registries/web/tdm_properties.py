"""TDMRep's two properties, `tdm-reservation` and `tdm-policy`, wherever they stand."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sourcing_audit.registries.web.signal import Signal, excerpt

if TYPE_CHECKING:
    from sourcing_audit.rules.consent import ConsentRules


def of_properties(
    scheme: str,
    reservation: object,
    policy: object,
    rules: ConsentRules,
    *,
    media_types: str | None = None,
) -> Signal:
    """Read a reservation and the address of its policy.

    Only `1` and `0` are values; with anything else the choice isn't declared, and a person must
    look. A policy says where terms can be had; it doesn't lift the reservation, and means nothing
    where nothing is reserved.
    """
    value = _text(reservation)
    where = _text(policy)
    raw = f"tdm-reservation: {value}" + (f", tdm-policy: {where}" if where else "")
    rule = rules.signals.reservations.get(value)
    if rule is None:
        # It would speak about what the values that can be read speak about.
        uses = rules.signals.reservations["1"].uses
        return Signal(scheme, "unknown", uses, raw, "signal_unreadable", media_types)
    conditions = None
    if rule.decision == "deny" and where:
        conditions = json.dumps({"tdm_policy": excerpt(where)})
    return Signal(scheme, rule.decision, rule.uses, raw, None, media_types, conditions)


def contradictory(
    scheme: str, raw: str, rules: ConsentRules, media_types: str | None = None
) -> Signal:
    """Make the signal of a reservation that is `1` and `0` at once: a refusal."""
    uses = rules.signals.reservations["1"].uses
    return Signal(scheme, "deny", uses, raw, "signal_contradictory", media_types)


def _text(value: object) -> str:
    """A property as it would be written; JSON's `true` isn't `1`."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()
    return json.dumps(value, ensure_ascii=False)
