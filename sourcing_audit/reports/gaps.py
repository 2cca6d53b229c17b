"""What could not be established or was never looked at, as rows that every format shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sourcing_audit.model import Status

if TYPE_CHECKING:
    from sourcing_audit.report import Report


_NO_ADDRESS = "It is no web address: what is said about places can't be held against it."
_UNREAD = {
    "acquired_at": "Whether a refusal came after the acquisition can't be told.",
    "depicts_person": "It may mean that a person is shown, so consent is asked for.",
    "person_status": "It may mean that a person needs protection, so consent is asked for.",
    "source_url": _NO_ADDRESS,
    "landing_url": _NO_ADDRESS,
}
"""What became of a value that can't be read, by canonical column."""


_SET_ASIDE = "The value was set aside."


@dataclass(frozen=True)
class Gap:
    """One kind of missing evidence."""

    label: str
    items: int
    meaning: str


def gaps(report: Report) -> list[Gap]:
    """List every kind of gap that is looked for, those without an item included."""
    coverage = report.coverage
    undecided = sum(
        entry.items for entry in report.statuses if entry.status is Status.NOT_ESTABLISHED
    )
    return [
        Gap(
            "Sourcing not established",
            undecided,
            "Neither a licence, nor consent, nor a refusal could be shown.",
        ),
        Gap(
            "Quarantined",
            report.totals.quarantined,
            "The record could not be read; it counts as not established.",
        ),
        Gap(
            "No licence stated",
            coverage.without_license,
            "Neither the record nor its dataset names a licence.",
        ),
        Gap(
            "Licence not understood",
            coverage.unresolved_license,
            "A value is there, but no rule knows it.",
        ),
        Gap(
            "Licence of the dataset only",
            coverage.dataset_default_license,
            "A blanket tag over works that others made is the weakest evidence.",
        ),
        Gap(
            "No creator on record",
            coverage.without_creator,
            "Nobody can be credited or asked, and no objection by creator can be found.",
        ),
        Gap(
            "No source on record",
            coverage.without_source,
            "Nobody can check where the item was taken from.",
        ),
        Gap(
            "No key for a registry",
            coverage.without_any_consent_key,
            "No address, identifier or hash that a consent registry could match.",
        ),
        Gap(
            "Registry out of date",
            report.totals.verdicts if any(not entry.fresh for entry in report.asked) else 0,
            "An export that was asked is undated or older than its limit: what was refused since"
            " is not known.",
        ),
        Gap(
            "Likeness not checked",
            coverage.likeness_not_checked,
            "The record does not say whether a person is shown or heard (AIMEG 3.1).",
        ),
        Gap(
            "Embedded signals not read",
            coverage.media_not_read,
            "A media file is named or there and wasn't read (install sourcing-audit[media],"
            " or see the reasons): what it says about its use is not known.",
        ),
        Gap(
            "Permitted, with a file not read",
            coverage.permitted_media_not_read,
            "Permitted, some under conditions, by what is said outside the file alone; a refusal"
            " inside it would prohibit the item.",
        ),
        Gap(
            "Item id not unique",
            coverage.duplicate_item_ids,
            "The id points at more than one item.",
        ),
        *(
            Gap(f"Value of {column} not understood", items, _UNREAD.get(column, _SET_ASIDE))
            for column, items in sorted(coverage.unreadable_values.items())
        ),
    ]
