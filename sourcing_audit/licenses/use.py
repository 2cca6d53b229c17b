"""A concluded licence held against the intended use (Principle 5.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sourcing_audit.licenses.expression import Leaf, License, Tree
from sourcing_audit.model import (
    WORLDWIDE,
    Grant,
    IntendedUse,
    LicenseClass,
    Share,
    UseOutcome,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sourcing_audit.licenses.catalog import LicenseRules
    from sourcing_audit.rules.licenses import Condition

_USABLE = (Grant.GRANTED, Grant.UNKNOWN, Grant.NOT_GRANTED, Grant.BREACHED)
"""Most usable first."""

_NO_GRANT_REASONS = {
    LicenseClass.ALL_RIGHTS_RESERVED: "all_rights_reserved",
    LicenseClass.NO_LICENSE: "no_license",
    LicenseClass.PROPRIETARY: "proprietary_no_permission",
}

_CONDITIONS: dict[Condition, Callable[[IntendedUse, License], bool]] = {
    "always": lambda _use, _license: True,
    "commercial": lambda use, _license: use.commercial,
    "non_commercial": lambda use, _license: not use.commercial,
    "research": lambda use, _license: use.research,
    "not_research": lambda use, _license: not use.research,
    "shares_model": lambda use, _license: Share.MODEL in use.shares,
    "shares_outputs": lambda use, _license: Share.OUTPUTS in use.shares,
    "shares_dataset": lambda use, _license: Share.DATASET in use.shares,
    "shares_adapted": lambda use, _license: Share.ADAPTED in use.shares,
    "outside_territory": lambda use, license_: _outside(use.territory, license_.territory),
}


class Uses:
    """Answers for one intended use what each expression allows."""

    def __init__(self, rules: LicenseRules, use: IntendedUse) -> None:
        """Answers depend on `use`; one instance serves one audit."""
        self._rules = rules
        self._use = use
        self._known: dict[License, UseOutcome] = {}

    def outcome(self, tree: Tree) -> UseOutcome:
        """AND: everything holds, the worst decides. OR: the licensee's best choice."""
        if isinstance(tree, Leaf):
            license_ = tree.license
            if license_ not in self._known:
                self._known[license_] = self._license(license_)
            return self._known[license_]
        outcomes = [self.outcome(part) for part in tree.parts]
        return all_of(outcomes) if tree.op == "AND" else min(outcomes, key=_usability)

    def _license(self, license_: License) -> UseOutcome:
        breaches, obligations, record = [], [], False
        for term in license_.terms:
            for effect in self._rules.terms[term].effect:
                if not all(_CONDITIONS[name](self._use, license_) for name in effect.when):
                    continue
                if effect.effect == "breach":
                    breaches.append(effect.code)
                elif effect.effect == "record":
                    record = True
                else:
                    obligations.append(effect.code)
        if breaches:
            reasons = (*breaches, *_no_grant_reasons(license_))
            return UseOutcome(Grant.BREACHED, None, reasons=_unique(reasons))
        if license_.grants != "yes":
            grant = Grant.NOT_GRANTED if license_.grants == "no" else Grant.UNKNOWN
            return UseOutcome(grant, None, reasons=_no_grant_reasons(license_))
        rank = self._rules.classes[license_.license_class].rank
        return UseOutcome(Grant.GRANTED, rank, record, (), _unique(obligations))


def all_of(outcomes: Iterable[UseOutcome]) -> UseOutcome:
    """The outcome of licences that all hold: the worst grant and rank, every reason.

    What is owed matters only where the use is granted.
    """
    parts = list(outcomes)
    if len(parts) == 1:
        return parts[0]
    grant = max((part.grant for part in parts), key=_USABLE.index)
    granted = grant is Grant.GRANTED
    return UseOutcome(
        grant,
        max(part.rank or 0 for part in parts) if granted else None,
        granted and any(part.needs_attribution for part in parts),
        _unique(reason for part in parts for reason in part.reasons),
        _unique(code for part in parts for code in part.obligations) if granted else (),
    )


def _usability(outcome: UseOutcome) -> tuple[int, int, bool, int]:
    return (
        _USABLE.index(outcome.grant),
        outcome.rank or 0,
        outcome.needs_attribution,
        len(outcome.obligations),
    )


def _no_grant_reasons(license_: License) -> tuple[str, ...]:
    if license_.grants == "yes":
        return ()
    if license_.grants == "unknown":
        return ("license_unknown",)
    return (_NO_GRANT_REASONS.get(license_.license_class, "proprietary_no_permission"),)


def _outside(use: tuple[str, ...], licensed: tuple[str, ...]) -> bool:
    return WORLDWIDE in use or not set(use) <= set(licensed)


def _unique(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))
