"""The licence of a dataset as a whole, and what its items are under, as every standard tells it.

SPDX's words are used throughout: *declared* is what somebody says of the dataset as a whole,
*concluded* what the audit stands by, `NOASSERTION` that nothing can be said.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

from sourcing_audit.model import NOASSERTION, NONE
from sourcing_audit.reports.quantities import plural
from sourcing_audit.reports.standards.facts import line, name, of_items

if TYPE_CHECKING:
    from license_expression import Licensing

    from sourcing_audit.report import Report

_LICENSE_REF: Final = re.compile(r"LicenseRef-[A-Za-z0-9.-]+")
_SILENT: Final = re.compile(rf"\b(?:{NOASSERTION}|{NONE})\b")


@cache
def _licensing() -> Licensing:
    from license_expression import get_spdx_licensing

    return get_spdx_licensing()


def spdx(expression: str) -> str | None:
    """An SPDX expression as SPDX writes it; None where its syntax or an id isn't SPDX's.

    Ids of one's own (`LicenseRef-…`) are SPDX's too.
    """
    from license_expression import ExpressionError

    if _SILENT.search(expression):
        return None
    try:
        parsed = _licensing().parse(expression)
        unknown = _licensing().unknown_license_keys(parsed)
    except ExpressionError:
        return None
    known = parsed is not None and all(_LICENSE_REF.fullmatch(key) for key in unknown)
    return str(parsed) if known else None


def references(expressions: list[str]) -> list[str]:
    """The ids outside SPDX's list (`LicenseRef-…`) that occur in expressions, each once."""
    found = {ref for expression in expressions for ref in _LICENSE_REF.findall(expression)}
    return sorted(found)


@dataclass(frozen=True)
class Licenses:
    """The licence of a dataset as a whole, and why it is what it is."""

    declared: str
    declared_why: str
    concluded: str
    concluded_why: str


def of_dataset(report: Report) -> Licenses:
    """Say what is declared, and what is concluded, for the dataset as a whole.

    A collection is under the conjunction (AND) of what its items are under (SPDX 2.3, annex D), so
    that nothing is concluded where the licence of a single item isn't.
    """
    declared, declared_why = _declared(report)
    concluded, concluded_why = _concluded(report)
    return Licenses(declared, declared_why, concluded, concluded_why)


def _declared(report: Report) -> tuple[str, str]:
    stated = report.dataset.default_license
    tags = {
        statement.expression
        for card in report.dataset.cards
        for statement in card.statements
        if stated is None or statement.text.strip() == stated.strip()
    }
    if stated is None and not tags:
        return NOASSERTION, "Nobody declares a licence for the dataset as a whole."
    said = f"Declared for the dataset as a whole: {stated!r}." if stated else "Its card declares:"
    contradicted = any(card.contradicted for card in report.dataset.cards)
    limit = " Its card's prose or licence text limits what its tag permits." if contradicted else ""
    if stated and (expression := spdx(stated)):
        return expression, line(said + limit)
    if len(tags) == 1 and (expression := spdx(next(iter(tags)))):
        return expression, line(f"{said} read as {expression}.{limit}")
    return NOASSERTION, line(f"{said} no single SPDX expression follows from it.{limit}")


def _concluded(report: Report) -> tuple[str, str]:
    totals = report.totals
    expressions = sorted({entry.expression for entry in report.licenses})
    counted = sum(entry.items for entry in report.licenses)
    silent = sum(
        entry.items for entry in report.licenses if _SILENT.search(entry.expression) is not None
    )
    amounts = ((totals.quarantined, "record"), (totals.unreadable_files, "file"))
    unread = " and ".join(plural(number, noun) for number, noun in amounts if number)
    if not totals.items_in or not expressions:
        return NOASSERTION, "There is no item to conclude a licence for."
    if unread:
        return NOASSERTION, f"Not concluded: {unread} could not be read."
    if silent:
        items = plural(silent, "item")
        return NOASSERTION, f"Not concluded: the licence of {items} is not known, or there is none."
    if counted != totals.items_in or len(expressions) != report.license_expressions:
        return NOASSERTION, "Not concluded: the report doesn't list every licence that occurs."
    told = [one for one in map(spdx, expressions) if one]
    if len(told) < len(expressions):
        return NOASSERTION, "Not concluded: a licence is no SPDX expression."
    operands = [f"({one})" if " " in one else one for one in told]
    return " AND ".join(operands) if len(told) > 1 else told[
        0
    ], f"What {plural(counted, 'item')} are under, joined by AND."


def by_items(report: Report) -> list[str]:
    """One sentence per concluded licence with its items, and one for those that aren't listed."""
    told = [
        f"{name(entry.expression)}: {of_items(entry.items, report)}" for entry in report.licenses
    ]
    if (rest := report.license_expressions - len(report.licenses)) > 0:
        told.append(f"{plural(rest, 'further expression')} in evidence/licenses.parquet")
    return told
