"""The licence that the audit stands by for one distinct set of declared values."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sourcing_audit.licenses.classify import NOT_READ, UNRESOLVED, Classifier, Resolution
from sourcing_audit.licenses.expression import UNKNOWN, class_of, leaves, terms_of
from sourcing_audit.licenses.use import Uses, all_of
from sourcing_audit.model import Conclusion, IntendedUse, LicenseEvidence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pyarrow as pa

    from sourcing_audit.licenses.catalog import LicenseRules

CONFLICT = "license_conflict"
MISSING = "license_missing"
NOT_RESOLVED = "license_unresolved"
_MIXED = "alias:mixed:"
"""Values that say that several licences apply, without saying which."""


class Concluder:
    """Concludes for one intended use."""

    def __init__(
        self, rules: LicenseRules, use: IntendedUse, *, default_license: str | None = None
    ) -> None:
        """`default_license` is what the dataset's card declares for items that declare nothing."""
        self._classifier = Classifier(rules)
        self._uses = Uses(rules, use)
        self._default = default_license if default_license and default_license.strip() else None

    def conclude(
        self, license_raw: str | None, license_url: str | None, rights_raw: str | None
    ) -> Conclusion:
        """Weigh the values against each other and the result against the use. Never raises."""
        given = [v for v in (license_raw, license_url, rights_raw) if v and not v.isspace()]
        if given:
            return self._stand_by(given, LicenseEvidence.ITEM)
        if self._default:
            return self._stand_by([self._default], LicenseEvidence.DATASET_DEFAULT)
        finding = self._classifier.finding("", Resolution(UNKNOWN, "missing"))
        outcome = replace(self._uses.outcome(UNKNOWN), reasons=())
        return Conclusion(finding, LicenseEvidence.NONE, outcome, (MISSING,))

    def _stand_by(self, given: list[str], evidence: LicenseEvidence) -> Conclusion:
        resolutions = [self._classifier.resolve(value) for value in dict.fromkeys(given)]
        raw = given[0] if len(given) == 1 else json.dumps(given, ensure_ascii=False)
        stated = [each for each in resolutions if each.resolved]
        unread = [each for each in resolutions if not each.resolved]
        if not stated:
            return self._not_understood(raw, unread, evidence)
        kept = self._classifier.essential(stated)
        concluded = self._concluded(kept)
        outcome = all_of(self._uses.outcome(each.tree) for each in kept)
        reasons: tuple[str, ...] = (CONFLICT,) if len(kept) > 1 else ()
        for each in unread:
            if each.rule == UNRESOLVED:
                unseen = NOT_READ in each.reasons
                concluded = self._classifier.beside(concluded, each.rest, truncated=unseen)
                reasons += each.reasons
            elif each.rule.startswith(_MIXED):
                concluded = self._classifier.beside(concluded, "", truncated=True)
        if UNKNOWN in leaves(concluded.tree):
            outcome = all_of([outcome, self._uses.outcome(UNKNOWN)])
        finding = self._classifier.finding(raw, concluded)
        return Conclusion(finding, evidence, outcome, reasons)

    def _not_understood(
        self, raw: str, unread: list[Resolution], evidence: LicenseEvidence
    ) -> Conclusion:
        """Nothing that was declared could be understood; the first value is shown."""
        shown = next((each for each in unread if each.rule == UNRESOLVED), unread[0])
        finding = self._classifier.finding(raw, shown)
        outcome = self._uses.outcome(UNKNOWN)
        reasons: tuple[str, ...] = ()
        if shown.rule == UNRESOLVED and not shown.reasons:
            reasons = (NOT_RESOLVED,)
        if reasons or shown.reasons:
            outcome = replace(outcome, reasons=())
        return Conclusion(finding, evidence, outcome, reasons)

    def _concluded(self, kept: list[Resolution]) -> Resolution:
        """One statement if it is the most restrictive in every respect, else all of them."""
        if len(kept) == 1:
            return kept[0]
        together = self._classifier.merge(kept, "conflict")
        terms = set(terms_of(together.tree))
        for each in kept:
            if class_of(each.tree) == class_of(together.tree) and terms <= set(terms_of(each.tree)):
                return each
        return together


def all_reasons(conclusion: Conclusion) -> list[str]:
    """The reasons of conclusion, finding and outcome, in that order, each once."""
    parts = (conclusion.reasons, conclusion.finding.reasons, conclusion.outcome.reasons)
    return list(dict.fromkeys(reason for part in parts for reason in part))


def conclude_batches(
    concluder: Concluder, batches: Iterable[pa.RecordBatch]
) -> Iterator[pa.RecordBatch]:
    """One row of `schema.LICENSES` for each row of declared values, batch by batch."""
    import pyarrow as pa

    names = pa.list_(pa.string())
    target = pa.schema(
        [
            pa.field("license_raw", pa.string()),
            pa.field("license_url", pa.string()),
            pa.field("rights_raw", pa.string()),
            pa.field("license_concluded", pa.string(), nullable=False),
            pa.field("license_class", pa.string(), nullable=False),
            pa.field("license_terms", names, nullable=False),
            pa.field("license_evidence", pa.string(), nullable=False),
            pa.field("license_rule", pa.string(), nullable=False),
            pa.field("license_grant", pa.string(), nullable=False),
            pa.field("license_rank", pa.int8()),
            pa.field("needs_attribution", pa.bool_(), nullable=False),
            pa.field("license_reasons", names, nullable=False),
            pa.field("license_obligations", names, nullable=False),
            pa.field("suggestions", names, nullable=False),
        ]
    )
    names_given = target.names[:3]
    for batch in batches:
        given = [batch.column(name) for name in names_given]
        values = zip(*(column.to_pylist() for column in given), strict=True)
        answers: dict[tuple[Any, ...], int] = {}
        # Few answers differ, and each becomes Arrow once.
        indices = pa.array(
            [answers.setdefault(_row(concluder.conclude(*row)), len(answers)) for row in values],
            type=pa.int32(),
        )
        columns = list(zip(*answers, strict=True)) if answers else [()] * (len(target) - 3)
        arrays = [column.cast(pa.string()) for column in given] + [
            pa.array(column, type=target.field(at).type).take(indices)
            for at, column in enumerate(columns, start=len(given))
        ]
        yield pa.RecordBatch.from_arrays(arrays, schema=target)


def _row(conclusion: Conclusion) -> tuple[Any, ...]:
    finding, outcome = conclusion.finding, conclusion.outcome
    return (
        finding.expression,
        finding.license_class,
        finding.terms,
        conclusion.evidence,
        finding.rule,
        outcome.grant,
        outcome.rank,
        outcome.needs_attribution,
        tuple(all_reasons(conclusion)),
        outcome.obligations,
        finding.suggestions,
    )
