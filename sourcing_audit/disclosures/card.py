"""The front matter of a dataset card: only fields that the audit bears out.

Metadata of the hub: https://github.com/huggingface/hub-docs/blob/main/datasetcard.md
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import yaml

from sourcing_audit.disclosures.answers import everything_read
from sourcing_audit.disclosures.verdicts import established_items
from sourcing_audit.escape import one_line
from sourcing_audit.model import DatasetStatus
from sourcing_audit.reports.wording import of_items

if TYPE_CHECKING:
    from sourcing_audit.report import Report
    from sourcing_audit.rules.disclosures import DisclosureRules

FENCE: Final = "---"
MIXED: Final = "see-sourcing-status"
"""The name of what is no single licence; the card's own section tells the rest."""

_SIZES: Final = (
    (1_000, "n<1K"),
    (10_000, "1K<n<10K"),
    (100_000, "10K<n<100K"),
    (1_000_000, "100K<n<1M"),
    (10_000_000, "1M<n<10M"),
    (100_000_000, "10M<n<100M"),
    (1_000_000_000, "100M<n<1B"),
    (10_000_000_000, "1B<n<10B"),
    (100_000_000_000, "10B<n<100B"),
    (1_000_000_000_000, "100B<n<1T"),
)
_LARGEST: Final = "n>1T"
_DATASETS: Final = 20
_TEXT: Final = 300
_WHOLE: Final = frozenset({DatasetStatus.ESTABLISHED, DatasetStatus.ESTABLISHED_WITH_OBLIGATIONS})


def front_matter(report: Report, rules: DisclosureRules) -> str:
    """The YAML block, its fences included; a licence only where it is established for all."""
    fields: dict[str, Any] = _license(report, rules)
    if report.totals.items_in and not report.totals.unreadable_files:
        fields["size_categories"] = [_size(report.totals.items_in)]
    direct = [one.dataset for one in report.lineage if " > " not in one.dataset]
    if direct:
        fields["source_datasets"] = [one_line(name, _TEXT) for name in direct[:_DATASETS]]
    written = yaml.safe_dump(fields, sort_keys=False, allow_unicode=True, width=10_000)
    return f"{FENCE}\n{written}{FENCE}\n"


def details(report: Report) -> str:
    """Why the card names no single licence."""
    established = of_items(established_items(report), report.totals)
    return (
        f"No single licence. Sourcing is established for {established}"
        f" as of {report.as_of.isoformat()}; see the section on the sourcing status."
    )


def _license(report: Report, rules: DisclosureRules) -> dict[str, Any]:
    only = _only_license(report)
    if only in rules.hub:
        return {"license": rules.hub[only]}
    if only is not None:
        return {"license": "other", "license_name": one_line(only, _TEXT)}
    if not established_items(report):
        return {"license": "unknown", "license_details": details(report)}
    return {"license": "other", "license_name": MIXED, "license_details": details(report)}


def _only_license(report: Report) -> str | None:
    """The licence that every item is established to be under."""
    if not everything_read(report) or report.dataset_status not in _WHOLE:
        return None
    if report.license_expressions != 1 or len(report.licenses) != 1:
        return None
    only = report.licenses[0]
    return only.expression if only.items == report.totals.items_in else None


def _size(items: int) -> str:
    return next((name for limit, name in _SIZES if items < limit), _LARGEST)
