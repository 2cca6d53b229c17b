"""Claims that are numbers or dates, held against the audit's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sourcing_audit.disclosures import doubts
from sourcing_audit.disclosures.numbers import count_agrees, date_of, number_of, share_agrees
from sourcing_audit.disclosures.rights import of_status
from sourcing_audit.disclosures.verdicts import (
    Judged,
    Said,
    contradicted,
    established_items,
    not_checked,
    supported,
    unread_too,
)
from sourcing_audit.model import Status
from sourcing_audit.reports.wording import of_items

if TYPE_CHECKING:
    from collections.abc import Callable

    from sourcing_audit.report import Report
    from sourcing_audit.rules.claims import Judgement, Quantity


def _count(report: Report, said: Said) -> Judged:
    if said.quantity is None:
        return not_checked("what is counted isn't said")
    actual = _QUANTITIES[said.quantity](report)
    evidence = _evidence(report, said.quantity.replace("_", " "), actual)
    if _agrees(report, said, actual):
        return _as_far_as_known(report, said, actual, evidence)
    if said.quantity in _ALSO:
        words, counted, verdict = _ALSO[said.quantity]
        other = counted(report)
        evidence += f"; {_evidence(report, words, other)}"
        if _agrees(report, said, other):
            return verdict(evidence)
    return contradicted(evidence)


def _evidence(report: Report, words: str, items: int) -> str:
    return f"{words}: {of_items(items, report.totals)}"


def _agrees(report: Report, said: Said, actual: int) -> bool:
    values, whole = said.values, report.totals.items_in
    if "p" in values and actual and actual >= whole and report.totals.unreadable_files:
        return False
    return (
        ("n" not in values or count_agrees(values, actual))
        and ("p" not in values or share_agrees(values, actual, whole))
        and ("m" not in values or number_of(values["m"]) == whole)
    )


def _as_far_as_known(report: Report, said: Said, actual: int, evidence: str) -> Judged:
    """Support a count, unless what was never read or asked could make it another."""
    if report.totals.unreadable_files and ("p" in said.values or said.quantity == "items_in"):
        return not_checked(f"{evidence}{unread_too(report)}")
    overlooked = _OVERLOOKED.get(said.quantity) if said.quantity and not actual else None
    if overlooked is not None and (open_ := overlooked(report)):
        return not_checked(f"{evidence}, but {', '.join(open_)}")
    return supported(evidence)


def _as_of(report: Report, said: Said) -> Judged:
    date = date_of(said.values["date"])
    evidence = f"this audit is as of {report.as_of.isoformat()}"
    return supported(evidence) if date == report.as_of else contradicted(evidence)


def _rules_digest(report: Report, said: Said) -> Judged:
    evidence = f"the rules of this audit have SHA-256 {report.rules.digest}"
    same = said.values["digest"] == report.rules.digest
    return supported(evidence) if same else contradicted(evidence)


def _rules_version(report: Report, said: Said) -> Judged:
    evidence = f"the rules of this audit are version {report.rules.version}"
    same = said.values["version"] == report.rules.version
    return supported(evidence) if same else contradicted(evidence)


STATED: Final[dict[Judgement, Callable[[Report, Said], Judged]]] = {
    "count": _count,
    "as_of": _as_of,
    "rules_digest": _rules_digest,
    "rules_version": _rules_version,
}
"""Numbers and dates are as they are, whatever stands beside them."""

_QUANTITIES: Final[dict[Quantity, Callable[[Report], int]]] = {
    "items_in": lambda report: report.totals.items_in,
    "quarantined": lambda report: report.totals.quarantined,
    "established": established_items,
    "licensed": lambda report: of_status(report, Status.LICENSED),
    "public_domain_or_cc": lambda report: of_status(report, Status.PUBLIC_DOMAIN_OR_CC),
    "proprietary_with_consent": lambda report: of_status(report, Status.PROPRIETARY_WITH_CONSENT),
    "opted_out": lambda report: of_status(report, Status.OPTED_OUT),
    "consent_required": lambda report: of_status(report, Status.CONSENT_REQUIRED),
    "terms_not_met": lambda report: of_status(report, Status.TERMS_NOT_MET),
    "not_established": lambda report: of_status(report, Status.NOT_ESTABLISHED),
    "likeness_not_checked": lambda report: report.coverage.likeness_not_checked,
    "without_creator": lambda report: report.coverage.without_creator,
    "without_source": lambda report: report.coverage.without_source,
    "without_license": lambda report: report.coverage.without_license,
    "generated": lambda report: report.origin.generated,
}

_OVERLOOKED: Final[dict[Quantity, Callable[[Report], list[str]]]] = {
    "opted_out": doubts.objections,
    "generated": doubts.makers,
    "consent_required": doubts.persons,
}
"""What may have been overlooked where nothing was counted: zero found isn't zero."""

_ALSO: Final[dict[Quantity, tuple[str, Callable[[Report], int], Callable[[str], Judged]]]] = {
    "licensed": (
        "with any of the three preferences of AIMEG 5.2, of which the first alone is called so",
        established_items,
        not_checked,
    ),
    "not_established": (
        "without any of the three preferences of AIMEG 5.2",
        lambda report: report.totals.items_in - established_items(report),
        supported,
    ),
}
"""What a word is also used for, beside the status of its name, and what that is worth."""
