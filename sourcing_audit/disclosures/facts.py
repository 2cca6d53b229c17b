"""The closed set of facts that a form can be filled with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sourcing_audit.disclosures import rights, sources
from sourcing_audit.disclosures.answers import Answer, Table
from sourcing_audit.reports import disclosure

if TYPE_CHECKING:
    from collections.abc import Callable

    from sourcing_audit.report import Report
    from sourcing_audit.rules.disclosures import Fact


def _status(report: Report) -> Answer:
    return Answer((report.disclosure.short,))


def _statements(report: Report) -> Answer:
    return Answer(tuple(report.disclosure.statements))


def _preferences(report: Report) -> Answer:
    return Answer((), Table(disclosure.PREFERENCES, tuple(disclosure.preferences(report))))


def _not_established(report: Report) -> Answer:
    return Answer(tuple(disclosure.not_established(report)) or (disclosure.NO_GAP,))


def _limits(report: Report) -> Answer:
    return Answer(tuple(report.disclosure.limits))


def _basis(report: Report) -> Answer:
    return Answer(tuple(disclosure.basis(report)))


def _use(report: Report) -> Answer:
    return Answer((f"The audit holds for this intended use: {report.use.sentence}.",))


def _training(report: Report) -> Answer:
    trained = report.use.trained_at
    if trained is None:
        return Answer(("The audit was not told of a day of training.",))
    return Answer((f"Day of the training, as the audit was told: {trained.isoformat()}.",))


FACTS: Final[dict[Fact, Callable[[Report], Answer]]] = {
    "status": _status,
    "statements": _statements,
    "preferences": _preferences,
    "not_established": _not_established,
    "limits": _limits,
    "basis": _basis,
    "use": _use,
    "inputs": sources.inputs,
    "items": sources.items,
    "columns": sources.columns,
    "upstream": sources.upstream,
    "hosts": sources.hosts,
    "domains": sources.domains,
    "owners": sources.owners,
    "licenses": rights.licenses,
    "public_domain": rights.public_domain,
    "licensed": rights.licensed,
    "agreements": rights.agreements,
    "synthetic": rights.synthetic,
    "persons": rights.persons,
    "consent": rights.consent,
    "opt_outs": rights.opt_outs,
    "registries": rights.registries,
    "training": _training,
}
"""What each fact of the rules is computed by."""
