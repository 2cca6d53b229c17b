"""The words about registry exports: how recent they are, and what their silence means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sourcing_audit.escape import one_line
from sourcing_audit.reports.quantities import plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sourcing_audit.report import Registry

_NAME_LIMIT = 80


def date(registry: Registry) -> str:
    """Name the day of a registry's export."""
    if registry.own:
        return "came with the items"
    return registry.snapshot_at.date().isoformat() if registry.snapshot_at else "unknown date"


def none_found(registries: Sequence[Registry]) -> str:
    """Say that no refusal was found, and where: silence elsewhere and since stays unknown."""
    exports = [f"none in {_export(registry)}" for registry in registries]
    found = f"Refusals in force: {', '.join(exports)}"
    unmatchable = sum(registry.unmatchable_records for registry in registries)
    if unmatchable:
        found += f", apart from {plural(unmatchable, 'record')} that can't be matched with items"
    return f"{found}."


def limits(registries: Sequence[Registry]) -> list[str]:
    """Say what the registries can't answer."""
    if not registries:
        return []
    held = f"what it held on the day of its export: {named(registries)}"
    said = [f"A registry answers for {held}. Objections made later or elsewhere are not known."]
    said += out_of_date(registries)
    if dangling := sum(registry.dangling_records for registry in registries):
        said.append(
            f"{plural(dangling, 'registry record')} name{'s' if dangling == 1 else ''} another"
            " that the export does not hold; a revocation among them refuses its own subject only."
        )
    unmatchable = sum(registry.unmatchable_records for registry in registries)
    if unmatchable:
        said.append(
            f"{plural(unmatchable, 'registry record')} can't be matched with items, so whom they"
            " concern is not known."
        )
    return said


def out_of_date(registries: Sequence[Registry]) -> list[str]:
    """Name the exports that are older than their limit, or undated."""
    stale = [_export(registry) for registry in registries if not registry.fresh]
    if not stale:
        return []
    since = "so that what was refused since is not known"
    return [f"Out of date or undated, {since}: {', '.join(stale)}."]


def freshness(registry: Registry) -> str:
    """Say whether an export is recent enough for its silence to mean anything."""
    if registry.own:
        return "as the items"
    if registry.fresh:
        return "yes"
    if registry.age_days is None:
        return "no: undated"
    if _too_old(registry):
        return f"no: {_days(registry.age_days)} old, limit {registry.limit_days}"
    return f"no: {_stale(registry)}"


def _too_old(registry: Registry) -> bool:
    return (
        registry.age_days is not None
        and registry.limit_days is not None
        and registry.age_days > registry.limit_days
    )


def _stale(registry: Registry) -> str:
    return f"{plural(registry.stale_records, 'record')} out of date or undated"


def _days(days: int) -> str:
    return plural(days, "day")


def _export(registry: Registry) -> str:
    """Name an export by its day and, where it isn't recent, how old it or what of it is."""
    named = f"of {one_line(registry.name, _NAME_LIMIT)}"
    if registry.fresh or registry.age_days is None:
        return f"the export of {date(registry)} {named}"
    if _too_old(registry):
        return f"the export of {date(registry)}, {_days(registry.age_days)} old, {named}"
    return f"the export of {date(registry)} {named} ({_stale(registry)})"


def named(registries: Sequence[Registry]) -> str:
    """Name every export with its day."""
    names = [
        f"{one_line(registry.name, _NAME_LIMIT)} (export of {date(registry)})"
        for registry in registries
    ]
    return ", ".join(names)


def sources(own: Sequence[Registry]) -> str:
    """Name where signals that came with the items stood, and how many there were."""
    return ", ".join(
        f"{one_line(registry.name, _NAME_LIMIT)} ({plural(registry.records, 'record')})"
        for registry in own
    )
