"""One signal as it was read, and the fields of the canonical record that it fills."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sourcing_audit.registries.web.aipref import preferences

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sourcing_audit.registries.web.aipref import Preference
    from sourcing_audit.rules.consent import ConsentRules

EXCERPT = 500
"""Characters of a signal that are kept as evidence."""

ALL_USES = "any"

FIELDS = (
    "signal_scheme",
    "signal_raw",
    "decision",
    "uses",
    "problem",
    "media_types",
    "conditions",
    "scope_text",
    "grantee_id",
)
"""The fields that `Signal.fields` fills."""


@dataclass(frozen=True)
class Signal:
    """What one signal says, whoever sent it and whatever it is about."""

    scheme: str
    decision: str
    uses: str
    raw: str
    problem: str | None = None
    media_types: str | None = None
    conditions: str | None = None
    """JSON: what a conditional permission asks for, or where a refusal says terms can be had."""
    scope_text: str | None = None

    def fields(self) -> dict[str, str | int | None]:
        """Fields of the canonical record, as text. A signal addresses everyone."""
        return {
            "signal_scheme": self.scheme,
            "signal_raw": excerpt(self.raw),
            "decision": self.decision,
            "uses": self.uses,
            "problem": self.problem,
            "media_types": self.media_types,
            "conditions": self.conditions,
            "scope_text": self.scope_text,
            "grantee_id": None if self.decision in {"deny", "unknown"} else "*",
        }


def excerpt(text: str) -> str:
    """Return the beginning of a text that may hold anything; halves of characters are shown."""
    beginning = text[:EXCERPT]
    if not beginning.isascii():
        beginning = beginning.encode("utf-8", "backslashreplace").decode("utf-8")
    return beginning.strip()


SPEAKER = ("declarant_id", "declarant_name", "declarant_role", "authority_level")
"""The fields that `said_by_host` fills."""


def said_by_host(host: str) -> dict[str, str | int | None]:
    """Fields of the canonical record that say who speaks, for what a host sends."""
    return {
        "declarant_id": f"host:{host}",
        "declarant_name": host,
        "declarant_role": "host",
        "authority_level": "domain_meta",
    }


def unreadable(scheme: str, raw: str, problem: str, uses: str = ALL_USES) -> Signal:
    """Make the signal of what can't be understood; it might be a refusal."""
    return Signal(scheme, "unknown", uses, raw, problem)


def content_usage(value: str, rules: ConsentRules) -> Iterator[Signal]:
    """Read a `Content-Usage` header; several lines with commas between."""
    for found in preferences(value, rules.signals.usage_labels):
        yield _of_preference(found)


def _of_preference(found: Preference) -> Signal:
    return Signal("aipref_header", found.decision, found.uses, found.raw, found.problem)
