"""The intended use, as `--use` and `audit.toml` name it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sourcing_audit.config.flags import parse_date
from sourcing_audit.errors import ConfigError
from sourcing_audit.model import WORLDWIDE, Activity, IntendedUse, Share

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sourcing_audit.rules.policy import NamedUse

_YES = {"yes": True, "true": True, "no": False, "false": False}
_USE_KEYS = (
    "activity",
    "project",
    "commercial",
    "research",
    "share",
    "territory",
    "grantee",
    "trained",
)


def parse_use(text: str, named: Mapping[str, NamedUse]) -> IntendedUse:
    """Read `NAME` or `key=value` pairs with commas between; a name may come first.

    Lists (`share`, `territory`) have `+` between their members. What isn't given takes the most
    demanding value.

    Raises:
        ConfigError: naming the word that isn't understood and what is.

    """
    values: dict[str, Any] = {}
    for number, part in enumerate(p.strip() for p in text.split(",") if p.strip()):
        key, equals, value = (piece.strip() for piece in part.partition("="))
        if not equals:
            if number or key not in named:
                raise ConfigError(
                    f"--use {text}: {key!r} is not a named use",
                    fix=f"known are {', '.join(sorted(named))}; or give key=value pairs "
                    f"({', '.join(_USE_KEYS)})",
                )
            base = named[key]
            values |= {
                "commercial": base.commercial,
                "research": base.research,
                "shares": base.shares,
            }
        elif key not in _USE_KEYS:
            raise ConfigError(f"--use {text}: unknown key {key!r}", fix=f"known: {_USE_KEYS}")
        else:
            values |= _use_value(text, key, value)
    return IntendedUse(**values)


def _use_value(text: str, key: str, value: str) -> dict[str, Any]:
    if key in {"commercial", "research"}:
        if value.lower() not in _YES:
            raise ConfigError(f"--use {text}: {key} is yes or no, not {value!r}")
        return {key: _YES[value.lower()]}
    members = [member.strip() for member in value.split("+") if member.strip()]
    try:
        if key == "activity":
            return {key: Activity(value)}
        if key == "share":
            return {"shares": frozenset(Share(m) for m in members if m != "nothing")}
    except ValueError as error:
        known = Activity if key == "activity" else Share
        raise ConfigError(f"--use {text}: {error}", fix=f"known: {', '.join(known)}") from error
    if key == "territory":
        codes = tuple(sorted(member.upper() for member in members))
        understood = all(re.fullmatch(r"[A-Z]{2}", c) or c == WORLDWIDE for c in codes)
        if not codes or not understood or {"EU", "UK"} & set(codes):
            raise ConfigError(
                f"--use {text}: territory takes ISO 3166 codes such as DE+GB, or {WORLDWIDE}",
                fix="name the countries; EU and UK are not codes of countries",
            )
        return {key: codes}
    if key == "trained":
        return {"trained_at": parse_date(value, what="training date")}
    return {key: value or None}
