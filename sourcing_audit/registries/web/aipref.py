"""AIPREF: what a `Content-Usage` value allows and disallows (an RFC 9651 dictionary)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import http_sf

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sourcing_audit.rules.signals import UsageLabel

LIMIT = 8192
"""Characters of a value that are read: as much as servers commonly take for one header field."""

EXCERPT = 500
"""Characters of a value that are kept as evidence."""


@dataclass(frozen=True)
class Preference:
    """What a value says about one category of use."""

    uses: str
    """Uses of the canonical record, with `|` between them."""
    decision: str
    problem: str | None
    raw: str
    """The whole value, verbatim."""


def preferences(value: str, labels: Mapping[str, UsageLabel]) -> Iterator[Preference]:
    """Read a usage expression such as `train-ai=n, search=y`.

    What can't be read is a preference too, of decision `unknown` and with its problem: a value
    that is no dictionary speaks about every use, for nobody can tell what it was meant to say.

    Args:
        value: the field's value; of several field lines, all of them with commas between.
        labels: the vocabulary.

    """
    raw = value.strip()[:EXCERPT]
    members = dictionary(value)
    if members is None:
        yield Preference("any", "unknown", "signal_malformed", raw)
        return
    unread = False
    for key, member in members.items():
        if any(parameter in labels for parameter in _parameters(member)):
            # `search=y;train-ai=n`: a semicolon for a comma hides a preference in a parameter.
            yield Preference("any", "unknown", "signal_malformed", raw)
        label = labels.get(key)
        if label is None:
            unread = True
        else:
            yield _of_label(label, _word(member), raw)
    if unread:
        yield Preference("any", "unknown", "signal_unreadable", raw)


def dictionary(value: str) -> dict[str, Any] | None:
    """Parse an RFC 9651 dictionary; None where it fails, which it does as a whole."""
    if len(value) > LIMIT:
        return None
    try:
        members = http_sf.parse(value.encode("utf-8", "surrogatepass"), tltype="dictionary")
    except (ValueError, OverflowError):
        return None
    return members if isinstance(members, dict) else None


def _of_label(label: UsageLabel, word: str | None, raw: str) -> Preference:
    if word == "n":
        problem = None if label.current else "signal_legacy"
        return Preference(label.deny_uses, "deny", problem, raw)
    if word is None:
        return Preference(label.deny_uses, "unknown", "signal_unreadable", raw)
    if not label.current:
        return Preference(label.deny_uses, "unknown", "signal_legacy", raw)
    return Preference(label.allow_uses, "allow", None, raw)


def _parameters(member: Any) -> Iterable[str]:
    return member[1] if isinstance(member, tuple) and isinstance(member[1], dict) else ()


def _word(member: Any) -> str | None:
    """`y` or `n`, where the member is that token; its parameters change nothing."""
    bare = member[0] if isinstance(member, tuple) else member
    if isinstance(bare, http_sf.Token) and str(bare) in {"y", "n"}:
        return str(bare)
    return None
