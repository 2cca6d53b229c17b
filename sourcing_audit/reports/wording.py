"""The words that a report speaks in: they claim no more than the counts.

Pure functions of counts. "All items" is said only when no item is missing, quarantined or
unread; silence of a registry is never told as consent; a share is never rounded up to the whole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sourcing_audit.model import DatasetStatus, Outcome, Status
from sourcing_audit.report import Disclosure
from sourcing_audit.reports import exports, marks
from sourcing_audit.reports.quantities import NO_VALUE, count, plural, share

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

    from sourcing_audit.report import (
        Consent,
        Coverage,
        Origin,
        OutcomeCount,
        Registry,
        StatusCount,
        Totals,
    )

NO_REGISTRY: Final = "No consent registry was consulted; whether creators objected is not known."
NOT_ADVICE: Final = (
    "This is a record of declarations and registry entries read by a program, not legal advice."
)
AS_DECLARED: Final = (
    "Licences and grants are taken as declared: whether the declarant held the rights was not"
    " checked."
)

_BASES: Final = {
    "other": "others",
    "creator": "the creator",
    "host": "the host",
    "rightsholder": "the rightsholder",
}
_RANKED: Final[dict[Status, str]] = {
    Status.LICENSED: "licensed",
    Status.PUBLIC_DOMAIN_OR_CC: "public domain or Creative Commons with the checkable terms met",
    Status.PROPRIETARY_WITH_CONSENT: "proprietary with full consent on record",
}
"""Principle 5.2's preferences in the order of their rank."""

_SHORTFALL: Final[dict[Status, tuple[str, str]]] = {
    Status.OPTED_OUT: ("is opted out", "are opted out"),
    Status.CONSENT_REQUIRED: (
        "needs a person's consent that is not on record",
        "need a person's consent that is not on record",
    ),
    Status.TERMS_NOT_MET: (
        "does not meet its licence's terms",
        "do not meet their licence's terms",
    ),
    Status.NOT_ESTABLISHED: ("is not established", "are not established"),
}


def sentence(
    *,
    totals: Totals,
    statuses: Sequence[StatusCount],
    outcomes: Sequence[OutcomeCount],
    registries: Sequence[Registry],
    as_of: dt.date,
) -> str:
    """Tell the result in plain words."""
    by_status = _by_status(statuses)
    clauses = [_established(totals, by_status)]
    clauses += [
        f"{count(by_status[status])} {words[by_status[status] != 1]}"
        for status, words in _SHORTFALL.items()
        if by_status.get(status)
    ]
    clauses += _unread(totals)
    if open_items := _conditional(outcomes):
        clauses.append(f"obligations stay open for {count(open_items)} of those established")
    result = f"As of {as_of.isoformat()}, " + "; ".join(clauses) + "."
    return result if registries else f"{result} {NO_REGISTRY}"


def disclose(
    *,
    dataset_status: DatasetStatus,
    totals: Totals,
    statuses: Sequence[StatusCount],
    outcomes: Sequence[OutcomeCount],
    coverage: Coverage,
    registries: Sequence[Registry],
    consent: Consent,
    origin: Origin,
    as_of: dt.date,
    use: str,
    rules_version: str,
    own: Sequence[Registry] = (),
) -> Disclosure:
    """Word the sourcing-status field of AIMEG 4.2.

    `use` is one sentence without its full stop; `rules_version` names the rules that decided;
    `own` are the signals that came with the items, apart from the registries that were asked.
    """
    result = sentence(
        totals=totals, statuses=statuses, outcomes=outcomes, registries=registries, as_of=as_of
    )
    short = [
        f"Ethical sourcing status of the training data: {marks.DATASET[dataset_status].word}.",
        f"Intended use: {use}. Audit rules: version {rules_version}.",
        result,
    ]
    if registries:
        short.append(f"Consent registries consulted: {exports.named(registries)}.")
    if own:
        short.append(f"Signals that came with the items were read: {exports.sources(own)}.")
    return Disclosure(
        short=" ".join(short),
        statements=[
            *_rank_statements(totals, statuses),
            *_consent_statements(totals, statuses, coverage, registries, consent),
            *_shortfall_statements(totals, statuses),
            *_origin_statements(totals, origin),
            *_obligation_statements(totals, outcomes),
        ],
        limits=[
            NOT_ADVICE,
            AS_DECLARED,
            *_coverage_limits(totals, coverage),
            *exports.limits(registries),
        ],
    )


def _by_status(statuses: Sequence[StatusCount]) -> dict[Status, int]:
    return {entry.status: entry.items for entry in statuses}


def _conditional(outcomes: Sequence[OutcomeCount]) -> int:
    return sum(entry.items for entry in outcomes if entry.outcome is Outcome.CONDITIONAL)


def _established(totals: Totals, by_status: Mapping[Status, int]) -> str:
    established = sum(by_status.get(status, 0) for status in _RANKED)
    if not totals.items_in:
        return "nothing is established: no item could be read"
    if not established:
        return f"sourcing is established for none of the {_read(totals)}"
    if established == totals.items_in and not totals.unreadable_files:
        whole = f"all {plural(established, 'item')}" if established > 1 else "the only item"
        return f"sourcing is established for {whole}"
    return f"sourcing is established for {of_items(established, totals)}"


