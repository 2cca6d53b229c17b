"""SARIF's rules and taxonomies: statuses as rules, reasons and obligations as taxa, with help."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sourcing_audit.model import Outcome
from sourcing_audit.reports.standards import facts
from sourcing_audit.reports.standards.remainder import DECIDED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sourcing_audit.report import Group, ObligationCount, ReasonCount, Report

OPEN: Final = "obligations_open"
QUARANTINED: Final = "quarantined"
UNREADABLE: Final = "unreadable_file"
_OTHERS: Final = {
    OPEN: (
        "Obligations stay open",
        "AIMEG 5.2: used in compliance with license terms",
        "Meet the obligations that the result names, or leave the items out.",
    ),
    QUARANTINED: (
        "Record that could not be read",
        "AIMEG 4.3: unknown is unknown",
        "Mend the records that the result names; until then they count as not established.",
    ),
    UNREADABLE: (
        "File that could not be read",
        "AIMEG 4.3: unknown is unknown",
        "Replace the file; until then nothing is known about its items.",
    ),
}
"""Rules beside the decision table's: label, clause and how to fix."""

Json = dict[str, Any]


@dataclass(frozen=True)
class Rules:
    """The rules of a run, and what its results say about reasons and obligations."""

    descriptors: list[Json]
    taxonomies: list[Json]
    places: Mapping[str, tuple[int, int]]
    """The taxonomy and the place in it, by the code of a reason or obligation."""

    def index(self, rule: str) -> int:
        """The place of a rule among the descriptors."""
        return [one["id"] for one in self.descriptors].index(rule)

    def label(self, rule: str) -> str:
        """What a rule says in a few words."""
        text: str = self.descriptors[self.index(rule)]["shortDescription"]["text"]
        return text

    def advice(self, code: str) -> str:
        """What a reason or an obligation says, with its clause and the way out."""
        place = self.places.get(code)
        if place is None:
            return f"{code}."
        text: str = self.taxonomies[place[0]]["taxa"][place[1]]["help"]["text"]
        return text

    def taxa(self, group: Group) -> list[Json]:
        """References to the taxa that a group has, each once."""
        found = [self.places[code] for code in _codes(group) if code in self.places]
        return [
            {
                "id": self.taxonomies[which]["taxa"][place]["id"],
                "index": place,
                "toolComponent": {"index": which, "name": self.taxonomies[which]["name"]},
            }
            for which, place in dict.fromkeys(found)
        ]


def rule_of(group: Group) -> str:
    """The rule that a group of items is a result of."""
    return OPEN if group.outcome is Outcome.CONDITIONAL else str(group.status)


def rules(report: Report) -> Rules:
    """The rules, reasons and obligations of a report."""
    taxonomies = [
        _taxonomy("reasons", "Why an item has its verdict", report.reasons),
        _taxonomy("obligations", "What has to be done to stay compliant", report.obligations),
    ]
    reasons = [entry.code for entry in report.reasons]
    duties = [entry.code for entry in report.obligations]
    places = {
        code: (which, place)
        for which, codes in enumerate((reasons, duties))
        for place, code in enumerate(codes)
    }
    descriptors = [
        _descriptor(
            str(entry.status),
            entry.label,
            entry.source,
            _reasons(report, str(entry.status)),
            level="error" if DECIDED[entry.status] is Outcome.PROHIBITED else "warning",
        )
        for entry in report.statuses
        if entry.status in DECIDED
    ]
    levels = {OPEN: "note", QUARANTINED: "warning", UNREADABLE: "warning"}
    descriptors += [
        _descriptor(rule, label, clause, [fix], level=levels[rule])
        for rule, (label, clause, fix) in _OTHERS.items()
    ]
    return Rules(descriptors, taxonomies, places)


def _reasons(report: Report, status: str) -> list[str]:
    """The reasons that the groups of a status have, with clause and way out."""
    wanted = {code for group in report.groups if group.status == status for code in group.reasons}
    return [
        f"- {entry.code}: {entry.label} ({entry.clause}). {entry.how_to_fix}"
        for entry in report.reasons
        if entry.code in wanted
    ]


def _descriptor(rule: str, label: str, clause: str, fixes: Sequence[str], *, level: str) -> Json:
    return {
        "id": rule,
        "name": "".join(part.capitalize() for part in rule.split("_")),
        "shortDescription": {"text": facts.line(label) or rule},
        "fullDescription": {"text": facts.line(f"{label} ({clause}).")},
        "help": {"text": "\n".join([facts.line(f"{label} ({clause})."), *map(facts.line, fixes)])},
        "defaultConfiguration": {"level": level},
        "properties": {"clause": facts.line(clause), "tags": ["sourcing", "licence", "consent"]},
    }


def _taxonomy(
    name: str, what: str, entries: Sequence[ReasonCount] | Sequence[ObligationCount]
) -> Json:
    return {
        "name": name,
        "shortDescription": {"text": f"{what}."},
        "isComprehensive": False,
        "taxa": [
            {
                "id": facts.name(entry.code),
                "shortDescription": {"text": facts.line(entry.label) or entry.code},
                "help": {"text": facts.line(f"{entry.label} ({entry.clause}). {entry.how_to_fix}")},
                "properties": {"clause": facts.line(entry.clause), "items": entry.items},
            }
            for entry in entries
        ],
    }


def _codes(group: Group) -> tuple[str, ...]:
    return (*group.reasons, *group.obligations)
