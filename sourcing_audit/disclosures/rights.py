"""Facts about licences, consent, objections, persons and models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sourcing_audit.disclosures.answers import Answer, Table, everything_read, unread
from sourcing_audit.model import LicenseClass, Status
from sourcing_audit.reports import exports, method, wording
from sourcing_audit.reports.quantities import count, plural
from sourcing_audit.reports.wording import of_items, share_of

if TYPE_CHECKING:
    from sourcing_audit.report import Report, StatusCount

_AGREEMENT: Final = "agreement"
_FULL_CONSENT: Final = "consent_complete"
_SHOWN: Final = 20


def of_status(report: Report, status: Status) -> int:
    """How many items have a status."""
    return sum(entry.items for entry in report.statuses if entry.status is status)


def public_domain_items(report: Report) -> tuple[int, bool]:
    """Items concluded to be in the public domain, and whether that is all there can be."""
    found = sum(
        entry.items
        for entry in report.licenses
        if entry.license_class is LicenseClass.PUBLIC_DOMAIN
    )
    return found, len(report.licenses) == report.license_expressions


def licenses(report: Report) -> Answer:
    """The concluded licences, the most frequent first."""
    found = report.licenses
    if not found:
        return Answer(("No licence was concluded for any item.",))
    said = [
        (
            f"Concluded licences: {plural(report.license_expressions, 'distinct expression')}"
            " (NOASSERTION: not known)."
        ),
        wording.AS_DECLARED,
    ]
    if report.license_expressions > _SHOWN:
        said.append(f"The {_SHOWN} most frequent are listed.")
    if blanket := report.coverage.dataset_default_license:
        said.append(
            "The licence is the dataset's blanket tag, and not the item's own, for"
            f" {of_items(blanket, report.totals)}."
        )
    return Answer(
        tuple(said),
        Table(
            ("Concluded licence", "Class", "Items", "Share"),
            tuple(
                (
                    entry.expression,
                    str(entry.license_class),
                    entry.items,
                    share_of(entry.items, report.totals),
                )
                for entry in found[:_SHOWN]
            ),
        ),
    )


def public_domain(report: Report) -> Answer:
    """How much of the dataset is in the public domain."""
    found, complete = public_domain_items(report)
    if found == report.totals.items_in and everything_read(report):
        return Answer((f"Of the licence class public domain: all {plural(found, 'item')}.",))
    least = "" if complete else "at least "
    told = f"Of the licence class public domain: {least}{of_items(found, report.totals)}."
    rest = (
        (
            "The others are under a licence, reserved, or of unknown status: the dataset has to be"
            " taken for one that includes works protected by copyright."
        ),
    )
    others = rest if found < report.totals.items_in else ()
    return Answer((told, *others, *unread(report)))


def licensed(report: Report) -> Answer:
    """How many items are licensed, and in which way."""
    lines = [
        f"{label}: {of_items(of_status(report, status), report.totals)}."
        for status, label in (
            (Status.LICENSED, "Licensed, by agreement or open licence"),
            (
                Status.PUBLIC_DOMAIN_OR_CC,
                "Public domain or Creative Commons, with the checkable terms met",
            ),
            (Status.PROPRIETARY_WITH_CONSENT, "Proprietary with full consent on record"),
            (Status.TERMS_NOT_MET, "Licence known, terms not met"),
        )
    ]
    return Answer((*lines, *unread(report)))


def agreements(report: Report) -> Answer:
    """How many items rank as licensed because an agreement covers them."""
    found = sum(_basis(entry, _AGREEMENT) for entry in report.statuses)
    if not found:
        return Answer(("No item was found to rest on an agreement on record.",))
    return Answer((f"Covered by an agreement on record: {of_items(found, report.totals)}.",))


def synthetic(report: Report) -> Answer:
    """Who made the items, as far as anybody said."""
    origin, totals = report.origin, report.totals
    if not origin.generated and not origin.human:
        return Answer(("Nobody said whether a person or a model made the items.",))
    parts = (
        ("Made by a model", origin.generated),
        ("Said to be made by a person", origin.human),
        ("Nobody said who made them", origin.not_stated),
    )
    said = [f"{words}: {of_items(items, totals)}." for words, items in parts if items]
    if not origin.generated:
        said.append("No item is marked as made by a model; what isn't marked isn't known.")
    return Answer((*said, *unread(report)))


def persons(report: Report) -> Answer:
    """What the records say of people shown or heard."""
    totals, said = report.totals, []
    if unchecked := report.coverage.likeness_not_checked:
        said.append(
            "Whether a person's likeness, voice or performance is in it was not checked for"
            f" {of_items(unchecked, totals)}."
        )
    if needed := of_status(report, Status.CONSENT_REQUIRED):
        said.append(
            "A person is or may be shown or heard, and the consent that is needed is not on"
            f" record: {of_items(needed, totals)}."
        )
    if not said:
        said.append(
            "The records say of every item whether a person is shown or heard, and no item has the"
            " status consent required."
            if everything_read(report)
            else "No item that could be read has the status consent required."
        )
    return Answer((*said, "Other personal information was not looked for.", *unread(report)))


def opt_outs(report: Report) -> Answer:
    """The objections in force, by who made them."""
    if not report.asked:
        return Answer((wording.NO_REGISTRY, *_refused(report)))
    if not of_status(report, Status.OPTED_OUT):
        return Answer((exports.none_found(report.asked), *exports.limits(report.asked)))
    return Answer((*_refused(report), *exports.limits(report.asked)))


def _refused(report: Report) -> list[str]:
    refused = next((row for row in report.statuses if row.status is Status.OPTED_OUT), None)
    if refused is None or not refused.items:
        return []
    by = ", ".join(f"{name} {count(n)}" for name, n in sorted(refused.by_basis.items()) if n)
    said = [
        (
            "Opted out, with a refusal or revocation in force:"
            f" {of_items(refused.items, report.totals)}{f' ({by})' if by else ''}."
        )
    ]
    if later := report.consent.opted_out_after_acquisition:
        said.append(f"Of these, after the item was acquired: {count(later)}.")
    return said


def consent(report: Report) -> Answer:
    """The consent that is on record."""
    found = sum(
        entry.items for entry in report.consent.counts if entry.consent_status == _FULL_CONSENT
    )
    said = [
        (
            "Consent on record that states scope, duration, compensation and the right to revoke:"
            f" {of_items(found, report.totals)}."
        ),
    ]
    if report.consent.review_matches:
        review = of_items(report.consent.review_matches, report.totals)
        said.append(f"Awaiting review, and neither refusal nor consent until then: {review}.")
    return Answer(tuple(said))


def registries(report: Report) -> Answer:
    """The registries and signals that were read."""
    if not report.registries:
        return Answer(("Registries and signals read: none.",))
    section = method.consulted(report)
    said = f"{section.title}: {count(len(report.registries))}."
    return Answer((said,), Table(section.header, tuple(section.rows)))


def _basis(entry: StatusCount, name: str) -> int:
    return entry.by_basis.get(name, 0)
