"""Claims that are numbers or dates, held against the audit's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

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
from sourcing_audit.reports.quantities import count, share

if TYPE_CHECKING:
    from collections.abc import Callable

    from sourcing_audit.report import Report
    from sourcing_audit.rules.claims import Judgement, Quantity


def _count(report: Report, said: Said) -> Judged:
    if said.quantity is None:
        return not_checked("what is counted isn't said")
    actual = _QUANTITIES[said.quantity](report)
    whole = report.totals.items_in
    words = said.quantity.replace("_", " ")
    evidence = f"{words}: {count(actual)} of {count(whole)} ({share(actual, whole)})"
    values = said.values
    agrees = "n" not in values or count_agrees(values, actual)
    agrees &= "p" not in values or share_agrees(values, actual, whole)
    agrees &= "m" not in values or number_of(values["m"]) == whole
    if actual and actual >= whole and report.totals.unreadable_files and "p" in values:
        agrees = False
        evidence += unread_too(report)
    return supported(evidence) if agrees else contradicted(evidence)


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
