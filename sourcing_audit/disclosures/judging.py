"""Whether an audit supports what a claim says, contradicts it, or doesn't know.

A claim about the whole is contradicted by each item for which it doesn't hold or isn't known to:
what was never checked can't be claimed for all (AIMEG 4.3).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from sourcing_audit.disclosures import doubts
from sourcing_audit.disclosures.answers import everything_read
from sourcing_audit.disclosures.rights import of_status, public_domain_items
from sourcing_audit.disclosures.stated import STATED
from sourcing_audit.disclosures.verdicts import (
    Judged,
    Said,
    Verdict,
    contradicted,
    established_items,
    not_checked,
    supported,
    unread_too,
)
from sourcing_audit.model import DatasetStatus, Outcome, Status
from sourcing_audit.reports import exports, marks
from sourcing_audit.reports.quantities import count
from sourcing_audit.reports.wording import of_items

if TYPE_CHECKING:
    from collections.abc import Callable

    from sourcing_audit.report import Report
    from sourcing_audit.rules.claims import Judgement

_CONSENTED: Final = frozenset({"agreement", "consent_complete"})
_LEAST: Final = ", at least,"
"""Stands beside a count of licences of which the report lists the most frequent only."""


def judge(report: Report, kind: Judgement, said: Said) -> Judged:
    """Hold a claim against a report."""
    return _JUDGES[kind](report, said)


def _of_whole(report: Report, items: int, words: str) -> Judged:
    """Judge a claim about all items by for how many of them it holds."""
    evidence = f"{words} for {of_items(items, report.totals)}{unread_too(report)}"
    whole = everything_read(report) and items >= report.totals.items_in
    return supported(evidence) if whole else contradicted(evidence)


def _all_established(report: Report, _said: Said) -> Judged:
    return _of_whole(report, established_items(report), "sourcing is established")


def _all_public_domain(report: Report, _said: Said) -> Judged:
    found, complete = public_domain_items(report)
    least = "" if complete else _LEAST
    return _of_whole(report, found, f"the concluded licence is of the class public domain{least}")


def _all_under_license(report: Report, said: Said) -> Judged:
    known = [one for one in said.expressions if one is not None]
    items = sum(one.items for one in report.licenses if one.expression in known)
    if len(known) < len(said.expressions):
        return not_checked("no rule knows every licence that is named here")
    named = " or ".join(known)
    listed = {one.expression for one in report.licenses}
    least = "" if len(listed) == report.license_expressions or listed.issuperset(known) else _LEAST
    judged = _of_whole(report, items, f"{named} is the concluded licence{least}")
    if judged.verdict is Verdict.SUPPORTED:
        return _of_whole(report, established_items(report), f"all under {named}; established")
    return judged


def _all_usable(report: Report, _said: Said) -> Judged:
    if not report.use.commercial:
        return not_checked("the audit was made for a use that isn't commercial")
    usable = sum(
        entry.items
        for entry in report.outcomes
        if entry.outcome in {Outcome.PERMITTED, Outcome.CONDITIONAL}
    )
    judged = _of_whole(report, usable, f"the audited use ({report.use.sentence}) is permitted")
    return replace(judged, evidence=f"{judged.evidence}{_obliged(report)}")


def _all_consented(report: Report, _said: Said) -> Judged:
    items = sum(
        entry.items for entry in report.consent.counts if entry.consent_status in _CONSENTED
    )
    return _of_whole(report, items, "a complete consent or an agreement is on record")


def _all_credited(report: Report, _said: Said) -> Judged:
    known = report.totals.verdicts - report.coverage.without_creator
    judged = _of_whole(report, known, "a creator is on record")
    if judged.verdict is Verdict.SUPPORTED:
        return not_checked(f"{judged.evidence}; whether they are credited, the audit can't see")
    return judged


def _all_read(report: Report, _said: Said) -> Judged:
    return _of_whole(report, report.totals.verdicts, "there is a verdict")


def _persons_missing(report: Report) -> Judged | None:
    """What is known or not known of persons, where that contradicts a claim about them."""
    needed = of_status(report, Status.CONSENT_REQUIRED)
    if needed:
        return contradicted(
            "a person is or may be shown or heard without the consent that is needed in"
            f" {of_items(needed, report.totals)}"
        )
    if open_ := doubts.persons(report):
        return contradicted("; ".join(open_))
    if not everything_read(report):
        return contradicted("likeness can't be known where nothing was read")
    return None


def _persons_consented(report: Report, _said: Said) -> Judged:
    missing = _persons_missing(report)
    if missing is not None:
        return missing
    if of_status(report, Status.OPTED_OUT):
        return not_checked("items that are opted out aren't looked at for persons' consent")
    return supported("no item lacks the consent of a person that is needed")


def _no_persons(report: Report, _said: Said) -> Judged:
    return _persons_missing(report) or not_checked(
        "how many items show a person isn't counted; none lacks a consent that is needed"
    )


def _no_personal_information(report: Report, _said: Said) -> Judged:
    return _persons_missing(report) or not_checked(
        "personal information other than likeness isn't looked for"
    )


def _none_opted_out(report: Report, _said: Said) -> Judged:
    refused = of_status(report, Status.OPTED_OUT)
    if refused:
        return contradicted(f"{of_items(refused, report.totals)} are opted out")
    open_ = doubts.objections(report)
    if not report.asked:
        return not_checked(", ".join(open_))
    found = exports.none_found(report.asked).rstrip(".")
    if open_:
        return not_checked(f"{found}, but {', '.join(open_)}")
    return supported(found)


def _none_generated(report: Report, _said: Said) -> Judged:
    if made := report.origin.generated:
        return contradicted(f"a model made {of_items(made, report.totals)}")
    return _of_whole(report, report.origin.human, "somebody says that a person made it")


def _overclaim(report: Report, said: Said) -> Judged:
    if report.dataset_status is not DatasetStatus.ESTABLISHED:
        return contradicted(
            f"the dataset's status is {marks.DATASET[report.dataset_status].word!r}: sourcing is"
            f" established for {of_items(established_items(report), report.totals)}"
            f"{_obliged(report)}"
        )
    judged = _all_established(report, said)
    open_ = [*doubts.objections(report), *doubts.persons(report)]
    if judged.verdict is Verdict.SUPPORTED and open_:
        return not_checked(f"{judged.evidence}, but {', '.join(dict.fromkeys(open_))}")
    return judged


def _beyond(report: Report, said: Said) -> Judged:
    """What no audit of sourcing can show: compliance with a law, or that all of it is lawful."""
    judged = _overclaim(report, said)
    if judged.verdict is not Verdict.SUPPORTED:
        return judged
    return not_checked(f"{judged.evidence}; that is no finding of compliance or lawfulness")


def _obliged(report: Report) -> str:
    obliged = sum(one.items for one in report.outcomes if one.outcome is Outcome.CONDITIONAL)
    return f"; obligations stay open for {count(obliged)}" if obliged else ""


_JUDGES: Final[dict[Judgement, Callable[[Report, Said], Judged]]] = {
    "all_established": _all_established,
    "all_public_domain": _all_public_domain,
    "all_under_license": _all_under_license,
    "all_usable": _all_usable,
    "all_consented": _all_consented,
    "all_credited": _all_credited,
    "all_read": _all_read,
    "persons_consented": _persons_consented,
    "none_opted_out": _none_opted_out,
    "no_persons": _no_persons,
    "no_personal_information": _no_personal_information,
    "none_generated": _none_generated,
    "overclaim": _overclaim,
    "beyond": _beyond,
    **STATED,
}