def _read(totals: Totals) -> str:
    items = plural(totals.items_in, "item")
    return f"{items} read" if totals.unreadable_files else items


def _unread(totals: Totals) -> list[str]:
    clauses = []
    if totals.quarantined:
        clauses.append(f"{count(totals.quarantined)} could not be read")
    if totals.unreadable_files:
        files = plural(totals.unreadable_files, "file")
        whose = "its" if totals.unreadable_files == 1 else "their"
        clauses.append(
            f"{files} could not be read at all, and {whose} number of items is not known"
        )
    return clauses


def of_items(items: int, totals: Totals) -> str:
    """Count items of all that were read; no share is given where it would hide unread files."""
    of_all = f"{count(items)} of {_read(totals)}"
    told = share_of(items, totals)
    return of_all if told == NO_VALUE else f"{of_all} ({told})"


def share_of(items: int, totals: Totals) -> str:
    """Say what share of the items it is; none where it would hide unread files."""
    if totals.unreadable_files and items >= totals.items_in:
        return NO_VALUE
    return share(items, totals.items_in)


def _split(by_basis: Mapping[str, int]) -> str:
    parts = [
        f"{count(items)} by {_BASES.get(basis, basis)}"
        for basis, items in sorted(by_basis.items())
        if items
    ]
    return f", of which {', '.join(parts)}" if parts else ""


def _rank_statements(totals: Totals, statuses: Sequence[StatusCount]) -> list[str]:
    ranked = {entry.status: entry for entry in statuses if entry.status in _RANKED}
    lines = []
    for rank, (status, words) in enumerate(_RANKED.items(), start=1):
        entry = ranked.get(status)
        items = entry.items if entry else 0
        split = _split(entry.by_basis) if entry else ""
        lines.append(f"Preference {rank} of AIMEG 5.2, {words}: {of_items(items, totals)}{split}.")
    return lines


def _consent_statements(
    totals: Totals,
    statuses: Sequence[StatusCount],
    coverage: Coverage,
    registries: Sequence[Registry],
    consent: Consent,
) -> list[str]:
    lines = [] if registries else [NO_REGISTRY]
    refused = next((entry for entry in statuses if entry.status is Status.OPTED_OUT), None)
    if refused and refused.items:
        lines.append(
            f"Opted out, with a refusal or revocation in force: {of_items(refused.items, totals)}"
            f"{_split(refused.by_basis)}."
        )
    elif registries:
        lines.append(exports.none_found(registries))
    if consent.opted_out_after_acquisition:
        lines.append(
            f"Opted out after the item was acquired: {count(consent.opted_out_after_acquisition)}."
        )
    if consent.opted_out_after_training:
        lines.append(f"Opted out after the training: {count(consent.opted_out_after_training)}.")
    if consent.review_matches:
        lines.append(
            "Matched by a bare name only, a near duplicate or a signal that can't be read, which"
            f" decides nothing and awaits review: {of_items(consent.review_matches, totals)}."
        )
    if registries and coverage.without_any_consent_key:
        lines.append(
            "Without any key that a registry could match, so that an objection could not have been"
            f" found: {of_items(coverage.without_any_consent_key, totals)}."
        )
    return lines


def _shortfall_statements(totals: Totals, statuses: Sequence[StatusCount]) -> list[str]:
    words = {
        Status.CONSENT_REQUIRED: "A person's consent is needed and not on record (AIMEG 3.1, 3.4)",
        Status.TERMS_NOT_MET: "The licence is known and its terms are not met",
        Status.NOT_ESTABLISHED: "Sourcing could not be established",
    }
    by_status = _by_status(statuses)
    lines = [
        f"{text}: {of_items(by_status[status], totals)}."
        for status, text in words.items()
        if by_status.get(status)
    ]
    if totals.quarantined:
        lines.append(
            "Could not be read, and counted as not established:"
            f" {of_items(totals.quarantined, totals)}."
        )
    if totals.unreadable_files:
        lines.append(
            f"Unreadable as a whole: {plural(totals.unreadable_files, 'file')}, with an unknown"
            " number of items that no count or share here includes."
        )
    return lines


def _origin_statements(totals: Totals, origin: Origin) -> list[str]:
    if not origin.generated:
        return []
    return [f"Made by a model, not by a person: {of_items(origin.generated, totals)}."]


def _obligation_statements(totals: Totals, outcomes: Sequence[OutcomeCount]) -> list[str]:
    items = _conditional(outcomes)
    if not items:
        return []
    return [f"Established only as long as open obligations are kept: {of_items(items, totals)}."]


def _coverage_limits(totals: Totals, coverage: Coverage) -> list[str]:
    limits = {
        "The licence is the dataset's blanket tag, the weakest evidence, for": (
            coverage.dataset_default_license
        ),
        "Whether a person's likeness, voice or performance is in it was not checked for": (
            coverage.likeness_not_checked
        ),
        "No creator is on record for": coverage.without_creator,
        "No source is on record for": coverage.without_source,
    }
    return [f"{text} {of_items(items, totals)}." for text, items in limits.items() if items]
