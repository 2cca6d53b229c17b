"""The licence that the audit stands by for one distinct set of declared values."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from sourcing_audit.licenses.classify import (
    CACHED_VALUES,
    UNRESOLVED,
    Classifier,
    Resolution,
)
from sourcing_audit.licenses.dated import Dated
from sourcing_audit.licenses.expression import (
    UNKNOWN,
    Tree,
    class_of,
    join,
    leaves,
    terms_of,
)
from sourcing_audit.licenses.generators import Generators
from sourcing_audit.licenses.lineage import Lineage
from sourcing_audit.licenses.use import Uses, all_of
from sourcing_audit.model import Conclusion, Grant, IntendedUse, LicenseEvidence, UseOutcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sourcing_audit.licenses.catalog import LicenseRules
    from sourcing_audit.model import UpstreamDataset

CONFLICT = "license_conflict"
MISSING = "license_missing"
NOT_RESOLVED = "license_unresolved"
CONTRADICTED = "card_contradicts_tag"
CHECK_LIMITS = "check_dataset_limits"
_MIXED = "alias:mixed:"
"""Values that say that several licences apply, without saying which."""


@dataclass(frozen=True, slots=True)
class DatasetTerms:
    """What a dataset's own documents say for all its items."""

    statements: tuple[tuple[str, Resolution], ...] = ()
    """The licence that they declare, as they say it and as it was understood."""
    limits: tuple[tuple[str, Resolution], ...] = ()
    """What their prose holds back from it."""
    generator: str | None = None
    """What made the items of which nothing else is said."""


@dataclass(frozen=True, slots=True)
class _Standing:
    """What an item's own statements come to, before what is carried on from elsewhere."""

    resolution: Resolution
    evidence: LicenseEvidence
    outcome: UseOutcome
    reasons: tuple[str, ...] = ()


class Concluder:
    """Concludes for one intended use."""

    def __init__(
        self,
        rules: LicenseRules,
        use: IntendedUse,
        *,
        default_license: str | None = None,
        dataset: DatasetTerms | None = None,
        upstream: Sequence[UpstreamDataset] = (),
    ) -> None:
        """Prepare for one dataset.

        Args:
            rules: the licence rules.
            use: what every licence is held against.
            default_license: what the user says that the dataset declares, for items that declare
                nothing; it wins over the statements of its documents.
            dataset: what the documents say.
            upstream: what is said about the datasets that this one was made from.

        """
        self._classifier = Classifier(rules)
        self._uses = Uses(rules, use)
        self._dataset = dataset or DatasetTerms()
        if default_license and default_license.strip():
            stated = (default_license, self._classifier.resolve(default_license))
            self._dataset = replace(self._dataset, statements=(stated,))
        self._lineage = Lineage(self._classifier, rules.datasets, upstream)
        self._generators = Generators(rules, rules.generators)
        self._alone = lru_cache(CACHED_VALUES)(self._conclude_alone)
        self._dated = Dated(rules)

    def conclude(
        self,
        license_raw: str | None = None,
        license_url: str | None = None,
        rights_raw: str | None = None,
        license_detected: str | None = None,
        detected_by: str | None = None,
        upstream: str | None = None,
        generator: str | None = None,
        period: str | None = None,
    ) -> Conclusion:
        """Weigh the values against each other and the result against the use. Never raises.

        The arguments are the columns of `schema.DECLARED`. The finding's `raw` stays empty, as
        several of them may be behind it.
        """
        given = [v for v in (license_raw, license_url, rights_raw) if v and not v.isspace()]
        declared = tuple(
            [
                self._dated.meaning(value, period) or self._classifier.resolve(value)
                for value in (dict.fromkeys(given) if len(given) > 1 else given)
            ]
        )
        if len(declared) > 1 or license_detected is not None:
            return self._conclude(declared, license_detected, detected_by, upstream, generator)
        if not declared:
            return self._alone(None, "", (), upstream, generator)
        # What a lone value leaves unread decides nothing more, so that many share one answer.
        (lone,) = declared
        found = self._alone(lone.tree, lone.rule, lone.reasons, upstream, generator)
        near = self._classifier.suggestions(lone)
        if not near:
            return found
        return replace(found, finding=replace(found.finding, suggestions=near))

    def _conclude_alone(
        self,
        tree: Tree | None,
        rule: str,
        reasons: tuple[str, ...],
        upstream: str | None,
        generator: str | None,
    ) -> Conclusion:
        """Conclude on one declared value, or on none."""
        declared = () if tree is None else (Resolution(tree, rule, reasons),)
        return self._conclude(declared, None, None, upstream, generator)

    def _conclude(
        self,
        declared: tuple[Resolution, ...],
        license_detected: str | None,
        detected_by: str | None,
        upstream: str | None,
        generator: str | None,
    ) -> Conclusion:
        detected = self._detected(license_detected, detected_by)
        return self._carry_on(self._own(declared, detected), upstream, generator)

    def _own(self, declared: tuple[Resolution, ...], detected: Resolution | None) -> _Standing:
        """What its row and text say of the item, else what the dataset's documents say."""
        evidence = LicenseEvidence.ITEM
        limits = self._dataset.limits
        by_dataset = not declared
        if by_dataset and (self._dataset.statements or limits):
            evidence = LicenseEvidence.DATASET_DEFAULT
            declared = tuple(each for _, each in (*self._dataset.statements, *limits))
        if detected:
            if not declared:
                evidence = LicenseEvidence.DETECTED
            declared = (*declared, detected)
        if not declared:
            missing = Resolution(UNKNOWN, "missing")
            outcome = replace(self._uses.outcome(UNKNOWN), reasons=())
            return _Standing(missing, LicenseEvidence.NONE, outcome, (MISSING,))
        standing = self._stand_by(declared, detected, evidence)
        if not limits:
            return standing
        if by_dataset:
            return replace(standing, reasons=(*standing.reasons, CONTRADICTED))
        return replace(standing, outcome=_limited(standing.outcome))

    def _detected(self, expression: str | None, by: str | None) -> Resolution | None:
        """What the item's text was found to state; None where it states nothing."""
        if expression is None:
            return None
        rule, *reasons = (by or "text").split()
        tree = self._classifier.rules.parse(expression) or UNKNOWN
        return Resolution(tree, rule, tuple(reasons))

    def _stand_by(
        self,
        resolutions: tuple[Resolution, ...],
        detected: Resolution | None,
        evidence: LicenseEvidence,
    ) -> _Standing:
        stated = [each for each in resolutions if each.resolved]
        unread = [each for each in resolutions if not each.resolved]
        if not stated:
            return self._not_understood(unread, evidence)
        kept = self._classifier.essential(stated)
        concluded = self._concluded(kept)
        if concluded is detected:
            evidence = LicenseEvidence.DETECTED
        outcome = all_of(self._uses.outcome(each.tree) for each in kept)
        reasons: tuple[str, ...] = (CONFLICT,) if len(kept) > 1 else ()
        for each in unread:
            if each.rule == UNRESOLVED:
                doubtful = self._classifier.doubts(each)
                concluded = self._classifier.beside(concluded, each.rest, doubtful=doubtful)
                reasons += each.reasons
            elif each is detected or each.rule.startswith(_MIXED):
                concluded = self._classifier.beside(concluded, "", doubtful=True)
                reasons += each.reasons
        if UNKNOWN in leaves(concluded.tree):
            outcome = all_of([outcome, self._uses.outcome(UNKNOWN)])
        return _Standing(concluded, evidence, outcome, reasons)

    def _not_understood(self, unread: list[Resolution], evidence: LicenseEvidence) -> _Standing:
        """Nothing that was declared could be understood; the first value is shown."""
        shown = next((each for each in unread if each.rule == UNRESOLVED), unread[0])
        outcome = self._uses.outcome(UNKNOWN)
        reasons: tuple[str, ...] = ()
        if shown.rule == UNRESOLVED and not shown.reasons:
            reasons = (NOT_RESOLVED,)
        if reasons or shown.reasons:
            outcome = replace(outcome, reasons=())
        return _Standing(shown, evidence, outcome, reasons)

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

    def _carry_on(self, own: _Standing, upstream: str | None, generator: str | None) -> Conclusion:
        """Join the terms of upstream datasets and of the model that made the item."""
        ancestry = self._lineage.of(upstream)
        making = self._generators.of(generator)
        if making.generated is None and self._dataset.generator:
            making = self._generators.of(self._dataset.generator)
        carried: list[Tree] = [*ancestry.trees, *making.trees]
        resolution = own.resolution
        if carried:
            resolution = replace(resolution, tree=join("AND", [resolution.tree, *carried]))
        outcome = all_of([own.outcome, *map(self._carried_outcome, carried)])
        return Conclusion(
            self._classifier.finding("", resolution),
            own.evidence,
            outcome,
            (*own.reasons, *ancestry.reasons, *making.reasons),
            ancestry.chain,
            making.generated,
        )

    def _carried_outcome(self, tree: Tree) -> UseOutcome:
        """Without the reason of what isn't known, which is that the declared value says so."""
        outcome = self._uses.outcome(tree)
        return replace(outcome, reasons=()) if tree == UNKNOWN else outcome


def _limited(outcome: UseOutcome) -> UseOutcome:
    """For an item with a licence of its own, a person has to judge the limits of its dataset."""
    if outcome.grant is not Grant.GRANTED:
        return outcome
    return replace(outcome, obligations=(*outcome.obligations, CHECK_LIMITS))


def all_reasons(conclusion: Conclusion) -> list[str]:
    """The reasons of conclusion, finding and outcome, in that order, each once."""
    parts = (conclusion.reasons, conclusion.finding.reasons, conclusion.outcome.reasons)
    return list(dict.fromkeys(reason for part in parts for reason in part))
